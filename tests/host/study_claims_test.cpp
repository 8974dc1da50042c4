#include "host/study_claims.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/study_fill.hpp"

namespace npo {
namespace {

using nlohmann::json;

/// A study over eta with made-up results: 10000 replicates, standard errors as given.
class MadeUp {
 public:
  explicit MadeUp(json claim, json baseline = nullptr) {
    claim["name"] = "claim";
    claim["metric"] = "score_error";
    json document{{"kind", "loop"},
                  {"name", "made-up"},
                  {"episodes", 1000},
                  {"checkpoints", {10, 100, 500}},
                  {"parameters", {{"eta", {0.1, 0.2}}, {"step", "constant"}}},
                  {"claim", json::array({claim})}};
    if (!baseline.is_null()) document["baseline"] = baseline;
    study_ = study_from(document, "made-up");
    results_ = empty_results(study_, {});
  }

  /// Mean and standard error by checkpoint of one point.
  void set(std::size_t point, const std::vector<double>& means, double error) {
    const std::size_t metric = position("score_error");
    for (std::size_t c = 0; c < means.size(); ++c) {
      const std::size_t cell = results_.cell(point, c, metric);
      results_.count[cell] = 10000;
      results_.mean[cell] = means[c];
      results_.standard_error[cell] = error;
    }
  }
  StudyResults& results() { return results_; }
  std::size_t position(const std::string& metric) const {
    return static_cast<std::size_t>(std::ranges::find(results_.metrics, metric) - results_.metrics.begin());
  }
  ClaimRow judge() const { return judge_claims(study_, results_).front(); }

