// An array of zero bytes for random access: on huge pages where the system has
// them, so that a look-up does not also miss the page tables. Memory comes when
// it is first touched.
//
//   HugeArray<uint64_t> table;
//   table.Allocate(1 << 20);
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace peaktext {

template <class T>
class HugeArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  HugeArray() = default;
  ~HugeArray() { Free(); }
  HugeArray(HugeArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        mapped_(other.mapped_),
        mapped_bytes_(other.mapped_bytes_) {}
  HugeArray& operator=(HugeArray&& other) noexcept {
    if (this != &other) {
      Free();
      data_ = std::exchange(other.data_, nullptr);
      size_ = std::exchange(other.size_, 0);
      mapped_ = other.mapped_;
      mapped_bytes_ = other.mapped_bytes_;
    }
    return *this;
  }

  // Replaces what there was by `size` values of zero bytes. Throws
  // std::bad_alloc.
  void Allocate(size_t size) {
    Free();
    if (size == 0) return;
    // One huge page more than needed, to start at a multiple of it.
    mapped_bytes_ = Bytes(size) + (Bytes(size) >= kHugePage ? kHugePage : 0);
    mapped_ = ::mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped_ == MAP_FAILED) throw std::bad_alloc();
    void* start = mapped_;
    if (Bytes(size) >= kHugePage) {
      size_t space = mapped_bytes_;
      start = std::align(kHugePage, Bytes(size), start, space);
      // Advice: without huge pages it is only slower.
      const size_t small = Bytes(size) >= kManyBytes ? kFirstSmallBytes : 0;
      ::madvise(static_cast<char*>(start) + small, Bytes(size) - small,
                MADV_HUGEPAGE);
    }
    data_ = static_cast<T*>(start);
    size_ = size;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t at) { return data_[at]; }
  const T& operator[](size_t at) const { return data_[at]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  static constexpr size_t kHugePage = 2 << 20;
  // Who takes so much takes what there may be, fills it from the front and
  // mostly needs little: that little is not worth the clearing of huge pages.
  static constexpr size_t kManyBytes = 64 << 20;
  static constexpr size_t kFirstSmallBytes = kHugePage;
  static size_t Bytes(size_t size) { return size * sizeof(T); }
  void Free() {
    if (data_ != nullptr) ::munmap(mapped_, mapped_bytes_);
    data_ = nullptr;
    size_ = 0;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  void* mapped_ = nullptr;
  size_t mapped_bytes_ = 0;
};

}  // namespace peaktext
