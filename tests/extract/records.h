// Records for tests without a reader: a WARC record from its parts, and a small
// reader of the shared samples.
#pragma once

#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "extract/http_message.h"
#include "read/record_reader.h"

namespace peaktext {

// Owns what a Record only views.
struct OwnedRecord {
  std::string type, header, uri, media_type, language, date, id, truncated,
      body;
  Record View() {
    Record record;
    record.type = type;
    record.header = header;
    record.uri = uri;
    record.media_type = media_type;
    record.language = language;
    record.date = date;
    record.id = id;
    record.truncated = truncated;
    record.body = body;
    record.stored_bytes = body.size();
    return record;
  }
};

inline OwnedRecord Response(std::string body) {
  OwnedRecord record;
  record.type = "response";
  record.uri = "http://example.org/";
  record.media_type = "application/http; msgtype=response";
  record.body = std::move(body);
  return record;
}

// The folder of real samples, empty when this machine has none.
inline std::filesystem::path SharedFolder() {
  const char* named = std::getenv("PEAKTEXT_SHARED");
  std::filesystem::path folder =
      named != nullptr
          ? std::filesystem::path(named)
          : std::filesystem::path(PEAKTEXT_SOURCE_DIR) / "../shared";
  return std::filesystem::exists(folder / "samples") ? folder
                                                     : std::filesystem::path();
}

inline std::string Gunzip(const std::filesystem::path& path) {
  std::string all;
  gzFile file = gzopen(path.c_str(), "rb");
  char buffer[1 << 16];
  int count = 0;
  while ((count = gzread(file, buffer, sizeof buffer)) > 0) {
    all.append(buffer, static_cast<size_t>(count));
  }
  gzclose(file);
  return all;
}

// The records of a well-formed WARC file.
inline std::vector<OwnedRecord> ReadWarc(const std::string& bytes) {
  std::vector<OwnedRecord> records;
  size_t at = 0;
  while ((at = bytes.find("WARC/1.", at)) != std::string::npos) {
    const size_t head_end = bytes.find("\r\n\r\n", at);
    if (head_end == std::string::npos) break;
    OwnedRecord record;
    record.header = bytes.substr(at, head_end + 2 - at);
    const auto field = [&](std::string_view name) {
      return std::string(FieldValue(record.header, name));
    };
    const size_t length = std::stoul(field("Content-Length"));
    record.type = field("WARC-Type");
    record.uri = field("WARC-Target-URI");
    record.media_type = field("Content-Type");
    record.language = field("WARC-Identified-Content-Language");
    record.date = field("WARC-Date");
    record.id = field("WARC-Record-ID");
    record.truncated = field("WARC-Truncated");
    record.body = bytes.substr(head_end + 4, length);
    at = head_end + 4 + length;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace peaktext
