// The answer is the greedy one over the graph of duplicate pairs: rows in
// order, each kept unless an earlier kept row is its neighbour. Two things keep
// that graph from being known beforehand: comparing texts is dear, and a bucket
// of a million documents has too many pairs. Both are therefore asked for only
// where the answer hangs on them, in rounds.
//
// A round walks all undecided rows in order with the edges known so far.
//   1. An edge that the sketch is sure of, to a kept row: removed. To an
//      undecided row: wait, it may be kept. To a removed row: of no meaning.
//   2. Else an edge that the texts have proved, likewise. An edge whose texts
//      are not compared yet, to a row not removed: ask for it and wait.
//   3. Else, if the row was not compared with all of a large bucket: ask for
//      that and wait. Else: kept.
// Between rounds the texts asked for are compared in one go, and the large
// buckets searched further: only among rows that are not removed.
//
// Why this is right. A row is removed only by a kept one (1, 2), and kept only
// when every candidate pair of it with an earlier row is known to be no
// duplicate or has a removed partner (3): `truncated` says when pairs are
// missing, and a pair left out of a later search has a removed partner. Both
// verdicts are final, for they rest on final verdicts. So by induction over the
// rows each verdict is that of the greedy rule on the whole graph, whatever the
// order in which pairs became known; a row whose bucket's first members were
// themselves removed by documents outside the bucket is not lost.
//
// Why it ends. The limits on texts and searches rise from round to round; from
// the third on every undecided row asks for all that it may need, also while it
// waits for another, so two rounds later every pair is known and the walk
// decides each row: a chain of ten thousand takes no more rounds than a pair.
// In practice the first rounds decide nearly all, and a bucket of a million
// near-identical pages costs each of them kFirstMembers pairs.
//
// Which rows are kept and removed follows from the graph alone; which survivor
// is named (the first in order among those asked about) from the constants here
// too, never from memory, threads or partitions.
#include "dedup/survivors.h"

#include <algorithm>

#include "dedup/band_join.h"
#include "dedup/big_buckets.h"

namespace peaktext {
namespace {

// From this round on every undecided row asks for all it may need.
constexpr uint64_t kAskAllRound = 3;

// Of one row in one round: comparisons of texts, edges found in a bucket.
uint64_t MaxTexts(uint64_t round) {
  return round == 1 ? 4 : round < kAskAllRound ? 32 : UINT64_MAX;
}
uint64_t MaxBucketEdges(uint64_t round) {
  return round == 1 ? 8 : round < kAskAllRound ? 64 : UINT64_MAX;
}

constexpr size_t kBatchEdges = 1 << 16;

// Two edge files as one. Of an edge that is in both, the one with a text.
class EdgeUnion {
 public:
  static Result<EdgeUnion> Open(const std::string& a, const std::string& b) {
    EdgeUnion edges;
    for (const std::string& path : {a, b}) {
      if (path.empty()) continue;
      Result<EdgeReader> reader = EdgeReader::Open(path);
      if (!reader) return Fail(reader.error());
      edges.readers_.push_back(std::move(*reader));
      edges.heads_.emplace_back();
      edges.live_.push_back(
          edges.readers_.back().Next(&edges.heads_.back()) ? 1 : 0);
    }
    return edges;
  }
  bool Next(Edge* edge) {
    size_t best = readers_.size();
    for (size_t i = 0; i < readers_.size(); ++i) {
      if (live_[i] == 0) continue;
      if (best == readers_.size() || heads_[i].pair < heads_[best].pair) {
        best = i;
      }
    }
    if (best == readers_.size()) return false;
    *edge = heads_[best];
    for (size_t i = 0; i < readers_.size(); ++i) {
      if (live_[i] == 0 || heads_[i].pair != edge->pair) continue;
      if (heads_[i].text >= 0) edge->text = heads_[i].text;
      edge->wanted = edge->wanted || heads_[i].wanted;
      live_[i] = readers_[i].Next(&heads_[i]) ? 1 : 0;
    }
    edge->wanted = edge->wanted && edge->text < 0;
    return true;
  }
  Status status() const {
    for (const EdgeReader& reader : readers_) {
      if (!reader.status().ok()) return reader.status();
    }
    return {};
  }

