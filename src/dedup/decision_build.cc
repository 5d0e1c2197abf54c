// Rows become document numbers, and copies get the fate of their original, by
// sorting and walking two sorted lists side by side: no table of all documents
// is held.
#include "dedup/decision_build.h"

#include "dedup/decision_file.h"
#include "dedup/spill_file.h"

namespace peaktext {
namespace {

// A removed document, sorted by `key`.
struct Fate {
  uint64_t key = 0;
  uint64_t other = 0;
  float similarity = 0;
  Evidence verified = Evidence::kKept;
  uint64_t SortKey() const { return key; }
  bool operator<(const Fate& b) const {
    return key != b.key ? key < b.key : other < b.other;
  }
};
using FateSorter = RecordSorter<Fate>;

// A sorted file of fates.
class FateReader {
 public:
  static Result<FateReader> Open(const std::string& path) {
    Result<SpillReader> file = SpillReader::Open(path);
    if (!file) return Fail(file.error());
    return FateReader(std::move(*file));
  }
  // The fate of `key`, or nullptr. REQUIRES: keys asked for never fall.
  const Fate* Find(uint64_t key) {
    while (live_ && fate_.key < key) Advance();
    return live_ && fate_.key == key ? &fate_ : nullptr;
  }
  const Status& status() const { return file_.status(); }

 private:
  explicit FateReader(SpillReader file) : file_(std::move(file)) { Advance(); }
  void Advance() { live_ = file_.Read(&fate_, sizeof(fate_)); }
  SpillReader file_;
  Fate fate_;
  bool live_ = false;
};

Status WriteFates(FateSorter* sorter, const std::string& path) {
  if (Status s = sorter->Finish(); !s.ok()) return s;
  Result<SpillWriter> file = SpillWriter::Create(path);
  if (!file) return file.error();
  Fate fate;
  while (sorter->Next(&fate)) file->Append(&fate, sizeof(fate));
  if (!sorter->status().ok()) return sorter->status();
  return file->Commit();
}

// Removed rows to "near": by document number, `other` the survivor's number.
Status NumberRemovals(const Columns& columns, uint64_t memory_bytes,
                      RecordSorter<Removal>* removals,
                      const WorkFolder& folder) {
  FateSorter by_survivor(folder.path(), "survivor", memory_bytes / 4);
  NumberCursor numbers(columns);
  Removal removal;
  while (removals->Next(&removal)) {
    by_survivor.Add({removal.survivor, numbers.Get(removal.row),
                     removal.similarity, removal.verified});
  }
  if (!removals->status().ok()) return removals->status();
  if (Status s = by_survivor.Finish(); !s.ok()) return s;
  FateSorter by_number(folder.path(), "number", memory_bytes / 4);
  Fate fate;
  while (by_survivor.Next(&fate)) {
    by_number.Add(
        {fate.other, numbers.Get(fate.key), fate.similarity, fate.verified});
  }
  if (!by_survivor.status().ok()) return by_survivor.status();
  if (!numbers.status().ok()) return numbers.status();
  return WriteFates(&by_number, folder.Path("near"));
}

// Copies to "copy-fates": by number. A copy of a kept document is an exact
// duplicate of it, a copy of a removed one shares its fate.
Status FollowCopies(uint64_t memory_bytes, const WorkFolder& folder) {
  struct Copy {
    uint64_t original = 0;
    uint64_t number = 0;
    uint64_t SortKey() const { return original; }
    auto operator<=>(const Copy&) const = default;
  };
  RecordSorter<Copy> by_original(folder.path(), "original", memory_bytes / 4);
  Result<ExactCopyReader> copies = ExactCopyReader::Open(folder);
  if (!copies) return copies.error();
  ExactCopy copy;
  while (copies->Next(&copy)) by_original.Add({copy.original, copy.number});
  if (!copies->status().ok()) return copies->status();
  if (Status s = by_original.Finish(); !s.ok()) return s;
  Result<FateReader> near = FateReader::Open(folder.Path("near"));
  if (!near) return near.error();
  FateSorter by_number(folder.path(), "copy-fates", memory_bytes / 4);
  Copy followed;
  while (by_original.Next(&followed)) {
    Fate fate{followed.number, followed.original, 1, Evidence::kExact};
    if (const Fate* removed = near->Find(followed.original)) {
      fate = *removed;
      fate.key = followed.number;
    }
    by_number.Add(fate);
  }
  if (!by_original.status().ok()) return by_original.status();
  if (!near->status().ok()) return near->status();
  return WriteFates(&by_number, folder.Path("copy-fates"));
}

}  // namespace

Status WriteDecisions(const DedupInput& input, const DedupOptions& options,
                      const Columns& columns, const ExactGroups& exact,
                      RecordSorter<Removal>* removals, WorkFolder* folder,
                      DedupReport* report) {
  if (Status s =
          NumberRemovals(columns, options.memory_bytes, removals, *folder);
      !s.ok()) {
    return s;
  }
  if (Status s = FollowCopies(options.memory_bytes, *folder); !s.ok()) return s;
  folder->Measure();
  Result<FateReader> near = FateReader::Open(folder->Path("near"));
  if (!near) return near.error();
  Result<FateReader> copies = FateReader::Open(folder->Path("copy-fates"));
  if (!copies) return copies.error();
  Result<DecisionWriter> writer =
      DecisionWriter::Create(options.decisions_path, input.documents());
  if (!writer) return writer.error();
  for (uint64_t number = 0; number < input.documents(); ++number) {
    Decision decision{.survivor = number};
    decision.exact_copy = exact.copies[number];
    decision.too_short = exact.too_short[number];
    const Fate* fate =
        decision.exact_copy ? copies->Find(number) : near->Find(number);
    if (fate != nullptr) {
      decision.survivor = fate->other;
      decision.similarity = fate->similarity;
      decision.verified = fate->verified;
      ++(decision.exact_copy ? report->exact_duplicates
                             : report->near_duplicates);
    }
    report->too_short += decision.too_short ? 1 : 0;
    if (Status s = writer->Append(decision); !s.ok()) return s;
  }
  if (!near->status().ok()) return near->status();
  if (!copies->status().ok()) return copies->status();
  report->documents = input.documents();
  return writer->Commit();
}

}  // namespace peaktext
