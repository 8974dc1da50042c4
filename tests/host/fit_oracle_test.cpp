#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "host/fit_run.hpp"
#include "host/import_run.hpp"
#include "tests/host/fit_samples.hpp"
#include "tests/io/temporary_folder.hpp"

/// scikit-learn reads our file and model, fits again and compares to 1e-6; skipped where it is not installed.
namespace npo {
namespace {

class FitOracle : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("/usr/bin/python3 -c 'import sklearn, h5py' >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "scikit-learn and h5py are not installed for /usr/bin/python3";
  }

  /// Fits once for each alpha, then asks the oracle about all models.
  void expect_agreement(FitOptions options, const std::vector<double>& alphas) {
    std::string command = fmt::format("/usr/bin/python3 {}/tests/oracles/fit_sklearn.py --tolerance 1e-6 {}",
                                      NPO_SOURCE_DIR, options.scenarios.string());
    for (const double alpha : alphas) {
      options.settings.alpha = alpha;
      options.output = folder_ / fmt::format("model_{}.json", alpha);
      EXPECT_TRUE(run_fit(options, test::threads(2)).converged);
      command += fmt::format(" {}", options.output.string());
    }
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
  }

  test::TemporaryFolder folder_;
};

TEST_F(FitOracle, AgreesOnGeneratedRows) {
  FitOptions options{
      .scenarios = folder_ / "scenarios.h5", .output = {}, .as_of = test::night(4), .settings = {}};
  test::labelled_example(4, 3000, 8).write(options.scenarios);
  options.settings.transforms = {
      {"feature_0", Transform::log1p}, {"feature_1", Transform::sqrt}, {"feature_2", Transform::positive}};
  options.settings.features = {"feature_0", "feature_1", "feature_2", "feature_5"};
  expect_agreement(options, {1.0, 1e-3});
  options.settings.class_weight = ClassWeight::none;
  expect_agreement(options, {10.0});
}

/// 57 failures among 63,309 drive-days known by the tenth night, and raw counters up to 2e8.
TEST_F(FitOracle, AgreesOnRealDrives) {
  const char* given = std::getenv("NPO_DATA");
  const std::filesystem::path data =
      given ? std::filesystem::path(given) : std::filesystem::path(NPO_SOURCE_DIR) / "../shared/data";
  ImportScenariosOptions import;
  import.input = data / "backblaze" / "smart_2013-04-10_2013-05-09.csv.gz";
  if (!std::filesystem::exists(import.input)) GTEST_SKIP() << import.input << " is not there: set NPO_DATA";
  import.output = folder_ / "drives.h5";
  import.columns = {.id = "serial_number",
                    .time = "date",
                    .fleet = "model",
                    .label = "failure",
                    .label_known_at = {},
                    .features = {
                      "smart_1_raw",
                      "smart_5_raw",
                      "smart_9_raw",
                      "smart_194_raw",
                      "smart_197_raw"
                    }};
  import.label_horizon = 7 * seconds_per_day;
  import_scenarios(import, test::threads(2));
  constexpr UnixSeconds tenth_night = 1366329600;  // 2013-04-19
  FitOptions options{.scenarios = import.output, .output = {}, .as_of = tenth_night, .settings = {}};
  options.settings.transforms = parse_transforms(
      {"smart_1_raw=log1p", "smart_5_raw=log1p", "smart_9_raw=log1p", "smart_197_raw=log1p"});
  expect_agreement(options, {1.0});
}

}  // namespace
}  // namespace npo
