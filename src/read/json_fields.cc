#include "read/json_fields.h"

#include <fmt/core.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "read/buffer_sizes.h"
#include "read/decoded_window.h"

namespace peaktext {
namespace {

// Beyond this, simdjson's tables would be larger than everything else of ours.
constexpr size_t kShortLineBytes = BufferBytes(2 << 20);
constexpr size_t kMaxDepth = 1024;  // simdjson's own limit
constexpr const char* kMissingText = "missing_text";

enum Wanted : size_t {
  kText,
  kId,
  kUrl,
  kLanguage,
  kDate,
  kPriority,
  kWantedFields
};

// Where a field's value goes. REQUIRES: not the text.
std::string_view& ValueOf(size_t field, JsonFields* fields) {
  switch (field) {
    case kId:
      return fields->id;
    case kUrl:
      return fields->url;
    case kLanguage:
      return fields->language;
    case kDate:
      return fields->date;
    default:
      return fields->priority;
  }
}

// Fields that a number may stand in, as it is written.
bool TakesNumbers(size_t field) { return field == kId || field == kPriority; }

// True when a \uD800..\uDFFF escape stands alone.
bool HasLoneSurrogate(std::string_view json) {
  const auto unit = [&](size_t at) -> int {
    if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') {
      return -1;
    }
    int value = 0;
    for (size_t i = at + 2; i < at + 6; ++i) {
      const char c = json[i];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  };
  size_t at = 0;
  while ((at = json.find('\\', at)) != std::string_view::npos) {
    const int first = unit(at);
    if (first < 0xd800 || first > 0xdfff) {
      at += 2;
      continue;
    }
    const int second = unit(at + 6);
    if (first > 0xdbff || second < 0xdc00 || second > 0xdfff) return true;
    at += 12;
  }
  return false;
}

// "/a/b" by RFC 6901; anything without the slash is one key.
std::vector<std::string> PathOf(const std::string& field) {
  std::vector<std::string> path;
  if (field.empty()) return path;
  if (field[0] != '/') return {field};
  for (size_t i = 0; i < field.size(); ++i) {
    const char c = field[i];
    if (c == '/') {
      path.emplace_back();
    } else if (c == '~' && i + 1 < field.size()) {
      path.back() += field[++i] == '1' ? '/' : '~';
    } else {
      path.back() += c;
    }
  }
  return path;
}

struct Wants {
  std::array<std::string, kWantedFields> names;
  std::array<std::vector<std::string>, kWantedFields> paths;
  bool any_pointer = false;  // a field is named by a JSON pointer
  bool any_wide = false;     // or has a key that may stand escaped
};

// Takes the wanted values out of a stream of events.
class FieldHandler
    : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, FieldHandler> {
 public:
  FieldHandler(const Wants& wants, JsonFields* fields)
      : wants_(wants), fields_(*fields) {}

  bool String(const char* value, rapidjson::SizeType size, bool) {
    const size_t field = Begin();
    char* const bytes = const_cast<char*>(value);  // in situ: in our line
    if (field == kText) {
      fields_.text = {bytes, size};
      text_state_ = TextState::kString;
    } else if (field < kWantedFields) {
      ValueOf(field, &fields_) = {value, size};
    }
    return true;
  }
  bool RawNumber(const char* value, rapidjson::SizeType size, bool) {
    const size_t field = Begin();
    if (TakesNumbers(field)) ValueOf(field, &fields_) = {value, size};
    if (field == kText) text_state_ = TextState::kOther;
    return true;
  }
  bool Default() {
    if (Begin() == kText) text_state_ = TextState::kOther;
    return true;
  }
  bool StartObject() { return Open(false); }
  bool StartArray() { return Open(true); }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool EndArray(rapidjson::SizeType) { return Close(); }
  bool Key(const char* key, rapidjson::SizeType size, bool) {
    levels_.back().key = {key, size};
    return true;
  }

  bool has_text() const { return text_state_ == TextState::kString; }
  bool found() const { return text_state_ != TextState::kMissing; }

 private:
  enum class TextState { kMissing, kString, kOther };
  struct Level {
    bool is_array = false;
    uint64_t index = 0;
    std::string_view key = {};
  };

  // A value starts: which of the wanted ones it is.
  size_t Begin() {
    size_t field = kWantedFields;
    for (size_t f = 0; f < kWantedFields; ++f) {
      if (!wants_.paths[f].empty() && Matches(wants_.paths[f])) field = f;
    }
    if (!levels_.empty()) ++levels_.back().index;
    return field;
  }
  bool Matches(const std::vector<std::string>& path) const {
    if (path.size() != levels_.size()) return false;
    for (size_t i = 0; i < path.size(); ++i) {
      const Level& level = levels_[i];
      // Inner levels have counted the value that we are in already.
      const uint64_t index =
          i + 1 < path.size() ? level.index - 1 : level.index;
      if (level.is_array ? path[i] != std::to_string(index)
                         : path[i] != level.key) {
        return false;
      }
    }
    return true;
  }
  bool Open(bool is_array) {
    if (Begin() == kText) text_state_ = TextState::kOther;
    levels_.push_back({.is_array = is_array});
    return levels_.size() < kMaxDepth;
  }
  bool Close() {
    levels_.pop_back();
    return true;
  }

  const Wants& wants_;
  JsonFields& fields_;
  std::vector<Level> levels_;
  TextState text_state_ = TextState::kMissing;
};

}  // namespace

struct JsonFieldParser::State {
  Wants wants;
  simdjson::ondemand::parser parser;
  std::array<std::string, kWantedFields> copies;  // of pointers' values

