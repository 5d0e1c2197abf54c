#include "dedup/text_compare.h"

#include <algorithm>
#include <unordered_map>

#include "dedup/parallel.h"
#include "extract/text_store.h"
#include "sketch/signature.h"

namespace peaktext {

// One thread's readers, and the shingles of the documents it saw last.
class TextComparer::Worker {
 public:
  Worker(const DedupInput& input, const Columns& columns, uint64_t memory_bytes)
      : input_(input),
        numbers_(columns),
        signer_(input.signature()),
        memory_bytes_(memory_bytes) {}

  Status Compare(Edge* edge) {
    const Shingles* later = nullptr;
    const Shingles* earlier = nullptr;
    if (held_bytes_ > memory_bytes_) {
      held_.clear();
      held_bytes_ = 0;
    }
    if (Status s = Get(edge->pair.earlier, &earlier); !s.ok()) return s;
    if (Status s = Get(edge->pair.later, &later); !s.ok()) return s;
    edge->text =
        later->too_large || earlier->too_large
            ? kTextTooLarge
            : static_cast<float>(ExactJaccard(later->hashes, earlier->hashes));
    return {};
  }

 private:
  static constexpr size_t kMaxReaders = 4;
  struct Shingles {
    std::vector<uint64_t> hashes;
    bool too_large = false;
  };

  // References to elements of an unordered_map stay good while others come.
  Status Get(uint64_t row, const Shingles** found) {
    auto [at, is_new] = held_.try_emplace(row);
    *found = &at->second;
    if (!is_new) return {};
    if (Status s = Read(row, &at->second); !s.ok()) return s;
    held_bytes_ += 64 + at->second.hashes.capacity() * sizeof(uint64_t);
    return {};
  }

  Status Read(uint64_t row, Shingles* shingles) {
    const uint64_t number = numbers_.Get(row);
    if (!numbers_.status().ok()) return numbers_.status();
    const DedupInput::Shard& shard = input_.ShardOf(number);
    TextStoreReader* reader = nullptr;
    if (Status s = ReaderOf(shard, &reader); !s.ok()) return s;
    text_.clear();
    if (Status s = reader->ReadPieces(number - shard.first_number,
                                      [&](std::string_view piece) {
                                        text_ += piece;
                                        return text_.size() <=
                                               kMaxComparedBytes;
                                      });
        !s.ok()) {
      return s;
    }
    shingles->too_large = text_.size() > kMaxComparedBytes;
    if (!shingles->too_large) signer_.Shingles(text_, &shingles->hashes);
    shingles->hashes.shrink_to_fit();
    return {};
  }

  Status ReaderOf(const DedupInput::Shard& shard, TextStoreReader** reader) {
    for (size_t i = 0; i < readers_.size(); ++i) {
      if (readers_[i].shard != &shard) continue;
      std::rotate(readers_.begin(), readers_.begin() + static_cast<long>(i),
                  readers_.begin() + static_cast<long>(i) + 1);
      *reader = &readers_.front().reader;
      return {};
    }
    Result<TextStoreReader> opened = TextStoreReader::Open(shard.text_path);
    if (!opened) return opened.error();
    if (opened->rows() != shard.rows) {
      return {StatusCode::kCorrupt, shard.text_path +
                                        ": not of the same shard as " +
                                        shard.signature_path};
    }
    if (readers_.size() >= kMaxReaders) readers_.pop_back();
    readers_.insert(readers_.begin(), OpenReader{&shard, std::move(*opened)});
    *reader = &readers_.front().reader;
    return {};
  }

  struct OpenReader {
    const DedupInput::Shard* shard;
    TextStoreReader reader;
  };

  const DedupInput& input_;
  NumberCursor numbers_;
  Signer signer_;
  const uint64_t memory_bytes_;
  std::vector<OpenReader> readers_;  // used last first
  std::unordered_map<uint64_t, Shingles> held_;
  uint64_t held_bytes_ = 0;
  std::string text_;
};

TextComparer::TextComparer(const DedupInput& input, const Columns& columns,
                           uint64_t memory_bytes, unsigned threads) {
  for (unsigned i = 0; i < std::max(1U, threads); ++i) {
    workers_.push_back(std::make_unique<Worker>(
        input, columns, memory_bytes / std::max(1U, threads)));
  }
}

TextComparer::~TextComparer() = default;

Status TextComparer::Compare(std::vector<Edge>* edges,
                             const std::stop_token& stop) {
  std::vector<Edge*> wanted;
  for (Edge& edge : *edges) {
    if (edge.wanted) wanted.push_back(&edge);
  }
  constexpr size_t kPiece = 64;  // edges: neighbours share a document
  if (Status s = RunParallel(
          static_cast<unsigned>(workers_.size()),
          (wanted.size() + kPiece - 1) / kPiece, stop,
          [&](size_t piece, unsigned thread) -> Status {
            const size_t end = std::min(wanted.size(), (piece + 1) * kPiece);
            for (size_t i = piece * kPiece; i < end; ++i) {
              if (Status failed = workers_[thread]->Compare(wanted[i]);
                  !failed.ok()) {
                return failed;
              }
              wanted[i]->wanted = false;
            }
            return {};
          });
      !s.ok()) {
    return s;
  }
  compared_ += wanted.size();
  return {};
}

}  // namespace peaktext
