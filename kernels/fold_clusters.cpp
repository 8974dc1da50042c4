#include <algorithm>
#include <numeric>

#include "kernels/poisson_bootstrap.hpp"

namespace npo {

BootstrapUnits FoldedClusters::units() const {
  BootstrapUnits batch;
  batch.key = key;
  batch.segment = segment;
  for (const auto& column : columns) batch.columns.emplace_back(column);
  return batch;
}

FoldedClusters fold_clusters(const BootstrapUnits& rows) {
  const std::size_t count = rows.key.empty() ? rows.units : rows.key.size();
  const auto key_of = [&](std::size_t i) { return rows.key.empty() ? rows.first_key + i : rows.key[i]; };
  const auto segment_of = [&](std::size_t i) { return rows.segment.empty() ? 0u : rows.segment[i]; };
  const auto place_of = [&](std::size_t i) { return std::pair(segment_of(i), key_of(i)); };
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto ascends = [&](std::size_t a, std::size_t b) { return place_of(a) < place_of(b); };
  if (!std::ranges::is_sorted(order, ascends)) std::ranges::sort(order, ascends);

  FoldedClusters folded;
  folded.columns.resize(rows.columns.size());
  for (std::size_t place = 0; place < count; ++place) {
    const std::size_t i = order[place];
    const bool fresh = place == 0 || place_of(order[place - 1]) != place_of(i);
    if (fresh) {
      folded.key.push_back(key_of(i));
      if (!rows.segment.empty()) folded.segment.push_back(segment_of(i));
    }
    for (std::size_t c = 0; c < rows.columns.size(); ++c) {
      if (fresh) folded.columns[c].push_back(0);
      folded.columns[c].back() += rows.columns[c][i];
    }
  }
  return folded;
}

}  // namespace npo