  JsonFault Fault(simdjson::error_code error, std::string_view line) const;
  JsonFault Take(simdjson::ondemand::value value, size_t field,
                 std::string_view line, JsonFields* fields, bool* has_text);
  // `wide`: the keys of the line may be escaped, or the wanted ones need be.
  JsonFault TakeKeys(std::string_view line, bool wide, JsonFields* fields);
  JsonFault TakePointers(std::string_view line, JsonFields* fields);
  JsonFault MissingText() const {
    return {kMissingText, fmt::format("no field \"{}\"", wants.names[kText])};
  }
  JsonFault BadText() const {
    return {"bad_text",
            fmt::format("field \"{}\" is no string", wants.names[kText])};
  }
};

JsonFault JsonFieldParser::State::Fault(simdjson::error_code error,
                                        std::string_view line) const {
  if (error == simdjson::UTF8_ERROR) return {"bad_utf8", "not UTF-8"};
  if (error == simdjson::STRING_ERROR && HasLoneSurrogate(line)) {
    return {"lone_surrogate", "a lone surrogate in a string"};
  }
  return {"bad_json",
          fmt::format("no JSON object: {}", simdjson::error_message(error))};
}

JsonFault JsonFieldParser::State::Take(simdjson::ondemand::value value,
                                       size_t field, std::string_view line,
                                       JsonFields* fields, bool* has_text) {
  std::string_view found;
  if (const simdjson::error_code error = value.get_string().get(found)) {
    if (error != simdjson::INCORRECT_TYPE) return Fault(error, line);
    if (field == kText) return BadText();
    simdjson::ondemand::json_type type;
    if (!TakesNumbers(field) || value.type().get(type) != simdjson::SUCCESS ||
        type != simdjson::ondemand::json_type::number) {
      return {};  // no string: as if it were not there
    }
    found = value.raw_json_token();
    while (!found.empty() && static_cast<unsigned char>(found.back()) <= ' ') {
      found.remove_suffix(1);
    }
  }
  if (field == kText) {
    // In the parser's own buffer, which is ours.
    fields->text = {const_cast<char*>(found.data()), found.size()};
    *has_text = true;
  } else {
    ValueOf(field, fields) = found;
  }
  return {};
}

JsonFault JsonFieldParser::State::TakeKeys(std::string_view line, bool wide,
                                           JsonFields* fields) {
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (const auto error = parser
                             .iterate(line.data(), line.size(),
                                      line.size() + DecodedWindow::kSlackBytes)
                             .get(document)) {
    return Fault(error, line);
  }
  if (const auto error = document.get_object().get(object)) {
    return Fault(error, line);
  }
  bool has_text = false;
  for (auto result : object) {
    simdjson::ondemand::field entry;
    if (const auto error = std::move(result).get(entry)) {
      return Fault(error, line);
    }
    size_t field = 0;
    if (wide) {
      std::string_view key;
      if (const auto error = entry.unescaped_key().get(key)) {
        return Fault(error, line);
      }
      while (field < kWantedFields && wants.names[field] != key) ++field;
    } else {
      const simdjson::ondemand::raw_json_string key = entry.key();
      while (field < kWantedFields &&
             (wants.names[field].empty() ||
              !key.unsafe_is_equal(wants.names[field]))) {
        ++field;
      }
    }
    if (field == kWantedFields) continue;
    JsonFault fault = Take(entry.value(), field, line, fields, &has_text);
    if (fault.reason != nullptr) return fault;
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return {"bad_json", "no JSON object: more after its end"};
  }
  return has_text ? JsonFault{} : MissingText();
}

// Each look-up starts over and reuses the parser's string buffer: the values
// are copied, the text comes last and is not.
JsonFault JsonFieldParser::State::TakePointers(std::string_view line,
                                               JsonFields* fields) {
  simdjson::ondemand::document document;
  if (const auto error = parser
                             .iterate(line.data(), line.size(),
                                      line.size() + DecodedWindow::kSlackBytes)
                             .get(document)) {
    return Fault(error, line);
  }
  bool has_text = false;
  for (size_t field = kWantedFields; field-- > 0;) {
    if (wants.names[field].empty()) continue;
    std::string pointer = wants.names[field];
    if (pointer[0] != '/') pointer.insert(0, "/");
    simdjson::ondemand::value value;
    const auto error = document.at_pointer(pointer).get(value);
    if (error == simdjson::NO_SUCH_FIELD || error == simdjson::INCORRECT_TYPE ||
        error == simdjson::INDEX_OUT_OF_BOUNDS ||
        error == simdjson::INVALID_JSON_POINTER) {
      if (field == kText) return MissingText();
      continue;
    }
    if (error != simdjson::SUCCESS) return Fault(error, line);
    JsonFields found;
    JsonFault fault = Take(value, field, line, &found, &has_text);
    if (fault.reason != nullptr) return fault;
    if (field == kText) {
      fields->text = found.text;
    } else {
      copies[field] = ValueOf(field, &found);
      ValueOf(field, fields) = copies[field];
    }
  }
  return has_text ? JsonFault{} : MissingText();
}

JsonFieldParser::JsonFieldParser(const ReadOptions& options)
    : state_(std::make_unique<State>()) {
  Wants& wants = state_->wants;
  wants.names = {options.text_field, options.id_field,
                 options.url_field,  options.language_field,
                 options.date_field, options.priority_field};
  for (size_t f = 0; f < kWantedFields; ++f) {
    const std::string& name = wants.names[f];
    wants.paths[f] = PathOf(name);
    wants.any_pointer |= name.starts_with('/');
    wants.any_wide |= std::any_of(name.begin(), name.end(), [](char c) {
      return static_cast<signed char>(c) < 0 || c == '"' || c == '\\';
    });
  }
}

JsonFieldParser::~JsonFieldParser() = default;

JsonFault JsonFieldParser::Parse(std::span<char> line, JsonFields* fields) {
  *fields = {};
  // Both parsers look at what is behind: simdjson balances brackets where one
  // is there.
  char& behind = line.data()[line.size()];
  const char kept = std::exchange(behind, '\0');
  JsonFault fault = line.size() <= kShortLineBytes ? ParseShort(line, fields)
                                                   : ParseLong(line, fields);
  behind = kept;
  return fault;
}

JsonFault JsonFieldParser::ParseShort(std::span<char> line,
                                      JsonFields* fields) {
  const std::string_view view(line.data(), line.size());
  if (state_->wants.any_pointer) return state_->TakePointers(view, fields);
  const bool wide = state_->wants.any_wide;
  JsonFault fault = state_->TakeKeys(view, wide, fields);
  if (fault.reason == kMissingText && !wide &&
      view.find('\\') != std::string_view::npos) {
    *fields = {};
    return state_->TakeKeys(view, true, fields);  // a key may be escaped
  }
  return fault;
}

JsonFault JsonFieldParser::ParseLong(std::span<char> line, JsonFields* fields) {
  FieldHandler handler(state_->wants, fields);
  rapidjson::Reader reader;
  rapidjson::InsituStringStream stream(line.data());
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag |
                              rapidjson::kParseIterativeFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (!result) {
    switch (result.Code()) {
      case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
        return {"lone_surrogate", "a lone surrogate in a string"};
      case rapidjson::kParseErrorStringInvalidEncoding:
        return {"bad_utf8", "not UTF-8"};
      default:
        return {"bad_json",
                fmt::format("no JSON object: {}",
                            rapidjson::GetParseError_En(result.Code()))};
    }
  }
  if (stream.Tell() < line.size()) {
    return {"bad_json", "no JSON object: a zero byte in it"};
  }
  if (!handler.found()) return state_->MissingText();
  if (!handler.has_text()) return state_->BadText();
  // RapidJSON lets lone low surrogates through as ill-formed UTF-8.
  if (!simdjson::validate_utf8(fields->text.data(), fields->text.size())) {
    return {"lone_surrogate", "a lone surrogate in a string"};
  }
  return {};
}

}  // namespace peaktext
