#include "kernels/ope_terms.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace npo {
namespace {

struct Table {
  std::vector<double> target, weight, reward, model, direct;
  OpeColumns columns() const { return {target, weight, reward, model, direct}; }
};

Table random_table(std::size_t rows) {
  std::mt19937_64 engine(5);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Table table;
  for (std::size_t i = 0; i < rows; ++i) {
    table.target.push_back(unit(engine));
    table.weight.push_back(table.target.back() / (0.05 + 0.95 * unit(engine)));
    table.reward.push_back(unit(engine) < 0.3 ? 1.0 : 0.0);
    table.model.push_back(0.2 + 0.2 * unit(engine));
    table.direct.push_back(0.2 + 0.2 * unit(engine));
  }
  return table;
}

double estimate(const Table& table, const OpeTermMaker& maker) {
  return sum_terms(table.columns(), maker, 0, table.weight.size()).estimate();
}

/// Limits of the parameters: each estimator becomes another one.
TEST(OpeTerms, ParametersLeadFromOneEstimatorToAnother) {
  const Table table = random_table(500);
  const double endless = std::numeric_limits<double>::infinity();
  const double ips = estimate(table, {OpeEstimator::ips}), dr = estimate(table, {OpeEstimator::dr});
  EXPECT_EQ(estimate(table, {OpeEstimator::clipped_ips, endless}), ips);
  EXPECT_EQ(estimate(table, {OpeEstimator::subgaussian_ips, 0.0}), ips);
  EXPECT_EQ(estimate(table, {OpeEstimator::clipped_snips, endless}), estimate(table, {OpeEstimator::snips}));
  EXPECT_EQ(estimate(table, {OpeEstimator::switch_dr, endless}), dr);
  EXPECT_EQ(estimate(table, {OpeEstimator::dros, endless}), dr);
  EXPECT_EQ(estimate(table, {OpeEstimator::switch_dr, -1.0}), estimate(table, {OpeEstimator::dm}));
  EXPECT_EQ(estimate(table, {OpeEstimator::dros, 0.0}), estimate(table, {OpeEstimator::dm}));
  EXPECT_EQ(harmless_parameter(OpeEstimator::subgaussian_ips), 0.0);
  EXPECT_EQ(harmless_parameter(OpeEstimator::dros), endless);
}

TEST(OpeTerms, NormalisedEstimatorsFollowAShiftOfTheReward) {
  Table table = random_table(500);
  const double snips = estimate(table, {OpeEstimator::snips}), sndr = estimate(table, {OpeEstimator::sndr});
  for (std::size_t i = 0; i < table.reward.size(); ++i) {
    table.reward[i] += 2.0;
    table.model[i] += 2.0;
    table.direct[i] += 2.0;
  }
  EXPECT_NEAR(estimate(table, {OpeEstimator::snips}), snips + 2.0, 1e-12);
  EXPECT_NEAR(estimate(table, {OpeEstimator::sndr}), sndr + 2.0, 1e-12);
}

TEST(OpeTerms, WithoutAModelDoublyRobustIsInversePropensityScoring) {
  Table table = random_table(100);
  table.model.clear();
  table.direct.clear();
  EXPECT_EQ(estimate(table, {OpeEstimator::dr}), estimate(table, {OpeEstimator::ips}));
}

/// The influence of a row against what leaving it out does to the estimate (the jackknife), to first
/// order: a ratio moves by the share of the weight that the row has besides, here 3 % at most.
TEST(OpeTerms, InfluencesAreWhatLeavingARowOutDoes) {
  const Table table = random_table(400);
  const double n = 400.0;
  for (const OpeEstimator estimator : ope_estimators) {
    const OpeTermMaker maker{estimator, estimator == OpeEstimator::subgaussian_ips ? 0.2 : 3.0};
    const OpeSums all = sum_terms(table.columns(), maker, 0, 400);
    double influences = 0.0;
    for (std::size_t i = 0; i < 400; ++i) {
      OpeSums rest;
      for (std::size_t j = 0; j < 400; ++j)
        if (j != i) rest.add(maker(table.columns().row(j)));
      const double influence = all.influence(maker(table.columns().row(i)));
      EXPECT_NEAR(influence, (n - 1.0) * (all.estimate() - rest.estimate()),
                  0.05 * (1.0 + std::fabs(influence)))
          << name_of(estimator);
      influences += influence;
    }
    EXPECT_NEAR(influences, 0.0, 1e-9) << name_of(estimator);
  }
}

TEST(OpeTerms, PartsMergeInOrder) {
  const Table table = random_table(100);
  const OpeTermMaker maker{OpeEstimator::sndr};
  OpeSums first = sum_terms(table.columns(), maker, 0, 60);
  first.merge(sum_terms(table.columns(), maker, 60, 40));
  const OpeSums all = sum_terms(table.columns(), maker, 0, 100);
  EXPECT_EQ(first.rows, all.rows);
  EXPECT_NEAR(first.estimate(), all.estimate(), 1e-14);
}

}  // namespace
}  // namespace npo
