#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace npo {

/// A large array of plain items, not initialised. It asks for large pages, because touching hundreds of
/// megabytes a small page at a time costs as much as filling them.
template <class T>
class LargeArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  LargeArray() = default;
  explicit LargeArray(std::size_t count) : count_(count) {
    const std::size_t wanted = count * sizeof(T), page = wanted > page_bytes / 2 ? page_bytes : 64;
    const std::size_t bytes = (wanted + page - 1) / page * page;
    if (bytes == 0) return;
    data_.reset(static_cast<T*>(std::aligned_alloc(page, bytes)));
    if (!data_) throw std::bad_alloc();
    if (page == page_bytes) ::madvise(data_.get(), bytes, MADV_HUGEPAGE);  // a wish; small pages do as well
  }
  std::size_t size() const { return count_; }
  T* data() { return data_.get(); }
  T& operator[](std::size_t i) { return data_[i]; }
  std::span<const T> span() const { return {data_.get(), count_}; }

 private:
  static constexpr std::size_t page_bytes = std::size_t{2} << 20;
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  std::unique_ptr<T[], Free> data_;
  std::size_t count_ = 0;
};

}  // namespace npo
