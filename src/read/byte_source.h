// Where bytes come from: a file, stdin, http(s), s3. Stored bytes, in order;
// nobody here knows what they mean.
//
//   Result<std::unique_ptr<ByteSource>> source = OpenSource(input, options);
//   while (size_t n = *source->Read(buffer)) Use(buffer.first(n));
//
// Not thread-safe: one reader per source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "read/source_options.h"

namespace peaktext {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads 1..buffer.size() bytes from where the last call ended; 0 = the end.
  // May give fewer bytes than asked for before the end.
  virtual Result<size_t> Read(std::span<char> buffer) = 0;

  // The whole input, where it lies in memory already; it lives as long as the
  // source. Readers that find one need not call Read(), and may change the
  // bytes that they are past.
  virtual std::optional<std::span<char>> whole() { return std::nullopt; }

  // Stored size in bytes, where it is known before the end.
  virtual std::optional<uint64_t> size_bytes() const { return std::nullopt; }

  // A regular file behind it that may be read with pread(2); -1 = none.
  virtual int file_descriptor() const { return -1; }

  // The input as the user knows it: a path, a URL, "-".
  virtual const std::string& name() const = 0;
};

// Opens a path, "-" (stdin), http(s)://... or s3://... .
Result<std::unique_ptr<ByteSource>> OpenSource(const std::string& input,
                                               const SourceOptions& options);

// Reads from memory: tests, benchmarks, fuzzers.
std::unique_ptr<ByteSource> MemorySource(std::string name, std::string bytes);

}  // namespace peaktext
