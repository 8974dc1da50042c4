#include "kernels/poisson_bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "kernels/bootstrap_tile.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t magnitude_limit = std::uint64_t{1}
                                          << 58;  // times 16 replicate counts still fits 63 bits

std::size_t units_of(const BootstrapUnits& batch) {
  return batch.key.empty() ? batch.units : batch.key.size();
}

void check_shape(const BootstrapUnits& batch, const BootstrapPlan& plan) {
  const std::size_t units = units_of(batch);
  bool fits =
      batch.columns.size() == plan.columns && (batch.segment.empty() || batch.segment.size() == units);
  for (const auto& column : batch.columns) fits = fits && column.size() == units;
  if (!fits) throw Error(ErrorKind::internal, "the columns of a bootstrap batch do not fit its plan");
  if (units > 0xfffffffeu)
    throw Error(ErrorKind::internal, "a bootstrap batch holds more than 2^32 - 2 units");
  const auto outside =
      std::ranges::find_if(batch.segment, [&](std::uint32_t segment) { return segment >= plan.segments; });
  if (outside != batch.segment.end())
    throw Error(ErrorKind::bad_data, "unit " + std::to_string(outside - batch.segment.begin()) +
                                         " of a bootstrap batch is of segment " + std::to_string(*outside) +
                                         ", but there are " + std::to_string(plan.segments));
}

/// Places of the batch grouped by segment (a stable counting sort; as they stand where there is one segment).
std::vector<std::uint32_t> grouped_by_segment(const BootstrapUnits& batch, std::size_t segments) {
  std::vector<std::uint32_t> order(units_of(batch));
  if (batch.segment.empty() || std::ranges::is_sorted(batch.segment)) {
    std::iota(order.begin(), order.end(), 0u);
    return order;
  }
  std::vector<std::uint32_t> next(segments + 1);
  for (const std::uint32_t segment : batch.segment) ++next[segment + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[next[batch.segment[i]]++] = i;
  return order;
}

std::vector<BootstrapTile> tiles_of(const BootstrapUnits& batch, std::size_t segments) {
  const std::vector<std::uint32_t> order = grouped_by_segment(batch, segments);
  std::vector<BootstrapTile> tiles;
  for (std::size_t begin = 0, used = 0; begin < order.size(); begin += used) {
    const std::size_t most = std::min<std::size_t>(2 * bootstrap_tile_pairs, order.size() - begin);
    tiles.emplace_back(batch, std::span(order).subspan(begin, most), used);
  }
  return tiles;
}

std::vector<BootstrapTileView> views_of(std::span<const BootstrapTile> tiles) {
  std::vector<BootstrapTileView> views;
  for (const BootstrapTile& tile : tiles) views.push_back(tile.view());
  return views;
}

}  // namespace

int poisson_count(std::uint64_t seed, std::uint64_t key, std::uint32_t replicate) {
  const PhiloxKey philox_key(seed);
  const std::uint32_t place = replicate % replicates_a_block;
  const PhiloxWords words =
      philox(philox_counter(RandomPurpose::bootstrap, key, replicate / replicates_a_block, 0), philox_key);
  const std::uint32_t upper = words.word[place / 2] >> (16 * (place % 2)) & 0xffffu;
  return static_cast<int>(count_is_uncertain(upper) ? refined_count(philox_key, upper, key, replicate)
                                                    : coarse_count(upper));
}

std::vector<std::int64_t> to_bootstrap_column(std::span<const double> values, int fraction_bits,
                                              std::uint64_t first_row) {
  const double unit = std::ldexp(1.0, fraction_bits), limit = std::ldexp(1.0, 58 - fraction_bits);
  std::vector<std::int64_t> column(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] >= -limit && values[i] <= limit))
      throw Error(ErrorKind::bad_data,
                  "row " + std::to_string(first_row + i) + " holds " + std::to_string(values[i]) +
                      ", which a sum with " + std::to_string(fraction_bits) + " fraction bits cannot hold",
                  "remove the row or scale the column");
    column[i] = static_cast<std::int64_t>(std::nearbyint(values[i] * unit));
  }
  return column;
}

