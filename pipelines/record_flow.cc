#include "pipelines/record_flow.h"

#include <fmt/core.h>

#include <exception>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/bounded_queue.h"
#include "pipelines/batch.h"
#include "pipelines/ordered_output.h"

namespace peaktext {
namespace {

// A record with a larger body is not copied into a batch.
constexpr size_t kLargeRecord = 8 << 20;

Status Cancelled(std::string_view input) {
  return {StatusCode::kCancelled, fmt::format("{}: interrupted", input)};
}

// Tells how far the reader has come, in steps worth telling.
class Meter {
 public:
  explicit Meter(const std::function<void(uint64_t)>& tell) : tell_(tell) {}
  void Reach(uint64_t offset) {
    if (!tell_ || offset < told_ + (64 << 10)) return;
    tell_(offset - told_);
    told_ = offset;
  }
  void Finish(uint64_t size) {
    if (tell_ && size > told_) tell_(size - told_);
  }

 private:
  const std::function<void(uint64_t)>& tell_;
  uint64_t told_ = 0;
};

// Plain text in pieces where nobody wants pieces: dropped, counted as one.
void DropPiece(const Record& record, DropCounts* dropped) {
  dropped->Add("too_large", record.body.size(), record.more ? 0 : 1);
}

// The threads of one RunBatches() and what they share.
class BatchRun {
 public:
  BatchRun(std::string_view name, const FlowOptions& options,
           std::span<DocumentWorker> workers, const DocumentSink& sink)
      : name_(name),
        options_(options),
        worker_(workers.front()),
        sink_(sink),
        output_(4 * workers.size()),
        queue_(2 * workers.size()) {
    for (DocumentWorker& worker : workers) {
      threads_.emplace_back([this, &worker] {
        Guarded([&] {
          while (std::optional<Batch> batch = queue_.Pop()) {
            batch->Process(name_, worker, options_.keep_text);
            output_.Put(std::move(*batch));
          }
        });
      });
    }
    writer_ = std::jthread([this] { Guarded([&] { output_.Drain(sink_); }); });
  }
  // Also ends the threads when reading failed by an exception.
  ~BatchRun() { Join(); }

  Status Read(RecordReader& reader, DropCounts* dropped) {
    Meter meter(options_.on_bytes);
    Record record;
    bool going = true;
    while (going && reader.Next(&record)) {
      if (options_.stop.stop_requested()) output_.Fail(Cancelled(name_));
      meter.Reach(record.offset);
      const bool piece = record.more || record.continued;
      if (piece && !options_.stream_text) {
        DropPiece(record, dropped);
      } else if (piece || record.body.size() > kLargeRecord) {
        going = ProcessHere(record, piece);
      } else {
        batch_.Add(record);
        if (batch_.full()) going = Send();
      }
    }
    if (going) Send();
    meter.Finish(reader.stats().stored_bytes);
    Join();
    return output_.status();
  }

 private:
  // Runs in a thread: an exception there must end the flow, not the program.
  template <class Function>
  void Guarded(const Function& function) {
    try {
      function();
    } catch (const std::exception& error) {
      output_.Fail(
          {StatusCode::kIo, fmt::format("{}: {}", name_, error.what())});
      queue_.Close();  // the reading thread may wait to push
    }
  }

  // Passes on what has been gathered. False after a failure.
  bool Send() {
    if (batch_.records.empty()) return true;
    batch_.number = next_number_++;
    if (!output_.Enter(batch_.number)) return false;
    return queue_.Push(std::exchange(batch_, {}));
  }

  // Works on a large record in the reading thread, after all before it: nothing
  // is copied, and nothing else is held meanwhile. The first worker is free
  // then, as all are.
  bool ProcessHere(Record& record, bool piece) {
    if (!Send() || !output_.WaitFor(next_number_)) return false;
    Status status = piece ? worker_.ProcessPiece(name_, record, sink_)
                          : worker_.Process(name_, record, sink_);
    if (status.ok()) status = worker_.Flush(sink_);
    const bool ok = status.ok();
    if (!ok) output_.Fail(std::move(status));
    return ok;
  }

  void Join() {
    queue_.Close();
    threads_.clear();  // joins: every batch has been put
    output_.Close();
    if (writer_.joinable()) writer_.join();
  }

  const std::string_view name_;
  const FlowOptions& options_;
  DocumentWorker& worker_;
  const DocumentSink& sink_;
  OrderedOutput output_;
  BoundedQueue<Batch> queue_;
  Batch batch_;
  uint64_t next_number_ = 0;
  std::vector<std::jthread> threads_;
  std::jthread writer_;
};

}  // namespace

Result<FlowStats> RecordFlow::Run(const std::string& input,
                                  std::string_view name,
                                  const DocumentSink& sink) {
  Result<std::unique_ptr<ByteSource>> source =
      OpenSource(input, options_.source);
  if (!source) return Fail(source.error());
  Result<std::unique_ptr<RecordReader>> reader =
      OpenRecordReader(std::move(*source), options_.read);
  if (!reader) return Fail(reader.error());
  FlowStats stats;
  Status status = workers_.size() == 1
                      ? RunInline(name, **reader, sink, &stats.dropped)
                      : RunBatches(name, **reader, sink, &stats.dropped);
  for (DocumentWorker& worker : workers_) {
    stats.dropped.Merge(worker.TakeDropped());
  }
  if (status.ok()) status = (*reader)->status();
  if (!status.ok()) return Fail(std::move(status));
  const ReadStats& read = (*reader)->stats();
  stats.dropped.Merge(read.dropped);
  stats.read = {.records = read.records,
                .stored_bytes = read.stored_bytes,
                .used_bytes = read.used_bytes,
                .padding_bytes = read.padding_bytes};
  return stats;
}

Status RecordFlow::RunInline(std::string_view name, RecordReader& reader,
                             const DocumentSink& sink, DropCounts* dropped) {
  DocumentWorker& worker = workers_.front();
  Meter meter(options_.on_bytes);
  Record record;
  while (reader.Next(&record)) {
    if (options_.stop.stop_requested()) return Cancelled(name);
    meter.Reach(record.offset);
    const bool piece = record.more || record.continued;
    if (piece && !options_.stream_text) {
      DropPiece(record, dropped);
      continue;
    }
    Status status = piece ? worker.ProcessPiece(name, record, sink)
                          : worker.Process(name, record, sink);
    if (!status.ok()) return status;
  }
  if (Status status = worker.Flush(sink); !status.ok()) return status;
  meter.Finish(reader.stats().stored_bytes);
  return {};
}

Status RecordFlow::RunBatches(std::string_view name, RecordReader& reader,
                              const DocumentSink& sink, DropCounts* dropped) {
  BatchRun run(name, options_, workers_, sink);
  return run.Read(reader, dropped);
}

}  // namespace peaktext
