#include "pipelines/explain.h"

#include <fmt/core.h>

#include <charconv>
#include <optional>

#include "dedup/decision_file.h"
#include "extract/text_store.h"
#include "inventory/document_table.h"
#include "inventory/scan_folder.h"
#include "pipelines/dedup.h"
#include "pipelines/survivor_names.h"
#include "sketch/signature_file.h"

namespace peaktext {
namespace {

// All documents of a run and of those it went against, by number.
class Documents {
 public:
  struct Place {
    const ScanFolder* folder = nullptr;
    size_t shard = 0;
    std::string input;
    uint64_t first_number = 0;
    uint64_t rows = 0;
  };

  Status Add(const ScanFolder& folder) {
    const Result<ScanPlan> plan = folder.ReadPlan();
    if (!plan) return plan.error();
    const auto markers = folder.ReadAllMarkers(*plan);
    if (!markers) return markers.error();
    names_.AddFolder(folder, *markers);
    for (size_t shard = 0; shard < markers->size(); ++shard) {
      const ShardMarker& marker = (*markers)[shard];
      if (marker.documents == 0) continue;
      places_.push_back(
          {&folder, shard, marker.input, documents_, marker.documents});
      documents_ += marker.documents;
    }
    return {};
  }
  uint64_t size() const { return documents_; }
  const std::vector<Place>& places() const { return places_; }
  Result<std::string> Id(uint64_t number) { return names_.Id(number); }

  // nullptr when there is no such document.
  const Place* PlaceOf(uint64_t number) const {
    for (const Place& place : places_) {
      if (number - place.first_number < place.rows) return &place;
    }
    return nullptr;
  }
  Result<SignatureRow> Signature(uint64_t number) const {
    const Place* place = PlaceOf(number);
    if (place == nullptr) return Fail(StatusCode::kNotFound, "no such number");
    auto reader =
        SignatureReader::Open(place->folder->ShardPath(place->shard, ".sig"));
    if (!reader) return Fail(reader.error());
    std::vector<SignatureRow> rows;
    if (Status s = reader->Read(number - place->first_number, 1, &rows);
        !s.ok()) {
      return Fail(s);
    }
    return rows.front();
  }
  // The distinct shingles of the text, or nothing when it was not kept.
  Result<std::optional<std::vector<uint64_t>>> Shingles(
      uint64_t number, const SignatureOptions& options) const {
    const Place* place = PlaceOf(number);
    auto reader =
        TextStoreReader::Open(place->folder->ShardPath(place->shard, ".text"));
    if (!reader && reader.error().code() == StatusCode::kNotFound) {
      return std::nullopt;
    }
    if (!reader) return Fail(reader.error());
    std::string text;
    if (Status s = reader->Read(number - place->first_number, &text); !s.ok()) {
      return Fail(s);
    }
    std::vector<uint64_t> hashes;
    Signer(options).Shingles(text, &hashes);
    return hashes;
  }

 private:
  std::vector<Place> places_;
  SurvivorNames names_;
  uint64_t documents_ = 0;
};

Result<uint64_t> FindDocument(const Documents& documents, uint64_t own,
                              std::string_view document) {
  uint64_t number = 0;
  const auto parsed = std::from_chars(
      document.data(), document.data() + document.size(), number);
  const bool is_number = parsed.ec == std::errc() &&
                         parsed.ptr == document.data() + document.size();
  for (const Documents::Place& place : documents.places()) {
    if (place.first_number >= own) break;
    auto table = DocumentTableReader::Open(
        place.folder->ShardPath(place.shard, ".docs"), place.input);
    if (!table) return Fail(table.error());
    DocumentRow row;
    for (uint64_t i = 0; table->Next(&row); ++i) {
      if (row.id == document) return place.first_number + i;
    }
    if (!table->status().ok()) return Fail(table->status());
  }
  if (is_number && number < own) return number;
  return Fail(StatusCode::kNotFound,
              fmt::format("no document is called {}", document));
}

Status Compare(const Documents& documents, Explanation* why) {
  const auto own = documents.Signature(why->number);
  if (!own) return own.error();
  why->shingles = own->signature.shingles;
  if (why->decision.verified == Evidence::kKept) return {};
  const auto survivor = documents.Signature(why->decision.survivor);
  if (!survivor) return survivor.error();
  why->bands = static_cast<uint32_t>(own->signature.band_hashes.size());
  const size_t bands = std::min(own->signature.band_hashes.size(),
                                survivor->signature.band_hashes.size());
  for (uint32_t band = 0; band < bands; ++band) {
    if (own->signature.band_hashes[band] ==
        survivor->signature.band_hashes[band]) {
      why->shared_bands.push_back(band);
    }
  }
  if (own->signature.shingles == 0) return {};
  why->sketch_similarity =
      SketchSimilarity(own->signature.sketch, survivor->signature.sketch);
  const Documents::Place* place = documents.PlaceOf(why->number);
  const auto reader =
      SignatureReader::Open(place->folder->ShardPath(place->shard, ".sig"));
  if (!reader) return reader.error();
  const auto a = documents.Shingles(why->number, reader->options());
  if (!a) return a.error();
  const auto b = documents.Shingles(why->decision.survivor, reader->options());
  if (!b) return b.error();
  if (*a && *b) why->text_similarity = ExactJaccard(**a, **b);
  return {};
}

}  // namespace

Result<Explanation> Explain(const std::string& path, std::string_view document,
                            uint64_t max_duplicate_ids) {
  const ScanFolder folder(path);
  Documents documents;
  if (Status s = documents.Add(folder); !s.ok()) return Fail(s);
  const uint64_t own = documents.size();
  const Result<DedupMarker> marker = ReadDedupMarker(folder);
  if (!marker) {
    return Fail(StatusCode::kNotFound,
                fmt::format("{}: its documents are not decided upon yet: run "
                            "peaktext dedup {}",
                            path, path));
  }
  std::vector<ScanFolder> others;
  for (const std::string& other : marker->against) others.emplace_back(other);
  for (const ScanFolder& other : others) {
    if (Status s = documents.Add(other); !s.ok()) return Fail(s);
  }
  const Result<uint64_t> number = FindDocument(documents, own, document);
  if (!number) return Fail(number.error());
  Result<DecisionReader> decisions =
      DecisionReader::Open(folder.DecisionsPath());
  if (!decisions) return Fail(decisions.error());
  if (decisions->rows() != own) {
    return Fail(StatusCode::kCorrupt,
                folder.DecisionsPath() + ": not of this scan");
  }
  Explanation why;
  why.number = *number;
  Result<std::string> id = documents.Id(*number);
  if (!id) return Fail(id.error());
  why.id = *id;
  why.input = documents.PlaceOf(*number)->input;
  Decision decision;
  for (uint64_t i = 0; decisions->Next(&decision); ++i) {
    if (i == *number) why.decision = decision;
    if (decision.survivor != *number || i == *number) continue;
    if (why.duplicates++ >= max_duplicate_ids) continue;
    id = documents.Id(i);
    if (!id) return Fail(id.error());
    why.duplicate_ids.push_back(*id);
  }
  if (!decisions->status().ok()) return Fail(decisions->status());
  if (why.decision.verified != Evidence::kKept) {
    id = documents.Id(why.decision.survivor);
    if (!id) return Fail(id.error());
    why.survivor_id = *id;
    why.survivor_is_old = why.decision.survivor >= own;
  }
  if (Status s = Compare(documents, &why); !s.ok()) return Fail(s);
  return why;
}

}  // namespace peaktext
