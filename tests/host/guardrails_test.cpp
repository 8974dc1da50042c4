#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <nlohmann/json.hpp>

#include "host/policy.hpp"
#include "host/toml_file.hpp"
#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

using test::expect_error;

const std::vector<std::string> columns{"smart_5", "smart_197", "age_days"};
const std::vector<std::string> fleets{"north", "south", "east"};

Policy with_rules(const std::string& rules) {
  return policy_from_json(toml_to_json(rules, "policy.toml").dump(), "policy.toml");
}

CompiledGuardrails compiled(const std::string& rules) {
  return compile_guardrails(with_rules(rules), columns, fleets, "scenarios.h5");
}

std::string rule(const std::string& column, const std::string& op, const std::string& value) {
  return "[[guardrail]]\ncolumn = '" + column + "'\nop = '" + op + "'\nvalue = " + value + "\n";
}

bool hits(const IntervalRule& rule, float x) {
  return (rule.lo <= x && x <= rule.hi) != rule.negate;
}

/// What the rule says in exact arithmetic: both sides as doubles.
bool says(const std::string& op, double x, double value) {
  if (op == ">") return x > value;
  if (op == ">=") return x >= value;
  if (op == "<") return x < value;
  if (op == "<=") return x <= value;
  return (op == "==") == (x == value);
}

TEST(Guardrails, CompiledIntervalsAgreeWithTheWrittenComparisonAtEveryNeighbour) {
  for (const double value :
       {0.0, -0.0, 0.1, 0.7, -0.7, 5.0, 1e-40, -1e-46, 16777217.0, 3.3e38, -3.3e38, 1.0 + 1e-9}) {
    const auto nearest = static_cast<float>(value);
    const float above = std::nextafter(nearest, INFINITY), below = std::nextafter(nearest, -INFINITY);
    for (const std::string op : {">", ">=", "<", "<=", "==", "!="}) {
      if ((op == "==" || op == "!=") && static_cast<double>(nearest) != value) continue;
      GuardrailRule written;
      written.name = "r";
      written.column = "smart_5";
      written.op = op;
      written.value = value;
      Policy policy;
      policy.guardrails = {written};
      const auto rules = compile_guardrails(policy, columns, fleets, "f").feature_rules;
      ASSERT_EQ(rules.size(), 1u);
      for (const float x : {nearest, above, below, 0.0f, -0.0f, 1.0f, FLT_MAX, -FLT_MAX, FLT_TRUE_MIN})
        EXPECT_EQ(hits(rules[0], x), says(op, x, value)) << x << " " << op << " " << value;
    }
  }
}

TEST(Guardrails, StrictComparisonStartsAtTheLeastFloatBeyondTheDouble) {
  // 0.1f lies above the double 0.1, 0.7f below the double 0.7.
  EXPECT_EQ(compiled(rule("score", ">", "0.1")).score_rules[0].lo, 0.1f);
  EXPECT_EQ(compiled(rule("score", ">", "0.7")).score_rules[0].lo, std::nextafter(0.7f, 1.0f));
  EXPECT_EQ(compiled(rule("score", ">=", "0.5")).score_rules[0].lo, 0.5f);
  EXPECT_EQ(compiled(rule("score", "<", "0.5")).score_rules[0].hi, std::nextafter(0.5f, 0.0f));
}

TEST(Guardrails, RefusesAnEqualityThatNoFloatCanMeet) {
  for (const char* op : {"==", "!="})
    expect_error(ErrorKind::usage, {"no float32 equals 0.1", "0.100000001"},
                 [&] { compiled(rule("smart_5", op, "0.1")); });
}

TEST(Guardrails, GivesEachRuleItsBitInTheOrderOfThePolicy) {
  const auto all =
      compiled(rule("age_days", "<", "30") + "[[guardrail]]\ncolumn = 'fleet'\nfleets = ['east']\n" +
               rule("score", ">=", "0.99") + rule("smart_5", "!=", "0") +
               "[[guardrail]]\ncolumn = 'time_of_day'\ninterval = ['22:00', '06:00']\n");
  ASSERT_EQ(all.feature_rules.size(), 2u);
  EXPECT_EQ(all.feature_rules[0].column, 2u);
  EXPECT_EQ(all.feature_rules[0].bit, 0);
  EXPECT_EQ(all.feature_rules[1].column, 0u);
  EXPECT_EQ(all.feature_rules[1].bit, 3);
  ASSERT_EQ(all.score_rules.size(), 1u);
  EXPECT_EQ(all.score_rules[0].column, score_column);
  EXPECT_EQ(all.score_rules[0].bit, 2);
  EXPECT_EQ(all.fleet_mask, (std::vector<std::uint64_t>{0, 0, 2}));
  ASSERT_EQ(all.day_spans.size(), 1u);
  EXPECT_EQ(all.day_spans[0].bit, 4);
}

