#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace npo {

/// The first 16 bytes of a key as numbers whose order is that of the bytes; shorter keys are padded with
/// zeros.
struct KeyPrefix {
  std::uint64_t high = 0, low = 0;
};
KeyPrefix key_prefix(const std::byte* key, std::size_t key_bytes);

/// Three-way comparison of two keys whose prefixes are known.
inline int compare_keys(KeyPrefix a, const std::byte* a_key, KeyPrefix b, const std::byte* b_key,
                        std::size_t key_bytes) {
  if (a.high != b.high) return a.high < b.high ? -1 : 1;
  if (a.low != b.low) return a.low < b.low ? -1 : 1;
  constexpr std::size_t known = sizeof(KeyPrefix);
  return key_bytes <= known ? 0 : std::memcmp(a_key + known, b_key + known, key_bytes - known);
}

/// Fixed-size records in memory. Sorting moves small entries, never the records, and is stable.
class SortBlock {
 public:
  /// Bytes of memory that one record takes.
  static std::size_t footprint(std::size_t record_bytes) { return record_bytes + sizeof(Entry); }

  SortBlock(std::size_t record_bytes, std::size_t key_bytes, std::size_t capacity);
  bool full() const { return count_ == capacity_; }
  std::size_t count() const { return count_; }
  /// Room for one more record; the block must not be full.
  std::byte* add() { return records_.get() + record_bytes_ * count_++; }
  void clear() { count_ = 0; }
  void sort();
  /// Record at `rank` of the sorted order.
  const std::byte* sorted(std::size_t rank) const {
    return records_.get() + record_bytes_ * order_[rank].index;
  }

 private:
  struct Entry {
    KeyPrefix prefix;
    std::uint32_t index;
  };
  std::size_t record_bytes_, key_bytes_, capacity_, count_ = 0;
  std::unique_ptr<std::byte[]> records_;
  std::vector<Entry> order_;
};

}  // namespace npo
