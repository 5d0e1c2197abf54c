// count: tokens, documents and bytes of inputs, nothing written. Plain text is
// counted as it streams by, however long it is.
//
//   Result<CountReport> report = Count({"a.warc.gz", "-"}, options);
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "inventory/document_table.h"
#include "inventory/inventory.h"
#include "pipelines/options.h"

namespace peaktext {

struct CountOptions {
  std::vector<std::string> vocabularies = {"o200k_base"};
  bool added_tokens = false;  // as Hugging Face's tokenizers split them out
  SourceOptions source;
  ReadOptions read;
  ExtractOptions extract;
  unsigned threads = 1;
  uint64_t memory_bytes = 2ULL << 30;
  std::stop_token stop;
  FlowEvents events;
  // Called for every document, in order of the inputs and in each input's
  // order, from one thread at a time, where it is given.
  std::function<Status(const DocumentRow& row, std::string_view input)>
      on_document;
};

struct CountReport {
  struct Input {
    std::string input;
    Tally tally;
    DropCounts dropped;
  };
  std::vector<Input> inputs;  // those that could be read, in order
  Tally total;
  DropCounts dropped;
  std::vector<FailedInput> failed;
};

// Fails where a vocabulary is missing, on_document fails, or when stopped; what
// cannot be read is told, listed, and passed over.
Result<CountReport> Count(std::span<const std::string> arguments,
                          const CountOptions& options);

}  // namespace peaktext