TEST(Guardrails, IntervalsAreInclusiveAndMayBeNegated) {
  const auto in = compiled("[[guardrail]]\ncolumn = 'smart_5'\ninterval = [1, 2.5]\n").feature_rules[0];
  EXPECT_TRUE(hits(in, 1.0f) && hits(in, 2.5f) && !hits(in, 0.999f) && !hits(in, 2.501f));
  const auto out =
      compiled("[[guardrail]]\ncolumn = 'smart_5'\nop = 'not_in'\ninterval = [1, 2.5]\n").feature_rules[0];
  EXPECT_TRUE(!hits(out, 1.0f) && hits(out, 3.0f));
  expect_error(ErrorKind::usage, {"[2, 1]", "lower end first"},
               [] { compiled("[[guardrail]]\ncolumn = 'smart_5'\ninterval = [2, 1]\n"); });
  expect_error(ErrorKind::usage, {"no float32 lies in"}, [] {
    compiled("[[guardrail]]\ncolumn = 'smart_5'\ninterval = [0.7000000001, 0.7000000002]\n");
  });
}

TEST(Guardrails, FleetSetsMaskTheirFleetsOrAllOthers) {
  const auto all = compiled(
      "[[guardrail]]\nname = 'a'\ncolumn = 'fleet'\nop = 'not_in'\nfleets = ['south']\n"
      "[[guardrail]]\nname = 'b'\ncolumn = 'fleet'\nfleets = ['north', 'south']\n");
  EXPECT_EQ(all.fleet_mask, (std::vector<std::uint64_t>{0b11, 0b10, 0b01}));
  EXPECT_TRUE(compiled(rule("smart_5", ">", "0")).fleet_mask.empty());
}

/// Whether a span hits a second of the day, as the score run reads it.
bool hits(const CompiledGuardrails::DaySpan& span, std::uint32_t second) {
  const bool inside = span.from <= span.to ? span.from <= second && second <= span.to
                                           : second >= span.from || second <= span.to;
  return inside != span.negate;
}

TEST(Guardrails, SpansOfTheDayMayWrapMidnight) {
  const auto night =
      compiled("[[guardrail]]\ncolumn = 'time_of_day'\ninterval = ['22:00', '06:00']\n").day_spans[0];
  EXPECT_TRUE(hits(night, 79200) && hits(night, 86399) && hits(night, 0) && hits(night, 21600));
  EXPECT_FALSE(hits(night, 79199) || hits(night, 21601) || hits(night, 43200));
  const auto day =
      compiled("[[guardrail]]\ncolumn = 'time_of_day'\nop = 'not_in'\ninterval = ['22:00', '06:00']\n");
  EXPECT_TRUE(hits(day.day_spans[0], 43200) && !hits(day.day_spans[0], 0));
}

TEST(Guardrails, TimesOfDayCompareLikeSecondsDo) {
  for (const std::string op : {">", ">=", "<", "<=", "==", "!="})
    for (const std::uint32_t value : {1u, 43200u, 86398u}) {
      const auto span = compiled(rule("time_of_day", op, std::to_string(value))).day_spans[0];
      for (const std::uint32_t x : {0u, value - 1, value, value + 1, 86399u})
        EXPECT_EQ(hits(span, x), says(op, x, value)) << x << op << value;
    }
  expect_error(ErrorKind::usage, {"no second of the day"}, [] { compiled(rule("time_of_day", "<", "0")); });
  expect_error(ErrorKind::usage, {"no second of the day"},
               [] { compiled(rule("time_of_day", ">", "86399")); });
  expect_error(ErrorKind::usage, {"guardrail[1].value", "[0, 86399]"},
               [] { compiled(rule("time_of_day", ">", "86400")); });
  expect_error(ErrorKind::usage, {"policy.toml", "guardrail[1].value", "25:00"},
               [] { compiled(rule("time_of_day", ">", "'25:00'")); });
}

