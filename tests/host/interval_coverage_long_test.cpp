#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <optional>
#include <vector>

#include "host/intervals.hpp"
#include "host/run_context.hpp"
#include "kernels/delong.hpp"
#include "kernels/philox.hpp"
#include "kernels/poisson_bootstrap.hpp"

/// How often the intervals at 95 % cover the truth, in 10,000 worlds with known truth. The share seen has a
/// standard error of 0.0022, so 5 of them are 1.1 points; seeds are fixed.
namespace npo {
namespace {

constexpr int worlds = 10000;
constexpr double level = 0.95;
const double standard_error = std::sqrt(0.95 * 0.05 / worlds);

/// Uniform numbers of one world.
class World {
 public:
  explicit World(std::uint64_t world) : key_(20260419), world_(world) {}
  double operator()() {
    if (used_ == 4) {
      words_ = philox(philox_counter(RandomPurpose::test, world_, step_++, 0), key_);
      used_ = 0;
    }
    return (words_.word[used_++] + 0.5) * 0x1p-32;
  }
  bool happens(double p) { return (*this)() < p; }

 private:
  PhiloxKey key_;
  std::uint64_t world_;
  std::uint32_t step_ = 0;
  PhiloxWords words_{};
  std::uint32_t used_ = 4;
};

bool covers(const std::optional<Interval>& interval, double truth) {
  return interval && interval->low <= truth && truth <= interval->high;
}

/// The share of worlds for which covered(world) says so.
template <class Covered>
double share_of_worlds(const Covered& covered) {
  std::vector<std::uint8_t> hit(worlds);
  parallel_for(available_threads(), worlds, [&](std::uint64_t w) { hit[w] = covered(w) ? 1 : 0; });
  double sum = 0.0;
  for (const std::uint8_t one : hit) sum += one;
  return sum / worlds;
}

/// The coverage of an interval of a rate, enumerated over all counts.
template <class Make>
double enumerated_coverage(std::uint64_t trials, double p, const Make& interval) {
  const boost::math::binomial law(static_cast<double>(trials), p);
  double sum = 0.0;
  for (std::uint64_t k = 0; k <= trials; ++k)
    if (covers(interval(k, trials, level), p)) sum += boost::math::pdf(law, static_cast<double>(k));
  return sum;
}

template <class Make>
double simulated_coverage(std::uint64_t trials, double p, const Make& interval) {
  return share_of_worlds([&](std::uint64_t w) {
    World world(w);
    std::uint64_t successes = 0;
    for (std::uint64_t i = 0; i < trials; ++i) successes += world.happens(p) ? 1u : 0u;
    return covers(interval(successes, trials, level), p);
  });
}

TEST(IntervalCoverage, RatesCoverAsEnumerated) {
  for (const auto& [trials, p] : {std::pair{50, 0.1}, std::pair{200, 0.02}, std::pair{20, 0.5}}) {
    const auto n = static_cast<std::uint64_t>(trials);
    const double wilson = simulated_coverage(n, p, wilson_interval);
    EXPECT_NEAR(wilson, enumerated_coverage(n, p, wilson_interval), 5 * standard_error) << n << " " << p;
    const double exact = simulated_coverage(n, p, clopper_pearson_interval);
    EXPECT_NEAR(exact, enumerated_coverage(n, p, clopper_pearson_interval), 5 * standard_error)
        << n << " " << p;
    EXPECT_GE(exact, 0.945);
    fmt::print("n {} p {}: wilson {:.4f}, clopper-pearson {:.4f}\n", n, p, wilson, exact);
  }
}

TEST(IntervalCoverage, EmpiricalBernsteinNeverFallsShort) {
  for (const int values : {30, 300}) {
    const double share = share_of_worlds([&](std::uint64_t w) {
      World world(w);
      double sum = 0.0, squares = 0.0;
      for (int i = 0; i < values; ++i) {
        const double u = world(), x = u * u * u;  // mean 1/4, skewed
        sum += x;
        squares += x * x;
      }
      const double n = values, mean = sum / n;
      const double variance = (squares - n * mean * mean) / (n - 1.0);
      return covers(
          empirical_bernstein_interval({mean, variance, static_cast<std::uint64_t>(values), 0.0, 1.0}, level),
          0.25);
    });
    EXPECT_GE(share, 0.945) << values;
    fmt::print("empirical bernstein, {} values: {:.4f}\n", values, share);
  }
}

/// Rows of a fleet: positives with probability 0.3, scores that separate them somewhat.
struct Fleet {
  std::vector<float> score;
  std::vector<std::uint8_t> label;
  std::vector<std::uint64_t> cluster;
};

/// Clusters of four rows that share their label; rows alone where `clustered` is not set. Positives are
/// flagged with probability 0.7, negatives with 0.2; scores are u^(1/2) and u.
Fleet draw_fleet(World& world, std::size_t rows, bool clustered) {
  Fleet fleet;
  bool positive = false;
  double shared = 0.0;
  for (std::size_t i = 0; i < rows; ++i) {
    if (!clustered || i % 4 == 0) {
      positive = world.happens(0.3);
      shared = world();
    }
    const double u = clustered && world.happens(0.5) ? shared : world();
    fleet.score.push_back(static_cast<float>(positive ? std::sqrt(u) : u));
    fleet.label.push_back(positive ? 1 : 0);
    fleet.cluster.push_back(clustered ? i / 4 : i);
  }
  return fleet;
}

constexpr float threshold = 0.6f;

enum class Shape { precision, f1, brier };

/// The metric from totals of true positives, false positives, false negatives, squared error and rows.
double metric_of(Shape shape, const std::array<double, 5>& total) {
  if (shape == Shape::precision) return total[0] / (total[0] + total[1]);
  if (shape == Shape::f1) return 2.0 * total[0] / (2.0 * total[0] + total[1] + total[2]);
  return total[3] / (total[4] * 0x1p20);
}

double true_metric(Shape shape) {
  const double t = threshold, tp = 0.3 * (1 - t * t), fp = 0.7 * (1 - t), fn = 0.3 * t * t;
  // E (1 - sqrt U)^2 = 1/6, E U^2 = 1/3
  return metric_of(shape, {tp, fp, fn, (0.3 / 6 + 0.7 / 3) * 0x1p20, 1.0});
}

std::array<std::vector<std::int64_t>, 5> columns_of(const Fleet& fleet) {
  std::array<std::vector<std::int64_t>, 5> columns;
  for (std::size_t i = 0; i < fleet.score.size(); ++i) {
    const bool flagged = fleet.score[i] >= threshold, yes = fleet.label[i] == 1;
    const double gap = fleet.score[i] - (yes ? 1.0 : 0.0);
    columns[0].push_back(flagged && yes ? 1 : 0);
    columns[1].push_back(flagged && !yes ? 1 : 0);
    columns[2].push_back(!flagged && yes ? 1 : 0);
    columns[3].push_back(std::llround(gap * gap * 0x1p20));
    columns[4].push_back(1);
  }
  return columns;
}

/// Percentile intervals of three metrics from one bootstrap of 1024 replicates.
std::array<bool, 3> bootstrap_covers(const Fleet& fleet, std::uint64_t seed) {
  const auto columns = columns_of(fleet);
  BootstrapUnits units;
  units.key = fleet.cluster;
  for (const auto& column : columns) units.columns.emplace_back(column);
  const FoldedClusters folded = fold_clusters(units);
  BootstrapSums sums({seed, 1024, 5, 1});
  sums.add(folded.units(), widest_simd_level());
  std::array<bool, 3> covered{};
  for (const Shape shape : {Shape::precision, Shape::f1, Shape::brier}) {
    std::vector<double> metric(1024);
    for (std::size_t b = 0; b < metric.size(); ++b) {
      std::array<double, 5> total;
      for (std::size_t c = 0; c < 5; ++c) total[c] = static_cast<double>(sums.replicates(0, c)[b]);
      metric[b] = metric_of(shape, total);
    }
    covered[static_cast<std::size_t>(shape)] = covers(percentile_interval(metric, level), true_metric(shape));
  }
  return covered;
}

/// At least 200 positives: 800 rows hold 240, with fewer than 200 in one world of a thousand.
TEST(IntervalCoverage, BootstrapsCoverNearTheirLevel) {
  for (const bool clustered : {false, true}) {
    std::vector<std::array<bool, 3>> covered(worlds);
    const std::size_t rows = clustered ? 3200 : 800;
    parallel_for(available_threads(), worlds, [&](std::uint64_t w) {
      World world(w);
      covered[w] = bootstrap_covers(draw_fleet(world, rows, clustered), w);
    });
    for (const Shape shape : {Shape::precision, Shape::f1, Shape::brier}) {
      double share = 0.0;
      for (const auto& one : covered) share += one[static_cast<std::size_t>(shape)] ? 1.0 / worlds : 0.0;
      EXPECT_GE(share, 0.935) << clustered << static_cast<int>(shape);
      EXPECT_LE(share, 0.965) << clustered << static_cast<int>(shape);
      fmt::print("bootstrap{}, {}: {:.4f}\n", clustered ? " by cluster" : "",
                 shape == Shape::precision ? "precision"
                 : shape == Shape::f1      ? "f1"
                                           : "brier",
                 share);
    }
  }
}

/// Taking rows of a cluster for independent is what the cluster bootstrap is for: the planted mistake must
/// show.
TEST(IntervalCoverage, IgnoringClustersFallsShort) {
  const double share = share_of_worlds([](std::uint64_t w) {
    if (w % 10 != 0) return true;  // a tenth of the worlds is enough
    World world(w);
    Fleet fleet = draw_fleet(world, 3200, true);
    for (std::size_t i = 0; i < fleet.cluster.size(); ++i) fleet.cluster[i] = i;
    return bootstrap_covers(fleet, w)[static_cast<std::size_t>(Shape::brier)];
  });
  EXPECT_LT((share - 0.9) * 10, 0.9);
}

/// AUROC of sqrt(U) against U' is E sqrt(U) = 2/3.
TEST(IntervalCoverage, DeLongCoversNearItsLevel) {
  const double z = normal_quantile(0.5 + level / 2);
  for (const bool clustered : {false, true}) {
    const double share = share_of_worlds([&](std::uint64_t w) {
      World world(w + 1'000'000);
      const Fleet fleet = draw_fleet(world, clustered ? 3200 : 800, clustered);
      const auto delong = delong_segments({fleet.score, fleet.label, {}, {}}, fleet.cluster)[0];
      return std::abs(delong->auroc - 2.0 / 3.0) <= z * std::sqrt(*delong->variance);
    });
    EXPECT_GE(share, 0.935) << clustered;
    EXPECT_LE(share, 0.965) << clustered;
    fmt::print("delong{}: {:.4f}\n", clustered ? " by cluster" : "", share);
  }
}

}  // namespace
}  // namespace npo
