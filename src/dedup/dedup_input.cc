#include "dedup/dedup_input.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

#include "base/hash.h"
#include "dedup/decision_file.h"

namespace peaktext {

Status DedupInput::AddShard(const DedupShard& shard, bool old) {
  Result<SignatureReader> reader = SignatureReader::Open(shard.signature_path);
  if (!reader) return reader.error();
  if (!has_signature_) {
    signature_ = reader->options();
    has_signature_ = true;
  } else if (!signature_.Compatible(reader->options())) {
    return {StatusCode::kInvalidArgument,
            fmt::format("{}: made with other signature options than {}",
                        shard.signature_path, shards_.front().signature_path)};
  }
  const uint64_t number = documents_ + old_documents_;
  shards_.push_back(
      {shard.signature_path, shard.text_path, number, reader->rows(), old});
  (old ? old_documents_ : documents_) += reader->rows();
  has_texts_ = has_texts_ && !shard.text_path.empty();
  struct stat info = {};
  if (::stat(shard.signature_path.c_str(), &info) != 0) {
    return SystemError(errno, "stat " + shard.signature_path);
  }
  file_states_.push_back(fmt::format(
      "{}:{}.{:09}", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec));
  return {};
}

Status DedupInput::ReadOldDecisions(const std::string& path, uint64_t rows) {
  Result<DecisionReader> reader = DecisionReader::Open(path);
  if (!reader) return reader.error();
  if (reader->rows() != rows) {
    return {StatusCode::kInvalidArgument,
            fmt::format("{}: decides about {} documents, its shards hold {}",
                        path, reader->rows(), rows)};
  }
  Decision decision;
  while (reader->Next(&decision)) {
    old_kept_.push_back(decision.verified == Evidence::kKept);
  }
  return reader->status();
}

Result<DedupInput> DedupInput::Open(const std::vector<DedupShard>& shards,
                                    const DedupOptions& options) {
  DedupInput input;
  input.signature_ = options.signature;
  for (const DedupShard& shard : shards) {
    if (Status s = input.AddShard(shard, false); !s.ok()) return Fail(s);
  }
  for (const DedupIndex& index : options.against) {
    const uint64_t before = input.old_documents_;
    for (const DedupShard& shard : index.shards) {
      if (Status s = input.AddShard(shard, true); !s.ok()) return Fail(s);
    }
    if (Status s = input.ReadOldDecisions(index.decisions_path,
                                          input.old_documents_ - before);
        !s.ok()) {
      return Fail(s);
    }
  }
  return input;
}

const DedupInput::Shard& DedupInput::ShardOf(uint64_t number) const {
  assert(number < documents_ + old_documents_);
  auto after = std::upper_bound(
      shards_.begin(), shards_.end(), number,
      [](uint64_t n, const Shard& shard) { return n < shard.first_number; });
  return *(after - 1);
}

uint64_t DedupInput::Fingerprint(const DedupOptions& options) const {
  // The version of the intermediate files and of the algorithm's constants.
  std::string words = "dedup 3\n";
  words += fmt::format(
      "{} {} {} {} {} {} {} {} {}\n", options.threshold,
      static_cast<int>(options.keep), static_cast<int>(options.grouping),
      static_cast<int>(options.verify), signature_.bands, signature_.rows,
      signature_.shingle_words, signature_.seed, has_texts_);
  for (size_t i = 0; i < shards_.size(); ++i) {
    words += fmt::format("{} {} {} {}\n", shards_[i].signature_path,
                         shards_[i].rows, file_states_[i], shards_[i].old);
  }
  uint64_t hash = HashBytes64(words);
  for (uint64_t i = 0; i < old_kept_.size(); ++i) {
    if (old_kept_[i]) hash = Mix64(hash + i);
  }
  return hash;
}

uint64_t OrderKey(Keep keep, uint64_t text_bytes, int64_t date_seconds,
                  int64_t priority) {
  // Signed numbers in the order of unsigned ones.
  constexpr uint64_t kSign = 1ULL << 63;
  uint64_t key = 1;
  switch (keep) {
    case Keep::kFirst:
      break;
    case Keep::kLongest:
      key = ~text_bytes;
      break;
    case Keep::kNewest:
      key = date_seconds == 0 ? ~0ULL
                              : ~(static_cast<uint64_t>(date_seconds) ^ kSign);
      break;
    case Keep::kOldest:
      key = date_seconds == 0 ? ~0ULL
                              : static_cast<uint64_t>(date_seconds) ^ kSign;
      break;
    case Keep::kPriority:
      key = ~(static_cast<uint64_t>(priority) ^ kSign);
      break;
  }
  return std::max<uint64_t>(key, 1);
}

}  // namespace peaktext
