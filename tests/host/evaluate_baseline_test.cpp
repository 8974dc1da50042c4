#include "host/evaluate_baseline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host/baseline_rule.hpp"
#include "tests/host/evaluate_samples.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using testing::HasSubstr;

const std::vector<std::string> columns{"smart_5_raw", "smart_197_raw", "age"};

TEST(BaselineRule, TermsAreJoinedByOr) {
  const auto rule = parse_baseline("smart_5_raw > 0 or smart_197_raw >= 2 or age == 7", columns);
  EXPECT_EQ(rule.satisfied(std::vector<float>{0, 1, 6}), 0);
  EXPECT_EQ(rule.satisfied(std::vector<float>{1, 1, 6}), 1);
  EXPECT_EQ(rule.satisfied(std::vector<float>{1, 2, 7}), 3);
  EXPECT_EQ(rule.strength(std::vector<float>{1, 2, 7}), 10.0);
}

TEST(BaselineRule, EveryOperator) {
  const auto fires = [](const std::string& op, float x) {
    return parse_baseline("age " + op + " 2", {"age"}).satisfied(std::vector<float>{x}) == 1;
  };
  EXPECT_TRUE(fires(">", 3) && !fires(">", 2) && fires(">=", 2) && !fires(">=", 1));
  EXPECT_TRUE(fires("<", 1) && !fires("<", 2) && fires("<=", 2) && !fires("<=", 3));
  EXPECT_TRUE(fires("==", 2) && !fires("==", 3) && fires("!=", 3) && !fires("!=", 2));
}

TEST(BaselineRule, CountsAColumnOnceInItsStrength) {
  EXPECT_EQ(parse_baseline("age > 1 or age > 5", columns).strength(std::vector<float>{0, 0, 9}), 9.0);
}

TEST(BaselineRule, SaysWhatItDoesNotUnderstand) {
  expect_error(ErrorKind::usage, {"no column `smart_5_row`", "did you mean `smart_5_raw`?"},
               [] { parse_baseline("smart_5_row > 0", columns); });
  expect_error(ErrorKind::usage, {"`=>` is no operator"}, [] { parse_baseline("age => 0", columns); });
  expect_error(ErrorKind::usage, {"`many` is no number"}, [] { parse_baseline("age > many", columns); });
  expect_error(ErrorKind::usage, {"is not `column op value`"}, [] { parse_baseline("age > 0 or", columns); });
  expect_error(ErrorKind::usage, {"is not `column op value`"}, [] { parse_baseline("", columns); });
}

/// Six rows, the last immature: we surface two of five, the rule fires on three, in the order of its own
/// strength.
TEST(Baseline, ComparesAtAnEqualNumberOfAlarms) {
  const test::TemporaryFolder folder;
  auto example = test::hand_labelled({{1, 0, 1, 0, 1, 255}});
  const float features[] = {0, 0, /**/ 1, 0, /**/ 0, 9, /**/ 1, 1, /**/ 0, 0, /**/ 9, 9};
  std::copy(std::begin(features), std::end(features), example.features.begin());
  example.write(folder / "labels.h5");
  using enum Decision;
  test::write_decisions(folder / "run", 0,
                        {{10, surfaced, 0, 0.6f},
                         {20, surfaced, 0, 0.9f},
                         {30, withheld},
                         {40, withheld},
                         {50, withheld},
                         {60, surfaced, 0, 1.0f}});
  EvaluateOptions options{.decisions = {folder / "run"},
                          .labels = folder / "labels.h5",
                          .feedback = {},
                          .as_of = {},
                          .baseline = {}};
  options.baseline = "feature_0 > 0 or feature_1 > 0";
  const auto report = run_evaluate(options, test::threads(2));
  EXPECT_EQ(report.baseline->full, (Confusion{.true_positive = 1, .false_positive = 2, .false_negative = 2}));
  // Both terms hold on row 4, then the strength 9 of row 3 beats the 1 of row 2.
  EXPECT_EQ(report.baseline->capped,
            (Confusion{.true_positive = 1, .false_positive = 1, .false_negative = 2, .true_negative = 1}));
  EXPECT_EQ(report.baseline->ours_capped, report.total.counts.confusion);

  options.baseline = "feature_1 > 5";
  const auto rare = run_evaluate(options, test::threads(1)).baseline;
  EXPECT_EQ(rare->full, rare->capped);
  // Ours are cut to one alarm: the false one, whose score is the highest.
  EXPECT_EQ(rare->ours_capped, (Confusion{.false_positive = 1, .false_negative = 3, .true_negative = 1}));
  EXPECT_THAT(to_table(run_evaluate(options, test::threads(1))), HasSubstr("Baseline: feature_1 > 5"));
}

}  // namespace
}  // namespace npo
