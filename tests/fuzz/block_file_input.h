// Files for the fuzz targets of what is stored in block files: the fuzzer's
// bytes as they are, or, so that it gets behind the checksums, as header and
// blocks of a file that is whole.
//
//   even first byte: the rest is the file
//   odd first byte:  header (`header_bytes`), then blocks, each
//                    bytes (2) · tag (4) · that many bytes
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/block_file.h"
#include "base/little_endian.h"

namespace peaktext {

// Writes it; gives its path.
inline std::string WriteFuzzFile(std::string_view input, std::string_view kind,
                                 uint32_t schema, size_t header_bytes) {
  const std::filesystem::path shared = "/dev/shm";
  const std::filesystem::path folder =
      std::filesystem::exists(shared) ? shared
                                      : std::filesystem::temp_directory_path();
  const std::string path =
      (folder / ("peaktext-fuzz-" + std::to_string(::getpid()))).string();
  const bool raw = input.empty() || input.front() % 2 == 0;
  if (!input.empty()) input.remove_prefix(1);
  if (raw) {
    std::ofstream(path, std::ios::binary) << input;
    return path;
  }
  const std::string_view header = input.substr(0, header_bytes);
  input.remove_prefix(header.size());
  Result<BlockFileWriter> out =
      BlockFileWriter::Create(path, kind, schema, header);
  if (!out) return path;
  while (input.size() >= 6) {
    const auto size = LoadLittle<uint16_t>(input.data());
    const auto tag = LoadLittle<uint32_t>(input.data() + 2);
    input.remove_prefix(6);
    const std::string_view block =
        input.substr(0, std::min<size_t>(size, input.size()));
    input.remove_prefix(block.size());
    if (!out->Append(block, tag).ok()) return path;
  }
  (void)out->Commit().ok();
  return path;
}

}  // namespace peaktext
