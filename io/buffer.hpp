#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <span>

/// Private to io/: bytes on a cache line's border, not initialised.
namespace npo {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes)
      : data_(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{alignment}))), size_(bytes) {}
  std::byte* data() { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<std::byte> span() { return {data_.get(), size_}; }
  std::span<const std::byte> span() const { return {data_.get(), size_}; }
  /// The first `bytes` bytes, after making room for them; contents are lost when the buffer grows.
  std::span<std::byte> room(std::size_t bytes) {
    if (bytes > size_) *this = Buffer(bytes);
    return span().first(bytes);
  }

 private:
  static constexpr std::size_t alignment = 64;
  struct Free {
    void operator()(std::byte* data) const { ::operator delete (data, std::align_val_t{alignment}); }
  };
  std::unique_ptr<std::byte[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace npo
