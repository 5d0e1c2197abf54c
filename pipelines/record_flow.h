// One input through the way of the data: its records are read, made documents,
// counted and signed by one or several workers, and handed on in record order.
// What comes out does not depend on the number of workers.
//
//   RecordFlow flow(options, workers);
//   Result<FlowStats> stats = flow.Run(input, name, sink);
//
// With one worker everything happens in the calling thread and nothing is
// copied. With more, the calling thread reads, batches of records are copied
// and moved to the workers, and a thread of its own hands the results on in
// order. A record too large for a batch is worked on where it lies, by the
// reading thread.
//
// Not thread-safe: one flow, with workers of its own, per input at a time.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "base/counters.h"
#include "base/status.h"
#include "inventory/inventory.h"
#include "pipelines/document_worker.h"
#include "read/byte_source.h"
#include "read/record_reader.h"

namespace peaktext {

struct FlowOptions {
  SourceOptions source;
  ReadOptions read;
  // Plain text over read.piece_bytes is counted in pieces and gives a document
  // without text; else it is dropped as too_large.
  bool stream_text = false;
  // Whether the sink needs ScannedDocument::text.
  bool keep_text = true;
  std::stop_token stop;
  // More stored bytes have been read. Called by the reading thread.
  std::function<void(uint64_t bytes)> on_bytes;
};

struct FlowStats {
  ReadTotals read;
  DropCounts dropped;  // by the reader and by the extractors
};

class RecordFlow {
 public:
  // REQUIRES: at least one worker.
  RecordFlow(FlowOptions options, std::span<DocumentWorker> workers)
      : options_(std::move(options)), workers_(workers) {}

  // `name` stands for the input in ids and messages: valid UTF-8.
  // Fails where the input cannot be opened or read to its end (then what the
  // sink got is incomplete), where the sink fails, and when stopped
  // (kCancelled).
  Result<FlowStats> Run(const std::string& input, std::string_view name,
                        const DocumentSink& sink);

 private:
  Status RunInline(std::string_view name, RecordReader& reader,
                   const DocumentSink& sink, DropCounts* dropped);
  Status RunBatches(std::string_view name, RecordReader& reader,
                    const DocumentSink& sink, DropCounts* dropped);

  FlowOptions options_;
  std::span<DocumentWorker> workers_;
};

}  // namespace peaktext
