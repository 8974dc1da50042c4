#include "host/lead_time.hpp"

#include <gtest/gtest.h>

#include "host/cost_matrix.hpp"
#include "host/logistic_line.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// Rows (cluster, day, label, surfaced).
EvaluationRows rows_of(const std::vector<std::array<int, 4>>& list) {
  EvaluationRows rows;
  for (const auto& [cluster, day, label, surfaced] : list) {
    rows.score.push_back(0.5f);
    rows.cluster.push_back(static_cast<std::uint64_t>(cluster));
    rows.time.push_back(day * seconds_per_day);
    rows.label.push_back(static_cast<std::uint8_t>(label));
    rows.decision.push_back(static_cast<std::uint8_t>(surfaced));
  }
  return rows;
}

TEST(Incidents, RunFromTheFirstSurfacedRowToTheLast) {
  const auto rows = rows_of({{1, 3, 1, 1}, {1, 1, 1, 0}, {1, 2, 1, 1}, {1, 4, 1, 0}, {1, 0, 0, 1}});
  const auto incidents = find_incidents(rows, seconds_per_day);
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_TRUE(incidents[0].surfaced);
  EXPECT_EQ(incidents[0].lead, 2 * seconds_per_day);
  EXPECT_EQ(incidents[0].last_row, 3u);
}

TEST(Incidents, SplitAtGapsAndClusters) {
  const auto rows = rows_of({{1, 0, 1, 1}, {1, 9, 1, 0}, {2, 9, 1, 1}});
  EXPECT_EQ(find_incidents(rows, 8 * seconds_per_day).size(), 3u);
  EXPECT_EQ(find_incidents(rows, 9 * seconds_per_day).size(), 2u);
}

TEST(Incidents, MetricsSayWhyTheyAreUndefined) {
  const auto none = lead_time_metrics({}, 0.95);
  EXPECT_EQ(none[0].reason, "nothing happened");
  const auto missed = lead_time_metrics({Incident{}}, 0.95);
  EXPECT_EQ(missed[0].value, 0.0);
  EXPECT_FALSE(missed[1].value);
}

TEST(CostMatrixText, Forms) {
  const CostMatrix cost = parse_cost("-1,2,30.5,0");
  EXPECT_EQ(cost.true_positive, -1.0);
  EXPECT_EQ(cost.false_positive, 2.0);
  EXPECT_EQ(cost.false_negative, 30.5);
  for (const char* text : {"", "1,2,3", "1,2,3,4,5", "1,2,3,x", "1,2,3,inf"})
    EXPECT_THROW(parse_cost(text), Error) << text;
}

/// Expected counts on a known line: its fit is that line.
TEST(LogisticLineFit, RecoversTheLine) {
  std::vector<LinePoint> points;
  for (double x = -4.0; x <= 4.0; x += 0.25)
    points.push_back({x, 100.0 * elementary64::sigmoid(-0.7 + 1.3 * x), 100.0});
  const auto line = fit_logistic_line(points, {1.0, 0.0});
  ASSERT_TRUE(line);
  EXPECT_NEAR(line->slope, 1.3, 1e-9);
  EXPECT_NEAR(line->intercept, -0.7, 1e-9);
}

TEST(LogisticLineFit, SaysNothingWhereThereIsNoLine) {
  EXPECT_FALSE(fit_logistic_line(std::vector<LinePoint>{{0.0, 5.0, 5.0}, {1.0, 5.0, 5.0}}, {1.0, 0.0}));
  EXPECT_FALSE(fit_logistic_line(std::vector<LinePoint>{{1.0, 2.0, 5.0}, {1.0, 3.0, 5.0}}, {1.0, 0.0}));
  EXPECT_FALSE(fit_logistic_line(std::vector<LinePoint>{{0.0, 0.0, 5.0}, {1.0, 5.0, 5.0}}, {1.0, 0.0}));
}

}  // namespace
}  // namespace npo
