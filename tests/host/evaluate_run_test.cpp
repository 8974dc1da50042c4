#include "host/evaluate_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/feedback_file.hpp"
#include "tests/host/evaluate_samples.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using test::night;
using test::Row;
using testing::HasSubstr;

constexpr Decision withheld = Decision::withheld, surfaced = Decision::surfaced, blocked = Decision::blocked;

class EvaluateRun : public testing::Test {
 protected:
  /// Ten rows: 2 hits, 1 false alarm, 1 missed, 1 blocked that happened, 1 blocked that did not, 3 rightly
  /// withheld, 1 unknown.
  void SetUp() override {
    labels({{1, 1, 0, 1, 1, 0, 0, 0, 0, 255}});
    decisions(0, {{10, surfaced, 0, 0.9f},
                  {20, surfaced, 1, 0.8f},
                  {30, surfaced, 0, 0.7f},
                  {40, withheld, 1},
                  {50, blocked, 0},
                  {60, blocked, 1},
                  {70, withheld},
                  {80, withheld},
                  {90, withheld, 1},
                  {100, surfaced, 1}});
  }
  void labels(const std::vector<std::vector<int>>& by_night) {
    example_ = test::hand_labelled(by_night);
    example_.write(options_.labels);
  }
  void decisions(int of_night, const std::vector<Row>& rows) {
    const auto folder = folder_ / ("night_" + std::to_string(of_night));
    std::filesystem::remove_all(folder);
    test::write_decisions(folder, of_night, rows);
    std::erase(options_.decisions, folder);
    options_.decisions.push_back(folder);
  }
  EvaluateReport evaluate(int threads = 2) { return run_evaluate(options_, test::threads(threads)); }
  static Metric metric(const GroupCounts& counts, const std::string& name) {
    for (const Metric& m : metrics_of(counts, 0.95))
      if (m.name == name) return m;
    throw std::logic_error(name);
  }

  test::TemporaryFolder folder_;
  test::ScenarioExample example_{{1}};
  EvaluateOptions options_{
      .decisions = {}, .labels = folder_ / "labels.h5", .feedback = {}, .as_of = {}, .baseline = {}};
};

TEST_F(EvaluateRun, CountsWhatWasCountedByHand) {
  const auto total = evaluate().total.counts;
  EXPECT_EQ(total.confusion, (Confusion{.true_positive = 2,
                                        .false_positive = 1,
                                        .false_negative = 2,
                                        .true_negative = 4,
                                        .blocked_positive = 1,
                                        .blocked_negative = 1}));
  EXPECT_EQ(total.rows, 10u);
  EXPECT_EQ(total.immature, 1u);
  // Hindsight: 2 likes and 1 override of surfaced rows; 1 override and 3 likes of withheld ones; blocked:
  // none.
  EXPECT_EQ(total.answers, (Answers{.withheld = {1, 3, 0, 0}, .surfaced = {1, 2, 0, 0}}));
  EXPECT_DOUBLE_EQ(*metric(total, "precision").value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*metric(total, "recall").value, 2.0 / 4);
  EXPECT_DOUBLE_EQ(*metric(total, "specificity").value, 4.0 / 5);
  EXPECT_DOUBLE_EQ(*metric(total, "f1").value, 4.0 / 7);
  EXPECT_DOUBLE_EQ(*metric(total, "surfaced_rate").value, 3.0 / 9);
  EXPECT_DOUBLE_EQ(*metric(total, "override_rate").value, 2.0 / 7);
  EXPECT_DOUBLE_EQ(*metric(total, "surfaced_override_rate").value, 1.0 / 3);
  EXPECT_DOUBLE_EQ(*metric(total, "loss").value, 2.0 / 7);
  const auto wilson = wilson_interval(2, 3, 0.95);
  EXPECT_EQ(metric(total, "precision").interval->low, wilson.low);
  EXPECT_EQ(metric(total, "precision").interval->high, wilson.high);
}

TEST_F(EvaluateRun, FleetsAddUpToTheTotal) {
  options_.by_fleet = true;
  const auto report = evaluate();
  ASSERT_EQ(report.fleets.size(), 2u);
  EXPECT_EQ(report.fleets[0].name, "north");
  EXPECT_EQ(report.fleets[0].counts.confusion.true_positive, 1u);
  EXPECT_EQ(report.fleets[1].counts.immature, 1u);
  GroupCounts sum = report.fleets[0].counts;
  sum += report.fleets[1].counts;
  EXPECT_EQ(sum.confusion, report.total.counts.confusion);
  EXPECT_EQ(sum.answers, report.total.counts.answers);
}

TEST_F(EvaluateRun, WhatIsUndefinedIsNullWithAReason) {
  labels({{0, 0, 255}});
  decisions(0, {{10, withheld}, {20, withheld}, {30, surfaced}});
  const auto json = to_json(evaluate())["total"]["metrics"];
  for (const char* name : {"precision", "recall", "f1", "surfaced_skip_rate"}) {
    EXPECT_TRUE(json[name]["value"].is_null()) << name;
    EXPECT_FALSE(json[name]["reason"].get<std::string>().empty());
    EXPECT_FALSE(json[name].contains("low"));
  }
  EXPECT_EQ(json["specificity"]["value"], 1.0);
  EXPECT_EQ(json["loss"]["value"], 0.0);
  EXPECT_THAT(to_table(evaluate()), HasSubstr("precision              - (nothing matured was surfaced)"));
}