 private:
  std::vector<EdgeReader> readers_;
  std::vector<Edge> heads_;
  std::vector<char> live_;
};

}  // namespace

Removal EdgeRules::RemovalBy(const Edge& edge) const {
  Removal removal{edge.pair.later, edge.pair.earlier,
                  static_cast<float>(SimilarityOfMatches(edge.matches)),
                  unverified ? Evidence::kBands : Evidence::kSketch};
  if (edge.text >= 0 && edge.text <= 1) {
    removal.similarity = edge.text;
    removal.verified = Evidence::kText;
  }
  return removal;
}

bool EdgeRules::Proved(const Edge& edge) const {
  if (Sure(edge)) return true;
  if (edge.text == kTextTooLarge) {
    return SimilarityOfMatches(edge.matches) >= threshold;
  }
  // A similarity is a quotient of whole numbers; as a float, 4/5 is not below
  // a threshold of 0.8.
  return edge.text >= static_cast<float>(threshold);
}

SurvivorSearch::SurvivorSearch(const Columns& columns,
                               const SurvivorOptions& options,
                               TextComparer* texts, WorkFolder* folder)
    : columns_(columns),
      options_(options),
      texts_(texts),
      folder_(*folder),
      states_(columns.rows()),
      truncated_(columns.rows()),
      expand_(columns.rows()),
      removals_(folder->path(), "removals", options.memory_bytes / 8) {
  for (uint64_t row = 0; row < options.old_rows; ++row) {
    states_.Set(row, RowStates::kKept);
  }
}

Status SurvivorSearch::MarkTruncated(
    const std::vector<std::string>& bucket_names) {
  for (const std::string& name : bucket_names) {
    Result<BucketReader> buckets = BucketReader::Open(folder_.Path(name));
    if (!buckets) return buckets.error();
    size_t place = 0;
    const auto member = [&](uint64_t row) {
      // The small bucket's worth of members have all their pairs.
      if (++place > kSmallBucket) truncated_[row] = true;
    };
    while (buckets->Next(member)) place = 0;
    if (!buckets->status().ok()) return buckets->status();
  }
  return {};
}

SurvivorSearch::Verdict SurvivorSearch::Judge(std::vector<Edge>* edges) const {
  const EdgeRules& rules = options_.rules;
  bool waits = false;
  for (const Edge& edge : *edges) {
    if (!rules.Sure(edge)) continue;
    const RowStates::State state = states_.Get(edge.pair.earlier);
    if (state == RowStates::kRemoved) continue;
    waits = waits || state == RowStates::kUndecided;
    if (!waits) return {RowStates::kRemoved, &edge};
  }
  if (waits && round_ == 1) return {};
  uint64_t asked = 0;
  for (Edge& edge : *edges) {
    if (rules.Sure(edge)) continue;
    const RowStates::State state = states_.Get(edge.pair.earlier);
    if (state == RowStates::kRemoved) continue;
    if (edge.text < 0) {
      edge.wanted = true;
      if (++asked >= MaxTexts(round_)) break;
    } else if (rules.Proved(edge)) {
      waits = waits || asked > 0 || state == RowStates::kUndecided;
      if (!waits) return {RowStates::kRemoved, &edge};
    }
  }
  return {waits || asked > 0 ? RowStates::kUndecided : RowStates::kKept};
}

void SurvivorSearch::Settle(uint64_t row, std::vector<Edge>* edges,
                            EdgeWriter* pending) {
  Verdict verdict = Judge(edges);
  if (verdict.state == RowStates::kKept && truncated_[row]) {
    verdict.state = RowStates::kUndecided;
    expand_[row] = true;
  }
  if (verdict.state == RowStates::kUndecided && truncated_[row] &&
      round_ >= kAskAllRound) {
    expand_[row] = true;
  }
  if (verdict.state == RowStates::kUndecided) {
    ++undecided_;
    for (const Edge& edge : *edges) {
      if (states_.Get(edge.pair.earlier) != RowStates::kRemoved) {
        pending->Append(edge);
      }
    }
    return;
  }
  states_.Set(row, verdict.state);
  if (verdict.state == RowStates::kRemoved) {
    removals_.Add(options_.rules.RemovalBy(*verdict.by));
    ++removed_;
  }
}

Status SurvivorSearch::Round(const std::string& edges_name) {
  Result<EdgeReader> reader = EdgeReader::Open(folder_.Path(edges_name));
  if (!reader) return reader.error();
  Result<EdgeWriter> pending = EdgeWriter::Create(folder_.Path("pending"));
  if (!pending) return pending.error();
  undecided_ = 0;
  Edge next;
  bool more = reader->Next(&next);
  std::vector<Edge> edges;
  for (uint64_t row = options_.old_rows; row < columns_.rows(); ++row) {
    edges.clear();
    while (more && next.pair.later <= row) {
      if (next.pair.later == row) edges.push_back(next);
      more = reader->Next(&next);
    }
    if (states_.Get(row) == RowStates::kUndecided) {
      Settle(row, &edges, &*pending);
    }
    if (row % 65536 == 0 && options_.stop.stop_requested()) {
      return {StatusCode::kCancelled, "dedup: cancelled"};
    }
  }
  if (!reader->status().ok()) return reader->status();
  if (!removals_.status().ok()) return removals_.status();
  return pending->Commit();
}

// Makes the next round's edges: those of undecided rows, with the texts asked
// for compared and what the large buckets have to add.
Status SurvivorSearch::PrepareNext(const std::vector<std::string>& bucket_names,
                                   std::string* edges_name) {
  std::string found_path;
  if (std::find(expand_.begin(), expand_.end(), true) != expand_.end()) {
    const BigBucketOptions search{options_.rules.zone.low,
                                  MaxBucketEdges(round_), options_.memory_bytes,
                                  options_.threads, options_.stop};
    if (Status s = SearchBigBuckets(columns_, states_, expand_, bucket_names,
                                    search, &folder_, "found", &truncated_);
        !s.ok()) {
      return s;
    }
    found_path = folder_.Path("found");
    expand_.assign(expand_.size(), false);
  }
  Result<EdgeUnion> edges =
      EdgeUnion::Open(folder_.Path("pending"), found_path);
  if (!edges) return edges.error();
  // Never "edges": that one is kept for a run that starts again.
  const std::string name = round_ % 2 == 0 ? "edges-even" : "edges-odd";
  Result<EdgeWriter> writer = EdgeWriter::Create(folder_.Path(name));
  if (!writer) return writer.error();
  std::vector<Edge> batch;
  Edge edge;
  bool more = true;
  while (more) {
    batch.clear();
    while (batch.size() < kBatchEdges && (more = edges->Next(&edge))) {
      batch.push_back(edge);
    }
    if (texts_ != nullptr) {
      if (Status s = texts_->Compare(&batch, options_.stop); !s.ok()) return s;
    }
    for (const Edge& compared : batch) writer->Append(compared);
  }
  if (Status s = edges->status(); !s.ok()) return s;
  *edges_name = name;
  return writer->Commit();
}

Status SurvivorSearch::Run(const std::vector<std::string>& bucket_names) {
  if (Status s = MarkTruncated(bucket_names); !s.ok()) return s;
  std::string edges_name = "edges";
  while (true) {
    ++round_;
    if (Status s = Round(edges_name); !s.ok()) return s;
    folder_.Measure();
    if (options_.on_round) options_.on_round(undecided_);
    if (undecided_ == 0) break;
    if (Status s = PrepareNext(bucket_names, &edges_name); !s.ok()) return s;
    folder_.Measure();
  }
  return removals_.Finish();
}

}  // namespace peaktext
