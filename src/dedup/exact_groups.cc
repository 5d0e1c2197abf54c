// Each thread sorts (text hash, priority order) of the shards it took; merged,
// equal texts stand together, the one to keep in front. Three files are left:
// "copies" (varints: number minus the last one's, original), "flags" (a byte
// per document: 1 a copy, 2 too short) and, last, nothing more: "flags" is the
// marker of the whole step.
#include "dedup/exact_groups.h"

#include <memory>
#include <mutex>

#include "dedup/parallel.h"
#include "dedup/record_sorter.h"
#include "sketch/signature_file.h"

namespace peaktext {
namespace {

struct TextRecord {
  Hash128 hash;
  uint64_t order = 0;  // 0: an old document
  uint64_t number = 0;
  uint64_t SortKey() const { return hash.high; }
  auto operator<=>(const TextRecord&) const = default;
};
using TextSorter = RecordSorter<TextRecord>;

Status AddShard(const DedupInput& input, const DedupInput::Shard& shard,
                const DedupOptions& options, TextSorter* sorter,
                std::vector<bool>* too_short, std::mutex* mutex) {
  Result<SignatureReader> reader =
      SignatureReader::Open(shard.signature_path, PageCache::kPass);
  if (!reader) return reader.error();
  SignatureColumns rows;
  for (size_t block = 0; block < reader->blocks(); ++block) {
    if (options.stop.stop_requested()) {
      return {StatusCode::kCancelled, "dedup: cancelled"};
    }
    if (Status s = reader->ReadBlock(
            block,
            SignatureColumn::kTextHashColumn | SignatureColumn::kNumberColumns,
            &rows);
        !s.ok()) {
      return s;
    }
    const uint64_t first = shard.first_number + rows.first_row;
    for (uint64_t i = 0; i < rows.rows; ++i) {
      if (shard.old && !input.OldKept(first + i)) continue;
      const uint64_t order =
          shard.old ? 0
                    : OrderKey(options.keep, rows.text_bytes[i],
                               rows.dates_seconds[i], rows.priorities[i]);
      sorter->Add({rows.text_hashes[i], order, first + i});
    }
    if (!sorter->status().ok()) return sorter->status();
    if (shard.old) continue;
    const std::lock_guard lock(*mutex);  // neighbours share a word
    for (uint64_t i = 0; i < rows.rows; ++i) {
      if (rows.shingles[i] == 0) (*too_short)[first + i] = true;
    }
  }
  return {};
}

// Walks several sorters as one.
class TextMerger {
 public:
  explicit TextMerger(std::vector<std::unique_ptr<TextSorter>>* sorters)
      : sorters_(*sorters), heads_(sorters->size()) {
    for (size_t i = 0; i < sorters_.size(); ++i) Advance(i);
  }
  bool Next(TextRecord* record) {
    size_t best = sorters_.size();
    for (size_t i = 0; i < sorters_.size(); ++i) {
      if (!heads_[i].live) continue;
      if (best == sorters_.size() || heads_[i].record < heads_[best].record) {
        best = i;
      }
    }
    if (best == sorters_.size() || !status_.ok()) return false;
    *record = heads_[best].record;
    Advance(best);
    return true;
  }
  const Status& status() const { return status_; }

