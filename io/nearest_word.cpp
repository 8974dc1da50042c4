#include "io/nearest_word.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

namespace npo {
namespace {

/// Levenshtein distance; case counts as no difference, because it is the commonest slip.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
  const std::string* nearest = nullptr;
  std::size_t least = 0;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    const bool begins_alike = word.size() >= 3 && std::string_view(candidate).starts_with(word);
    const bool near =
        begins_alike || distance <= std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
    if (near && (!nearest || distance < least)) {
      nearest = &candidate;
      least = distance;
    }
  }
  return nearest ? *nearest : std::string();
}

}  // namespace npo
