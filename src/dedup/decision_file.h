// What became of each document of a run: the answer of `dedup`, read by the
// inventory, by export and by explain. Fixed rows, so that a document's fate is
// found by its number. The bytes are drawn at the top of decision_file.cc.
//
//   Result<DecisionReader> reader = DecisionReader::Open(path);
//   Decision decision;
//   while (reader->Next(&decision)) ...;
//   if (!reader->status().ok()) return reader->status();
//
// Not thread-safe: one reader per thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "base/status.h"
#include "dedup/dedup.h"

namespace peaktext {

class DecisionWriter {
 public:
  static Result<DecisionWriter> Create(std::string path, uint64_t documents);

  Status Append(const Decision& decision);
  // The file appears. Fails unless `documents` decisions were appended.
  Status Commit();

 private:
  DecisionWriter(AtomicFile file, uint64_t documents);
  Status FlushBlock();

  AtomicFile file_;
  uint64_t documents_;
  uint64_t appended_ = 0;
  std::vector<char> block_;
};

class DecisionReader {
 public:
  // Checks the header and the file's size; blocks are checked as they are read.
  static Result<DecisionReader> Open(const std::string& path);

  uint64_t rows() const { return rows_; }

  // The next decision in order of document numbers. False at the end or on
  // failure; then ask status().
  bool Next(Decision* decision);

  // The decision about document `number`; does not move Next().
  // REQUIRES: number < rows().
  Status Read(uint64_t number, Decision* decision);

  const Status& status() const { return status_; }  // sticky

 private:
  DecisionReader(InputFile file, uint64_t rows)
      : file_(std::move(file)), rows_(rows) {}
  Status LoadBlock(uint64_t block);

  InputFile file_;
  uint64_t rows_ = 0;
  uint64_t next_ = 0;
  uint64_t loaded_block_ = UINT64_MAX;
  std::vector<char> block_;
  Status status_;
  // Invariants: block_ holds the checked rows of loaded_block_, if there is
  // one.
};

}  // namespace peaktext