/// 200 scored rows in the north; then 50 blocked ones without a score, in north and south by turns.
class EvaluateUnscored : public EvaluateRun {
 protected:
  static constexpr int scored = 200, unscored = 50;
  void SetUp() override {
    options_.by_fleet = true;
    options_.scores.emplace();
    options_.scores->settings.bootstrap = 200;
    std::vector<int> happened;
    for (int i = 0; i < scored + unscored; ++i) happened.push_back((i * 53 + 20) % 97 < i * 37 % 101);
    labels({happened});
    label_ = happened;
  }
  static float score(int i) { return static_cast<float>(i * 37 % 101) / 101.0f; }
  EvaluateReport report_of(int rows) {
    std::vector<Row> all;
    for (int i = 0; i < rows; ++i)
      all.push_back(i < scored
                        ? Row{10u * (i + 1u), score(i) > 0.5f ? surfaced : withheld, 0, score(i)}
                        : Row{10u * (i + 1u), blocked, i % 2u, std::numeric_limits<float>::quiet_NaN()});
    decisions(0, all);
    return evaluate();
  }
  /// P(positive above negative) + P(tied) / 2, rows without a score at 0.
  double auroc() const {
    double above = 0.0, pairs = 0.0;
    const auto rank = [](int i) { return i < scored ? score(i) : 0.0f; };
    for (int i = 0; i < scored + unscored; ++i)
      for (int j = 0; j < scored + unscored; ++j) {
        if (label_[i] != 1 || label_[j] != 0) continue;
        above += rank(i) > rank(j) ? 1.0 : rank(i) == rank(j) ? 0.5 : 0.0;
        pairs += 1.0;
      }
    return above / pairs;
  }
  std::vector<int> label_;
};

TEST_F(EvaluateUnscored, RowsWithoutAScoreAreNoProbabilities) {
  const EvaluateReport whole = report_of(scored + unscored), without = report_of(scored);
  EXPECT_EQ(whole.unscored, 50u);
  double brier = 0.0;
  for (int i = 0; i < scored; ++i) brier += std::pow(static_cast<double>(score(i)) - label_[i], 2) / scored;
  EXPECT_NEAR(*whole.scores->total.find("brier")->value, brier, 1e-9);
  const ScoredGroup& north = whole.scores->groupings[1].groups[0];
  for (const ScoredGroup* group : {&whole.scores->total, &north})
    for (const char* name : {"brier", "log_loss", "ece", "calibration_slope", "calibration_intercept"}) {
      const Metric &found = *group->find(name), &expected = *without.scores->total.find(name);
      // Sums of the same rows; bins of the bootstrapped line may be cut elsewhere.
      const double tolerance = std::string_view(name).starts_with("calibration") ? 0.05 : 1e-9;
      EXPECT_NEAR(*found.value, *expected.value, 1e-9) << name;
      ASSERT_TRUE(found.interval && expected.interval) << name;
      EXPECT_NEAR(found.interval->low, expected.interval->low, tolerance) << name;
      EXPECT_NEAR(found.interval->high, expected.interval->high, tolerance) << name;
    }
  std::uint64_t binned = 0;
  for (const ReliabilityBin& bin : whole.scores->total.scores.calibration.bins) binned += bin.rows;
  EXPECT_EQ(binned, 200u);
}

TEST_F(EvaluateUnscored, RowsWithoutAScoreRankLastAndAreDecided) {
  const EvaluateReport report = report_of(scored + unscored);
  EXPECT_NEAR(*report.scores->total.find("auroc")->value, auroc(), 1e-12);
  EXPECT_EQ(report.total.counts.confusion.matured(), 250u);
  EXPECT_EQ(report.scores->total.scores.rows, 250u);
  const ScoredGroup& south = report.scores->groupings[1].groups[1];
  for (const char* name : {"brier", "log_loss", "ece"}) {
    EXPECT_FALSE(south.find(name)->value) << name;
    EXPECT_EQ(south.find(name)->reason, "no row with a score has weight");
  }
  EXPECT_EQ(*south.find("recall")->value, 0.0);
}

TEST_F(EvaluateRun, NothingKnownLaterIsUsed) {
  options_.as_of = night(1);
  const auto report = evaluate();
  EXPECT_EQ(report.total.counts.immature, 10u);
  EXPECT_EQ(report.total.counts.confusion.matured(), 0u);
  EXPECT_FALSE(metric(report.total.counts, "loss").value);
  options_.as_of = night(2);
  EXPECT_EQ(evaluate().total.counts.immature, 1u);
}

