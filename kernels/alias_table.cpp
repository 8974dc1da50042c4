#include "kernels/alias_table.hpp"

#include <cstddef>

namespace npo {

AliasTable alias_table(std::span<const double> weight) {
  double total = 0.0;
  for (const double w : weight) total += w;
  const double size = static_cast<double>(weight.size());
  std::vector<double> share;
  std::vector<std::uint32_t> small, large;
  AliasTable table{std::vector<float>(weight.size(), 1.0f), std::vector<std::uint32_t>(weight.size())};
  for (std::uint32_t i = 0; i < weight.size(); ++i) {
    table.alias[i] = i;
    share.push_back(weight[i] * size / total);
    (share[i] < 1.0 ? small : large).push_back(i);
  }
  while (!small.empty() && !large.empty()) {
    const std::uint32_t poor = small.back(), rich = large.back();
    small.pop_back();
    table.keep[poor] = static_cast<float>(share[poor]);
    table.alias[poor] = rich;
    share[rich] -= 1.0 - share[poor];
    if (share[rich] >= 1.0) continue;
    large.pop_back();
    small.push_back(rich);
  }
  return table;  // what is left has a share of one, up to rounding
}

}  // namespace npo
