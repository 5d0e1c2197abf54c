// Reading and writing files that are larger than the memory and of no use to
// anybody else soon: what passes through need not stay in the system's page
// cache. There it would push out what is of use, and take a fresh page for
// every page of it, which on a virtual machine costs more than the disk.
#pragma once

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace peaktext {

// kPass: bytes leave the page cache when they are written or read, where the
// system can do so (Linux 6.14); elsewhere it is kKeep.
enum class PageCache { kKeep, kPass };

// Smaller files stay in the page cache whatever is wanted: what they hold is
// wanted again before the system would drop it, and costs less there than a
// request to the disk for every read.
inline constexpr uint64_t kPassFromBytes = 4 << 20;
inline PageCache WayOf(PageCache wanted, uint64_t file_bytes,
                       uint64_t pass_from_bytes = kPassFromBytes) {
  return file_bytes < pass_from_bytes ? PageCache::kKeep : wanted;
}

namespace page_cache_internal {
#ifdef RWF_DONTCACHE
inline constexpr int kDontCache = RWF_DONTCACHE;
#else
inline constexpr int kDontCache = 0x80;  // linux/fs.h
#endif
// What systems and file systems say that do not know the flag.
inline bool IsUnknown(int error_number) {
  return error_number == EOPNOTSUPP || error_number == ENOSYS ||
         error_number == EINVAL;
}
}  // namespace page_cache_internal

// pread(2).
inline ssize_t ReadAt(int fd, void* bytes, size_t size, uint64_t offset,
                      PageCache cache) {
  if (cache == PageCache::kPass) {
    const iovec part{bytes, size};
    const ssize_t got = ::preadv2(fd, &part, 1, static_cast<off_t>(offset),
                                  page_cache_internal::kDontCache);
    if (got >= 0 || !page_cache_internal::IsUnknown(errno)) return got;
  }
  return ::pread(fd, bytes, size, static_cast<off_t>(offset));
}

// write(2): at the file's position.
inline ssize_t Write(int fd, const void* bytes, size_t size, PageCache cache) {
  if (cache == PageCache::kPass) {
    const iovec part{const_cast<void*>(bytes), size};
    const ssize_t written =
        ::pwritev2(fd, &part, 1, -1, page_cache_internal::kDontCache);
    if (written >= 0 || !page_cache_internal::IsUnknown(errno)) return written;
  }
  return ::write(fd, bytes, size);
}

}  // namespace peaktext
