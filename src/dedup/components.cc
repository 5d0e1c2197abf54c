#include "dedup/components.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "dedup/pair_file.h"
#include "dedup/sketch_match.h"

namespace peaktext {
namespace {

// A forest over rows in a flat array. The root of a tree is its lowest row, so
// what is joined first is of no influence.
template <class Row>
class UnionFind {
 public:
  explicit UnionFind(uint64_t rows) : parent_(rows) {
    for (uint64_t row = 0; row < rows; ++row) {
      parent_[row] = static_cast<Row>(row);
    }
  }
  uint64_t Find(uint64_t row) {
    while (parent_[row] != row) {
      parent_[row] = parent_[parent_[row]];  // path halving
      row = parent_[row];
    }
    return row;
  }
  void Join(uint64_t a, uint64_t b) {
    const uint64_t x = Find(a);
    const uint64_t y = Find(b);
    parent_[std::max(x, y)] = static_cast<Row>(std::min(x, y));
  }

 private:
  std::vector<Row> parent_;
};

template <class Row>
Status JoinEdges(const WorkFolder& folder, const EdgeRules& rules,
                 TextComparer* texts, const std::stop_token& stop,
                 UnionFind<Row>* groups) {
  constexpr size_t kBatchEdges = 1 << 16;
  // First what costs nothing; then texts, of pairs not yet in one group.
  for (const bool by_text : {false, true}) {
    Result<EdgeReader> edges = EdgeReader::Open(folder.Path("edges"));
    if (!edges) return edges.error();
    std::vector<Edge> batch;
    Edge edge;
    bool more = true;
    while (more) {
      batch.clear();
      while (batch.size() < kBatchEdges && (more = edges->Next(&edge))) {
        if (!by_text && rules.Sure(edge)) {
          groups->Join(edge.pair.later, edge.pair.earlier);
        } else if (by_text && !rules.Sure(edge) &&
                   groups->Find(edge.pair.later) !=
                       groups->Find(edge.pair.earlier)) {
          edge.wanted = true;
          batch.push_back(edge);
        }
      }
      if (stop.stop_requested()) {
        return {StatusCode::kCancelled, "dedup: cancelled"};
      }
      if (batch.empty()) continue;
      if (Status s = texts->Compare(&batch, stop); !s.ok()) return s;
      for (const Edge& compared : batch) {
        if (rules.Proved(compared)) {
          groups->Join(compared.pair.later, compared.pair.earlier);
        }
      }
    }
    if (!edges->status().ok()) return edges->status();
    if (texts == nullptr) break;
  }
  return {};
}

template <class Row>
Status Group(const Columns& columns, const EdgeRules& rules, uint64_t old_rows,
             TextComparer* texts, const WorkFolder& folder,
             const std::stop_token& stop, RecordSorter<Removal>* removals) {
  UnionFind<Row> groups(columns.rows());
  if (Status s = JoinEdges(folder, rules, texts, stop, &groups); !s.ok()) {
    return s;
  }
  SketchCursor later(columns);
  SketchCursor earlier(columns);
  for (uint64_t row = old_rows; row < columns.rows(); ++row) {
    const uint64_t first = groups.Find(row);
    if (first == row) continue;
    const Sketch* a = later.Get(row);
    const Sketch* b = earlier.Get(first);
    if (a == nullptr) return later.status();
    if (b == nullptr) return earlier.status();
    const auto matches = static_cast<uint16_t>(CountMatches(*a, *b));
    removals->Add(rules.RemovalBy(Edge{{row, first}, matches}));
    if (!removals->status().ok()) return removals->status();
  }
  return removals->Finish();
}

}  // namespace

Status FindComponents(const Columns& columns, const EdgeRules& rules,
                      uint64_t old_rows, TextComparer* texts,
                      const WorkFolder& folder, const std::stop_token& stop,
                      RecordSorter<Removal>* removals) {
  return columns.rows() <= UINT32_MAX
             ? Group<uint32_t>(columns, rules, old_rows, texts, folder, stop,
                               removals)
             : Group<uint64_t>(columns, rules, old_rows, texts, folder, stop,
                               removals);
}

}  // namespace peaktext
