// Little-endian:
//
//   0    8  "PTXLEARN"
//   8    8  version, kVersion
//   16  48  of each table: its bytes, its checksum
//   64  64  SHA-256 of the vocabulary's file, hex
//   128     the tables
//
// A checksum is XXH3-64 of the parts, each seeded with that of those before it.
#include "tokenize/learned_pretokens.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/atomic_file.h"
#include "base/hash.h"

namespace peaktext {
namespace {

// To be raised with every change of the tables (pretoken_table.h), and of what
// a pretoken counts.
constexpr uint64_t kVersion = 2;
constexpr uint64_t kMaxTableBytes = 64 << 20;
constexpr char kMagic[8] = {'P', 'T', 'X', 'L', 'E', 'A', 'R', 'N'};

struct Header {
  char magic[8];
  uint64_t version;
  struct {
    uint64_t bytes;
    uint64_t checksum;
  } tables[LearnedPretokens::kTables];
  char sha256[64];
};
static_assert(sizeof(Header) == 128);

bool IsTableSize(uint64_t bytes) {
  return std::has_single_bit(bytes) && bytes <= kMaxTableBytes &&
         bytes >= LearnedPretokens::kPartBytes;
}

bool Fits(const Header& header, std::string_view sha256, uint64_t file_bytes) {
  uint64_t bytes = sizeof(header);
  for (const auto& table : header.tables) {
    if (!IsTableSize(table.bytes)) return false;
    bytes += table.bytes;
  }
  return std::memcmp(header.magic, kMagic, sizeof(kMagic)) == 0 &&
         header.version == kVersion && bytes == file_bytes &&
         std::string_view(header.sha256, sizeof(header.sha256)) == sha256;
}

}  // namespace

LearnedPretokens::Identity LearnedPretokens::IdentityOf(
    const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, found.st_mtim};
}

LearnedPretokens::LearnedPretokens(std::string_view vocabulary_path,
                                   std::string_view sha256)
    : path_(fmt::format("{}.pretokens", vocabulary_path)),
      sha256_(sha256),
      identity_(IdentityOf(path_)) {
  Result<InputFile> file = InputFile::Open(path_);
  Header header;
  if (!file || file->size_bytes() < sizeof(header) ||
      !file->ReadAt(0, &header, sizeof(header)).ok() ||
      !Fits(header, sha256_, file->size_bytes())) {
    return;
  }
  for (size_t i = 0; i < kTables; ++i) {
    bytes_[i] = header.tables[i].bytes;
    checksums_[i] = header.tables[i].checksum;
  }
  file_ = std::move(*file);
}

LearnedPretokens::Reader::Reader(const LearnedPretokens& learned, size_t table)
    : learned_(learned), table_(table), offset_(sizeof(Header)) {
  for (size_t i = 0; i < table; ++i) offset_ += learned.bytes_[i];
}

bool LearnedPretokens::Reader::Read(std::span<char, kPartBytes> part) {
  if (!learned_.file_->ReadAt(offset_, part.data(), part.size()).ok()) {
    return false;
  }
  offset_ += part.size();
  hash_ = HashBytes64({part.data(), part.size()}, hash_);
  return true;
}

Status LearnedPretokens::Replace(
    std::span<const std::string_view, kTables> tables) const {
  if (!(IdentityOf(path_) == identity_)) {
    return {StatusCode::kUnavailable,
            fmt::format("{}: replaced by another process", path_)};
  }
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kVersion;
  std::memcpy(header.sha256, sha256_.data(),
              std::min(sizeof(header.sha256), sha256_.size()));
  for (size_t i = 0; i < kTables; ++i) {
    header.tables[i].bytes = tables[i].size();
    for (size_t at = 0; at < tables[i].size(); at += kPartBytes) {
      header.tables[i].checksum = HashBytes64(tables[i].substr(at, kPartBytes),
                                              header.tables[i].checksum);
    }
  }
  RemoveOldLeftovers(path_.substr(0, path_.rfind('.')));
  Result<AtomicFile> file = AtomicFile::Create(path_);
  if (!file) return file.error();
  Status status =
      file->Write({reinterpret_cast<const char*>(&header), sizeof(header)});
  for (const std::string_view table : tables) {
    if (status.ok()) status = file->Write(table);
  }
  return status.ok() ? file->Commit() : status;
}

}  // namespace peaktext
