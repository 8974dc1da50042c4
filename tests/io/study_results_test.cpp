#include "io/study_results.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using test::TemporaryFolder;

/// Two points, three checkpoints, two metrics, one claim.
StudyResults example() {
  StudyResults results;
  results.kind = "loop";
  results.name = "example";
  results.document = R"({"kind": "loop"})";
  results.swept = R"(["eta"])";
  results.shard = "1/1";
  results.run_id = "0123456789abcdef";
  results.provenance = R"({"threads": 2})";
  results.seed = 7;
  results.episodes = 100;
  results.checkpoints = {1, 10, 100};
  results.metrics = {"regret", "reward"};
  results.units = {"reward", "1"};
  results.long_names = {"regret so far", "reward of an episode"};
  results.parameters = {{"eta", std::vector<double>{0.1, 0.2}},
                        {"policy", std::vector<std::string>{"ucb1", "thompson"}},
                        {"window", std::vector<std::int64_t>{100, 100}}};
  results.replicates = {2048, 1024};
  results.first_replicate = {0, 0};
  results.stop = {0, 1};
  results.baseline_point = {0, 0};
  std::vector<double> values;
  for (int i = 0; i < 12; ++i) values.push_back(i == 5 ? std::nan("") : 0.5 * i);
  for (auto* column : {&results.mean, &results.variance, &results.standard_error, &results.variance_error,
                       &results.difference, &results.difference_error})
    *column = values;
  for (auto& column : results.quantile) column = values;
  results.count.assign(12, 1024);
  ClaimRow claim;
  claim.name = "claim";
  claim.verdict = Verdict::holds;
  claim.expected_low = -INFINITY;
  claim.curve_low.assign(6, -INFINITY);
  claim.curve_high.assign(6, 1.0);
  results.claims = {claim};
  return results;
}

TallyRows rows_of(std::uint64_t point) {
  TallyRows rows{.point = point, .replicates = point == 0 ? 2048u : 1024u};
  rows.words.assign(6 * tally_cell_words, static_cast<std::int64_t>(point) - 5);
  rows.bins.assign(6 * tally_cell_bins, static_cast<std::uint32_t>(point + 3));
  return rows;
}

Digest write(const std::filesystem::path& path, const StudyResults& results,
             h5::Compression compression = {}) {
  StudyResultWriter writer(path, compression, 2, 6);
  writer.tally(rows_of(1));
  writer.tally(rows_of(0));
  writer.finish(results);
  return StudyResultFile(path).digest();
}

TEST(StudyResults, ReadBackAsTheyWereWritten) {
  const TemporaryFolder folder;
  write(folder / "s.h5", example());
  const StudyResultFile file(folder / "s.h5");
  const StudyResults& read = file.results();
  EXPECT_EQ(read.metrics, example().metrics);
  EXPECT_EQ(read.checkpoints, example().checkpoints);
  EXPECT_EQ(read.seed, 7u);
  EXPECT_EQ(read.mean[11], 5.5);
  EXPECT_TRUE(std::isnan(read.quantile[2][5]));
  EXPECT_EQ(read.baseline_point, example().baseline_point);
  ASSERT_EQ(read.parameters.size(), 3u);
  EXPECT_EQ(std::get<std::vector<std::string>>(read.parameters[1].values)[1], "thompson");
  ASSERT_EQ(read.claims.size(), 1u);
  EXPECT_EQ(read.claims[0].verdict, Verdict::holds);
  EXPECT_EQ(read.claims[0].curve_high, std::vector<double>(6, 1.0));
  EXPECT_EQ(file.tally(1).words, rows_of(1).words);
  EXPECT_EQ(file.tally(0).bins, rows_of(0).bins);
  EXPECT_EQ(file.tally(1).replicates, 1024u);
}

TEST(StudyResults, DigestsCoverContentAndNothingElse) {
  const TemporaryFolder folder;
  const Digest digest = write(folder / "a.h5", example());
  StudyResults results = example();
  results.provenance = R"({"threads": 64})";
  EXPECT_EQ(write(folder / "b.h5", results, {.gzip_level = 0}), digest);
  const std::vector<std::function<void(StudyResults&)>> changes{
      [](StudyResults& r) { r.mean[3] = 0.25; },
      [](StudyResults& r) { r.quantile[4][3] = 0.25; },
      [](StudyResults& r) { r.count[0] = 1; },
      [](StudyResults& r) { r.stop[0] = 2; },
      [](StudyResults& r) { r.title = "T"; },
      [](StudyResults& r) { r.claims[0].verdict = Verdict::fails; },
      [](StudyResults& r) { std::get<std::vector<double>>(r.parameters[0].values)[0] = 0.3; }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    StudyResults changed = example();
    changes[i](changed);
    EXPECT_NE(write(folder / std::to_string(i).append(".h5"), changed), digest) << i;
  }
}

TEST(StudyResults, OtherFilesAreRefused) {
  const TemporaryFolder folder;
  {
    h5::WriteFile file(folder / "x.h5", {});
    file.format("npo.scenarios", 1);
    file.close();
  }
  expect_error(ErrorKind::bad_data, {"x.h5", "npo.study"}, [&] { StudyResultFile{folder / "x.h5"}; });
  StudyResults results = example();
  results.replicates.push_back(5);
  results.mean.resize(18);
  EXPECT_THROW(write(folder / "y.h5", results), Error);
}

}  // namespace
}  // namespace npo
