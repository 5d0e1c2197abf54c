// The fields that we want of one JSON object: simdjson for lines of ordinary
// length; RapidJSON in place for huge ones, because simdjson needs four to five
// times a line's size beside it.
//
//   JsonFieldParser parser(options);
//   JsonFields fields;
//   JsonFault fault = parser.Parse(line, &fields);
//   if (fault.reason != nullptr) Drop(fault);
//
// Not thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "read/record_reader.h"

namespace peaktext {

// Views live until the next Parse() or as long as the line.
struct JsonFields {
  std::span<char> text;
  std::string_view id, url, language, date, priority;
};

struct JsonFault {
  const char* reason = nullptr;  // nullptr: none
  std::string message;
};

class JsonFieldParser {
 public:
  explicit JsonFieldParser(const ReadOptions& options);
  ~JsonFieldParser();

  // Of equal keys the last one counts, as in Python's json. May change the
  // line in place. REQUIRES: DecodedWindow::kSlackBytes readable bytes after
  // the line, the first of which is ours to change.
  JsonFault Parse(std::span<char> line, JsonFields* fields);

 private:
  struct State;
  JsonFault ParseShort(std::span<char> line, JsonFields* fields);
  JsonFault ParseLong(std::span<char> line, JsonFields* fields);
  std::unique_ptr<State> state_;
};

}  // namespace peaktext
