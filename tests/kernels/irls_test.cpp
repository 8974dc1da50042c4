#include "kernels/irls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>

#include "tests/kernels/irls_table.hpp"

namespace npo::irls {
namespace {

using testing::DoubleNear;
using testing::Each;

TEST(Irls, InterceptAloneIsTheLogOdds) {
  MemoryTable table(1);
  for (int i = 0; i < 1000; ++i) table.add({1.0f}, i < 37);
  const auto fit = fit_table(table, {}, {.penalty = {.alpha = 0.0}});
  EXPECT_EQ(fit.ending, Ending::converged);
  EXPECT_DOUBLE_EQ(fit.intercept, std::log(37.0 / 963.0));
  // A sum of 1000 terms, each exact to an ulp.
  EXPECT_NEAR(fit.deviance, -2.0 * (37 * std::log(0.037) + 963 * std::log(0.963)), 1e-11);
  EXPECT_EQ(fit.null_deviance, fit.deviance);
}

/// One binary feature without a penalty: the fitted log-odds of both groups are those counted.
TEST(Irls, BinaryFeatureGivesTheLogOddsRatio) {
  MemoryTable table(1);
  for (int i = 0; i < 100; ++i) table.add({0.0f}, i < 20);
  for (int i = 0; i < 50; ++i) table.add({1.0f}, i < 30);
  auto columns = table.all_columns();
  const auto fit = fit_table(table, columns, {.penalty = {.alpha = 0.0}});
  const double slope = fit.weights[0] / columns[0].scale, start = fit.intercept - slope * columns[0].mean;
  EXPECT_EQ(fit.ending, Ending::converged);
  // Newton stops at a gradient of 1e-12 n; with curvature above 0.1 n that leaves 1e-11 in a coefficient.
  EXPECT_NEAR(start, std::log(20.0 / 80.0), 1e-10);
  EXPECT_NEAR(start + slope, std::log(30.0 / 20.0), 1e-10);
}

TEST(Irls, ClassWeightsShiftTheIntercept) {
  MemoryTable table(1);
  for (int i = 0; i < 100; ++i) table.add({1.0f}, i < 20);
  const auto fit =
      fit_table(table, {}, {.penalty = {.alpha = 0.0, .class_weight = {100.0 / 160.0, 100.0 / 40.0}}});
  EXPECT_NEAR(fit.intercept, 0.0, 1e-12);
}

TEST(Irls, HeavyRidgeLeavesTheInterceptAlone) {
  auto table = random_table(2000, 5, 1);
  auto columns = table.all_columns();
  const auto fit = fit_table(table, columns, {.penalty = {.alpha = 1e12}});
  EXPECT_EQ(fit.ending, Ending::converged);
  EXPECT_THAT(fit.weights, Each(DoubleNear(0.0, 1e-8)));  // about gradient / alpha = 1e3 / 1e12
  const auto positives = static_cast<double>(table.positives());
  EXPECT_NEAR(fit.intercept, std::log(positives / (2000.0 - positives)), 1e-8);
}

/// At the optimum the gradient of the penalised likelihood vanishes; computed here plainly, in another order.
TEST(Irls, GradientVanishesAtTheOptimum) {
  auto table = random_table(9000, 20, 2);
  auto columns = table.all_columns();
  columns[3].transform = Transform::log1p;
  columns[4].transform = Transform::sqrt;
  columns[5].transform = Transform::positive;
  const auto fit = fit_table(table, columns, {.penalty = {.alpha = 0.7, .class_weight = {0.6, 2.5}}});
  ASSERT_EQ(fit.ending, Ending::converged);
  const auto gradient = plain_gradient(table, columns, fit, 0.7, 0.6, 2.5);
  EXPECT_THAT(gradient, Each(DoubleNear(0.0, 1e-8)));  // 1e-12 of the summed weights, about 9e3
}

TEST(Irls, SameBitsForAnyNumberOfThreads) {
  auto table = random_table(3 * 4096 + 100, 70, 3);
  auto columns = table.all_columns();
  const auto one = fit_table(table, columns, {}, 1);
  for (const int threads : {2, 3}) {
    const auto other = fit_table(table, columns, {}, threads);
    EXPECT_EQ(one.weights, other.weights);
    EXPECT_EQ(one.intercept, other.intercept);
    EXPECT_EQ(one.deviance, other.deviance);
  }
}

/// Rows without a label are as if they were not there, whatever they hold.
TEST(Irls, UnlabelledRowsChangeNoBit) {
  auto table = random_table(5000, 6, 4);
  auto columns = table.all_columns();
  table.leave_out(17);
  table.leave_out(4500);
  const auto before = fit_table(table, columns, {});
  table.value(17, 2) = NAN;
  table.value(4500, 0) = 1e30f;
  const auto after = fit_table(table, columns, {});
  EXPECT_EQ(before.weights, after.weights);
  EXPECT_EQ(before.intercept, after.intercept);
}

TEST(Irls, NamesSeparation) {
  MemoryTable complete(1), quasi(2);
  for (int i = 0; i < 200; ++i) complete.add({static_cast<float>(i)}, i >= 100);
  for (int i = 0; i < 200; ++i)
    quasi.add({static_cast<float>(i % 2), static_cast<float>(i % 7)}, i % 2 == 1 && i % 3 == 0);
  for (auto* table : {&complete, &quasi}) {
    auto columns = table->all_columns();
    EXPECT_EQ(fit_table(*table, columns, {.penalty = {.alpha = 0.0}}).ending, Ending::separated);
    EXPECT_EQ(fit_table(*table, columns, {.penalty = {.alpha = 1.0}}).ending, Ending::converged);
  }
}

TEST(Irls, NamesACollinearColumn) {
  MemoryTable table(3);
  std::mt19937 bits(5);
  for (int i = 0; i < 500; ++i) {
    const auto a = static_cast<float>(bits() % 100), b = static_cast<float>(bits() % 100);
    table.add({a, b, a + 2 * b}, bits() % 3 == 0);
  }
  auto columns = table.all_columns();
  const auto fit = fit_table(table, columns, {.penalty = {.alpha = 0.0}});
  EXPECT_EQ(fit.ending, Ending::collinear);
  EXPECT_EQ(fit.collinear_column, 2u);
  EXPECT_EQ(fit_table(table, columns, {.penalty = {.alpha = 1e-3}}).ending, Ending::converged);
}

TEST(Irls, SaysWhenIterationsAreNotEnough) {
  auto table = random_table(500, 4, 6);
  auto columns = table.all_columns();
  EXPECT_EQ(fit_table(table, columns, {.penalty = {}, .max_iterations = 1}).ending, Ending::iterations);
}

TEST(MeasureColumns, MeanAndPopulationDeviationOfTheTransform) {
  MemoryTable table(2);
  for (const float x : {0.0f, 3.0f, 8.0f, 24.0f}) table.add({x, 5.0f}, true);
  std::vector<DesignColumn> columns{{.column = 0, .transform = Transform::sqrt}, {.column = 1}};
  auto moments = measure_columns(table, columns, threaded(2));
  EXPECT_EQ(moments.rows, 4u);
  EXPECT_EQ(moments.constant, (std::vector<bool>{false, true}));
  const double roots[] = {0.0, std::sqrt(3.0), std::sqrt(8.0), std::sqrt(24.0)};
  const double mean = (roots[0] + roots[1] + roots[2] + roots[3]) / 4;
  double squares = 0;
  for (const double root : roots) squares += (root - mean) * (root - mean);
  EXPECT_DOUBLE_EQ(columns[0].mean, mean);
  EXPECT_DOUBLE_EQ(columns[0].scale, std::sqrt(squares / 4));
  EXPECT_EQ(columns[1].mean, 5.0);
  EXPECT_EQ(columns[1].scale, 1.0);
}

TEST(MeasureColumns, ValueWithoutATransformIsBad) {
  for (const auto transform : {Transform::log1p, Transform::sqrt}) {
    auto table = random_table(100, 2, 8);
    table.value(50, 0) = -1.0f;
    table.value(7, 0) = 0.0f;
    std::vector<DesignColumn> columns{{.column = 0, .transform = transform}};
    const auto moments = measure_columns(table, columns, threaded(1));
    ASSERT_TRUE(moments.bad);
    EXPECT_EQ(moments.bad->row, 50u);
  }
}

TEST(MeasureColumns, FindsTheFirstBadValue) {
  auto table = random_table(10000, 3, 7);
  table.value(9000, 0) = NAN;
  table.value(4097, 1) = INFINITY;
  auto columns = table.all_columns();
  const auto moments = measure_columns(table, columns, threaded(3));
  ASSERT_TRUE(moments.bad);
  EXPECT_EQ(moments.bad->row, 4097u);
  EXPECT_EQ(moments.bad->column, 1u);
}

}  // namespace
}  // namespace npo::irls
