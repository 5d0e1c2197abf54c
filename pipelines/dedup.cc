#include "pipelines/dedup.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <filesystem>

#include "base/atomic_file.h"
#include "base/json.h"
#include "pipelines/folder_lock.h"
#include "sketch/signature_file.h"

namespace peaktext {
namespace {

constexpr uint64_t kSchema = 1;

std::string OptionsJson(const DedupOptions& options,
                        const std::vector<std::string>& against_states) {
  JsonWriter json;
  json.StartObject();
  json.Key("threshold");
  json.Double(options.threshold);
  json.Member("keep", KeepName(options.keep));
  json.Member("grouping", GroupingName(options.grouping));
  json.Member("verify", VerifyName(options.verify));
  json.Key("against");
  json.StartArray();
  for (const std::string& state : against_states) json.String(state);
  json.EndArray();
  json.EndObject();
  return json.Take();
}

std::string MarkerJson(const DedupMarker& marker) {
  const DedupReport& report = marker.report;
  JsonWriter json;
  json.StartObject();
  json.Member("documents", report.documents);
  json.Member("exact_duplicates", report.exact_duplicates);
  json.Member("near_duplicates", report.near_duplicates);
  json.Member("too_short", report.too_short);
  json.Member("candidate_pairs", report.candidate_pairs);
  json.Member("verified_by_text", report.verified_by_text);
  json.Member("disk_bytes", report.disk_bytes);
  json.EndObject();
  const std::string report_json = json.Take();
  json.StartArray();
  for (const std::string& folder : marker.against) json.String(folder);
  json.EndArray();
  return fmt::format(
      "{{\"schema\":{},\n\"state\":\"{}\",\n\"options\":{},\n\"against\":{},\n"
      "\"report\":{}}}\n",
      kSchema, marker.state_hash, marker.options_json, json.Take(),
      report_json);
}

DedupMarker ToMarker(const simdjson::dom::element& json) {
  DedupMarker marker;
  marker.state_hash = std::string(std::string_view(json["state"]));
  marker.options_json = simdjson::minify(json["options"]);
  for (const simdjson::dom::element& folder : json["against"].get_array()) {
    marker.against.emplace_back(std::string_view(folder));
  }
  const simdjson::dom::element report = json["report"];
  marker.report = {.documents = report["documents"].get_uint64(),
                   .exact_duplicates = report["exact_duplicates"].get_uint64(),
                   .near_duplicates = report["near_duplicates"].get_uint64(),
                   .too_short = report["too_short"].get_uint64(),
                   .candidate_pairs = report["candidate_pairs"].get_uint64(),
                   .verified_by_text = report["verified_by_text"].get_uint64(),
                   .disk_bytes = report["disk_bytes"].get_uint64()};
  return marker;
}

// The shards that were read, in order; failed ones have no files.
Result<std::vector<DedupShard>> FindShards(
    const ScanFolder& folder, const std::vector<ShardMarker>& markers,
    Verify verify) {
  std::vector<DedupShard> shards;
  for (size_t shard = 0; shard < markers.size(); ++shard) {
    DedupShard files;
    for (const ShardFile& file : markers[shard].files) {
      const std::string path = folder.ShardPath(shard, file.suffix);
      if (file.suffix == ".sig") files.signature_path = path;
      if (file.suffix == ".text") files.text_path = path;
    }
    if (files.signature_path.empty()) continue;
    if (files.text_path.empty() &&
        (verify == Verify::kAuto || verify == Verify::kExact)) {
      return Fail(StatusCode::kInvalidArgument,
                  fmt::format("{}: the scan kept no texts: --verify=sketch or "
                              "--verify=none is needed",
                              folder.path()));
    }
    shards.push_back(std::move(files));
  }
  return shards;
}

// The options of the scan's signatures.
Status ReadSignatureOptions(const std::string& folder,
                            const std::vector<DedupShard>& shards,
                            WantedBands wanted, SignatureOptions* options) {
  if (shards.empty()) return {};
  const auto first = SignatureReader::Open(shards.front().signature_path);
  if (!first) return first.error();
  *options = first->options();
  const uint32_t bands = wanted.bands == 0 ? options->bands : wanted.bands;
  const uint32_t rows = wanted.rows == 0 ? options->rows : wanted.rows;
  if (bands == options->bands && rows == options->rows) return {};
  return {StatusCode::kInvalidArgument,
          fmt::format("{}: scanned with {} bands of {} rows, not {} of {}: "
                      "scan again with --bands={} --rows={} into another "
                      "folder, or with --force",
                      folder, options->bands, options->rows, bands, rows, bands,
                      rows)};
}

// What an earlier run kept.
Result<DedupIndex> OpenIndex(const std::string& path, Verify verify) {
  const ScanFolder folder(path);
  const Result<ScanPlan> plan = folder.ReadPlan();
  if (!plan) return Fail(plan.error());
  const Result<std::vector<ShardMarker>> markers = folder.ReadAllMarkers(*plan);
  if (!markers) return Fail(markers.error());
  const Result<DedupMarker> done = ReadDedupMarker(folder);
  if (!done || done->state_hash != StateHash(*plan, *markers)) {
    return Fail(StatusCode::kNotFound,
                fmt::format("{}: has no decisions of its last scan: run "
                            "peaktext dedup {} first",
                            path, path));
  }
  Result<std::vector<DedupShard>> shards = FindShards(folder, *markers, verify);
  if (!shards) return Fail(shards.error());
  return DedupIndex{.shards = std::move(*shards),
                    .decisions_path = folder.DecisionsPath()};
}

// The old marker goes before what it vouches for changes.
Status Prepare(const ScanFolder& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder.DedupWorkPath(), error);
  for (const std::string& path :
       {folder.DedupMarkerPath(), folder.InventoryMarkerPath()}) {
    if (!error) std::filesystem::remove(path, error);
  }
  if (error) return SystemError(error.value(), "prepare " + folder.DedupPath());
  RemoveLeftovers(folder.DedupPath());
  return {};
}

}  // namespace