 private:
  struct Head {
    TextRecord record;
    bool live = false;
  };
  void Advance(size_t i) {
    heads_[i].live = sorters_[i]->Next(&heads_[i].record);
    if (!heads_[i].live && !sorters_[i]->status().ok()) {
      status_ = sorters_[i]->status();
    }
  }
  std::vector<std::unique_ptr<TextSorter>>& sorters_;
  std::vector<Head> heads_;
  Status status_;
};

Status WriteCopies(RecordSorter<ExactCopy>* sorter, const WorkFolder& folder) {
  if (Status s = sorter->Finish(); !s.ok()) return s;
  Result<SpillWriter> file = SpillWriter::Create(folder.Path("copies"));
  if (!file) return file.error();
  ExactCopy copy;
  uint64_t last = 0;
  while (sorter->Next(&copy)) {
    file->AppendVarint(copy.number - last);
    file->AppendVarint(copy.original);
    last = copy.number;
  }
  if (!sorter->status().ok()) return sorter->status();
  return file->Commit();
}

Status WriteFlags(const ExactGroups& groups, const WorkFolder& folder) {
  Result<SpillWriter> file = SpillWriter::Create(folder.Path("flags"));
  if (!file) return file.error();
  for (size_t i = 0; i < groups.copies.size(); ++i) {
    const auto flags = static_cast<char>((groups.copies[i] ? 1 : 0) |
                                         (groups.too_short[i] ? 2 : 0));
    file->Append(&flags, 1);
  }
  return file->Commit();
}

Status ReadFlags(const WorkFolder& folder, ExactGroups* groups) {
  Result<SpillReader> file = SpillReader::Open(folder.Path("flags"));
  if (!file) return file.error();
  for (size_t i = 0; i < groups->copies.size(); ++i) {
    char flags = 0;
    if (!file->Read(&flags, 1)) {
      return file->status().ok() ? Status(StatusCode::kCorrupt,
                                          folder.Path("flags") + ": ends early")
                                 : file->status();
    }
    groups->copies[i] = (flags & 1) != 0;
    groups->too_short[i] = (flags & 2) != 0;
  }
  return {};
}

}  // namespace

Result<ExactGroups> FindExactGroups(const DedupInput& input,
                                    const DedupOptions& options,
                                    WorkFolder* folder) {
  ExactGroups groups;
  groups.copies.resize(input.documents());
  groups.too_short.resize(input.documents());
  if (folder->Has("flags")) {
    if (Status s = ReadFlags(*folder, &groups); !s.ok()) return Fail(s);
    return groups;
  }
  const unsigned threads = std::max(1U, options.threads);
  // Of the memory 13 sixteenths: what fits need not be written and read again.
  std::vector<std::unique_ptr<TextSorter>> sorters;
  for (unsigned i = 0; i < threads; ++i) {
    sorters.push_back(std::make_unique<TextSorter>(
        folder->path(), "text-" + std::to_string(i),
        options.memory_bytes / 16 * 13 / threads));
  }
  std::mutex mutex;
  if (Status s = RunParallel(threads, input.shards().size(), options.stop,
                             [&](size_t shard, unsigned thread) {
                               return AddShard(input, input.shards()[shard],
                                               options, sorters[thread].get(),
                                               &groups.too_short, &mutex);
                             });
      !s.ok()) {
    return Fail(s);
  }
  if (Status s = RunParallel(
          threads, sorters.size(), options.stop,
          [&](size_t sorter, unsigned) { return sorters[sorter]->Finish(); });
      !s.ok()) {
    return Fail(s);
  }
  folder->Measure();
  RecordSorter<ExactCopy> copies(folder->path(), "copies",
                                 options.memory_bytes / 8);
  TextMerger merger(&sorters);
  TextRecord record;
  TextRecord first;
  bool any = false;
  while (merger.Next(&record)) {
    if (any && record.hash == first.hash) {
      // Two old documents of one text were both kept by different runs.
      if (record.number >= input.documents()) continue;
      copies.Add({record.number, first.number});
      groups.copies[record.number] = true;
    } else {
      first = record;
      any = true;
    }
  }
  if (!merger.status().ok()) return Fail(merger.status());
  if (Status s = WriteCopies(&copies, *folder); !s.ok()) return Fail(s);
  if (Status s = WriteFlags(groups, *folder); !s.ok()) return Fail(s);
  folder->Measure();
  return groups;
}

Result<ExactCopyReader> ExactCopyReader::Open(const WorkFolder& folder) {
  Result<SpillReader> file = SpillReader::Open(folder.Path("copies"));
  if (!file) return Fail(file.error());
  return ExactCopyReader(std::move(*file));
}

bool ExactCopyReader::Next(ExactCopy* copy) {
  uint64_t distance = 0;
  if (!file_.ReadVarint(&distance) || !file_.ReadVarint(&copy->original)) {
    return false;
  }
  last_number_ += distance;
  copy->number = last_number_;
  return true;
}

}  // namespace peaktext
