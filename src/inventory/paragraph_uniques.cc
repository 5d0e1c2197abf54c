#include "inventory/paragraph_uniques.h"

namespace peaktext {

ParagraphUniques::ParagraphUniques(const std::string& folder,
                                   uint64_t memory_bytes)
    : occurrences_(std::make_unique<RecordSorter<Occurrence>>(
          folder, "paragraphs", memory_bytes / 2)),
      marks_(folder, "firsts", memory_bytes / 4) {}

Status ParagraphUniques::Finish() {
  if (Status s = occurrences_->Finish(); !s.ok()) return s;
  Occurrence occurrence;
  Hash128 hash;
  bool any = false;
  bool survivor_seen = false;
  while (occurrences_->Next(&occurrence)) {
    const bool first = !any || occurrence.hash != hash;
    if (first) survivor_seen = false;
    any = true;
    hash = occurrence.hash;
    const bool survivor = (occurrence.place & 1) != 0;
    const bool first_survivor = survivor && !survivor_seen;
    survivor_seen = survivor_seen || survivor;
    if (!first && !first_survivor) continue;
    marks_.Add({occurrence.place >> 1 << 2 | (first ? 2U : 0U) |
                (first_survivor ? 1U : 0U)});
  }
  if (!occurrences_->status().ok()) return occurrences_->status();
  occurrences_.reset();
  if (Status s = marks_.Finish(); !s.ok()) return s;
  has_mark_ = marks_.Next(&mark_);
  return marks_.status();
}

Status ParagraphUniques::Next(First* first) {
  *first = {};
  const uint64_t number = given_++;
  if (!has_mark_ || mark_.place >> 2 != number) return {};
  *first = {.of_all = (mark_.place & 2) != 0,
            .of_survivors = (mark_.place & 1) != 0};
  has_mark_ = marks_.Next(&mark_);
  return marks_.status();
}

}  // namespace peaktext
