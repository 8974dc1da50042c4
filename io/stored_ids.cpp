#include "io/stored_ids.hpp"

#include <algorithm>
#include <cstring>

namespace npo {

std::vector<std::byte> stored_ids(IdType type, std::span<const std::uint64_t> words) {
  std::vector<std::byte> bytes(words.size_bytes());
  if (words.empty()) return bytes;
  std::memcpy(bytes.data(), words.data(), bytes.size());
  if (type.text)
    for (std::size_t at = 0; at < bytes.size(); at += 8)
      std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   bytes.begin() + static_cast<std::ptrdiff_t>(at + 8));
  return bytes;
}

std::vector<std::uint64_t> widen_ids(std::vector<std::uint64_t> words, int from, int to) {
  if (from == to) return words;
  const auto old_width = static_cast<std::size_t>(from), width = static_cast<std::size_t>(to);
  const std::size_t rows = words.size() / old_width;
  std::vector<std::uint64_t> wide(rows * width, 0);
  for (std::size_t row = 0; row < rows; ++row)
    std::copy_n(words.data() + row * old_width, old_width, wide.data() + row * width);
  return wide;
}

int compare_words(const std::uint64_t* a, const std::uint64_t* b, int words) {
  for (int i = 0; i < words; ++i)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}

}  // namespace npo
