#include "io/contiguous_rows.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "kernels/error.hpp"

namespace npo::h5 {
namespace {

/// Up to this, which a core's cache holds, a copy into memory that was used before is cheaper than page
/// tables (docs/decisions/0005).
constexpr std::size_t most_copied_bytes = std::size_t{256} << 10;

std::uint64_t page_bytes() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}
std::uint64_t page_floor(std::uint64_t offset) {
  return offset / page_bytes() * page_bytes();
}

}  // namespace

/// The pages of the file that hold the dataset.
class ContiguousRows::Mapping {
 public:
  Mapping(const RawFile& raw, std::uint64_t offset, std::uint64_t bytes)
      : start_(page_floor(offset)), length_(static_cast<std::size_t>(offset + bytes - start_)) {
    void* base =
        ::mmap(nullptr, length_, PROT_READ, MAP_SHARED, raw.descriptor(), static_cast<off_t>(start_));
    if (base == MAP_FAILED)
      throw Error(ErrorKind::environment, fmt::format("cannot map {}: {}", raw.path().string(),
                                                      std::generic_category().message(errno)));
    base_ = static_cast<std::byte*>(base);
    ::madvise(base_, length_, MADV_SEQUENTIAL);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { ::munmap(base_, length_); }

  const std::byte* at(std::uint64_t offset) const { return base_ + (offset - start_); }
  /// Gives the pages of [offset, offset + bytes) back. Windows that share one of them read it from the file
  /// anew.
  void drop(std::uint64_t offset, std::size_t bytes) const {
    const std::uint64_t first = page_floor(offset);
    ::madvise(base_ + (first - start_), static_cast<std::size_t>(offset + bytes - first), MADV_DONTNEED);
  }

 private:
  std::uint64_t start_;
  std::size_t length_;
  std::byte* base_ = nullptr;
};

ContiguousRows::ContiguousRows(const Place& place, const Storage& storage, const RawFile& raw)
    : dataset_(place.dataset),
      offset_(storage.offset),
      row_bytes_(storage.row_bytes()),
      buffers_(std::make_shared<Pool<Buffer>>()) {
  const std::size_t value = storage.value_bytes(), alignment = std::min<std::size_t>(8, value & (~value + 1));
  aligned_ = offset_ % alignment == 0;
  const std::uint64_t bytes = storage.rows() * row_bytes_;
  if (bytes > most_copied_bytes && aligned_) mapping_ = std::make_shared<const Mapping>(raw, offset_, bytes);
}

RowWindow ContiguousRows::read(const RawFile& raw, std::uint64_t first, std::uint64_t count) const {
  const std::size_t bytes = count * row_bytes_;
  const std::uint64_t offset = offset_ + first * row_bytes_;
  const auto fail = [&] {
    throw Error(
        ErrorKind::bad_data,
        fmt::format("{} ends before row {} of dataset {}", raw.path().string(), first + count, dataset_),
        "the file was cut off while in use: copy or write it again");
  };
  if (mapping_ && bytes > most_copied_bytes) {
    // Touching a page beyond the end of the file kills the process, and the file may have been cut since it
    // was opened.
    if (raw.size() < offset + bytes) fail();
    const auto release = [mapping = mapping_, offset, bytes](void*) { mapping->drop(offset, bytes); };
    const std::byte* data = mapping_->at(offset);
    return {{data, bytes}, std::shared_ptr<void>(const_cast<std::byte*>(data), release)};
  }
  struct Copy {
    std::shared_ptr<Pool<Buffer>> pool;
    Pool<Buffer>::Lease buffer;
  };
  std::shared_ptr<Copy> copy(new Copy{buffers_, buffers_->borrow([] { return Buffer(); })});
  const std::span<std::byte> span = copy->buffer->room(bytes);
  if (!raw.read(offset, span)) fail();
  return {span, std::move(copy)};
}

std::uint64_t ContiguousRows::rows_at_a_time() const {
  return std::max<std::uint64_t>(1, most_copied_bytes / std::max<std::size_t>(1, row_bytes_));
}

}  // namespace npo::h5
