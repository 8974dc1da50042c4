#pragma once
#include <random>
#include <vector>

#include "kernels/poisson_bootstrap.hpp"

namespace npo::test {

/// Units with random keys and values of both signs.
struct BootstrapTable {
  std::vector<std::uint64_t> key;
  std::vector<std::uint32_t> segment;
  std::vector<std::vector<std::int64_t>> column;

  BootstrapTable(std::size_t units, std::size_t columns, std::uint64_t seed)
      : key(units), column(columns), random_(seed) {
    for (auto& k : key) k = random_();
    for (std::size_t c = 0; c < columns; ++c)  // column c has about 15 (c + 1) bits
      for (std::size_t i = 0; i < units; ++i)
        column[c].push_back(static_cast<std::int64_t>(random_()) >> (48 - 15 * std::min<std::size_t>(c, 2)));
  }
  void draw_segments(std::size_t segments) {
    segment.resize(key.size());
    for (auto& g : segment) g = static_cast<std::uint32_t>(random_() % segments);
  }
  BootstrapUnits part(std::size_t begin, std::size_t count) const {
    BootstrapUnits batch;
    batch.key = std::span(key).subspan(begin, count);
    if (!segment.empty()) batch.segment = std::span(segment).subspan(begin, count);
    for (const auto& values : column) batch.columns.push_back(std::span(values).subspan(begin, count));
    return batch;
  }
  BootstrapUnits units() const { return part(0, key.size()); }

 private:
  std::mt19937_64 random_;
};

/// By the definition: for each segment and column the observed total, then that of each replicate.
inline std::vector<std::int64_t> naive_totals(const BootstrapTable& table, const BootstrapPlan& plan) {
  const std::size_t stride = 1 + plan.replicates;
  std::vector<std::int64_t> all(plan.segments * plan.columns * stride);
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    const std::size_t segment = table.segment.empty() ? 0 : table.segment[i];
    for (std::uint32_t b = 0; b <= plan.replicates; ++b) {
      const int count = b == 0 ? 1 : poisson_count(plan.seed, table.key[i], b - 1);
      for (std::size_t c = 0; c < plan.columns; ++c)
        all[(segment * plan.columns + c) * stride + b] += count * table.column[c][i];
    }
  }
  return all;
}

}  // namespace npo::test
