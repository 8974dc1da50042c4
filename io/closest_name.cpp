#include "io/closest_name.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace npo {
namespace {

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Optimal string alignment distance with three rolling rows.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string closest_name(std::string_view word, std::span<const std::string> known) {
  std::string best;
  std::size_t fewest = 0;
  for (const std::string& name : known) {
    const std::size_t allowed = std::max<std::size_t>(1, std::max(word.size(), name.size()) / 3);
    const std::size_t needed = edits(word, name);
    if (needed > allowed || (!best.empty() && needed >= fewest)) continue;
    best = name;
    fewest = needed;
  }
  return best;
}

std::string suggest_name(std::string_view word, std::span<const std::string> known,
                         std::string_view otherwise) {
  const std::string near = closest_name(word, known);
  return near.empty() ? std::string(otherwise) : "did you mean `" + near + "`?";
}

}  // namespace npo
