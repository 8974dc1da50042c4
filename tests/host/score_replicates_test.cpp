#include "host/score_replicates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "host/intervals.hpp"
#include "kernels/philox.hpp"
#include "kernels/poisson_bootstrap.hpp"

namespace npo {
namespace {

double uniform(std::uint64_t entity, std::uint32_t step) {
  return philox(philox_counter(RandomPurpose::test, entity, step, 0), 11).word[0] * 0x1p-32;
}

/// Rows whose label follows the score; some scores are tied, decisions cut at 0.6, clusters of three.
struct Sample {
  std::vector<float> score;
  std::vector<std::uint8_t> label, decision;
  std::vector<std::uint64_t> key;
  explicit Sample(std::size_t rows, std::uint32_t world = 0) {
    for (std::uint64_t i = 0; i < rows; ++i) {
      const double s = std::round(uniform(i, 2 * world) * 200.0) / 200.0;
      score.push_back(static_cast<float>(s));
      label.push_back(uniform(i, 2 * world + 1) < 0.15 + 0.6 * s);
      decision.push_back(s >= 0.6 ? 1 : 0);
      key.push_back(i / 3);
    }
  }
  ScoredRows rows(bool clustered) const {
    return {.score = score,
            .label = label,
            .decision = decision,
            .weight = {},
            .key = clustered ? std::span<const std::uint64_t>(key) : std::span<const std::uint64_t>()};
  }
};

MetricSettings settings_with(std::uint32_t replicates) {
  MetricSettings settings;
  settings.bootstrap = replicates;
  settings.seed = 5;
  return settings;
}

ScoreReplicates replicates_of(const ScoredRows& rows, const MetricSettings& settings, std::size_t cuts) {
  return ScoreReplicates(rows, make_score_cells(rows, cuts, {}), settings, true,
                         BootstrapEngine::on_this_thread(SimdLevel::scalar));
}

/// Average precision of rows that count `weight` times, by definition.
double average_precision(const ScoredRows& rows, const std::vector<int>& weight) {
  std::map<float, std::pair<double, double>, std::greater<>> at;
  double positives = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    (rows.label[i] == 1 ? at[rows.score[i]].first : at[rows.score[i]].second) += weight[i];
    if (rows.label[i] == 1) positives += weight[i];
  }
  double hits = 0.0, alarms = 0.0, area = 0.0;
  for (const auto& [score, counts] : at) {
    hits += counts.first;
    alarms += counts.first + counts.second;
    if (counts.first > 0.0) area += counts.first / positives * hits / alarms;
  }
  return area;
}

/// Expected calibration error over ten parts of [0, 1] of rows that count `weight` times, by definition.
double calibration_error(const ScoredRows& rows, const std::vector<int>& weight) {
  std::array<double, 10> gap{};
  double all = 0.0, sum = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double score = static_cast<double>(rows.score[i]);
    const auto part = std::min<std::size_t>(9, static_cast<std::size_t>(score * 10.0));
    gap[part] += weight[i] * (score - rows.label[i]);
    all += weight[i];
  }
  for (const double part : gap) sum += std::fabs(part);
  return sum / all;
}

/// What the definition of the counts says of replicate b, row by row.
ScoreTotals naive_totals(const Sample& sample, const ScoredRows& rows, std::uint32_t b,
                         std::vector<int>& weight) {
  ScoreTotals naive;
  weight.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    weight.push_back(poisson_count(5, rows.key.empty() ? i : rows.key[i], b));
    const double w = weight.back(), error = static_cast<double>(rows.score[i]) - rows.label[i];
    double& cell = sample.decision[i] == 1 ? (rows.label[i] ? naive.true_positive : naive.false_positive)
                                           : (rows.label[i] ? naive.false_negative : naive.true_negative);
    cell += w;
    naive.brier += w * error * error;
  }
  return naive;
}

/// Every replicate is what the definition says: with more cuts than scores (no binning), and with so few that
/// cells hold many rows, which are summed in another way.
TEST(ScoreReplicates, AreTheDefinition) {
  const Sample sample(300);
  for (const bool clustered : {false, true})
    for (const std::size_t cuts : {400, 2}) {
      const ScoredRows rows = sample.rows(clustered);
      const auto replicates = replicates_of(rows, settings_with(30), cuts);
      const auto totals = replicates.totals();
      const auto precision = replicates.average_precision(average_precision(rows, std::vector<int>(300, 1)));
      const auto errors = replicates.calibration_error(totals);
      for (std::uint32_t b = 0; b < 30; ++b) {
        std::vector<int> weight;
        const ScoreTotals naive = naive_totals(sample, rows, b, weight);
        EXPECT_EQ(totals[b].true_positive, naive.true_positive);
        EXPECT_EQ(totals[b].false_positive, naive.false_positive);
        EXPECT_EQ(totals[b].false_negative, naive.false_negative);
        EXPECT_EQ(totals[b].true_negative, naive.true_negative);
        EXPECT_NEAR(totals[b].brier, naive.brier, 300 * 0x1p-30);  // each row is rounded once
        if (cuts < 400) continue;
        EXPECT_NEAR(precision[b], average_precision(rows, weight), 1e-12);
        EXPECT_NEAR(errors[b], calibration_error(rows, weight), 1e-6);
      }
    }
}

