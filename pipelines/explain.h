// explain: one document's fate: kept or removed, for which survivor, how alike
// they are and how that was measured; and what was removed for it.
//
//   Result<Explanation> why = Explain("out", "urn:uuid:...");
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dedup/dedup.h"

namespace peaktext {

struct Explanation {
  uint64_t number = 0;
  std::string id;
  std::string input;
  uint64_t shingles = 0;
  Decision decision;
  // When it was removed. The similarities are measured anew: of the sketches
  // always, of the texts where the scan kept them; -1 when not.
  std::string survivor_id;
  bool survivor_is_old = false;  // of a run that this one went against
  double sketch_similarity = -1;
  double text_similarity = -1;
  std::vector<uint32_t> shared_bands;
  uint32_t bands = 0;
  // When it was kept: what was removed for it, the first ones by id.
  uint64_t duplicates = 0;
  std::vector<std::string> duplicate_ids;
};

// `document` is an id or a number as `explain` prints it. Reads the document
// tables up to the id.
Result<Explanation> Explain(const std::string& folder,
                            std::string_view document,
                            uint64_t max_duplicate_ids = 20);

}  // namespace peaktext
