// Documents of short texts that are counted together, which takes less time
// than one after the other.
//
//   DocumentGroup group;
//   if (!group.HasRoomFor(document.text)) s = group.Count(counter, sink);
//   group.Add(document);
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "inventory/document_table.h"
#include "sketch/signature.h"
#include "tokenize/token_counter.h"

namespace peaktext {

// A document with all that one pass finds out about it. Views live until the
// next call of who gave it.
struct ScannedDocument {
  DocumentRow row;
  std::string_view text;
  int64_t priority = 0;  // of Keep::kPriority
  // Null when nothing is signed.
  const Signature* signature = nullptr;
};

// Takes one document; a failure ends what goes on. Called in record order, from
// one thread at a time.
using DocumentSink = std::function<Status(const ScannedDocument&)>;

class DocumentGroup {
 public:
  explicit DocumentGroup(size_t vocabularies) : vocabularies_(vocabularies) {}

  // Never for long texts, which gain nothing.
  bool HasRoomFor(std::string_view text) const {
    return size_ < kDocuments &&
           text_bytes_ + text.size() <= TokenCounter::kShortBytes;
  }
  // Copies it. It has no tokens yet.
  void Add(const ScannedDocument& document);
  // Counts all and gives them to `sink`, in the order they came. None is left,
  // also where it fails.
  Status Count(TokenCounter& counter, const DocumentSink& sink);

 private:
  static constexpr size_t kDocuments = 256;
  struct Waiting {
    ScannedDocument document;
    Signature signature;
  };

  const size_t vocabularies_;
  std::vector<Waiting> waiting_;
  size_t size_ = 0;  // of them
  size_t text_bytes_ = 0;
  std::vector<char> bytes_;  // of their views
  std::vector<std::string_view> texts_;
  std::vector<uint64_t> tokens_;
};

}  // namespace peaktext
