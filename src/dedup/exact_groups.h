// The first step: documents with the same text. Of each group the first in
// priority order goes on; the others are decided by what becomes of it.
//
//   Result<ExactGroups> exact = FindExactGroups(input, options, folder, ...);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "dedup/dedup_input.h"
#include "dedup/spill_file.h"
#include "dedup/work_folder.h"

namespace peaktext {

struct ExactGroups {
  // By document number, new documents only.
  std::vector<bool> copies;     // the text stands in an earlier document
  std::vector<bool> too_short;  // without a shingle
};

// A copy and the document that it repeats, which is no copy itself.
struct ExactCopy {
  uint64_t number = 0;
  uint64_t original = 0;
  uint64_t SortKey() const { return number; }
  bool operator<(const ExactCopy& other) const { return number < other.number; }
};

// Leaves the copies in `folder`, sorted by number. Reads them from there when
// an earlier attempt has already found them.
Result<ExactGroups> FindExactGroups(const DedupInput& input,
                                    const DedupOptions& options,
                                    WorkFolder* folder);

// The copies that FindExactGroups left, in order of number.
class ExactCopyReader {
 public:
  static Result<ExactCopyReader> Open(const WorkFolder& folder);
  bool Next(ExactCopy* copy);
  const Status& status() const { return file_.status(); }

 private:
  explicit ExactCopyReader(SpillReader file) : file_(std::move(file)) {}
  SpillReader file_;
  uint64_t last_number_ = 0;
};

}  // namespace peaktext
