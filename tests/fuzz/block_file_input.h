// Files for the fuzz targets of what is stored in block files: the fuzzer's
// bytes as they are, or, so that it gets behind the checksums, as header and
// blocks of a file that is whole.
//
//   even first byte: the rest is the file
//   odd first byte:  header (`header_bytes`), then blocks, each
//                    bytes (2) · tag (4) · that many bytes
//
// They lie in memory, one after the other in the same file: a file of its own,
// synced, costs each input more than the reader does.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/block_file.h"
#include "base/hash.h"
#include "base/little_endian.h"

namespace peaktext {

// A block file as base/block_file.cc draws it; CheckFuzzLayout() holds the two
// together.
class FuzzBlockFile {
 public:
  FuzzBlockFile(std::string_view kind, uint32_t schema,
                std::string_view header) {
    bytes_ = kind;
    bytes_.resize(8);
    AppendLittle(&bytes_, schema);
    AppendLittle(&bytes_, static_cast<uint32_t>(header.size()));
    bytes_ += header;
    header_hash_ = HashBytes64(bytes_);
    AppendLittle(&bytes_, header_hash_);
  }
  void Append(std::string_view block, uint32_t tag) {
    bytes_ += block;
    AppendLittle(&index_, static_cast<uint32_t>(block.size()));
    AppendLittle(&index_, tag);
    AppendLittle(&index_, HashBytes64(block));
    ++blocks_;
  }
  std::string Commit() {
    std::string end;
    AppendLittle(&end, uint64_t{bytes_.size()});
    AppendLittle(&end, blocks_);
    AppendLittle(&end, HashBytes64(index_));
    AppendLittle(&end, header_hash_);
    AppendLittle(&end, HashBytes64(end));
    return bytes_ + index_ + end;
  }

 private:
  std::string bytes_;
  std::string index_;
  uint64_t blocks_ = 0;
  uint64_t header_hash_ = 0;
};

// Ends the run where BlockFileWriter writes other bytes.
inline void CheckFuzzLayout(std::string_view kind, uint32_t schema) {
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("peaktext-fuzz-" + std::to_string(::getpid())))
                               .string();
  Result<BlockFileWriter> out =
      BlockFileWriter::Create(path, kind, schema, "head");
  FuzzBlockFile same(kind, schema, "head");
  if (!out) std::abort();
  for (const std::string_view block : {"first", ""}) {
    if (!out->Append(block, 7).ok()) std::abort();
    same.Append(block, 7);
  }
  if (!out->Commit().ok()) std::abort();
  std::ifstream in(path, std::ios::binary);
  const std::string written{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(path);
  if (written != same.Commit()) std::abort();
}

// Makes it; gives its path.
inline const std::string& WriteFuzzFile(std::string_view input,
                                        std::string_view kind, uint32_t schema,
                                        size_t header_bytes) {
  static const int fd = [&] {
    CheckFuzzLayout(kind, schema);
    return ::memfd_create("fuzz", MFD_CLOEXEC);
  }();
  static const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const bool raw = input.empty() || input.front() % 2 == 0;
  if (!input.empty()) input.remove_prefix(1);
  std::string made;
  if (!raw) {
    const std::string_view header = input.substr(0, header_bytes);
    input.remove_prefix(header.size());
    FuzzBlockFile file(kind, schema, header);
    while (input.size() >= 6) {
      const auto size = LoadLittle<uint16_t>(input.data());
      const auto tag = LoadLittle<uint32_t>(input.data() + 2);
      input.remove_prefix(6);
      const std::string_view block =
          input.substr(0, std::min<size_t>(size, input.size()));
      input.remove_prefix(block.size());
      file.Append(block, tag);
    }
    made = file.Commit();
    input = made;
  }
  if (::ftruncate(fd, static_cast<off_t>(input.size())) != 0 ||
      ::pwrite(fd, input.data(), input.size(), 0) !=
          static_cast<ssize_t>(input.size())) {
    std::abort();
  }
  return path;
}

}  // namespace peaktext
