#include "host/generate_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "host/nightly_config.hpp"
#include "host/policy.hpp"
#include "io/digest.hpp"
#include "io/h5_file.hpp"
#include "io/model_file.hpp"
#include "io/scenario_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using testing::HasSubstr;

class GenerateTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("npo_generate_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    options_.output = folder_ / "g";
    options_.scenarios = 10001;  // no multiple of a tile
    options_.world.features = 6;
    options_.world.fleets = 12;
    context_.overwrite = true;
    context_.seed = 7;
    context_.simd = widest_simd_level();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path(const char* name) const { return options_.output / name; }
  Digest scenario_digest() const { return digest_scenarios(ScenarioFile(path("scenarios.h5"))); }
  template <class T>
  std::vector<T> truth(const char* dataset) const {
    return h5::ReadFile(path("truth.h5")).read_all<T>(dataset);
  }
  std::string refusal() {
    try {
      generate(options_, context_);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path folder_;
  GenerateOptions options_;
  RunContext context_;
};

TEST_F(GenerateTest, WritesAFleetThatEveryReaderAccepts) {
  const GenerateReport report = generate(options_, context_);
  const ScenarioFile file(path("scenarios.h5"));
  validate_scenarios(file);
  EXPECT_EQ(report.rows, 3 * options_.scenarios);
  EXPECT_EQ(file.rows(), report.rows);
  EXPECT_EQ(file.header().nights.size(), 3u);
  EXPECT_EQ(file.header().nights[1].time, 1767225600 + 86400);
  EXPECT_EQ(file.header().label_horizon, 86400);
  EXPECT_EQ(file.header().fleets.front(), "fleet-000");
  EXPECT_EQ(file.header().features.back(), "feature_05");
  const auto ids = file.stored_ids(options_.scenarios, 2);
  EXPECT_THAT(ids.as<std::uint64_t>(), testing::ElementsAre(1u, 2u));
  const auto known = file.label_known_at(0, 1), time = file.times(0, 1);
  EXPECT_EQ(known.as<UnixSeconds>()[0], time.as<UnixSeconds>()[0] + 86400);

  const LogisticModel model = read_model(path("model.json"));
  EXPECT_EQ(plan_model(model, file.header().features, "scenarios.h5").weights.size(), 6u);
  const Policy policy = read_policy(path("policy.toml"));
  EXPECT_EQ(policy.guardrails.size(), 3u);
  compile_guardrails(policy, file.header().features, file.header().fleets, "scenarios.h5");
  const NightlyConfig nightly = read_nightly_config(path("night.toml"));
  EXPECT_EQ(nightly.scenarios_of(0), path("scenarios.h5"));
  EXPECT_EQ(nightly.seed, 7u);
}

TEST_F(GenerateTest, GivesTheSameBitsForAnyThreadsAndLevels) {
  generate(options_, context_);
  const Digest reference = scenario_digest();
  const auto approval = truth<float>("truth/approval");
  for (const int threads : {2, 3})
    for (const SimdLevel level : {SimdLevel::scalar, SimdLevel::avx2, SimdLevel::avx512}) {
      if (!supports(level)) continue;
      context_.threads = threads;
      context_.simd = level;
      context_.compression.gzip_level = threads == 2 ? 0 : 1;
      generate(options_, context_);
      EXPECT_EQ(scenario_digest(), reference) << threads << " threads, " << name_of(level);
      EXPECT_EQ(truth<float>("truth/approval"), approval);
    }
  context_.seed = 8;
  generate(options_, context_);
  EXPECT_NE(scenario_digest(), reference);
}

TEST_F(GenerateTest, LabelsAndTruthAgreeWithTheBaseRate) {
  options_.scenarios = 100000;
  options_.world.fleets = 50;
  for (const SyntheticTruth kind : {SyntheticTruth::logistic, SyntheticTruth::deterministic}) {
    options_.world.truth = kind;
    const GenerateReport report = generate(options_, context_);
    const auto approval = truth<float>("truth/approval");
    double sum = 0, squares = 0, label_variance = 0;
    for (const float p : approval) {
      sum += p, squares += double{p} * p;
      label_variance += 3.0 * p * (1.0 - p);
    }
    const double n = static_cast<double>(approval.size()), mean = sum / n;
    const double error = std::sqrt((squares / n - mean * mean) / n);
    EXPECT_NEAR(mean, 0.05, 5 * error) << "5 standard errors";
    EXPECT_NEAR(static_cast<double>(report.label_yes), 3 * sum, 5 * std::sqrt(label_variance) + 1e-9);
  }
}

TEST_F(GenerateTest, TheModelIsGoodButNotPerfect) {
  options_.scenarios = 50000;
  generate(options_, context_);
  const ScenarioFile file(path("scenarios.h5"));
  const PlannedModel model =
      plan_model(read_model(path("model.json")), file.header().features, "scenarios.h5");
  const auto x = file.features(0, options_.scenarios);
  const auto approval = truth<float>("truth/approval");
  double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  for (std::size_t row = 0; row < options_.scenarios; ++row) {
    double odds = model.bias;
    for (std::size_t i = 0; i < 6; ++i) odds += model.weights[i] * x.as<float>()[row * 6 + i];
    const double truth_odds = std::log(approval[row] / (1.0 - approval[row]));
    sx += odds, sy += truth_odds, sxx += odds * odds, syy += truth_odds * truth_odds,
        sxy += odds * truth_odds;
  }
  const double n = static_cast<double>(options_.scenarios);
  const double r = (sxy - sx * sy / n) / std::sqrt((sxx - sx * sx / n) * (syy - sy * sy / n));
  EXPECT_GT(r, 0.7) << "it ranks well";
  EXPECT_LT(r, 0.98) << "and leaves something to learn";
}

TEST_F(GenerateTest, DriftIsWrittenNightByNight) {
  options_.world.drift = 0.25;
  options_.nights = 4;
  generate(options_, context_);
  const auto first = truth<float>("truth/approval"), nights = truth<float>("truth/night_approval");
  ASSERT_EQ(nights.size(), 4 * first.size());
  double kept = 0;
  for (std::size_t row = 0; row < first.size(); ++row) {
    ASSERT_EQ(nights[4 * row], first[row]);
    kept += nights[4 * row + 1] == first[row];
  }
  const double n = static_cast<double>(first.size());
  EXPECT_NEAR(kept / n, 0.75, 5 * std::sqrt(0.75 * 0.25 / n));
}

TEST_F(GenerateTest, WorksForTheSmallestWorld) {
  options_.scenarios = options_.nights = options_.world.features = options_.world.fleets = 1;
  generate(options_, context_);
  validate_scenarios(ScenarioFile(path("scenarios.h5")));
  read_policy(path("policy.toml"));
}

TEST_F(GenerateTest, RefusesNumbersOutOfRangeAndExistingFiles) {
  const GenerateOptions good = options_;
  const auto with = [&](auto change) {
    options_ = good;
    change(options_);
    return refusal();
  };
  EXPECT_THAT(with([](auto& o) { o.scenarios = 0; }), HasSubstr("0 scenarios"));
  EXPECT_THAT(with([](auto& o) { o.scenarios = std::uint64_t{1} << 32; }), HasSubstr("4294967296 scenarios"));
  EXPECT_THAT(with([](auto& o) { o.nights = 0; }), HasSubstr("0 nights"));
  EXPECT_THAT(with([](auto& o) { o.world.features = 4097; }), HasSubstr("number of features is 4097"));
  EXPECT_THAT(with([](auto& o) { o.world.fleets = 0; }), HasSubstr("number of fleets is 0"));
  EXPECT_THAT(with([](auto& o) { o.world.base_rate = 1.0; }), HasSubstr("base rate is 1; it lies in (0, 1)"));
  EXPECT_THAT(with([](auto& o) { o.world.drift = -0.1; }), HasSubstr("drift is -0.1"));
  EXPECT_THAT(with([](auto& o) { o.world.signal = std::nan(""); }), HasSubstr("signal is nan"));
  EXPECT_FALSE(std::filesystem::exists(good.output));
  options_ = good;
  generate(options_, context_);
  context_.overwrite = false;
  EXPECT_THAT(refusal(), HasSubstr("scenarios.h5"));
}

TEST_F(GenerateTest, ADryRunSaysTheSizeAndWritesNothing) {
  context_.dry_run = true;
  options_.scenarios = 1'000'000'000;
  options_.world.features = 32;
  const GenerateReport report = generate(options_, context_);
  EXPECT_FALSE(std::filesystem::exists(options_.output));
  context_.dry_run = false;
  context_.compression.gzip_level = 0;
  options_.scenarios = 20000;
  const GenerateReport small = generate(options_, context_);
  const double per_row = static_cast<double>(report.bytes) / static_cast<double>(report.rows);
  EXPECT_NEAR(static_cast<double>(small.bytes) / static_cast<double>(small.rows), per_row, 0.02 * per_row);
}

}  // namespace
}  // namespace npo
