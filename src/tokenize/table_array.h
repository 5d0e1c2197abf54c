// An array that is built in memory of its own, or lies in a file's bytes that
// somebody else holds.
//
//   TableArray<uint32_t> array;
//   array.Allocate(1000)[7] = 1;      // or array.Borrow(bytes, 1000)
//   uint32_t seven = array[7];
#pragma once

#include <cstddef>
#include <utility>

#include "base/huge_array.h"

namespace peaktext {

template <class T>
class TableArray {
 public:
  TableArray() = default;
  TableArray(TableArray&& other) noexcept
      : own_(std::move(other.own_)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  TableArray& operator=(TableArray&& other) noexcept {
    own_ = std::move(other.own_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  // `size` zeros, to be written through what is returned.
  T* Allocate(size_t size) {
    own_.Allocate(size);
    data_ = own_.data();
    size_ = size;
    return own_.data();
  }
  // `data` outlives the array.
  void Borrow(const T* data, size_t size) {
    own_ = HugeArray<T>();
    data_ = data;
    size_ = size;
  }

  const T* data() const { return data_; }
  size_t size() const { return size_; }
  size_t bytes() const { return size_ * sizeof(T); }
  const T& operator[](size_t at) const { return data_[at]; }
  // REQUIRES: allocated, not borrowed.
  T* mutable_data() { return own_.data(); }

 private:
  HugeArray<T> own_;
  const T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace peaktext
