// Bytes of a block file; numbers are little-endian, hashes XXH3-64.
//
//   offset  bytes
//        0      8  kind, padded with zeros
//        8      4  schema
//       12      4  h, bytes of the user's header
//       16      h  the user's header
//     16+h      8  hash of all before
//     24+h      …  the blocks, end to end
//        i   16×n  the index: per block  bytes (4) · tag (4) · hash (8)
//   i+16×n     40  i (8) · n (8) · hash of the index (8) · the header's hash
//   (8)
//                  · hash of these 32 bytes (8)
//
// The end is at the end of the file, so that a file that lost its tail is known
// by its last 40 bytes; the header's hash in it ties both ends together.
#include "base/block_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <utility>

#include "base/hash.h"
#include "base/little_endian.h"

namespace peaktext {
namespace {

constexpr size_t kKindBytes = 8;
constexpr size_t kFixedHeaderBytes = 16;
constexpr size_t kEntryBytes = 16;
constexpr size_t kFooterBytes = 40;
constexpr size_t kMaxHeaderBytes = 64 << 10;

}  // namespace

Result<BlockFileWriter> BlockFileWriter::Create(std::string path,
                                                std::string_view kind,
                                                uint32_t schema,
                                                std::string_view header) {
  assert(kind.size() <= kKindBytes && header.size() <= kMaxHeaderBytes);
  Result<AtomicFile> file = AtomicFile::Create(std::move(path));
  if (!file) return Fail(std::move(file.error()));
  std::string bytes(kind);
  bytes.resize(kKindBytes);
  AppendLittle(&bytes, schema);
  AppendLittle(&bytes, static_cast<uint32_t>(header.size()));
  bytes += header;
  const uint64_t checksum = HashBytes64(bytes);
  AppendLittle(&bytes, checksum);
  if (Status s = file->Write(bytes); !s.ok()) return Fail(std::move(s));
  return BlockFileWriter(std::move(*file), checksum);
}

Status BlockFileWriter::Append(std::string_view bytes, uint32_t tag) {
  assert(bytes.size() <= UINT32_MAX);
  AppendLittle(&index_, static_cast<uint32_t>(bytes.size()));
  AppendLittle(&index_, tag);
  AppendLittle(&index_, HashBytes64(bytes));
  ++blocks_;
  return file_.Write(bytes);
}

Status BlockFileWriter::Commit() {
  std::string footer;
  AppendLittle(&footer, file_.size_bytes());
  AppendLittle(&footer, blocks_);
  AppendLittle(&footer, HashBytes64(index_));
  AppendLittle(&footer, header_checksum_);
  AppendLittle(&footer, HashBytes64(footer));
  if (Status s = file_.Write(index_); !s.ok()) return s;
  if (Status s = file_.Write(footer); !s.ok()) return s;
  return file_.Commit();
}

Result<BlockFileReader> BlockFileReader::Open(std::string path,
                                              std::string_view kind,
                                              uint32_t schema,
                                              PageCache cache) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(SystemError(errno, "open " + path));
  BlockFileReader reader(std::move(path), fd, cache);
  struct stat information;
  if (::fstat(fd, &information) != 0) {
    return Fail(SystemError(errno, "stat " + reader.path_));
  }
  const auto file_bytes = static_cast<uint64_t>(information.st_size);
  reader.cache_ = WayOf(cache, file_bytes);
  if (Status s = reader.ReadHeader(kind, schema, file_bytes); !s.ok()) {
    return Fail(std::move(s));
  }
  if (Status s = reader.ReadIndex(file_bytes); !s.ok()) {
    return Fail(std::move(s));
  }
  return reader;
}

BlockFileReader::BlockFileReader(BlockFileReader&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      cache_(other.cache_),
      header_(std::move(other.header_)),
      header_checksum_(other.header_checksum_),
      blocks_offset_(other.blocks_offset_),
      entries_(std::move(other.entries_)) {}

BlockFileReader& BlockFileReader::operator=(BlockFileReader&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(cache_, other.cache_);
  std::swap(header_, other.header_);
  std::swap(header_checksum_, other.header_checksum_);
  std::swap(blocks_offset_, other.blocks_offset_);
  std::swap(entries_, other.entries_);
  return *this;
}

BlockFileReader::~BlockFileReader() {
  if (fd_ >= 0) ::close(fd_);
}

Status BlockFileReader::ReadAt(uint64_t offset, uint64_t size,
                               std::string* bytes) const {
  bytes->resize(size);
  for (size_t done = 0; done < size;) {
    const ssize_t got = peaktext::ReadAt(fd_, bytes->data() + done, size - done,
                                         offset + done, cache_);
    if (got < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, "read " + path_);
    }
    if (got == 0) {
      return {StatusCode::kCorrupt,
              fmt::format("{}: ends at offset {}", path_, offset + done)};
    }
    done += static_cast<size_t>(got);
  }
  return {};
}