 private:
  Study study_;
  StudyResults results_;
};

/// Verdict of a claim when both points have these means at 10, 100, 500 and 1000.
Verdict verdict_of(const json& claim, const std::vector<double>& means, double error) {
  MadeUp made(claim);
  made.set(0, means, error);
  made.set(1, means, error);
  return made.judge().verdict;
}

TEST(StudyClaims, BoundsHoldFailOrStraddle) {
  const json below{{"kind", "below"}, {"high", 0.5}};
  EXPECT_EQ(verdict_of(below, {1, 1, 1, 0.4}, 0.001), Verdict::holds);
  EXPECT_EQ(verdict_of(below, {0, 0, 0, 0.6}, 0.001), Verdict::fails);
  EXPECT_EQ(verdict_of(below, {0, 0, 0, 0.499}, 0.001), Verdict::undecided);
  const json above{{"kind", "above"}, {"low", "t / 10000"}, {"at", "all"}};
  EXPECT_EQ(verdict_of(above, {0.1, 0.1, 0.1, 0.11}, 0.0001), Verdict::holds);
  EXPECT_EQ(verdict_of(above, {0.1, 0.1, 0.04, 0.11}, 0.0001), Verdict::fails);
  const json within{{"kind", "within"}, {"low", 0.2}, {"high", 0.3}, {"at", {100, 500}}};
  EXPECT_EQ(verdict_of(within, {9, 0.25, 0.26, 9}, 0.001), Verdict::holds);
  EXPECT_EQ(verdict_of(within, {9, 0.25, 0.31, 9}, 0.001), Verdict::fails);
}

TEST(StudyClaims, EqualsKnowsTheParametersAndItsResolution) {
  const json equals{{"kind", "equals"}, {"value", "eta^2"}, {"where", {{"eta", 0.2}}}, {"at", 1000}};
  EXPECT_EQ(verdict_of(equals, {0, 0, 0, 0.0401}, 0.0001), Verdict::holds);
  EXPECT_EQ(verdict_of(equals, {0, 0, 0, 0.0410}, 0.0001), Verdict::fails);
  // Known to +-0.033, while 0.005 are wanted.
  EXPECT_EQ(verdict_of(equals, {0, 0, 0, 0.0401}, 0.01), Verdict::undecided);
  json tolerant = equals;
  tolerant["tolerance"] = "0.01";
  EXPECT_EQ(verdict_of(tolerant, {0, 0, 0, 0.0410}, 0.0001), Verdict::holds);
  EXPECT_EQ(verdict_of(tolerant, {0, 0, 0, 0.0500}, 0.0001), Verdict::undecided);
  EXPECT_EQ(verdict_of(tolerant, {0, 0, 0, 0.0600}, 0.0001), Verdict::fails);
}

TEST(StudyClaims, VariancesHaveErrorsOfTheirOwn) {
  MadeUp made(json{{"kind", "equals"}, {"value", 0.25}, {"statistic", "variance"}});
  for (const std::size_t point : {0u, 1u}) {
    made.set(point, {0, 0, 0, 0.5}, 1e-9);
    const std::size_t cell = made.results().cell(point, 3, made.position("score_error"));
    made.results().variance[cell] = 0.251;
    made.results().variance_error[cell] = 0.001;
  }
  EXPECT_EQ(made.judge().verdict, Verdict::holds);
  EXPECT_EQ(made.judge().estimate, 0.251);
}

TEST(StudyClaims, TheWorstCellDecidesAndIntervalsGrowWithTheCells) {
  MadeUp one(json{{"kind", "below"}, {"high", 1.0}, {"where", {{"eta", 0.1}}}});
  MadeUp all(json{{"kind", "below"}, {"high", 1.0}, {"at", "all"}});
  for (MadeUp* made : {&one, &all}) {
    made->set(0, {0.1, 0.7, 0.2, 0.3}, 0.01);
    made->set(1, {0.1, 0.2, 0.6, 0.3}, 0.01);
  }
  EXPECT_EQ(one.judge().cells, 1u);
  EXPECT_EQ(all.judge().cells, 8u);
  EXPECT_EQ(all.judge().point, 0u);
  EXPECT_EQ(all.judge().checkpoint, 100u);
  EXPECT_EQ(all.judge().estimate, 0.7);
  // 3.2905 standard errors for one interval at 99.9 %, 3.8361 where eight share it.
  EXPECT_NEAR(one.judge().high - one.judge().estimate, 0.032905, 1e-6);
  EXPECT_NEAR(all.judge().high - all.judge().estimate, 0.038361, 1e-6);
  EXPECT_EQ(all.judge().curve_high[2], 1.0);
  EXPECT_TRUE(std::isnan(one.judge().curve_high[0]));
}

TEST(StudyClaims, OrderTakesPairedDifferencesWhereThereAreSome) {
  const json order{{"kind", "order"}, {"where", {{"eta", 0.2}}}, {"than", {{"eta", 0.1}}}};
  for (const bool paired : {false, true}) {
    MadeUp made(order, paired ? json{{"eta", 0.1}} : json());
    made.set(0, {0, 0, 0, 0.50}, 0.01);
    made.set(1, {0, 0, 0, 0.48}, 0.01);
    if (paired) {
      const std::size_t cell = made.results().cell(1, 3, made.position("score_error"));
      made.results().difference[cell] = -0.02;
      made.results().difference_error[cell] = 0.001;
    }
    EXPECT_EQ(made.judge().verdict, paired ? Verdict::holds : Verdict::undecided);
    EXPECT_NEAR(made.judge().estimate, -0.02, 1e-12);
  }
  json greater = order;
  greater["relation"] = "greater";
  greater["margin"] = 0.1;
  MadeUp made(greater);
  made.set(0, {0, 0, 0, 0.2}, 0.001);
  made.set(1, {0, 0, 0, 0.5}, 0.001);
  EXPECT_EQ(made.judge().verdict, Verdict::holds);
  made.set(1, {0, 0, 0, 0.25}, 0.001);
  EXPECT_EQ(made.judge().verdict, Verdict::fails);
}

TEST(StudyClaims, SlopesAreOverTheLogarithmOfTime) {
  const auto power = [](double exponent) {
    std::vector<double> means;
    for (const double t : {10.0, 100.0, 500.0, 1000.0}) means.push_back(std::pow(t, exponent));
    return means;
  };
  const json rate{{"kind", "slope"}, {"log", true}, {"low", -0.55}, {"high", -0.45}, {"at", "all"}};
  EXPECT_EQ(verdict_of(rate, power(-0.5), 1e-5), Verdict::holds);
  EXPECT_EQ(verdict_of(rate, power(-0.4), 1e-5), Verdict::fails);
  EXPECT_EQ(verdict_of(rate, power(-0.5), 0.01), Verdict::undecided);
  MadeUp linear(json{{"kind", "slope"}, {"low", 0}, {"at", {{"from", 100}, {"to", 1000}}}});
  for (const std::size_t point : {0u, 1u})
    linear.set(point, {99, 3 * std::log(100.0), 3 * std::log(500.0), 3 * std::log(1000.0)}, 1e-6);
  EXPECT_NEAR(linear.judge().estimate, 3.0, 1e-9);
}

TEST(StudyClaims, DriftsAreFollowedUntilTheyAreOver) {
  const json lag{{"kind", "lag"}, {"after", 50}, {"margin", 0.05}, {"high", 460}};
  EXPECT_EQ(verdict_of(lag, {0.2, 0.9, 0.22, 0.2}, 1e-4), Verdict::holds);  // back at 500: 451 episodes
  EXPECT_EQ(verdict_of(lag, {0.2, 0.9, 0.6, 0.2}, 1e-4), Verdict::fails);
  EXPECT_EQ(verdict_of(lag, {0.2, 0.2, 0.2, 0.9}, 1e-4), Verdict::fails);  // it does not stay back
  EXPECT_EQ(verdict_of(lag, {0.2, 0.9, 0.25, 0.2}, 1e-3), Verdict::undecided);
  const json rebound{{"kind", "rebound"}, {"after", 50}, {"high", 0.5}};
  EXPECT_EQ(verdict_of(rebound, {0.2, 0.6, 0.3, 0.2}, 1e-4), Verdict::holds);
  EXPECT_EQ(verdict_of(rebound, {0.2, 0.3, 0.8, 0.2}, 1e-4), Verdict::fails);
}

TEST(StudyClaims, MetricsInFormulasBringTheirUncertainty) {
  MadeUp made(json{{"kind", "below"}, {"high", "2 * mean_score"}});
  for (const std::size_t point : {0u, 1u}) {
    made.set(point, {0, 0, 0, 0.39}, 1e-6);
    const std::size_t cell = made.results().cell(point, 3, made.position("mean_score"));
    made.results().mean[cell] = 0.2;
    made.results().standard_error[cell] = 1e-6;
  }
  EXPECT_EQ(made.judge().verdict, Verdict::holds);
  made.results().standard_error[made.results().cell(1, 3, made.position("mean_score"))] = 0.01;
  EXPECT_EQ(made.judge().verdict, Verdict::undecided);
}

/// One replicate has no standard error: however far the value lies from the limit, nothing is decided.
TEST(StudyClaims, WithoutAStandardErrorNothingIsDecided) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (const json& claim :
       {json{{"kind", "below"}, {"high", 0.5}}, json{{"kind", "above"}, {"low", 0.5}},
        json{{"kind", "within"}, {"low", 0.1}, {"high", 0.3}}, json{{"kind", "equals"}, {"value", 0.2}},
        json{{"kind", "equals"}, {"value", 0.2}, {"tolerance", 0.1}},
        json{{"kind", "below"}, {"high", 0.5}, {"statistic", "variance"}},
        json{{"kind", "order"}, {"where", {{"eta", 0.1}}}, {"than", {{"eta", 0.2}}}, {"margin", 9}},
        json{{"kind", "slope"}, {"at", "all"}, {"low", -9}, {"high", 9}},
        json{{"kind", "slope"}, {"at", "all"}, {"low", -9}, {"high", 9}, {"log", true}},
        json{{"kind", "lag"}, {"after", 50}, {"margin", 0.05}, {"high", 460}},
        json{{"kind", "rebound"}, {"after", 50}, {"high", 0.5}}}) {
    MadeUp made(claim);
    for (const std::size_t point : {0u, 1u}) made.set(point, {0.2, 0.25, 0.2, 0.2}, none);
    const ClaimRow row = made.judge();
    EXPECT_EQ(row.verdict, Verdict::undecided) << claim;
    if (claim.contains("statistic")) continue;  // nor is there a variance
    EXPECT_TRUE(std::isfinite(row.estimate)) << claim;
    EXPECT_EQ(row.high, std::numeric_limits<double>::infinity()) << claim;
  }
}

TEST(StudyClaims, APairOfReplicatesThatIsAloneDecidesNothing) {
  MadeUp made(json{{"kind", "order"}, {"where", {{"eta", 0.2}}}, {"than", {{"eta", 0.1}}}},
              json{{"eta", 0.1}});
  for (const std::size_t point : {0u, 1u}) made.set(point, {0, 0, 0, 0.5}, 1e-6);
  made.results().difference[made.results().cell(1, 3, made.position("score_error"))] = -0.5;
  EXPECT_EQ(made.judge().verdict, Verdict::undecided);
  EXPECT_EQ(made.judge().estimate, -0.5);
}

TEST(StudyClaims, AFormulaOfAMetricWithoutAStandardErrorDecidesNothing) {
  MadeUp made(json{{"kind", "below"}, {"high", "2 * mean_score"}});
  for (const std::size_t point : {0u, 1u}) {
    made.set(point, {0, 0, 0, 0.1}, 1e-6);
    made.results().mean[made.results().cell(point, 3, made.position("mean_score"))] = 0.2;
  }
  EXPECT_EQ(made.judge().verdict, Verdict::undecided);
}

TEST(StudyClaims, WithNothingToLookAtNothingIsDecided) {
  EXPECT_EQ(verdict_of({{"kind", "below"}, {"high", 1}, {"at", 77}}, {0, 0, 0, 0}, 0.1), Verdict::undecided);
  MadeUp made(json{{"kind", "below"}, {"high", 1}});
  EXPECT_EQ(made.judge().cells, 0u);
  EXPECT_EQ(made.judge().verdict, Verdict::undecided);
}

}  // namespace
}  // namespace npo
