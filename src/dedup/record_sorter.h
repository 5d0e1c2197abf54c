// Sorts any number of small records within a given memory: sorted runs go to
// files, which are merged as they are read.
//
//   RecordSorter<Record> sorter(work_folder, "exact", memory_bytes);
//   sorter.Add(record); ...
//   if (Status s = sorter.Finish(); !s.ok()) return s;
//   while (sorter.Next(&record)) ...;      // in order
//   if (!sorter.status().ok()) return sorter.status();
//
// Record is trivially copyable and ordered by `operator<`, first of all by its
// SortKey(), a uint64_t; records that are equal should be equal in all bytes,
// or their order is not defined. The run files are removed with the sorter. Not
// thread-safe.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/huge_array.h"
#include "base/status.h"
#include "dedup/radix_sort.h"
#include "dedup/sink_top.h"
#include "dedup/spill_file.h"

namespace peaktext {

template <class Record>
class RecordSorter {
  static_assert(std::is_trivially_copyable_v<Record>);

 public:
  RecordSorter(const std::string& folder, const std::string& name,
               uint64_t memory_bytes)
      : prefix_(folder + "/dedup-sort-" + name + "-"),
        capacity_(std::max<uint64_t>(1024, memory_bytes / sizeof(Record))) {}
  ~RecordSorter() {
    for (const std::string& path : run_paths_) Remove(path);
  }
  RecordSorter(RecordSorter&&) = delete;

  void Add(const Record& record) {
    if (held_ >= capacity_) Spill();
    // Memory comes as it is touched: no growing, no copies.
    if (records_.size() == 0) records_.Allocate(capacity_);
    records_[held_++] = record;
    ++size_;
  }
  uint64_t size() const { return size_; }
  // Of the run files, as of now.
  uint64_t disk_bytes() const { return disk_bytes_; }
  const Status& status() const { return status_; }

  // REQUIRES: no Add() after it; called once.
  Status Finish() {
    if (run_paths_.empty()) {
      RadixSort(Held());
      return status_;
    }
    if (held_ > 0) Spill();
    records_ = {};
    if (status_.ok()) status_ = OpenRuns();
    return status_;
  }

  // The next record in order. False at the end or on failure; ask status().
  // REQUIRES: Finish().
  bool Next(Record* record) {
    if (run_paths_.empty()) {
      if (next_ >= held_) return false;
      *record = records_[next_++];
      return true;
    }
    if (heap_.empty() || !status_.ok()) return false;
    *record = heap_.front().record;
    Run& run = runs_[heap_.front().run];
    if (!run.reader.Read(&heap_.front().record, sizeof(Record))) {
      status_ = run.reader.status();
      if (!status_.ok()) return false;
      heap_.front() = heap_.back();
      heap_.pop_back();
    }
    SinkTop(heap_, Later);
    return true;
  }

 private:
  static constexpr size_t kMaxRuns = 64;
  struct Run {
    SpillReader reader;
  };
  struct Head {
    Record record;
    size_t run;
  };
  static bool Later(const Head& a, const Head& b) {
    if (b.record < a.record) return true;
    if (a.record < b.record) return false;
    return b.run < a.run;
  }
  static void Remove(const std::string& path) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }

  std::span<Record> Held() { return {records_.data(), held_}; }

  void Spill() {
    if (!status_.ok()) {
      held_ = 0;
      return;
    }
    RadixSort(Held());
    status_ = WriteRun([this, at = size_t{0}](Record* record) mutable {
      if (at >= held_) return false;
      *record = records_[at++];
      return true;
    });
    held_ = 0;
    if (status_.ok() && run_paths_.size() >= kMaxRuns) status_ = MergeRuns();
  }

  template <class Source>
  Status WriteRun(Source next) {
    Result<SpillWriter> writer =
        SpillWriter::Create(prefix_ + std::to_string(runs_written_++));
    if (!writer) return writer.error();
    Record record;
    while (next(&record)) writer->Append(&record, sizeof(record));
    if (Status s = writer->Commit(); !s.ok()) return s;
    disk_bytes_ += writer->size_bytes();
    run_paths_.push_back(writer->path());
    return {};
  }

  Status OpenRuns() {
    runs_.clear();
    heap_.clear();
    for (const std::string& path : run_paths_) {
      Result<SpillReader> reader = SpillReader::Open(path);
      if (!reader) return reader.error();
      runs_.push_back({std::move(*reader)});
      Head head{{}, runs_.size() - 1};
      if (runs_.back().reader.Read(&head.record, sizeof(Record))) {
        heap_.push_back(head);
      } else if (!runs_.back().reader.status().ok()) {
        return runs_.back().reader.status();
      }
    }
    std::make_heap(heap_.begin(), heap_.end(), Later);
    return {};
  }

  // All runs become one.
  Status MergeRuns() {
    if (Status s = OpenRuns(); !s.ok()) return s;
    const std::vector<std::string> merged = run_paths_;
    const uint64_t before = disk_bytes_;
    Status written = WriteRun([this](Record* record) { return Next(record); });
    if (!written.ok()) return written;
    if (!status_.ok()) return status_;
    runs_.clear();
    for (const std::string& path : merged) Remove(path);
    run_paths_.erase(run_paths_.begin(), run_paths_.end() - 1);
    disk_bytes_ -= before;
    return {};
  }

  const std::string prefix_;
  const uint64_t capacity_;
  HugeArray<Record> records_;  // the first held_ of them
  size_t held_ = 0;
  size_t next_ = 0;
  uint64_t size_ = 0;
  uint64_t runs_written_ = 0;
  uint64_t disk_bytes_ = 0;
  std::vector<std::string> run_paths_;
  std::vector<Run> runs_;
  std::vector<Head> heap_;
  Status status_;
  // Invariants: heap_ is a heap by Later; heap_[i].record came from
  // runs_[heap_[i].run] and is not handed out yet.
};

}  // namespace peaktext
