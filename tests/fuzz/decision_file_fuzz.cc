// Any bytes as a decision file: refused or read, never a crash.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dedup/decision_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int fd = ::memfd_create("decisions", MFD_CLOEXEC);
  if (fd < 0) std::abort();
  if (::write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  auto reader =
      peaktext::DecisionReader::Open("/proc/self/fd/" + std::to_string(fd));
  if (reader) {
    uint64_t rows = 0;
    peaktext::Decision decision;
    while (reader->Next(&decision)) ++rows;
    if (reader->status().ok() != (rows == reader->rows())) std::abort();
    if (reader->rows() > 0) {
      (void)reader->Read(reader->rows() - 1, &decision);
    }
  }
  ::close(fd);
  return 0;
}
