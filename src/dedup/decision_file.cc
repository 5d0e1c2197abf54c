// The file, all numbers little-endian:
//
//   header, 32 bytes
//     8  "PTXDECI1"
//     8  rows
//     8  0
//     8  XXH3-64 of the 24 bytes before
//   blocks of 4096 rows, the last one with what is left
//     16 x rows
//     8  XXH3-64 of the rows, seeded with the block's index
//
//   a row, 16 bytes
//     8  survivor: its own number when kept
//     4  similarity, IEEE 754 single
//     1  evidence: 0 kept, 1 exact, 2 sketch, 3 text, 4 bands
//     1  flags: 1 exact copy, 2 too short
//     2  0
//
// Document d stands at 32 + (d / 4096) * (65536 + 8) + (d % 4096) * 16.
#include "dedup/decision_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

#include "base/hash.h"

namespace peaktext {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "PTXDECI1";
constexpr uint64_t kHeaderBytes = 32;
constexpr uint64_t kRowBytes = 16;
constexpr uint64_t kRowsPerBlock = 4096;
constexpr uint64_t kBlockBytes = kRowsPerBlock * kRowBytes + 8;
constexpr uint8_t kExactCopy = 1;
constexpr uint8_t kTooShort = 2;

template <class T>
void Store(char* at, T value) {
  std::memcpy(at, &value, sizeof(value));
}
template <class T>
T Load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

uint64_t FileBytes(uint64_t rows) {
  const uint64_t blocks = (rows + kRowsPerBlock - 1) / kRowsPerBlock;
  return kHeaderBytes + rows * kRowBytes + blocks * 8;
}

// False when no writer of ours can have made this row.
bool ParseRow(const char* at, Decision* decision) {
  const auto evidence = Load<uint8_t>(at + 12);
  const auto flags = Load<uint8_t>(at + 13);
  if (evidence > static_cast<uint8_t>(Evidence::kBands)) return false;
  decision->survivor = Load<uint64_t>(at);
  decision->similarity = Load<float>(at + 8);
  decision->verified = static_cast<Evidence>(evidence);
  decision->exact_copy = (flags & kExactCopy) != 0;
  decision->too_short = (flags & kTooShort) != 0;
  return std::isfinite(decision->similarity);
}

}  // namespace

std::string_view EvidenceName(Evidence evidence) {
  switch (evidence) {
    case Evidence::kKept:
      return "kept";
    case Evidence::kExact:
      return "exact";
    case Evidence::kSketch:
      return "sketch";
    case Evidence::kText:
      return "text";
    case Evidence::kBands:
      return "bands";
  }
  return "unknown";
}

Result<DecisionWriter> DecisionWriter::Create(std::string path,
                                              uint64_t documents) {
  Result<AtomicFile> file = AtomicFile::Create(std::move(path));
  if (!file) return Fail(file.error());
  char header[kHeaderBytes] = {};
  std::memcpy(header, kMagic.data(), kMagic.size());
  Store(header + 8, documents);
  Store(header + 24, HashBytes64({header, 24}));
  if (Status s = file->Write({header, kHeaderBytes}); !s.ok()) return Fail(s);
  return DecisionWriter(std::move(*file), documents);
}

DecisionWriter::DecisionWriter(AtomicFile file, uint64_t documents)
    : file_(std::move(file)), documents_(documents) {
  block_.reserve(kBlockBytes);
}

Status DecisionWriter::Append(const Decision& decision) {
  assert(appended_ < documents_);
  const size_t at = block_.size();
  block_.resize(at + kRowBytes);
  char* row = block_.data() + at;
  Store(row, decision.survivor);
  Store(row + 8, decision.similarity);
  Store(row + 12, static_cast<uint8_t>(decision.verified));
  Store(row + 13, static_cast<uint8_t>((decision.exact_copy ? kExactCopy : 0) |
                                       (decision.too_short ? kTooShort : 0)));
  Store(row + 14, uint16_t{0});
  ++appended_;
  if (appended_ % kRowsPerBlock == 0) return FlushBlock();
  return {};
}

Status DecisionWriter::FlushBlock() {
  const uint64_t index = (appended_ - 1) / kRowsPerBlock;
  const uint64_t checksum = HashBytes64({block_.data(), block_.size()}, index);
  block_.resize(block_.size() + 8);
  Store(block_.data() + block_.size() - 8, checksum);
  const Status written = file_.Write({block_.data(), block_.size()});
  block_.clear();
  return written;
}

Status DecisionWriter::Commit() {
  if (appended_ != documents_) {
    return {StatusCode::kInvalidArgument,
            fmt::format("{}: {} decisions for {} documents", file_.path(),
                        appended_, documents_)};
  }
  if (!block_.empty()) {
    if (Status s = FlushBlock(); !s.ok()) return s;
  }
  return file_.Commit();
}

Result<DecisionReader> DecisionReader::Open(const std::string& path) {
  Result<InputFile> file = InputFile::Open(path);
  if (!file) return Fail(file.error());
  char header[kHeaderBytes];
  if (Status s = file->ReadAt(0, header, kHeaderBytes); !s.ok()) return Fail(s);
  if (std::string_view(header, 8) != kMagic ||
      Load<uint64_t>(header + 24) != HashBytes64({header, 24})) {
    return Fail(StatusCode::kCorrupt,
                path + ": not a decision file of this version, at offset 0");
  }
  const auto rows = Load<uint64_t>(header + 8);
  const uint64_t size = file->size_bytes();
  if (rows > size / kRowBytes || FileBytes(rows) != size) {
    return Fail(
        StatusCode::kCorrupt,
        fmt::format("{}: {} bytes do not hold {} decisions", path, size, rows));
  }
  return DecisionReader(std::move(*file), rows);
}

Status DecisionReader::LoadBlock(uint64_t block) {
  const uint64_t rows = std::min(kRowsPerBlock, rows_ - block * kRowsPerBlock);
  const uint64_t offset = kHeaderBytes + block * kBlockBytes;
  loaded_block_ = UINT64_MAX;
  block_.resize(rows * kRowBytes + 8);
  if (Status s = file_.ReadAt(offset, block_.data(), block_.size()); !s.ok()) {
    return s;
  }
  if (Load<uint64_t>(block_.data() + rows * kRowBytes) !=
      HashBytes64({block_.data(), rows * kRowBytes}, block)) {
    return {StatusCode::kCorrupt,
            fmt::format("{}: checksum does not match, block at offset {}",
                        file_.path(), offset)};
  }
  loaded_block_ = block;
  return {};
}

Status DecisionReader::Read(uint64_t number, Decision* decision) {
  assert(number < rows_);
  const uint64_t block = number / kRowsPerBlock;
  if (loaded_block_ != block) {
    if (Status s = LoadBlock(block); !s.ok()) return s;
  }
  const char* row = block_.data() + (number % kRowsPerBlock) * kRowBytes;
  if (!ParseRow(row, decision)) {
    return {StatusCode::kCorrupt,
            fmt::format("{}: bad decision about document {}", file_.path(),
                        number)};
  }
  return {};
}

bool DecisionReader::Next(Decision* decision) {
  if (!status_.ok() || next_ >= rows_) return false;
  status_ = Read(next_, decision);
  if (!status_.ok()) return false;
  ++next_;
  return true;
}

}  // namespace peaktext
