#include <cstdlib>

#include "tests/host/csv_import.hpp"

namespace npo {
namespace {

std::filesystem::path drives_file() {
  const char* given = std::getenv("NPO_DATA");
  const std::filesystem::path data =
      given ? std::filesystem::path(given) : std::filesystem::path(NPO_SOURCE_DIR) / "../shared/data";
  return data / "backblaze/smart_2013-04-10_2013-05-09.csv.gz";
}

/// Counts from a Python script that applies spec section 3 to lists of days, drive by drive.
TEST_F(ImportTest, CountsRealDrivesAsAnIndependentProgramDoes) {
  options_.input = drives_file();
  if (!std::filesystem::exists(options_.input)) GTEST_SKIP() << "no " << options_.input << ": set NPO_DATA";
  options_.columns.id = "serial_number";
  options_.columns.fleet = "model";
  options_.columns.time = "date";
  options_.columns.label = "failure";
  options_.columns.features = {"smart_1_raw", "smart_5_raw", "smart_9_raw", "smart_194_raw", "smart_197_raw"};
  options_.label_horizon = 7 * seconds_per_day;
  context_.threads = 2;
  const ImportScenariosReport report = import_scenarios(options_, context_);
  EXPECT_EQ(report.rows, 648339u);
  EXPECT_EQ(report.nights.size(), 30u);
  EXPECT_EQ(report.fleets, 36u);
  EXPECT_EQ(report.label_yes, 711u);
  EXPECT_EQ(report.label_no, 494626u);
  EXPECT_EQ(report.label_unknown, 153002u);
  const ScenarioFile file(options_.output);
  validate_scenarios(file);
  EXPECT_EQ(file.header().nights.front().time, 1365552000);

  options_.label_horizon.reset();
  const ImportScenariosReport events = import_scenarios(options_, context_);
  EXPECT_EQ(events.label_yes, 93u);
  EXPECT_EQ(events.label_unknown, 0u);
}

}  // namespace
}  // namespace npo
