#include "host/fit_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/host/fit_samples.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using test::labelled_example;
using test::night;
using testing::ElementsAre;
using testing::HasSubstr;

class FitRun : public testing::Test {
 protected:
  std::filesystem::path write(const test::ScenarioExample& example, h5::Compression compression = {}) {
    example.write(folder_ / "scenarios.h5", compression);
    return folder_ / "scenarios.h5";
  }
  FittedModel fit(const test::ScenarioExample& example, const FitSettings& settings = {},
                  std::optional<UnixSeconds> as_of = {}, int threads = 2) {
    const ScenarioFile file(write(example));
    return fit_model(file, settings, as_of, test::threads(threads));
  }
  test::TemporaryFolder folder_;
};

FitSettings log_settings() {
  FitSettings settings;
  settings.transforms = {{"feature_0", Transform::log1p}, {"feature_1", Transform::sqrt}};
  return settings;
}

TEST_F(FitRun, FindsTheSignsOfTheTruth) {
  const auto fitted = fit(labelled_example(3, 4000), log_settings());
  EXPECT_TRUE(fitted.report.converged);
  EXPECT_EQ(fitted.report.rows, 12000u);
  EXPECT_GT(fitted.model.features[0].weight, 0.3);
  EXPECT_LT(fitted.model.features[1].weight, -0.1);
  EXPECT_NEAR(fitted.model.features[2].weight, 0.0, 0.1);  // three standard errors of 12,000 rows
  EXPECT_LT(fitted.report.deviance, fitted.report.null_deviance);
}

TEST_F(FitRun, ConstantColumnGetsNoWeightAndIsReported) {
  const auto fitted = fit(labelled_example(1, 500));
  EXPECT_THAT(fitted.report.constant_features, ElementsAre("feature_3"));
  EXPECT_EQ(fitted.model.features[3].weight, 0.0);
  EXPECT_EQ(fitted.model.features[3].mean, 3.0);
  EXPECT_EQ(fitted.model.features[3].scale, 1.0);
}

TEST_F(FitRun, ChosenFeaturesAloneEnter) {
  FitSettings settings;
  settings.features = {"feature_1"};
  const auto fitted = fit(labelled_example(1, 500), settings);
  EXPECT_EQ(fitted.model.features.size(), 4u);
  EXPECT_EQ(fitted.model.features[0].weight, 0.0);
  EXPECT_NE(fitted.model.features[1].weight, 0.0);
}

TEST_F(FitRun, SameBitsForThreadsCompressionAndMemory) {
  const auto example = labelled_example(3, 3000, 12);
  const auto one = model_to_json(fit(example, log_settings(), {}, 1).model);
  EXPECT_EQ(one, model_to_json(fit(example, log_settings(), {}, 2).model));
  EXPECT_EQ(one, model_to_json(fit(example, log_settings(), {}, 3).model));
  const ScenarioFile plain(write(example, {.gzip_level = 0}));
  EXPECT_EQ(one, model_to_json(fit_model(plain, log_settings(), {}, test::threads(2)).model));
}

/// No peeking: what is known only after as_of, and what happens on later nights, changes no bit.
TEST_F(FitRun, LabelsNotYetKnownChangeNothing) {
  auto example = labelled_example(5, 1000);
  const UnixSeconds as_of = night(4);  // nights 0, 1 and 2 are known
  const auto before = fit(example, log_settings(), as_of);
  EXPECT_EQ(before.report.rows, 3000u);
  for (std::uint64_t row = 3000; row < 5000; ++row) example.label[row] ^= 1;
  for (std::uint64_t row = 4000; row < 5000; ++row) example.features[row * 4] = 1e6f;
  EXPECT_EQ(model_to_json(fit(example, log_settings(), as_of).model), model_to_json(before.model));
  example.label[2999] ^= 1;  // known: it must count
  EXPECT_NE(model_to_json(fit(example, log_settings(), as_of).model), model_to_json(before.model));
}

/// A label that is known early does not count before its night has come.
TEST_F(FitRun, NightsAfterAsOfAreNotUsed) {
  auto example = labelled_example(3, 1000);
  std::fill(example.known.begin(), example.known.end(), night(0));
  EXPECT_EQ(fit(example, {}, night(1)).report.rows, 2000u);
}

