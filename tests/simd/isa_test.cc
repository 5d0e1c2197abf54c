#include "simd/isa.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(isa)

BOOST_AUTO_TEST_CASE(a_forced_set_is_used_and_an_unknown_one_is_an_error) {
  const char* before = std::getenv("PEAKTEXT_SIMD");
  const std::string restore = before == nullptr ? "" : before;
  setenv("PEAKTEXT_SIMD", "scalar", 1);
  BOOST_TEST((ChooseIsa().value() == Isa::kScalar));
  setenv("PEAKTEXT_SIMD", "sse9", 1);
  BOOST_TEST((ChooseIsa().error().code() == StatusCode::kInvalidArgument));
  setenv("PEAKTEXT_SIMD", restore.c_str(), 1);
}

BOOST_AUTO_TEST_CASE(scalar_is_always_there) {
  BOOST_TEST(IsaSupported(Isa::kScalar));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext
