#include "inventory/scan_folder.h"

#include <fmt/core.h>
#include <simdjson.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "base/json.h"

namespace peaktext {
namespace {

namespace fs = std::filesystem;
using simdjson::dom::element;

constexpr uint64_t kSchema = 1;

std::string HashHex(std::string_view bytes) {
  return fmt::format("{:016x}", HashBytes64(bytes));
}

std::string ToString(const element& json) {
  return std::string(std::string_view(json));
}

std::string PlanJson(const ScanPlan& plan) {
  JsonWriter json;
  json.StartArray();
  for (const std::string& name : plan.vocabularies) json.String(name);
  json.EndArray();
  const std::string vocabularies = json.Take();
  json.StartArray();
  for (const std::string& input : plan.inputs) json.String(input);
  json.EndArray();
  const std::string inputs = json.Take();
  json.StartArray();
  for (const FailedInput& failed : plan.failed) {
    json.StartObject();
    json.Member("input", failed.input);
    json.Member("message", failed.message);
    json.EndObject();
  }
  json.EndArray();
  return fmt::format(
      "{{\"schema\":{},\n\"vocabularies\":{},\n\"options\":{},\n"
      "\"inputs\":{},\n\"failed\":{}}}\n",
      kSchema, vocabularies, plan.options_json, inputs, json.Take());
}

ScanPlan ToPlan(const element& json) {
  ScanPlan plan;
  for (const element& name : json["vocabularies"].get_array()) {
    plan.vocabularies.push_back(ToString(name));
  }
  plan.options_json = simdjson::minify(json["options"]);
  for (const element& input : json["inputs"].get_array()) {
    plan.inputs.push_back(ToString(input));
  }
  for (const element& failed : json["failed"].get_array()) {
    plan.failed.push_back({.input = ToString(failed["input"]),
                           .message = ToString(failed["message"])});
  }
  return plan;
}

std::string MarkerJson(const ShardMarker& marker) {
  JsonWriter json;
  json.StartObject();
  json.Member("schema", kSchema);
  json.Member("input", marker.input);
  json.Member("options_hash", marker.options_hash);
  json.Member("input_state", marker.input_state);
  json.Member("documents", marker.documents);
  json.Member("records", marker.read.records);
  json.Member("stored_bytes", marker.read.stored_bytes);
  json.Member("used_bytes", marker.read.used_bytes);
  json.Member("padding_bytes", marker.read.padding_bytes);
  json.Key("dropped");
  WriteDropCounts(marker.dropped, &json);
  json.Key("files");
  json.StartArray();
  for (const ShardFile& file : marker.files) {
    json.StartObject();
    json.Member("suffix", file.suffix);
    json.Member("size_bytes", file.size_bytes);
    json.Member("checksum", file.checksum);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.Take() + "\n";
}

ShardMarker ToMarker(const element& json) {
  ShardMarker marker;
  marker.input = ToString(json["input"]);
  marker.options_hash = ToString(json["options_hash"]);
  marker.input_state = ToString(json["input_state"]);
  marker.documents = json["documents"].get_uint64();
  marker.read = {.records = json["records"].get_uint64(),
                 .stored_bytes = json["stored_bytes"].get_uint64(),
                 .used_bytes = json["used_bytes"].get_uint64(),
                 .padding_bytes = json["padding_bytes"].get_uint64()};
  for (const auto& [reason, drop] : json["dropped"].get_object()) {
    marker.dropped.Add(reason, drop["bytes"].get_uint64(),
                       drop["count"].get_uint64());
  }
  for (const element& file : json["files"].get_array()) {
    marker.files.push_back({.suffix = ToString(file["suffix"]),
                            .size_bytes = file["size_bytes"].get_uint64(),
                            .checksum = file["checksum"].get_uint64()});
  }
  return marker;
}

// Reads a JSON file of ours with `convert`, whose simdjson errors mean damage.
template <class T>
Result<T> ReadJson(const std::string& path, T (*convert)(const element&)) {
  Result<std::string> text = ReadWholeFile(path);
  if (!text) return Fail(text.error());
  simdjson::dom::parser parser;
  try {
    const element root = parser.parse(*text);
    if (const uint64_t schema = root["schema"].get_uint64();
        schema != kSchema) {
      return Fail(StatusCode::kUnsupported,
                  fmt::format("{}: schema {} is not known to this version",
                              path, schema));
    }
    return convert(root);
  } catch (const simdjson::simdjson_error& error) {
    return Fail(StatusCode::kCorrupt,
                fmt::format("{}: damaged: {}", path, error.what()));
  }
}

Status Remove(const std::string& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) return SystemError(error.value(), "remove " + path);
  return {};
}

}  // namespace

std::string ScanPlan::OptionsHash() const { return HashHex(options_json); }

std::string ScanFolder::ShardPath(size_t shard, std::string_view suffix) const {
  return fmt::format("{}/shards/{:06}{}", path_, shard, suffix);
}

bool ScanFolder::HasPlan() const {
  std::error_code ignored;
  return fs::exists(PlanPath(), ignored);
}

Result<ScanPlan> ScanFolder::ReadPlan() const {
  Result<ScanPlan> plan = ReadJson(PlanPath(), ToPlan);
  if (!plan && plan.error().code() == StatusCode::kNotFound) {
    return Fail(StatusCode::kNotFound,
                fmt::format("{}: no scan here (no plan.json); make one with "
                            "peaktext scan INPUT... --out {}",
                            path_, path_));
  }
  return plan;
}

Status ScanFolder::WritePlan(const ScanPlan& plan) const {
  for (const std::string& folder : {ShardsPath(), DedupPath()}) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return SystemError(error.value(), "create folder " + folder);
  }
  return WriteFileAtomically(PlanPath(), PlanJson(plan));
}

