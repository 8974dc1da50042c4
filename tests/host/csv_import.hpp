#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "host/import_run.hpp"
#include "io/scenario_file.hpp"
#include "kernels/error.hpp"

namespace npo {

/// A scenario file as plain values.
struct PlainScenario {
  std::string id, fleet;
  UnixSeconds time = 0;
  std::vector<float> features;
  int label = -1;
  UnixSeconds known_at = 0;
};

inline std::vector<PlainScenario> read_plain(const ScenarioFile& file) {
  const ScenarioHeader& header = file.header();
  const std::uint64_t rows = file.rows();
  const RowWindow stored = file.stored_ids(0, rows), fleet = file.fleets(0, rows), time = file.times(0, rows),
                  features = file.features(0, rows);
  const std::vector<std::uint64_t> words = id_words(header.id, stored.bytes());
  std::vector<PlainScenario> plain(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    plain[row].id = id_text(header.id, words.data() + row * static_cast<std::size_t>(header.id.words()));
    plain[row].fleet = header.fleets.at(fleet.as<std::uint32_t>()[row]);
    plain[row].time = time.as<UnixSeconds>()[row];
    const auto values = features.as<float>().subspan(row * file.dim(), file.dim());
    plain[row].features.assign(values.begin(), values.end());
  }
  if (!header.labelled) return plain;
  const RowWindow label = file.labels(0, rows), known = file.label_known_at(0, rows);
  for (std::size_t row = 0; row < rows; ++row) {
    plain[row].label = label.as<std::uint8_t>()[row];
    plain[row].known_at = known.as<UnixSeconds>()[row];
  }
  return plain;
}

/// A folder of its own, and imports of texts in it.
class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("npo_import_" + std::string(test->name()) + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.output = folder_ / "out.h5";
    options_.columns.id = "id";
    options_.columns.time = "time";
    options_.columns.features = {"x"};
    context_.overwrite = true;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ImportScenariosReport import(const std::string& text) {
    options_.input = folder_ / "in.csv";
    std::ofstream(options_.input, std::ios::binary) << text;
    return import_scenarios(options_, context_);
  }
  std::vector<PlainScenario> imported(const std::string& text) {
    import(text);
    const ScenarioFile file(options_.output);
    validate_scenarios(file);
    return read_plain(file);
  }
  std::string refusal(const std::string& text) {
    try {
      import(text);
    } catch (const Error& error) {
      EXPECT_FALSE(std::filesystem::exists(options_.output)) << "a refused import leaves no file";
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path folder_;
  ImportScenariosOptions options_;
  RunContext context_;
};

}  // namespace npo
