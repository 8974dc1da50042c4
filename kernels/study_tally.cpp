#include "kernels/study_tally.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "kernels/error.hpp"
#include "kernels/study_bins.hpp"

namespace npo {
namespace {

/// Scaled values lie within [-16, 16], so that squares and squared differences fit a FixedSum.
constexpr double scaled_limit = 16.0;

/// The bits of |x|: they order as the numbers do, infinity and NaN last. Integers, because a loop over float
/// maxima would not vectorise.
std::int32_t magnitude(float x) {
  return std::bit_cast<std::int32_t>(x) & 0x7fffffff;
}

/// One metric in the replicates of a block: its columns, and its values (0 where undefined).
struct Values {
  std::span<const float> numerator, denominator;  ///< no denominator: a column alone
  std::vector<float> value;
  std::vector<std::uint32_t> defined;  ///< 1 or 0
  std::int64_t count = 0;
  std::int32_t largest = 0, largest_total = 0;  ///< magnitudes: of values; of a ratio's two columns

  void take(const StudyBlock& block, std::size_t checkpoint, const StudyMetric& metric);

 private:
  void take_column();
  void take_ratio();
};

void Values::take(const StudyBlock& block, std::size_t checkpoint, const StudyMetric& metric) {
  numerator = block.column(checkpoint, metric.numerator);
  denominator = metric.denominator == no_column ? std::span<const float>()
                                                : block.column(checkpoint, metric.denominator);
  value.resize(numerator.size());
  defined.resize(numerator.size());
  largest_total = 0;
  if (denominator.empty()) {
    take_column();
  } else {
    take_ratio();
  }
}

void Values::take_column() {
  std::int32_t top = 0;
  for (const float x : numerator) top = std::max(top, magnitude(x));
  std::copy(numerator.begin(), numerator.end(), value.begin());
  std::fill(defined.begin(), defined.end(), 1u);
  count = static_cast<std::int64_t>(numerator.size());
  largest = top;
}

void Values::take_ratio() {
  const float *const numerators = numerator.data(), *const denominators = denominator.data();
  float* const values = value.data();
  std::uint32_t* const flags = defined.data();
  std::int32_t top = 0, top_total = 0;
  std::uint32_t some = 0;
  for (std::size_t i = 0; i < numerator.size(); ++i) {
    const float n = numerators[i], d = denominators[i];
    const float ratio = d > 0.0f ? n / d : 0.0f;
    const std::uint32_t here = d > 0.0f ? 1u : 0u;
    values[i] = ratio;
    flags[i] = here;
    some += here;
    top = std::max(top, magnitude(ratio));
    top_total = std::max(top_total, std::max(magnitude(n), magnitude(d)));
  }
  count = some;
  largest = top;
  largest_total = top_total;
}

/// Whether numbers up to this magnitude, scaled, may be summed.
bool fits(std::int32_t magnitude, double factor) {
  return static_cast<double>(std::bit_cast<float>(magnitude)) * factor <= scaled_limit;
}

void sum_values(const Values& values, double scale, FixedSum& sum, FixedSum& squares) {
  std::int64_t a = 0, aa = 0;
  for (const float x : values.value) {
    const double scaled = static_cast<double>(x) * scale;
    a += to_sum_units(scaled);
    aa += to_sum_units(scaled * scaled);
  }
  sum.add_tile(a);
  squares.add_tile(aa);
}

/// Rounded sums of numerators a, denominators b and their products over a block.
struct Products {
  std::int64_t a = 0, aa = 0, ab = 0, bb = 0;
  std::int64_t total = 0;  ///< of the denominators, which are counts
};

Products sum_products(const Values& values, double scale) {
  std::int64_t a = 0, aa = 0, ab = 0, bb = 0, total = 0;
  const float* const numerators = values.numerator.data();
  const float* const denominators = values.denominator.data();
  for (std::size_t i = 0; i < values.numerator.size(); ++i) {
    const float denominator = denominators[i], numerator = denominator > 0.0f ? numerators[i] : 0.0f;
    const double x = static_cast<double>(numerator) * scale, y = static_cast<double>(denominator) * scale;
    a += to_sum_units(x);
    aa += to_sum_units(x * x);
    ab += to_sum_units(x * y);
    bb += to_sum_units(y * y);
    total += static_cast<std::int32_t>(denominator);
  }
  return {a, aa, ab, bb, total};
}

/// Sums of the differences to the baseline; returns in how many replicates both are defined.
std::int64_t sum_differences(const Values& values, const Values& baseline, double scale, FixedSum& sum,
                             FixedSum& squares) {
  std::int64_t both = 0, a = 0, aa = 0;
  for (std::size_t i = 0; i < values.value.size(); ++i) {
    const std::uint32_t here = values.defined[i] & baseline.defined[i];
    const double gap = static_cast<double>(values.value[i]) - static_cast<double>(baseline.value[i]);
    const double scaled = here ? gap * scale : 0.0;
    both += here;
    a += to_sum_units(scaled);
    aa += to_sum_units(scaled * scaled);
  }
  sum.add_tile(a);
  squares.add_tile(aa);
  return both;
}

/// Counts the values of a block in bins. Neighbouring replicates often fall into the same bin, and then each
/// increment would wait for the one before: four parts are counted side by side.
class BinCounter {
 public:
  void count(const Values& values, const StudyBinning& binning, std::uint32_t* bins) {
    const std::size_t n = values.value.size();
    bin_.resize(n);
    if (binning.is_log()) {
      for (std::size_t i = 0; i < n; ++i) bin_[i] = binning.log_bin(values.value[i]);
    } else {
      for (std::size_t i = 0; i < n; ++i) bin_[i] = binning.linear_bin(values.value[i]);
    }
    if (values.count != static_cast<std::int64_t>(n)) {
      for (std::size_t i = 0; i < n; ++i) bins[bin_[i]] += values.defined[i];
    } else if (n < 256) {
      for (std::size_t i = 0; i < n; ++i) ++bins[bin_[i]];
    } else {
      count_side_by_side(bins);
    }
  }