TEST_F(FitRun, WritesAModelThatCanBeReadAndRefitted) {
  FitOptions options{.scenarios = write(labelled_example(2, 1000)),
                     .output = folder_ / "model.json",
                     .as_of = {},
                     .settings = log_settings()};
  options.settings.alpha = 0.25;
  options.settings.class_weight = ClassWeight::none;
  const auto report = run_fit(options, test::threads(2));
  const auto model = read_model(options.output);
  EXPECT_EQ(to_hex(model_digest(model)), report.model_digest);
  const auto settings = settings_of(model, "model.json");
  EXPECT_EQ(settings.alpha, 0.25);
  EXPECT_EQ(settings.class_weight, ClassWeight::none);
  EXPECT_EQ(settings.transforms, options.settings.transforms);
  EXPECT_EQ(settings.features.size(), 4u);
  expect_error(ErrorKind::environment, {"model.json"}, [&] { run_fit(options, test::threads(1)); });
}

TEST_F(FitRun, DryRunWritesNothing) {
  RunContext context = test::threads(1);
  context.dry_run = true;
  run_fit({.scenarios = write(labelled_example(1, 100)),
           .output = folder_ / "model.json",
           .as_of = {},
           .settings = {}},
          context);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "model.json"));
}

TEST_F(FitRun, SeparationIsAWarningWithARemedy) {
  auto example = labelled_example(1, 400);
  for (std::uint64_t row = 0; row < 400; ++row) example.label[row] = example.features[row * 4] > 1.0f;
  FitSettings settings;
  settings.alpha = 0.0;
  const auto fitted = fit(example, settings);
  EXPECT_TRUE(fitted.report.separated);
  EXPECT_FALSE(fitted.report.converged);
  ASSERT_EQ(fitted.report.warnings.size(), 1u);
  EXPECT_THAT(fitted.report.warnings[0], HasSubstr("--alpha 1"));
}

TEST_F(FitRun, CollinearFeaturesWithoutAPenaltyAreAnError) {
  auto example = labelled_example(1, 400);
  for (std::uint64_t row = 0; row < 400; ++row)
    example.features[row * 4 + 2] = 2.0f * example.features[row * 4];
  FitSettings settings;
  settings.alpha = 0.0;
  expect_error(ErrorKind::bad_data, {"`feature_2` is a combination", "--features"},
               [&] { fit(example, settings); });
}

TEST_F(FitRun, SaysWhatIsWrongWithTheLabels) {
  auto example = labelled_example(3, 100);
  expect_error(ErrorKind::bad_data, {"no label was known by 2013-04-21", "2013-04-22", "--as-of"},
               [&] { fit(example, {}, night(1)); });
  auto unlabelled = example;
  unlabelled.header.labelled = false;
  expect_error(ErrorKind::bad_data, {"there are no labels", "--label"}, [&] { fit(unlabelled); });
  auto unknown = example;
  std::fill(unknown.label.begin(), unknown.label.end(), std::uint8_t{255});
  expect_error(ErrorKind::bad_data, {"every label is unknown"}, [&] { fit(unknown); });
  auto all_no = example;
  std::fill(all_no.label.begin(), all_no.label.end(), std::uint8_t{0});
  expect_error(ErrorKind::bad_data, {"all 300 known labels are 0"}, [&] { fit(all_no); });
}

TEST_F(FitRun, NamesARowThatIsNotFinite) {
  auto example = labelled_example(3, 100);
  example.features[150 * 4 + 1] = NAN;
  expect_error(ErrorKind::bad_data, {"row 150", "`feature_1`", "not finite"}, [&] { fit(example); });
  FitSettings others;
  others.features = {"feature_0"};
  EXPECT_NO_THROW(fit(example, others));
  EXPECT_NO_THROW(fit(example, {}, night(2)));  // the row is not learned from yet
}

TEST_F(FitRun, NamesASettingThatIsWrong) {
  const auto example = labelled_example(1, 100);
  FitSettings settings;
  settings.features = {"featur_1"};
  expect_error(ErrorKind::usage, {"`featur_1`", "did you mean `feature_"}, [&] { fit(example, settings); });
  settings = {};
  settings.alpha = -1.0;
  expect_error(ErrorKind::usage, {"alpha"}, [&] { fit(example, settings); });
  settings = log_settings();
  settings.features = {"feature_1"};
  expect_error(ErrorKind::usage, {"`feature_0` has a transform"}, [&] { fit(example, settings); });
  expect_error(ErrorKind::usage, {"`A:log1p`", "FEATURE=log1p"}, [] { parse_transforms({"A:log1p"}); });
  expect_error(ErrorKind::usage, {"`log`", "log1p"}, [] { parse_transforms({"A=log"}); });
  expect_error(ErrorKind::usage, {"`some`", "balanced"}, [] { class_weight_from("some"); });
}

}  // namespace
}  // namespace npo
