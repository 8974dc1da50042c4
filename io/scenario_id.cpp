#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "io/scenario_file.hpp"

namespace npo {

static_assert(std::endian::native == std::endian::little);

void read_id_words(IdType type, std::span<const std::byte> stored, std::vector<std::uint64_t>& words) {
  words.resize(stored.size() / 8);
  std::memcpy(words.data(), stored.data(), words.size() * 8);
  if (type.text)
    for (auto& word : words) word = __builtin_bswap64(word);
}

std::vector<std::uint64_t> id_words(IdType type, std::span<const std::byte> stored) {
  std::vector<std::uint64_t> words;
  read_id_words(type, stored, words);
  return words;
}

std::string id_text(IdType type, const std::uint64_t* words) {
  if (!type.text) return fmt::format("{}", *words);
  std::string text(type.bytes, '\0');
  for (std::size_t i = 0; i < text.size() / 8; ++i) {
    const std::uint64_t word = __builtin_bswap64(words[i]);
    std::memcpy(text.data() + 8 * i, &word, 8);
  }
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

}  // namespace npo
