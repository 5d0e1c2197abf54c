// Records on their way to a worker and documents on their way back: owned
// copies that are moved between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "pipelines/document_worker.h"
#include "read/record_reader.h"

namespace peaktext {

// A record with memory of its own. A vector, not a string: its bytes stay where
// they are when it is moved.
class OwnedRecord {
 public:
  explicit OwnedRecord(const Record& record);
  Record& record() { return record_; }
  size_t size_bytes() const { return bytes_.size(); }

 private:
  std::vector<char> bytes_;
  Record record_;
};

class OwnedDocument {
 public:
  OwnedDocument(const ScannedDocument& document, bool keep_text);
  // Views live until the document is moved or destroyed.
  ScannedDocument View() const;

 private:
  std::vector<char> bytes_;
  std::vector<uint64_t> tokens_;
  ScannedDocument document_;
  Signature signature_;
  bool signed_ = false;
};

// Records of one input that follow each other.
struct Batch {
  // A batch goes to its worker at so many records or bytes.
  static constexpr size_t kRecords = 256;
  static constexpr size_t kBytes = 1 << 20;

  uint64_t number = 0;  // from 0, in reading order
  std::vector<OwnedRecord> records;
  size_t bytes = 0;
  std::vector<OwnedDocument> documents;  // what became of the records

  bool full() const { return records.size() >= kRecords || bytes >= kBytes; }
  void Add(const Record& record) {
    records.emplace_back(record);
    bytes += records.back().size_bytes();
  }
  void Process(std::string_view input, DocumentWorker& worker, bool keep_text);
};

}  // namespace peaktext