std::string_view KeepName(Keep keep) {
  switch (keep) {
    case Keep::kFirst:
      return "first";
    case Keep::kLongest:
      return "longest";
    case Keep::kNewest:
      return "newest";
    case Keep::kOldest:
      return "oldest";
    case Keep::kPriority:
      return "priority";
  }
  return "";
}

std::string_view GroupingName(Grouping grouping) {
  return grouping == Grouping::kSurvivors ? "survivors" : "components";
}

std::string_view VerifyName(Verify verify) {
  switch (verify) {
    case Verify::kNone:
      return "none";
    case Verify::kSketch:
      return "sketch";
    case Verify::kAuto:
      return "auto";
    case Verify::kExact:
      return "exact";
  }
  return "";
}

Result<DedupMarker> ReadDedupMarker(const ScanFolder& folder) {
  const std::string path = folder.DedupMarkerPath();
  Result<std::string> text = ReadWholeFile(path);
  if (!text) return Fail(text.error());
  simdjson::dom::parser parser;
  try {
    const simdjson::dom::element root = parser.parse(*text);
    if (root["schema"].get_uint64() != kSchema) {
      return Fail(StatusCode::kUnsupported,
                  path + ": schema is not known to this version");
    }
    return ToMarker(root);
  } catch (const simdjson::simdjson_error& error) {
    return Fail(StatusCode::kCorrupt,
                fmt::format("{}: damaged: {}", path, error.what()));
  }
}

Result<DedupOutcome> DedupFolder(const std::string& path, DedupOptions options,
                                 const std::vector<std::string>& against,
                                 WantedBands wanted) {
  const ScanFolder folder(path);
  const Result<ScanPlan> plan = folder.ReadPlan();
  if (!plan) return Fail(plan.error());
  const Result<FolderLock> lock = FolderLock::Take(path);
  if (!lock) return Fail(lock.error());
  const Result<std::vector<ShardMarker>> markers = folder.ReadAllMarkers(*plan);
  if (!markers) return Fail(markers.error());
  const Result<std::vector<DedupShard>> shards =
      FindShards(folder, *markers, options.verify);
  if (!shards) return Fail(shards.error());
  if (Status s =
          ReadSignatureOptions(path, *shards, wanted, &options.signature);
      !s.ok()) {
    return Fail(std::move(s));
  }
  std::vector<std::string> against_states;
  options.against.clear();
  for (const std::string& other : against) {
    Result<DedupIndex> index = OpenIndex(other, options.verify);
    if (!index) return Fail(index.error());
    against_states.push_back(ReadDedupMarker(ScanFolder(other))->state_hash);
    options.against.push_back(std::move(*index));
  }

  DedupMarker marker{.options_json = OptionsJson(options, against_states),
                     .state_hash = StateHash(*plan, *markers),
                     .against = against};
  if (const Result<DedupMarker> done = ReadDedupMarker(folder);
      done && done->options_json == marker.options_json &&
      done->state_hash == marker.state_hash &&
      std::filesystem::exists(folder.DecisionsPath())) {
    return DedupOutcome{.report = done->report, .was_done = true};
  }
  if (Status made = Prepare(folder); !made.ok()) return Fail(std::move(made));
  options.work_folder = folder.DedupWorkPath();
  options.decisions_path = folder.DecisionsPath();
  Result<DedupReport> report = Dedup(*shards, options);
  if (!report) return Fail(report.error());
  marker.report = *report;
  Status written =
      WriteFileAtomically(folder.DedupMarkerPath(), MarkerJson(marker));
  if (!written.ok()) return Fail(std::move(written));
  return DedupOutcome{.report = *report, .was_done = false};
}

}  // namespace peaktext
