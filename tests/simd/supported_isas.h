// The instruction sets that this machine runs, for BOOST_DATA_TEST_CASE.
#pragma once

#include <ostream>
#include <vector>

#include "simd/isa.h"

namespace peaktext {

inline std::ostream& operator<<(std::ostream& out, Isa isa) {
  return out << IsaName(isa);
}

inline std::vector<Isa> SupportedIsas() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (IsaSupported(isa)) isas.push_back(isa);
  }
  return isas;
}

}  // namespace peaktext