 private:
  void count_side_by_side(std::uint32_t* bins) {
    for (auto& part : part_) part.fill(0);
    const std::size_t quarter = bin_.size() / 4;
    const std::int32_t* const bin = bin_.data();
    for (std::size_t i = 0; i < quarter; ++i) {
      ++part_[0][static_cast<std::size_t>(bin[i])];
      ++part_[1][static_cast<std::size_t>(bin[quarter + i])];
      ++part_[2][static_cast<std::size_t>(bin[2 * quarter + i])];
      ++part_[3][static_cast<std::size_t>(bin[3 * quarter + i])];
    }
    for (std::size_t i = 4 * quarter; i < bin_.size(); ++i) ++bins[bin[i]];
    for (std::size_t i = 0; i < study_bins; ++i) {
      bins[i] += static_cast<std::uint32_t>(part_[0][i]) + part_[1][i] + part_[2][i] + part_[3][i];
    }
  }

  std::vector<std::int32_t> bin_;
  std::array<std::array<std::uint16_t, study_bins + 7>, 4> part_;  ///< a quarter of a block fits 16 bits
};

double power_of_two(int exponent) {
  return std::ldexp(1.0, exponent);
}

[[noreturn]] void refuse_value(const StudyMetric& metric, std::uint32_t checkpoint, ReplicateRange block) {
  throw Error(ErrorKind::bad_data,
              "metric " + metric.name + " at episode " + std::to_string(checkpoint) +
                  " is not a number or out of range in a replicate from " + std::to_string(block.first) +
                  " to " + std::to_string(block.first + block.count - 1),
              "report this as a bug with the study file");
}

[[noreturn]] void refuse_parts(const std::string& problem) {
  throw Error(ErrorKind::internal, "study tally: " + problem, "report this as a bug");
}

}  // namespace

StudyTally::StudyTally(std::vector<StudyMetric> metrics, std::vector<std::uint32_t> checkpoints)
    : metrics_(std::move(metrics)),
      checkpoints_(std::move(checkpoints)),
      cells_(metrics_.size() * checkpoints_.size()),
      bins_(cells_.size() * study_bins) {}

int StudyTally::total_scale(std::size_t checkpoint) const {
  return std::max(0, static_cast<int>(std::bit_width(checkpoints_[checkpoint] - 1u)) - 4);
}

int StudyTally::scale(std::size_t checkpoint, const StudyMetric& metric) const {
  return metric.grows ? total_scale(checkpoint) : 0;
}

void StudyTally::check(const StudyBlock& block) const {
  if (block.checkpoints() != checkpoints_.size()) refuse_parts("a block of other checkpoints");
  for (const StudyMetric& metric : metrics_) {
    if (metric.numerator >= block.columns() ||
        (metric.denominator != no_column && metric.denominator >= block.columns()))
      refuse_parts("a block without the columns of metric " + metric.name);
  }
  if (block.replicates().count > max_block_replicates)
    refuse_parts("a block of " + std::to_string(block.replicates().count) + " replicates");
}

void StudyTally::add(const StudyBlock& block) {
  add_block(block, nullptr);
}

void StudyTally::add(const StudyBlock& block, const StudyBlock& baseline) {
  if (baseline.replicates().first != block.replicates().first ||
      baseline.replicates().count != block.replicates().count)
    refuse_parts("a baseline of other replicates");
  check(baseline);
  add_block(block, &baseline);
}

void StudyTally::add_block(const StudyBlock& block, const StudyBlock* baseline) {
  check(block);
  if (replicates_ + block.replicates().count > std::numeric_limits<std::uint32_t>::max())
    refuse_parts("more than 2^32 - 1 replicates of a point");
  Values values, reference;
  BinCounter counter;
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    const StudyMetric& metric = metrics_[m];
    const StudyBinning binning(metric);
    for (std::size_t c = 0; c < checkpoints_.size(); ++c) {
      Cell& cell = cells_[cell_of(c, m)];
      const double factor = power_of_two(-scale(c, metric)), total_factor = power_of_two(-total_scale(c));
      const auto take = [&](const StudyBlock& from, Values& into) {
        into.take(from, c, metric);
        if (!fits(into.largest, factor) || !fits(into.largest_total, total_factor))
          refuse_value(metric, checkpoints_[c], from.replicates());
      };
      take(block, values);
      cell.count += values.count;
      sum_values(values, factor, cell.value, cell.square);
      counter.count(values, binning, bins_.data() + cell_of(c, m) * study_bins);
      if (!values.denominator.empty()) {
        const Products sums = sum_products(values, total_factor);
        cell.denominator += sums.total;
        cell.numerator.add_tile(sums.a);
        cell.numerator_square.add_tile(sums.aa);
        cell.product.add_tile(sums.ab);
        cell.denominator_square.add_tile(sums.bb);
      }
      if (baseline) {
        take(*baseline, reference);
        cell.paired += sum_differences(values, reference, factor, cell.difference, cell.difference_square);
      }
    }
  }
  replicates_ += block.replicates().count;
}

void StudyTally::merge(const StudyTally& part) {
  const auto name = [](const StudyMetric& metric) { return metric.name; };
  if (!std::ranges::equal(metrics_, part.metrics_, {}, name, name) || checkpoints_ != part.checkpoints_)
    refuse_parts("parts of different metrics or checkpoints");
  if (replicates_ + part.replicates_ > std::numeric_limits<std::uint32_t>::max())
    refuse_parts("more than 2^32 - 1 replicates of a point");
  replicates_ += part.replicates_;
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].merge(part.cells_[i]);
  for (std::size_t i = 0; i < bins_.size(); ++i) bins_[i] += part.bins_[i];
}

void StudyTally::Cell::merge(const Cell& part) {
  count += part.count;
  denominator += part.denominator;
  value.merge(part.value);
  square.merge(part.square);
  numerator.merge(part.numerator);
  numerator_square.merge(part.numerator_square);
  product.merge(part.product);
  denominator_square.merge(part.denominator_square);
  paired += part.paired;
  difference.merge(part.difference);
  difference_square.merge(part.difference_square);
}

}  // namespace npo