/// With 16 cuts a class the spread of average precision stays what it is without binning, to a twentieth.
TEST(ScoreReplicates, BinningKeepsTheSpread) {
  const Sample sample(2000);
  const ScoredRows rows = sample.rows(false);
  const auto settings = settings_with(1000);
  const double exact = average_precision(rows, std::vector<int>(2000, 1));
  const auto fine = percentile_interval(replicates_of(rows, settings, 400).average_precision(exact), 0.95);
  const auto coarse = percentile_interval(replicates_of(rows, settings, 16).average_precision(exact), 0.95);
  const double width = fine->high - fine->low;
  EXPECT_NEAR(coarse->low, fine->low, 0.05 * width);
  EXPECT_NEAR(coarse->high, fine->high, 0.05 * width);
}

/// Pieces add up to the whole.
TEST(ScoreReplicates, PiecesAreTheWhole) {
  const Sample sample(500);
  const ScoredRows rows = sample.rows(false);
  const auto settings = settings_with(50);
  ScoreReplicates pieces(even_score_cells(32), settings, true);
  for (std::size_t first = 0; first < 500; first += 120) {
    const std::size_t count = std::min<std::size_t>(120, 500 - first);
    const ScoredRows part{.score = rows.score.subspan(first, count),
                          .label = rows.label.subspan(first, count),
                          .decision = rows.decision.subspan(first, count),
                          .weight = {},
                          .key = {}};
    pieces.add(part, assign_even_cells(part, 32), first, BootstrapEngine::on_this_thread(SimdLevel::scalar));
  }
  const auto whole = replicates_of(rows, settings, 64).totals(), added = pieces.totals();
  for (std::size_t b = 0; b < 50; ++b) {
    EXPECT_EQ(added[b].true_positive, whole[b].true_positive);
    EXPECT_EQ(added[b].brier, whole[b].brier);
  }
}

/// Cuts keep every class's share of a bin small, and bins follow the score.
TEST(ScoreCells, FollowTheScore) {
  const Sample sample(5000);
  const ScoredRows rows = sample.rows(false);
  const std::vector<float> edges{0.5f};
  const ScoreCells cells = make_score_cells(rows, 16, edges);
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    const auto bin = cells.cells[cells.cell_of[i]].bin, next = cells.cells[cells.cell_of[i + 1]].bin;
    EXPECT_TRUE(!(rows.score[i] > rows.score[i + 1]) || bin <= next);
    EXPECT_TRUE(!(rows.score[i] >= 0.5f && rows.score[i + 1] < 0.5f) || bin < next);
    EXPECT_EQ(cells.cells[cells.cell_of[i]].decision, rows.decision[i]);
  }
}

/// Over 2000 worlds of 900 rows the 95 % interval of F1 holds its true value in 93.5 to 96.5 % (binomial
/// standard error 0.5 %). Clusters of three equal rows: taking them for independent covers far too seldom,
/// and the test would see it.
TEST(ScoreReplicates, CoverAsOftenAsTheySay) {
  constexpr int worlds = 2000;
  const auto settings = settings_with(256);
  const auto f1 = [](const ScoreTotals& t) {
    return 2.0 * t.true_positive / (2.0 * t.true_positive + t.false_positive + t.false_negative);
  };
  // The label given s = k / 200, k weighed as rounding a uniform does.
  double truth_hits = 0.0, truth_false = 0.0, truth_missed = 0.0;
  for (int k = 0; k <= 200; ++k) {
    const double s = k / 200.0, mass = (k == 0 || k == 200 ? 0.5 : 1.0) / 200.0, p = 0.15 + 0.6 * s;
    if (static_cast<float>(s) >= 0.6f)
      truth_hits += mass * p, truth_false += mass * (1.0 - p);
    else
      truth_missed += mass * p;
  }
  const double truth = 2.0 * truth_hits / (2.0 * truth_hits + truth_false + truth_missed);
  int covered = 0, covered_by_rows = 0;
  for (std::uint32_t world = 0; world < worlds; ++world) {
    const Sample third(300, world + 1);
    Sample sample(0);
    for (std::size_t i = 0; i < 300; ++i)
      for (int copy = 0; copy < 3; ++copy) {
        sample.score.push_back(third.score[i]);
        sample.label.push_back(third.label[i]);
        sample.decision.push_back(third.decision[i]);
        sample.key.push_back(i);
      }
    for (const bool clustered : {true, false}) {
      std::vector<double> values;
      const ScoredRows rows = sample.rows(clustered);
      const ScoreReplicates replicates(rows, make_score_cells(rows, 1, {}), settings, false,
                                       BootstrapEngine::on_this_thread(widest_simd_level()));
      for (const ScoreTotals& totals : replicates.totals()) values.push_back(f1(totals));
      const auto interval = percentile_interval(values, 0.95);
      (clustered ? covered : covered_by_rows) += interval->low <= truth && truth <= interval->high;
    }
  }
  EXPECT_GE(covered, 0.935 * worlds);
  EXPECT_LE(covered, 0.965 * worlds);
  EXPECT_LT(covered_by_rows, 0.80 * worlds);
}

}  // namespace
}  // namespace npo