TEST(Guardrails, NamesTheNearestColumnAndFleet) {
  expect_error(ErrorKind::usage, {"scenarios.h5", "no column \"smart_179\"", "smart_197"},
               [] { compiled(rule("smart_179", ">", "0")); });
  expect_error(ErrorKind::usage, {"no column \"scor\"", "score"}, [] { compiled(rule("scor", ">", "0.5")); });
  expect_error(ErrorKind::usage, {"no fleet \"nroth\"", "north"},
               [] { compiled("[[guardrail]]\ncolumn = 'fleet'\nfleets = ['nroth']\n"); });
  expect_error(ErrorKind::usage, {"reserved name \"score\""}, [] {
    compile_guardrails(with_rules(rule("score", ">", "0.5")), {"score"}, fleets, "scenarios.h5");
  });
}

TEST(Guardrails, RefusesRulesThatAreHalfWritten) {
  const std::string column = "[[guardrail]]\ncolumn = 'smart_5'\n";
  expect_error(ErrorKind::usage, {"guardrail[1].column", "missing"},
               [] { with_rules("[[guardrail]]\nvalue = 1\n"); });
  expect_error(ErrorKind::usage, {"exactly one of value, interval and fleets"}, [&] { with_rules(column); });
  expect_error(ErrorKind::usage, {"exactly one of value, interval and fleets"},
               [&] { with_rules(column + "value = 1\ninterval = [0, 1]\n"); });
  expect_error(ErrorKind::usage, {"guardrail[1].op", "missing"}, [&] { with_rules(column + "value = 1\n"); });
  expect_error(ErrorKind::usage, {"guardrail[1].op", "\"=>\""},
               [&] { with_rules(column + "op = '=>'\nvalue = 1\n"); });
  expect_error(ErrorKind::usage, {"two ends"}, [&] { with_rules(column + "interval = [1]\n"); });
  expect_error(ErrorKind::usage, {"column = \"fleet\""}, [&] { with_rules(column + "fleets = ['a']\n"); });
  expect_error(ErrorKind::usage, {"op \"in\" without an interval"},
               [&] { with_rules(column + "op = 'in'\nvalue = 1\n"); });
  expect_error(ErrorKind::usage, {"has an interval"},
               [&] { with_rules(column + "op = '>'\ninterval = [1, 2]\n"); });
  expect_error(ErrorKind::usage, {"names no fleet"},
               [&] { with_rules("[[guardrail]]\ncolumn = 'fleet'\nfleets = []\n"); });
  expect_error(ErrorKind::usage, {"float32"}, [&] { with_rules(column + "op = '>'\nvalue = 1e39\n"); });
  expect_error(ErrorKind::usage, {"guardrail[1].vlaue", "guardrail[1].value"},
               [&] { with_rules(column + "op = '>'\nvalue = 1\nvlaue = 2\n"); });
}

TEST(Guardrails, AllowsSixtyThreeRulesOfDifferentNames) {
  std::string rules;
  for (int i = 0; i < max_rules; ++i) rules += rule("smart_5", ">", std::to_string(i));
  EXPECT_EQ(compiled(rules).feature_rules.back().bit, 62);
  expect_error(ErrorKind::usage, {"64 guardrails", "at most 63"},
               [&] { with_rules(rules + rule("smart_5", ">", "99")); });
  expect_error(ErrorKind::usage, {"two guardrails are named"},
               [] { with_rules(rule("smart_5", ">", "1") + rule("smart_5", ">", "1")); });
}

TEST(TargetTable, FollowsThePreset) {
  Policy policy;
  const TargetTable approval = target_table(policy);
  const float surfaced[]{0, 1, 0.5f, -1}, withheld[]{1, 0, 0.5f, -1}, literal[]{1, 0, 0.5f, 0.35f};
  for (int kind = 0; kind < answer_count; ++kind) {
    EXPECT_EQ(approval.y[1][kind], surfaced[kind]);
    EXPECT_EQ(approval.y[0][kind], withheld[kind]);
  }
  policy.score.target = TargetPreset::literal;
  policy.loss.skipped = 0.35;
  const TargetTable loss = target_table(policy);
  for (int kind = 0; kind < answer_count; ++kind)
    for (int decision = 0; decision < 2; ++decision) EXPECT_EQ(loss.y[decision][kind], literal[kind]);
  EXPECT_EQ(loss_table(policy), (std::vector<double>{1.0, 0.0, 0.5, 0.35}));
}

}  // namespace
}  // namespace npo
