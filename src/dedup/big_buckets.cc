// Searches go through a bucket's rows in order and stop at the limit, so a
// document near the bucket's survivors is done after a few comparisons; one
// that is like nothing in its bucket is compared with all of it. Rows that are
// removed take no part: after the first round a bucket of near-identical pages
// has few others. The rows still in it are taken in blocks, the searching ones
// against the searched ones, so that memory stays bounded.
#include "dedup/big_buckets.h"

#include <algorithm>

#include "dedup/band_join.h"
#include "dedup/pair_file.h"
#include "dedup/parallel.h"
#include "dedup/record_sorter.h"
#include "dedup/sketch_match.h"

namespace peaktext {
namespace {

constexpr size_t kBlockRows = 4096;

struct Find {
  Pair pair;
  uint64_t matches = 0;
  uint64_t SortKey() const { return pair.SortKey(); }
  auto operator<=>(const Find&) const = default;
};

// A row that searches, and what it has found in this bucket.
struct Query {
  uint64_t row = 0;
  Sketch sketch;
  std::vector<Find> finds;
  bool truncated = false;
};

// Some of a bucket's rows and their sketches.
struct RowBlock {
  std::vector<uint64_t> rows;
  std::vector<Sketch> sketches;

  Status Load(const Columns& columns, std::span<const uint64_t> wanted) {
    SketchCursor cursor(columns);
    rows.assign(wanted.begin(), wanted.end());
    sketches.clear();
    for (const uint64_t row : rows) {
      const Sketch* sketch = cursor.Get(row);
      if (sketch == nullptr) return cursor.status();
      sketches.push_back(*sketch);
    }
    return {};
  }
};

// True when the query needs no later rows of the bucket.
bool Search(const RowBlock& block, const BigBucketOptions& options,
            Query* query) {
  const auto end = static_cast<size_t>(
      std::lower_bound(block.rows.begin(), block.rows.end(), query->row) -
      block.rows.begin());
  const std::span<const Sketch> earlier(block.sketches.data(), end);
  for (size_t i = 0;; ++i) {
    i = FindMatch(query->sketch, earlier, i, options.low);
    if (i == end) return end < block.rows.size();
    if (query->finds.size() >= options.max_edges) {
      query->truncated = true;
      return true;
    }
    query->finds.push_back(
        {{query->row, block.rows[i]}, CountMatches(query->sketch, earlier[i])});
  }
}

class BucketSearch {
 public:
  BucketSearch(const Columns& columns, const BigBucketOptions& options,
               RecordSorter<Find>* finds, std::vector<bool>* truncated)
      : columns_(columns),
        options_(options),
        finds_(*finds),
        truncated_(*truncated) {}

  // `rows` of a bucket that are not removed; `searching`, those that search.
  Status Run(std::span<const uint64_t> rows,
             std::span<const uint64_t> searching) {
    for (size_t at = 0; at < searching.size(); at += kBlockRows) {
      const auto part =
          searching.subspan(at, std::min(kBlockRows, searching.size() - at));
      if (Status s = RunQueries(rows, part); !s.ok()) return s;
    }
    return {};
  }

 private:
  Status RunQueries(std::span<const uint64_t> rows,
                    std::span<const uint64_t> searching) {
    RowBlock block;
    if (Status s = block.Load(columns_, searching); !s.ok()) return s;
    std::vector<Query> queries(searching.size());
    for (size_t i = 0; i < queries.size(); ++i) {
      queries[i].row = searching[i];
      queries[i].sketch = block.sketches[i];
    }
    std::vector<Query*> open;
    for (Query& query : queries) open.push_back(&query);
    for (size_t at = 0; at < rows.size() && !open.empty(); at += kBlockRows) {
      if (Status s = block.Load(
              columns_,
              rows.subspan(at, std::min(kBlockRows, rows.size() - at)));
          !s.ok()) {
        return s;
      }
      if (Status s = SearchAll(block, &open); !s.ok()) return s;
    }
    for (const Query& query : queries) {
      for (const Find& find : query.finds) finds_.Add(find);
      if (query.truncated) truncated_[query.row] = true;
    }
    return finds_.status();
  }

  // Leaves in `open` the queries that are not done.
  Status SearchAll(const RowBlock& block, std::vector<Query*>* open) {
    std::vector<char> done(open->size());
    constexpr size_t kPiece = 64;
    if (Status s = RunParallel(
            open->size() > kPiece ? options_.threads : 1,
            (open->size() + kPiece - 1) / kPiece, options_.stop,
            [&](size_t piece, unsigned) -> Status {
              const size_t end = std::min(open->size(), (piece + 1) * kPiece);
              for (size_t i = piece * kPiece; i < end; ++i) {
                done[i] = Search(block, options_, (*open)[i]) ? 1 : 0;
              }
              return {};
            });
        !s.ok()) {
      return s;
    }
    size_t kept = 0;
    for (size_t i = 0; i < open->size(); ++i) {
      if (done[i] == 0) (*open)[kept++] = (*open)[i];
    }
    open->resize(kept);
    return {};
  }

  const Columns& columns_;
  const BigBucketOptions& options_;
  RecordSorter<Find>& finds_;
  std::vector<bool>& truncated_;
};

Status WriteEdges(RecordSorter<Find>* finds, const std::string& path) {
  if (Status s = finds->Finish(); !s.ok()) return s;
  Result<EdgeWriter> writer = EdgeWriter::Create(path);
  if (!writer) return writer.error();
  Find find;
  Pair last;
  while (finds->Next(&find)) {
    if (find.pair == last) continue;
    last = find.pair;
    writer->Append(Edge{find.pair, static_cast<uint16_t>(find.matches)});
  }
  if (!finds->status().ok()) return finds->status();
  return writer->Commit();
}

}  // namespace

Status SearchBigBuckets(const Columns& columns, const RowStates& states,
                        const std::vector<bool>& wanted,
                        const std::vector<std::string>& bucket_names,
                        const BigBucketOptions& options, WorkFolder* folder,
                        const std::string& edges_name,
                        std::vector<bool>* truncated) {
  for (size_t row = 0; row < wanted.size(); ++row) {
    if (wanted[row]) (*truncated)[row] = false;
  }
  RecordSorter<Find> finds(folder->path(), "finds", options.memory_bytes / 4);
  BucketSearch search(columns, options, &finds, truncated);
  std::vector<uint64_t> rows;
  std::vector<uint64_t> searching;
  for (const std::string& name : bucket_names) {
    Result<BucketReader> buckets = BucketReader::Open(folder->Path(name));
    if (!buckets) return buckets.error();
    const auto member = [&](uint64_t row) {
      if (states.Get(row) == RowStates::kRemoved) return;
      rows.push_back(row);
      if (wanted[row]) searching.push_back(row);
    };
    while (buckets->Next(member)) {
      if (!searching.empty()) {
        if (Status s = search.Run(rows, searching); !s.ok()) return s;
      }
      rows.clear();
      searching.clear();
    }
    if (!buckets->status().ok()) return buckets->status();
  }
  return WriteEdges(&finds, folder->Path(edges_name));
}

}  // namespace peaktext