Status BlockFileReader::ReadHeader(std::string_view kind, uint32_t schema,
                                   uint64_t file_bytes) {
  const auto corrupt = [&](std::string_view what) -> Status {
    return {StatusCode::kCorrupt, fmt::format("{}: offset 0: {}", path_, what)};
  };
  if (file_bytes < kFixedHeaderBytes + 8 + kFooterBytes) {
    return corrupt(
        fmt::format("only {} bytes, not a {} file", file_bytes, kind));
  }
  std::string bytes;
  if (Status s = ReadAt(0, kFixedHeaderBytes, &bytes); !s.ok()) return s;
  std::string expected(kind);
  expected.resize(kKindBytes);
  if (bytes.compare(0, kKindBytes, expected) != 0) {
    return corrupt(fmt::format("not a {} file", kind));
  }
  const auto found_schema = LoadLittle<uint32_t>(bytes.data() + 8);
  const auto header_bytes = LoadLittle<uint32_t>(bytes.data() + 12);
  if (header_bytes > kMaxHeaderBytes ||
      kFixedHeaderBytes + header_bytes + 8 + kFooterBytes > file_bytes) {
    return corrupt("header longer than the file");
  }
  const size_t hashed = kFixedHeaderBytes + header_bytes;
  if (Status s = ReadAt(0, hashed + 8, &bytes); !s.ok()) return s;
  header_checksum_ = LoadLittle<uint64_t>(bytes.data() + hashed);
  bytes.resize(hashed);
  if (HashBytes64(bytes) != header_checksum_) {
    return corrupt("checksum of the header is wrong");
  }
  if (found_schema != schema) {
    return {StatusCode::kUnsupported,
            fmt::format("{}: schema {}, this version reads {}", path_,
                        found_schema, schema)};
  }
  header_ = bytes.substr(kFixedHeaderBytes);
  blocks_offset_ = hashed + 8;
  return {};
}

Status BlockFileReader::ReadIndex(uint64_t file_bytes) {
  const uint64_t footer_offset = file_bytes - kFooterBytes;
  const auto corrupt = [&](uint64_t offset, std::string_view what) -> Status {
    return {StatusCode::kCorrupt,
            fmt::format("{}: offset {}: {}", path_, offset, what)};
  };
  std::string footer;
  if (Status s = ReadAt(footer_offset, kFooterBytes, &footer); !s.ok())
    return s;
  const auto word = [&](size_t i) {
    return LoadLittle<uint64_t>(footer.data() + 8 * i);
  };
  if (HashBytes64({footer.data(), 32}) != word(4) ||
      word(3) != header_checksum_) {
    return corrupt(footer_offset, "checksum of the end is wrong (cut off?)");
  }
  const uint64_t index_offset = word(0);
  const uint64_t blocks = word(1);
  if (index_offset < blocks_offset_ || index_offset > footer_offset ||
      blocks != (footer_offset - index_offset) / kEntryBytes ||
      (footer_offset - index_offset) % kEntryBytes != 0) {
    return corrupt(footer_offset, "the index is not where the end says");
  }
  std::string index;
  if (Status s = ReadAt(index_offset, blocks * kEntryBytes, &index); !s.ok()) {
    return s;
  }
  if (HashBytes64(index) != word(2)) {
    return corrupt(index_offset, "checksum of the index is wrong");
  }
  entries_.reserve(blocks);
  uint64_t offset = blocks_offset_;
  for (uint64_t i = 0; i < blocks; ++i) {
    const char* const at = index.data() + i * kEntryBytes;
    entries_.push_back({offset, LoadLittle<uint64_t>(at + 8),
                        LoadLittle<uint32_t>(at),
                        LoadLittle<uint32_t>(at + 4)});
    offset += entries_.back().bytes;
  }
  if (offset != index_offset) {
    return corrupt(index_offset,
                   "the blocks do not end where the index starts");
  }
  return {};
}

Status BlockFileReader::Read(size_t block, std::string* bytes) const {
  assert(block < entries_.size());
  const Entry& entry = entries_[block];
  if (Status s = ReadAt(entry.offset, entry.bytes, bytes); !s.ok()) return s;
  if (HashBytes64(*bytes) != entry.checksum) {
    return Corrupt(block, "checksum is wrong");
  }
  return {};
}

Status BlockFileReader::Corrupt(size_t block, std::string_view what) const {
  return {StatusCode::kCorrupt,
          fmt::format("{}: block {} at offset {}: {}", path_, block,
                      entries_[block].offset, what)};
}

}  // namespace peaktext