Result<ShardMarker> ScanFolder::ReadMarker(size_t shard) const {
  Result<ShardMarker> marker = ReadJson(ShardPath(shard, ".done"), ToMarker);
  if (!marker) return marker;
  for (const ShardFile& file : marker->files) {
    const std::string path = ShardPath(shard, file.suffix);
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    if (error || size != file.size_bytes) {
      return Fail(StatusCode::kCorrupt,
                  fmt::format("{}: not the file that its marker names", path));
    }
  }
  return marker;
}

Status ScanFolder::WriteMarker(size_t shard, const ShardMarker& marker) const {
  if (Status removed = Remove(ShardPath(shard, ".failed")); !removed.ok()) {
    return removed;
  }
  return WriteFileAtomically(ShardPath(shard, ".done"), MarkerJson(marker));
}

std::string ScanFolder::ReadFailure(size_t shard) const {
  return ReadWholeFile(ShardPath(shard, ".failed")).value_or("");
}

Status ScanFolder::WriteFailure(size_t shard, std::string_view message) const {
  if (Status removed = Remove(ShardPath(shard, ".done")); !removed.ok()) {
    return removed;
  }
  return WriteFileAtomically(ShardPath(shard, ".failed"), message);
}

Result<std::vector<ShardMarker>> ScanFolder::ReadAllMarkers(
    const ScanPlan& plan) const {
  const std::string hash = plan.OptionsHash();
  std::vector<ShardMarker> markers;
  for (size_t shard = 0; shard < plan.inputs.size(); ++shard) {
    Result<ShardMarker> marker = ReadMarker(shard);
    if (marker && marker->input == plan.inputs[shard] &&
        marker->options_hash == hash) {
      markers.push_back(std::move(*marker));
      continue;
    }
    if (ReadFailure(shard).empty()) {
      return Fail(StatusCode::kNotFound,
                  fmt::format("{}: {} is not scanned yet: run the scan again",
                              path_, plan.inputs[shard]));
    }
    markers.emplace_back();
  }
  return markers;
}

Status ScanFolder::Clear() const {
  std::error_code error;
  for (const std::string& path : {ShardsPath(), DedupPath(), InventoryPath(),
                                  DocumentsPath(), PlanPath()}) {
    fs::remove_all(path, error);
    if (error) return SystemError(error.value(), "remove " + path);
  }
  return {};
}

std::string StateHash(const ScanPlan& plan,
                      const std::vector<ShardMarker>& markers) {
  std::string state = plan.OptionsHash();
  for (size_t shard = 0; shard < markers.size(); ++shard) {
    const ShardMarker& marker = markers[shard];
    state += fmt::format("\n{} {}", shard, marker.documents);
    for (const ShardFile& file : marker.files) {
      state += fmt::format(" {} {} {:016x}", file.suffix, file.size_bytes,
                           file.checksum);
    }
  }
  return HashHex(state);
}

std::string InputState(const std::string& input) {
  struct stat info = {};
  if (input == "-" || ::stat(input.c_str(), &info) != 0 ||
      !S_ISREG(info.st_mode)) {
    return "";
  }
  return fmt::format("{}:{}.{:09}", info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec);
}

}  // namespace peaktext
