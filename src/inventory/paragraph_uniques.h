// Which of many paragraphs are the first of their kind, within a given memory:
// sorted by hash, out of core where need be, and back to their own order.
//
//   ParagraphUniques uniques(work_folder, memory_bytes);
//   uniques.Add(hash, survivor); ...          // in order of the documents
//   if (Status s = uniques.Finish(); !s.ok()) return s;
//   ParagraphUniques::First first;
//   uniques.Next(&first); ...                 // for each one added
//
// Disk, where the memory does not do: 24 bytes per paragraph and 8 per unique
// one, twice while runs are merged. The files are removed with it. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/hash.h"
#include "base/status.h"
#include "dedup/record_sorter.h"

namespace peaktext {

class ParagraphUniques {
 public:
  // `folder` exists.
  ParagraphUniques(const std::string& folder, uint64_t memory_bytes);

  // `survivor`: the paragraph's document is kept.
  void Add(const Hash128& hash, bool survivor) {
    occurrences_->Add({hash, added_++ << 1 | (survivor ? 1 : 0)});
  }
  // REQUIRES: no Add() after it; called once.
  Status Finish();

  struct First {
    bool of_all = false;        // no paragraph before is equal
    bool of_survivors = false;  // it survives, and none before that survives is
  };
  // Of the next paragraph, in the order of Add(). REQUIRES: Finish(); called no
  // more often than Add().
  Status Next(First* first);

 private:
  struct Occurrence {
    Hash128 hash;
    uint64_t place;  // number of the paragraph × 2 + whether it survives
    uint64_t SortKey() const { return hash.high; }
    bool operator<(const Occurrence& other) const {
      return hash != other.hash ? hash < other.hash : place < other.place;
    }
  };
  struct Mark {
    uint64_t place;  // number of the paragraph × 4 + of_all × 2 + of_survivors
    uint64_t SortKey() const { return place; }
    bool operator<(const Mark& other) const { return place < other.place; }
  };

  std::unique_ptr<RecordSorter<Occurrence>> occurrences_;
  RecordSorter<Mark> marks_;  // of those that are a first
  uint64_t added_ = 0;
  uint64_t given_ = 0;
  Mark mark_ = {};
  bool has_mark_ = false;
};

}  // namespace peaktext
