#include "tests/emulated_device/device_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace npo::emulated {
namespace {

std::byte* map_or_throw(int file, std::size_t size, int protection) {
  void* place = mmap(nullptr, size, protection, MAP_SHARED | MAP_NORESERVE, file, 0);
  if (place == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "emulated device: mmap");
  return static_cast<std::byte*>(place);
}

}  // namespace

DeviceMemory::DeviceMemory(std::size_t capacity)
    : capacity_(capacity), file_(memfd_create("emulated device", MFD_CLOEXEC)) {
  if (file_ < 0 || ftruncate(file_, static_cast<off_t>(addresses)) != 0)
    throw std::system_error(errno, std::generic_category(), "emulated device: memory");
  device_ = map_or_throw(file_, addresses, PROT_NONE);
  alias_ = map_or_throw(file_, addresses, PROT_READ | PROT_WRITE);
}

std::optional<void*> DeviceMemory::allocate(std::size_t bytes) {
  const std::size_t pages = whole_pages(bytes);
  if (pages > capacity_ - used_ || next_ + pages + page > addresses) return std::nullopt;
  // The end is where the closed page begins; an item aligned to more than 16 bytes has a size of as many.
  const std::size_t start = next_ + pages - (bytes + 15) / 16 * 16;
  std::memset(alias_ + next_, fresh_byte, pages);
  arrays_[start] = {next_, bytes};
  next_ += pages + page;
  used_ += pages;
  return device_ + start;
}

bool DeviceMemory::release(void* data) {
  const auto array = arrays_.find(static_cast<std::size_t>(static_cast<std::byte*>(data) - device_));
  if (array == arrays_.end()) return false;
  const auto [first, size] = array->second;
  fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(first),
            static_cast<off_t>(whole_pages(size)));
  used_ -= whole_pages(size);
  arrays_.erase(array);
  return true;
}

std::byte* DeviceMemory::alias_of(const void* data, std::size_t size) {
  const auto address = reinterpret_cast<std::uintptr_t>(data),
             base = reinterpret_cast<std::uintptr_t>(device_);
  if (address < base || address - base >= addresses) return nullptr;
  const std::size_t offset = address - base;
  auto after = arrays_.upper_bound(offset);
  if (after == arrays_.begin()) return nullptr;
  const auto& [start, array] = *--after;
  if (offset - start > array.size || size > array.size - (offset - start)) return nullptr;
  return alias_ + offset;
}

void DeviceMemory::open_arrays() const {
  for (const auto& [start, array] : arrays_)
    mprotect(device_ + array.first_page, whole_pages(array.size), PROT_READ | PROT_WRITE);
}

}  // namespace npo::emulated
