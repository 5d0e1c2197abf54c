// Writing JSON. The library is RapidJSON (Debian rapidjson-dev): a streaming
// writer whose output is the same bytes on every machine. Foreign JSON is read
// with simdjson, never by hand.
//
//   JsonWriter json;              // one line, no white space
//   json.StartObject();
//   json.Key("documents"); json.Uint64(12);
//   json.EndObject();
//   Append(json.TakeLine());
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/counters.h"

namespace peaktext {

class JsonWriter {
 public:
  JsonWriter() : writer_(buffer_) {}

  void StartObject() { writer_.StartObject(); }
  void EndObject() { writer_.EndObject(); }
  void StartArray() { writer_.StartArray(); }
  void EndArray() { writer_.EndArray(); }
  void Key(std::string_view key) {
    writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
  }
  // REQUIRES: valid UTF-8.
  void String(std::string_view value) {
    writer_.String(value.data(),
                   static_cast<rapidjson::SizeType>(value.size()));
  }
  void Uint64(uint64_t value) { writer_.Uint64(value); }
  void Int64(int64_t value) { writer_.Int64(value); }
  // REQUIRES: finite. Shortest form that reads back to the same double.
  void Double(double value) { writer_.Double(value); }
  void Bool(bool value) { writer_.Bool(value); }
  void Null() { writer_.Null(); }

  void Member(std::string_view key, std::string_view value) {
    Key(key);
    String(value);
  }
  void Member(std::string_view key, uint64_t value) {
    Key(key);
    Uint64(value);
  }

  // The text so far; the writer starts over with the next value.
  std::string Take() {
    std::string text(buffer_.GetString(), buffer_.GetSize());
    buffer_.Clear();
    writer_.Reset(buffer_);
    return text;
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

// {"REASON":{"count":n,"bytes":n},...}, sorted by reason.
inline void WriteDropCounts(const DropCounts& dropped, JsonWriter* json) {
  json->StartObject();
  for (const auto& [reason, drop] : dropped.by_reason()) {
    json->Key(reason);
    json->StartObject();
    json->Member("count", drop.count);
    json->Member("bytes", drop.bytes);
    json->EndObject();
  }
  json->EndObject();
}

// "tokens":{"VOCABULARY":n,...}: a member of an object. A figure that is
// missing is 0.
inline void WriteTokens(std::span<const std::string> vocabularies,
                        std::span<const uint64_t> tokens, JsonWriter* json) {
  json->Key("tokens");
  json->StartObject();
  for (size_t i = 0; i < vocabularies.size(); ++i) {
    json->Member(vocabularies[i], i < tokens.size() ? tokens[i] : 0);
  }
  json->EndObject();
}

}  // namespace peaktext
