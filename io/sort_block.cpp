#include "io/sort_block.hpp"

#include <algorithm>
#include <bit>

namespace npo {

KeyPrefix key_prefix(const std::byte* key, std::size_t key_bytes) {
  std::byte bytes[sizeof(KeyPrefix)] = {};
  std::memcpy(bytes, key, std::min(key_bytes, sizeof bytes));
  KeyPrefix prefix;
  std::memcpy(&prefix, bytes, sizeof prefix);
  static_assert(std::endian::native == std::endian::little);
  return {__builtin_bswap64(prefix.high), __builtin_bswap64(prefix.low)};
}

SortBlock::SortBlock(std::size_t record_bytes, std::size_t key_bytes, std::size_t capacity)
    : record_bytes_(record_bytes),
      key_bytes_(key_bytes),
      capacity_(capacity),
      records_(new std::byte[record_bytes * capacity]) {}

void SortBlock::sort() {
  order_.resize(count_);
  for (std::size_t i = 0; i < count_; ++i)
    order_[i] = {key_prefix(records_.get() + record_bytes_ * i, key_bytes_), static_cast<std::uint32_t>(i)};
  if (key_bytes_ == 0) return;
  std::sort(order_.begin(), order_.end(), [&](const Entry& a, const Entry& b) {
    const int order = compare_keys(a.prefix, records_.get() + record_bytes_ * a.index, b.prefix,
                                   records_.get() + record_bytes_ * b.index, key_bytes_);
    return order != 0 ? order < 0 : a.index < b.index;
  });
}

}  // namespace npo
