#include "host/expression.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

double value_of(const std::string& text, const std::map<std::string, double>& names = {}) {
  return Expression(text).evaluate([&](const std::string& name) { return names.at(name); });
}

TEST(Expression, FollowsTheRulesOfArithmetic) {
  EXPECT_EQ(value_of("1 + 2 * 3"), 7);
  EXPECT_EQ(value_of("(1 + 2) * 3"), 9);
  EXPECT_EQ(value_of("10 - 4 - 3"), 3);
  EXPECT_EQ(value_of("16 / 4 / 2"), 2);
  EXPECT_EQ(value_of("2 ^ 3 ^ 2"), 512);
  EXPECT_EQ(value_of("-2 ^ 2"), -4);
  EXPECT_EQ(value_of("2 ^ -2"), 0.25);
  EXPECT_EQ(value_of("(-2) ^ 3"), -8);
  EXPECT_EQ(value_of("- - 3"), 3);
  EXPECT_EQ(value_of(" 1e-3*1000 "), 1);
  EXPECT_EQ(value_of(".5"), 0.5);
  EXPECT_EQ(value_of("-inf"), -INFINITY);
}

TEST(Expression, KnowsItsFunctions) {
  EXPECT_EQ(value_of("max(1, 3, 2) - min(4, 5)"), -1);
  EXPECT_EQ(value_of("sqrt(abs(-16))"), 4);
  // One unit in the last place each for exp and log.
  EXPECT_NEAR(value_of("exp(log(7.5))"), 7.5, 1e-14);
  EXPECT_NEAR(value_of("2 ^ 0.5"), std::sqrt(2.0), 1e-15);
  EXPECT_TRUE(std::isnan(value_of("log(-1)")));
  EXPECT_TRUE(std::isnan(value_of("(-1) ^ 0.5")));
}

TEST(Expression, LooksNamesUp) {
  const Expression formula("p + (1 - eta)^t * (r0 - p)");
  EXPECT_EQ(formula.names(), (std::vector<std::string>{"p", "eta", "t", "r0"}));
  EXPECT_EQ(value_of("p + (1 - eta)^t * (r0 - p)", {{"p", 1}, {"eta", 0.5}, {"t", 3}, {"r0", 0}}), 0.875);
  // A name may contain that of a function, and the arguments of one may be nested.
  EXPECT_EQ(value_of("max(exponent, min(a_1, 2))", {{"exponent", 1}, {"a_1", 5}}), 2);
}

TEST(Expression, NumbersStandForThemselves) {
  const Expression number(0.25);
  EXPECT_EQ(number.evaluate([](const std::string&) { return 0.0; }), 0.25);
  EXPECT_EQ(number.text(), "0.25");
}

TEST(Expression, ShowsTheFirstMistake) {
  const auto expect = [](const std::string& text, std::initializer_list<std::string> words) {
    test::expect_error(ErrorKind::usage, words, [&] { Expression{text}; });
  };
  expect("", {"character 1", "missing"});
  expect("1 +", {"character 4", "missing"});
  expect("(1 + 2", {"')' is missing"});
  expect("1 2", {"character 3", "no part"});
  expect("2 ** 3", {"character 4"});
  expect("sqr(2)", {"sqr is no function", "sqrt"});
  expect("exp(1, 2)", {"exp takes 1 argument"});
  expect("min(1)", {"min takes 2 arguments or more"});
  expect("1 = 1", {"character 3"});
  expect(std::string(1000, '('), {"nested too deeply"});
}

}  // namespace
}  // namespace npo
