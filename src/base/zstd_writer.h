// Lines into one zstd file that appears whole or not at all. One thread and a
// fixed level: the same bytes for the same lines.
//
//   Result<ZstdWriter> out = ZstdWriter::Create(path);
//   out->Write(line); ... out->Commit();
//
// Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/status.h"

namespace peaktext {

class ZstdWriter {
 public:
  static Result<ZstdWriter> Create(std::string path, int level = 3);
  ZstdWriter(ZstdWriter&&) noexcept;
  ZstdWriter& operator=(ZstdWriter&&) noexcept;
  ~ZstdWriter();

  Status Write(std::string_view bytes);
  // Ends the frame; the file appears. REQUIRES: called once, last.
  Status Commit();

  uint64_t size_bytes() const { return file_.size_bytes(); }
  uint64_t checksum() const { return file_.checksum(); }

 private:
  struct Context;
  ZstdWriter(AtomicFile file, std::unique_ptr<Context> context);
  Status Compress(std::string_view bytes, bool last);

  AtomicFile file_;
  std::unique_ptr<Context> context_;
  std::vector<char> out_;
};

}  // namespace peaktext