BootstrapSums::BootstrapSums(const BootstrapPlan& plan)
    : plan_(plan),
      observed_(plan.segments * plan.columns),
      totals_(plan.segments * plan.columns * plan.replicates),
      magnitude_(plan.columns) {
  if (plan.replicates > max_bootstrap_replicates)
    throw Error(ErrorKind::usage, std::to_string(plan.replicates) + " bootstrap replicates are too many",
                "use at most " + std::to_string(max_bootstrap_replicates));
}

void BootstrapSums::add(const BootstrapUnits& batch, SimdLevel level, const ParallelFor& parallel) {
  if (!supports(level))
    throw Error(ErrorKind::usage, "this machine cannot run " + std::string(name_of(level)),
                "use --simd auto");
  add_observed(batch);
  const std::vector<BootstrapTile> tiles = tiles_of(batch, plan_.segments);
  const std::vector<BootstrapTileView> views = views_of(tiles);
  const auto run = level == SimdLevel::avx512 ? bootstrap_avx512
                   : level == SimdLevel::avx2 ? bootstrap_avx2
                                              : bootstrap_scalar;
  const std::size_t width = level == SimdLevel::avx512 ? 16 : level == SimdLevel::avx2 ? 8 : 1;
  const std::size_t blocks = (plan_.replicates + replicates_a_block - 1) / replicates_a_block;
  const BootstrapTotals totals{totals_.data(), plan_.columns, plan_.replicates};
  parallel((blocks + width - 1) / width, [&](std::size_t i) {
    run(plan_.seed, static_cast<std::uint32_t>(i * width), views.data(), views.size(), totals);
  });
}

void BootstrapSums::check_magnitude(std::size_t column) const {
  if (magnitude_[column] <= magnitude_limit) return;
  throw Error(ErrorKind::bad_data,
              "column " + std::to_string(column) + " of a bootstrap adds up to more than 2^58 units",
              "use fewer fraction bits");
}

void BootstrapSums::add_on_device(const BootstrapUnits& batch, int device) {
  add_observed(batch);
  const std::vector<BootstrapTile> tiles = tiles_of(batch, plan_.segments);
  bootstrap_cuda(plan_.seed, views_of(tiles), {totals_.data(), plan_.columns, plan_.replicates},
                 plan_.segments, device);
}

void BootstrapSums::add_observed(const BootstrapUnits& batch) {
  check_shape(batch, plan_);
  for (std::size_t c = 0; c < plan_.columns; ++c) {
    std::uint64_t magnitude = magnitude_[c];
    for (const std::int64_t v : batch.columns[c]) {
      const auto size = v < 0 ? ~static_cast<std::uint64_t>(v) + 1 : static_cast<std::uint64_t>(v);
      magnitude = std::min(magnitude + std::min(size, 2 * magnitude_limit), 2 * magnitude_limit);
    }
    magnitude_[c] = magnitude;
    check_magnitude(c);
    for (std::size_t i = 0; i < batch.columns[c].size(); ++i) {
      const std::size_t segment = batch.segment.empty() ? 0 : batch.segment[i];
      observed_[segment * plan_.columns + c] += batch.columns[c][i];
    }
  }
}

void BootstrapSums::merge(const BootstrapSums& part) {
  const BootstrapPlan& other = part.plan_;
  if (other.seed != plan_.seed || other.replicates != plan_.replicates || other.columns != plan_.columns ||
      other.segments != plan_.segments)
    throw Error(ErrorKind::internal, "two bootstraps differ in their plan");
  std::ranges::transform(observed_, part.observed_, observed_.begin(), std::plus{});
  std::ranges::transform(totals_, part.totals_, totals_.begin(), std::plus{});
  std::ranges::transform(magnitude_, part.magnitude_, magnitude_.begin(), std::plus{});
  for (std::size_t c = 0; c < plan_.columns; ++c) check_magnitude(c);
}

BootstrapSums BootstrapSums::overall() const {
  BootstrapPlan plan = plan_;
  plan.segments = 1;
  BootstrapSums sums(plan);
  sums.magnitude_ = magnitude_;
  for (std::size_t i = 0; i < observed_.size(); ++i)
    sums.observed_[i % sums.observed_.size()] += observed_[i];
  for (std::size_t i = 0; i < totals_.size(); ++i) sums.totals_[i % sums.totals_.size()] += totals_[i];
  return sums;
}

}  // namespace npo
