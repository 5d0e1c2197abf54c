// Sketches are 64 bytes a document, more than the memory when there are many.
// So the pairs are parted by their earlier document into ranges whose sketches
// fit half of it; a range's sketches are read once, in order, and the later
// documents' are read beside the pairs, which rise by them. Everything is read
// forward; nothing is looked up on disk.
#include "dedup/sketch_filter.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/huge_array.h"
#include "dedup/pair_file.h"
#include "dedup/parallel.h"
#include "dedup/sketch_match.h"

namespace peaktext {
namespace {

constexpr size_t kBatchPairs = 1 << 17;

// The sketches of rows [first, first + rows).
struct ResidentSketches {
  uint64_t first = 0;
  uint64_t rows = 0;
  HugeArray<Sketch> sketches;
  bool Holds(uint64_t row) const { return row - first < rows; }
  const Sketch& Get(uint64_t row) const { return sketches[row - first]; }
};

// Fills in the matches of one batch of edges.
Status CountBatch(const Columns& columns, const ResidentSketches& resident,
                  const SketchFilterOptions& options,
                  std::vector<Edge>* batch) {
  const size_t parts = options.threads;
  return RunParallel(options.threads, parts, options.stop,
                     [&](size_t part, unsigned) -> Status {
                       SketchCursor cursor(columns);
                       const size_t begin = batch->size() * part / parts;
                       const size_t end = batch->size() * (part + 1) / parts;
                       for (size_t i = begin; i < end; ++i) {
                         Edge& edge = (*batch)[i];
                         const Sketch* later =
                             resident.Holds(edge.pair.later)
                                 ? &resident.Get(edge.pair.later)
                                 : cursor.Get(edge.pair.later);
                         if (later == nullptr) return cursor.status();
                         edge.matches = static_cast<uint16_t>(CountMatches(
                             *later, resident.Get(edge.pair.earlier)));
                       }
                       return {};
                     });
}

// Pairs of one range of earlier documents, in order, to edges.
template <class Pairs>
Status FilterRange(const Columns& columns, const ResidentSketches& resident,
                   const SketchFilterOptions& options, Pairs* pairs,
                   const std::string& path) {
  Result<EdgeWriter> writer = EdgeWriter::Create(path);
  if (!writer) return writer.error();
  std::vector<Edge> batch;
  Pair pair;
  bool more = true;
  while (more) {
    batch.clear();
    while (batch.size() < kBatchPairs && (more = pairs->Next(&pair))) {
      batch.push_back({pair});
    }
    if (Status s = CountBatch(columns, resident, options, &batch); !s.ok()) {
      return s;
    }
    for (const Edge& edge : batch) {
      if (edge.matches >= options.low) writer->Append(edge);
    }
  }
  if (!pairs->status().ok()) return pairs->status();
  return writer->Commit();
}

Status Load(const Columns& columns, uint64_t first, uint64_t end,
            ResidentSketches* resident) {
  resident->first = first;
  resident->rows = end - first;
  // The first range is the largest.
  if (resident->sketches.size() < resident->rows) {
    resident->sketches.Allocate(resident->rows);
  }
  return columns.ReadSketches(first,
                              {resident->sketches.data(), resident->rows});
}

// Parts the merged pairs by range of the earlier document.
Status PartPairs(PairMerger* merger, uint64_t range_rows, size_t ranges,
                 const std::vector<std::string>& paths, uint64_t* count) {
  std::vector<PairWriter> writers;
  for (size_t i = 0; i < ranges; ++i) {
    Result<PairWriter> writer = PairWriter::Create(paths[i]);
    if (!writer) return writer.error();
    writers.push_back(std::move(*writer));
  }
  Pair pair;
  while (merger->Next(&pair)) {
    writers[pair.earlier / range_rows].Append(pair);
    ++*count;
  }
  if (!merger->status().ok()) return merger->status();
  for (PairWriter& writer : writers) {
    if (Status s = writer.Commit(); !s.ok()) return s;
  }
  return {};
}

// Files of edges with no pair in common become one.
Status MergeEdges(const std::vector<std::string>& paths,
                  const std::string& to) {
  std::vector<EdgeReader> readers;
  std::vector<std::optional<Edge>> heads;
  const auto advance = [&](size_t i) {
    Edge edge;
    heads[i] = readers[i].Next(&edge) ? std::optional(edge) : std::nullopt;
  };
  for (const std::string& path : paths) {
    Result<EdgeReader> reader = EdgeReader::Open(path);
    if (!reader) return reader.error();
    readers.push_back(std::move(*reader));
    heads.emplace_back();
    advance(readers.size() - 1);
  }
  Result<EdgeWriter> writer = EdgeWriter::Create(to);
  if (!writer) return writer.error();
  while (true) {
    size_t best = heads.size();
    for (size_t i = 0; i < heads.size(); ++i) {
      if (heads[i] &&
          (best == heads.size() || heads[i]->pair < heads[best]->pair)) {
        best = i;
      }
    }
    if (best == heads.size()) break;
    writer->Append(*heads[best]);
    advance(best);
  }
  for (const EdgeReader& reader : readers) {
    if (!reader.status().ok()) return reader.status();
  }
  return writer->Commit();
}

// A pair counter around the merger, for the case of one range.
struct CountingMerger {
  PairMerger* merger;
  uint64_t count = 0;
  bool Next(Pair* pair) {
    if (!merger->Next(pair)) return false;
    ++count;
    return true;
  }
  const Status& status() const { return merger->status(); }
};

Result<uint64_t> FilterInRanges(const Columns& columns, PairMerger* merger,
                                uint64_t range_rows,
                                const SketchFilterOptions& options,
                                WorkFolder* folder) {
  const size_t ranges = (columns.rows() + range_rows - 1) / range_rows;
  std::vector<std::string> pair_paths;
  std::vector<std::string> edge_paths;
  for (size_t i = 0; i < ranges; ++i) {
    pair_paths.push_back(folder->Path(fmt::format("part-{}-pairs", i)));
    edge_paths.push_back(folder->Path(fmt::format("part-{}-edges", i)));
  }
  uint64_t count = 0;
  if (Status s = PartPairs(merger, range_rows, ranges, pair_paths, &count);
      !s.ok()) {
    return Fail(s);
  }
  folder->Measure();
  ResidentSketches resident;
  for (size_t i = 0; i < ranges; ++i) {
    const uint64_t first = i * range_rows;
    if (Status s =
            Load(columns, first, std::min(first + range_rows, columns.rows()),
                 &resident);
        !s.ok()) {
      return Fail(s);
    }
    Result<PairReader> pairs = PairReader::Open(pair_paths[i]);
    if (!pairs) return Fail(pairs.error());
    if (Status s =
            FilterRange(columns, resident, options, &*pairs, edge_paths[i]);
        !s.ok()) {
      return Fail(s);
    }
    folder->Remove(fmt::format("part-{}-pairs", i));
  }
  resident.sketches = {};
  if (Status s = MergeEdges(edge_paths, folder->Path("edges")); !s.ok()) {
    return Fail(s);
  }
  folder->Measure();
  for (size_t i = 0; i < ranges; ++i) {
    folder->Remove(fmt::format("part-{}-edges", i));
  }
  return count;
}

}  // namespace

MatchZone ZoneOf(double threshold, Verify verify, uint32_t rows,
                 bool has_texts) {
  if (verify == Verify::kNone) return {0, 0};
  if (verify == Verify::kExact) return {0, 257};
  // Two values of 2 bits are equal with probability 1/4 + 3/4 J.
  const double equal = 0.25 + 0.75 * threshold;
  const double expected = 256 * equal;
  if (verify == Verify::kSketch || !has_texts) {
    const auto least = static_cast<uint16_t>(std::ceil(expected - 1e-9));
    return {least, least};
  }
  // 3.5 standard errors: at the threshold itself one pair in 4,000 is on the
  // wrong side. Candidates share a band, whose values the sketch holds too:
  // those `rows` matches are certain, not evidence.
  const double error = 3.5 * std::sqrt(expected * (1 - equal));
  const double certain = std::min(256.0, double{1.0} * rows) * (1 - equal);
  return {static_cast<uint16_t>(std::max(0.0, std::floor(expected - error))),
          static_cast<uint16_t>(
              std::min(257.0, std::ceil(expected + certain + error)))};
}

double SimilarityOfMatches(uint32_t matches) {
  const double similarity = (matches / 256.0 - 0.25) / 0.75;
  return std::clamp(similarity, 0.0, 1.0);
}

Result<uint64_t> FilterPairs(const Columns& columns,
                             const std::vector<std::string>& pair_names,
                             const SketchFilterOptions& options,
                             WorkFolder* folder) {
  std::vector<std::string> paths;
  for (const std::string& name : pair_names)
    paths.push_back(folder->Path(name));
  Result<PairMerger> merger = PairMerger::Open(paths);
  if (!merger) return Fail(merger.error());
  const uint64_t range_rows =
      std::max<uint64_t>(1024, options.memory_bytes / 2 / sizeof(Sketch));
  if (columns.rows() > range_rows) {
    return FilterInRanges(columns, &*merger, range_rows, options, folder);
  }
  ResidentSketches resident;
  if (Status s = Load(columns, 0, columns.rows(), &resident); !s.ok()) {
    return Fail(s);
  }
  CountingMerger pairs{&*merger};
  if (Status s = FilterRange(columns, resident, options, &pairs,
                             folder->Path("edges"));
      !s.ok()) {
    return Fail(s);
  }
  folder->Measure();
  return pairs.count;
}

}  // namespace peaktext
