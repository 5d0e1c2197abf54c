// Any bytes as a document table: refused or read, never a crash.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "inventory/document_table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int fd = ::memfd_create("documents", MFD_CLOEXEC);
  if (fd < 0) std::abort();
  if (::write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  auto reader = peaktext::DocumentTableReader::Open(
      "/proc/self/fd/" + std::to_string(fd), "input");
  if (reader) {
    uint64_t rows = 0;
    peaktext::DocumentRow row;
    while (reader->Next(&row)) ++rows;
    if (reader->status().ok() && rows != reader->rows()) std::abort();
    (void)reader->ReadId(0);
    (void)reader->ReadId(reader->rows() / 2);
    (void)reader->ReadId(reader->rows() - 1);
  }
  ::close(fd);
  return 0;
}
