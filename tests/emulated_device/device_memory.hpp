#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace npo::emulated {

/// Memory of the emulated device: pages that are mapped twice, at device addresses, which no process may
/// touch but that of a kernel, and at an alias for copies.
class DeviceMemory {
 public:
  static constexpr std::size_t usual_capacity = std::size_t{512} << 20;
  static constexpr int fresh_byte = 0xCB;  ///< what a new array is filled with

  /// Reserves addresses for `capacity` bytes at a time. std::system_error when the system refuses.
  explicit DeviceMemory(std::size_t capacity);
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  /// The device address of a new array; none when memory is used up.
  std::optional<void*> allocate(std::size_t bytes);
  /// False when `data` is not the start of an array.
  bool release(void* data);
  /// `size` bytes from the device address `data` on, at the alias; null unless they lie in one array.
  std::byte* alias_of(const void* data, std::size_t size);
  /// Opens the arrays at their device addresses, for this process. Allocates nothing.
  void open_arrays() const;

 private:
  struct Array {
    std::size_t first_page, size;
  };
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t addresses = std::size_t{1} << 40;
  static std::size_t whole_pages(std::size_t bytes) { return (bytes + page - 1) / page * page; }

  std::size_t capacity_;
  int file_;
  std::byte* device_;
  std::byte* alias_;
  std::size_t next_ = page;
  std::size_t used_ = 0;
  std::map<std::size_t, Array> arrays_;  ///< by offset of the first byte
};

}  // namespace npo::emulated