/// Rows of the labels' night that nobody decided about, and decisions about scenarios it lacks: joined by id
/// all the same.
TEST_F(EvaluateRun, JoinsByIdWhereRowsDiffer) {
  labels({{0, 1, 0, 1, 0}, {1, 0, 1}});
  decisions(0, {{5, surfaced}, {20, surfaced}, {35, withheld}, {40, withheld}, {60, surfaced}});
  const auto report = evaluate();
  EXPECT_EQ(report.total.counts.confusion, (Confusion{.true_positive = 1, .false_negative = 1}));
  EXPECT_EQ(report.total.counts.immature, 3u);
  EXPECT_EQ(report.unknown_scenarios, 3u);
}

/// The merge over many tiles against the straight path over the same rows.
TEST_F(EvaluateRun, MergeFindsWhatTheStraightPathFinds) {
  std::vector<int> outcomes(70'000);
  std::vector<Row> all, most;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    outcomes[i] = i % 5 == 0 ? 1 : i % 11 == 0 ? 255 : 0;
    all.push_back({10 * (i + 1), i % 3 == 0 ? surfaced : withheld, static_cast<std::uint32_t>(i % 2), 0.5f});
    if (i % 9973 != 17) most.push_back(all.back());
  }
  labels({outcomes});
  decisions(0, all);
  const auto straight = evaluate(3).total.counts;
  decisions(0, most);
  const auto merged = evaluate(1).total.counts;
  EXPECT_EQ(merged.rows + 8, straight.rows);
  std::uint64_t left_matured = 0;
  for (std::size_t i = 17; i < outcomes.size(); i += 9973) left_matured += outcomes[i] != 255;
  EXPECT_EQ(merged.confusion.matured() + left_matured, straight.confusion.matured());
  EXPECT_EQ(evaluate(3).total.counts.confusion, merged.confusion);
}

TEST_F(EvaluateRun, NightsStandInTheOrderOfTime) {
  labels({{1, 0}, {0, 1}});
  options_.decisions.clear();
  decisions(1, {{10, surfaced}, {20, surfaced}});
  decisions(0, {{10, surfaced}, {20, withheld}});
  const auto report = evaluate();
  ASSERT_EQ(report.nights.size(), 2u);
  EXPECT_EQ(report.nights[0].name, "2013-04-20");
  EXPECT_EQ(report.nights[0].counts.confusion.false_positive, 0u);
  EXPECT_EQ(report.total.counts.confusion.true_positive, 2u);
  options_.decisions.push_back(options_.decisions.front());
  expect_error(ErrorKind::usage, {"same run"}, [&] { evaluate(); });
}

TEST_F(EvaluateRun, RefusesLabelsThatDoNotFit) {
  labels({{1, 0}});
  options_.decisions.clear();
  decisions(3, {{10, surfaced}});
  expect_error(ErrorKind::usage, {"2013-04-20"}, [&] { evaluate(); });
  decisions(0, {{10, surfaced}});
  options_.decisions = {folder_ / "night_0"};
  example_.header.labelled = false;
  example_.write(options_.labels);
  expect_error(ErrorKind::bad_data, {"there are no labels"}, [&] { evaluate(); });
  options_.level = 1.0;
  expect_error(ErrorKind::usage, {"level"}, [&] { evaluate(); });
}

/// Answers from people: a repeat is known already, a retraction frees the place, blocked rows and late events
/// do not count.
TEST_F(EvaluateRun, AnswersFromFeedbackFiles) {
  const std::string run = DecisionRun(options_.decisions[0]).run_id();
  using enum FeedbackKind;
  const std::vector<FeedbackEvent> events{{0, 0, like, night(0) + 5, 0, 1},
                                          {0, 0, override_decision, night(0) + 9, 0, 2},
                                          {0, 1, like, night(0) + 5, 0, 3},
                                          {0, 1, retract, night(0) + 6, 0, 4},
                                          {0, 1, neutral, night(0) + 7, 0, 5},
                                          {0, 3, skipped, night(0) + 5, 0, 6},
                                          {0, 4, like, night(0) + 5, 0, 7},
                                          {0, 2, like, night(0) + 5, 0, 8},
                                          {0, 2, override_decision, night(0) + 5, 1, 9},
                                          {0, 6, like, night(9), 0, 10},
                                          {1, 0, like, night(0), 0, 11}};
  options_.feedback = {folder_ / "feedback.h5"};
  FeedbackWriter writer(options_.feedback[0], {}, false);
  writer.append(events);
  writer.finish({run, "another run"}, {"people", "others"}, "{}");
  options_.as_of = night(5);
  const auto report = evaluate();
  EXPECT_EQ(report.total.counts.answers, (Answers{.withheld = {0, 0, 0, 1}, .surfaced = {1, 2, 1, 0}}));
  EXPECT_EQ(report.answers_elsewhere, 1u);
  EXPECT_EQ(report.answers_from, "feedback");
  // (override 1 + two likes 0 + neutral 0.5 + skipped 0.3) / 5
  EXPECT_DOUBLE_EQ(*metric(report.total.counts, "loss").value, 1.8 / 5);
}

}  // namespace
}  // namespace npo
