// All documents that a run of dedup looks at, as one numbered row: those of its
// shards first, then those of the runs it goes against.
//
//   Result<DedupInput> input = DedupInput::Open(shards, options);
//   input->documents()            // new ones: numbers [0, documents())
//   input->old_documents()        // numbers from documents() on
//
// Immutable once opened: any number of threads read it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "dedup/dedup.h"
#include "sketch/signature_file.h"

namespace peaktext {

class DedupInput {
 public:
  struct Shard {
    std::string signature_path;
    std::string text_path;
    uint64_t first_number = 0;
    uint64_t rows = 0;
    bool old = false;
  };

  // Opens each signature file once: kInvalidArgument when they were not made
  // with the same signature options.
  static Result<DedupInput> Open(const std::vector<DedupShard>& shards,
                                 const DedupOptions& options);

  const std::vector<Shard>& shards() const { return shards_; }  // by number
  uint64_t documents() const { return documents_; }
  uint64_t old_documents() const { return old_documents_; }
  uint32_t bands() const { return signature_.bands; }
  const SignatureOptions& signature() const { return signature_; }
  bool has_texts() const { return has_texts_; }

  // Whether an old document was kept by its run. REQUIRES: number >=
  // documents().
  bool OldKept(uint64_t number) const { return old_kept_[number - documents_]; }
  const Shard& ShardOf(uint64_t number) const;

  // Names all that the answer follows from: the inputs' names, sizes and times
  // of change, and the options that change it.
  uint64_t Fingerprint(const DedupOptions& options) const;

 private:
  Status AddShard(const DedupShard& shard, bool old);
  Status ReadOldDecisions(const std::string& path, uint64_t rows);

  std::vector<Shard> shards_;
  uint64_t documents_ = 0;
  uint64_t old_documents_ = 0;
  bool has_texts_ = true;
  bool has_signature_ = false;
  SignatureOptions signature_;
  std::vector<bool> old_kept_;
  std::vector<std::string> file_states_;  // size and time of change
};

// Where a document stands in the order of `keep`: the lower goes first, equal
// ones by number. At least 1: 0 is for old documents.
uint64_t OrderKey(Keep keep, uint64_t text_bytes, int64_t date_seconds,
                  int64_t priority);

}  // namespace peaktext
