// A file of our own made of checksummed blocks, written in order, read in order
// or at random: what the shards' files (signatures, texts) have in common. The
// byte format is drawn at the top of block_file.cc.
//
//   Result<BlockFileWriter> out = BlockFileWriter::Create(path, "PTTEXT", 1,
//   ""); out->Append(bytes, tag); ... out->Commit();
//
//   Result<BlockFileReader> in = BlockFileReader::Open(path, "PTTEXT", 1);
//   for (size_t i = 0; i < in->blocks(); ++i) in->Read(i, &bytes);
//
// Writing is atomic (AtomicFile). Any change or loss of bytes in a file is
// found (kCorrupt), at the latest when the block is read. The writer is not
// thread-safe; a reader may be used by several threads at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/page_cache.h"
#include "base/status.h"

namespace peaktext {

class BlockFileWriter {
 public:
  // `kind` (at most 8 bytes) and `schema` say what the file is; `header` is
  // the user's own, at most 64 KiB.
  static Result<BlockFileWriter> Create(std::string path, std::string_view kind,
                                        uint32_t schema,
                                        std::string_view header);

  // Appends a block with a number that the reader gives without reading it.
  // REQUIRES: fewer than 2^32 bytes.
  Status Append(std::string_view bytes, uint32_t tag);
  // Makes the file appear. REQUIRES: called once, last.
  Status Commit();

  uint64_t size_bytes() const { return file_.size_bytes(); }
  // Of all bytes written so far; after Commit() that of the file.
  uint64_t checksum() const { return file_.checksum(); }
  const std::string& path() const { return file_.path(); }

 private:
  BlockFileWriter(AtomicFile file, uint64_t header_checksum)
      : file_(std::move(file)), header_checksum_(header_checksum) {}

  AtomicFile file_;
  uint64_t header_checksum_;
  std::string index_;
  uint64_t blocks_ = 0;
};

class BlockFileReader {
 public:
  // kCorrupt when it is not a whole file of that kind, kUnsupported when the
  // schema is another one.
  static Result<BlockFileReader> Open(std::string path, std::string_view kind,
                                      uint32_t schema,
                                      PageCache cache = PageCache::kKeep);
  BlockFileReader(BlockFileReader&& other) noexcept;
  BlockFileReader& operator=(BlockFileReader&& other) noexcept;
  BlockFileReader(const BlockFileReader&) = delete;
  BlockFileReader& operator=(const BlockFileReader&) = delete;
  ~BlockFileReader();

  const std::string& header() const { return header_; }
  size_t blocks() const { return entries_.size(); }
  // REQUIRES of these: block < blocks().
  uint32_t tag(size_t block) const { return entries_[block].tag; }
  uint32_t size_bytes(size_t block) const { return entries_[block].bytes; }
  uint64_t offset_bytes(size_t block) const { return entries_[block].offset; }
  Status Read(size_t block, std::string* bytes) const;

  const std::string& path() const { return path_; }
  // A failure of the user's own about `block`: kCorrupt, file and offset named.
  Status Corrupt(size_t block, std::string_view what) const;

 private:
  struct Entry {
    uint64_t offset;
    uint64_t checksum;
    uint32_t bytes;
    uint32_t tag;
  };

  BlockFileReader(std::string path, int fd, PageCache cache)
      : path_(std::move(path)), fd_(fd), cache_(cache) {}
  Status ReadAt(uint64_t offset, uint64_t size, std::string* bytes) const;
  Status ReadHeader(std::string_view kind, uint32_t schema,
                    uint64_t file_bytes);
  Status ReadIndex(uint64_t file_bytes);

  std::string path_;
  int fd_ = -1;
  PageCache cache_;
  std::string header_;
  uint64_t header_checksum_ = 0;
  uint64_t blocks_offset_ = 0;
  std::vector<Entry> entries_;
  // Invariants: the entries' blocks lie end to end between header and index.
};

}  // namespace peaktext
