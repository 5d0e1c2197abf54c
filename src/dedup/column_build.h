// Signature files to Columns: the documents that have shingles and are no exact
// copies, in priority order, the old ones first.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "dedup/column_file.h"
#include "dedup/dedup_input.h"
#include "dedup/exact_groups.h"
#include "dedup/work_folder.h"

namespace peaktext {

struct BuiltColumns {
  Columns columns;
  uint64_t old_rows = 0;  // rows [0, old_rows) are old documents
};

// Takes up what an earlier attempt has left in `folder`.
Result<BuiltColumns> BuildColumns(const DedupInput& input,
                                  const ExactGroups& exact,
                                  const DedupOptions& options,
                                  WorkFolder* folder);

}  // namespace peaktext
