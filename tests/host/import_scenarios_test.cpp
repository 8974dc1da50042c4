#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>

#include "host/time_text.hpp"
#include "tests/host/csv_import.hpp"

namespace npo {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> ids(const std::vector<PlainScenario>& rows) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row.id);
  return out;
}

TEST_F(ImportTest, SortsNightsAndIdsAndKeepsEverythingElse) {
  options_.columns.fleet = "model";
  options_.columns.features = {"y", "x"};
  const auto rows = imported(
      "time,id,x,model,y,unused\n"
      "2013-04-11,b,3,M2,-3,q\n2013-04-10T23:59:59Z,b,2,M2,-2,q\n2013-04-11,a,1,M1,-1,q\n2013-04-10,a9,4,M0,"
      "1e3,q\n");
  EXPECT_THAT(ids(rows), ElementsAre("a9", "b", "a", "b"));
  EXPECT_EQ(rows[0].fleet, "M0");
  EXPECT_EQ(rows[1].fleet, "M2");
  EXPECT_EQ(rows[1].time, 1365552000 + 86399) << "a row keeps its own time";
  EXPECT_THAT(rows[0].features, ElementsAre(1e3f, 4.0f)) << "features in the order asked for";
  const ScenarioFile file(options_.output);
  EXPECT_THAT(file.header().fleets, ElementsAre("M0", "M1", "M2")) << "sorted by name";
  ASSERT_EQ(file.header().nights.size(), 2u);
  EXPECT_EQ(file.header().nights[0].time, 1365552000);
  EXPECT_EQ(file.header().nights[1].first_row, 2u);
  EXPECT_FALSE(file.header().labelled);
  EXPECT_EQ(nlohmann::json::parse(file.header().provenance)["source"], "in.csv");
}

TEST_F(ImportTest, StoresIdsAsNumbersOnlyWhereAllAreCanonical) {
  const auto rows = imported("id,time,x\n10,0,1\n9,0,1\n18446744073709551615,0,1\n0,0,1\n");
  EXPECT_THAT(ids(rows), ElementsAre("0", "9", "10", "18446744073709551615"));
  EXPECT_FALSE(ScenarioFile(options_.output).header().id.text);
  for (const char* other : {"007", "+7", "18446744073709551616", "7a", "-1", "1.0"}) {
    const auto text = imported(std::string("id,time,x\n10,0,1\n9,0,1\n") + other + ",0,1\n");
    EXPECT_TRUE(ScenarioFile(options_.output).header().id.text) << other;
    auto sorted = std::vector<std::string>{"10", "9", other};
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(ids(text), sorted);
  }
}

TEST_F(ImportTest, StoresIdsAsAsked) {
  options_.ids = IdStorage::text;
  EXPECT_THAT(ids(imported("id,time,x\n10,0,1\n9,0,1\n")), ElementsAre("10", "9"));
  EXPECT_EQ(ScenarioFile(options_.output).header().id, (IdType{true, 8}));
  std::filesystem::remove(options_.output);
  options_.ids = IdStorage::number;
  EXPECT_THAT(refusal("id,time,x\n10,0,1\n09,0,1\n"),
              HasSubstr("line 3, column id: '09' is not a canonical number"));
}

TEST_F(ImportTest, PadsTextIdsToWholeWords) {
  const std::string longest(max_id_bytes, 'z');
  EXPECT_THAT(ids(imported("id,time,x\nabcdefghi,0,1\nabcdefgh,0,1\n")),
              ElementsAre("abcdefgh", "abcdefghi"));
  EXPECT_EQ(ScenarioFile(options_.output).header().id.bytes, 16u);
  EXPECT_THAT(ids(imported("id,time,x\n" + longest + ",0,1\nb,0,1\n")), ElementsAre("b", longest));
  EXPECT_EQ(ScenarioFile(options_.output).header().id.bytes, 64u);
  std::filesystem::remove(options_.output);
  EXPECT_THAT(refusal("id,time,x\n" + longest + "z,0,1\n"), HasSubstr("line 2, column id"));
}

TEST_F(ImportTest, ReadsLabelsKnownAtTheRowsTimeOrAtTheirOwn) {
  options_.columns.label = "y";
  auto rows = imported("id,time,x,y,when\na,100,1,0,500\nb,100,1,1,600\nc,100,1,,700\n");
  EXPECT_THAT((std::vector{rows[0].label, rows[1].label, rows[2].label}), ElementsAre(0, 1, 255));
  EXPECT_EQ(rows[0].known_at, 100);
  options_.columns.label_known_at = "when";
  rows = imported("id,time,x,y,when\na,100,1,0,500\nb,100,1,1,600\nc,100,1,,700\n");
  EXPECT_EQ(rows[1].known_at, 600);
  std::filesystem::remove(options_.output);
  EXPECT_THAT(refusal("id,time,x,y,when\na,100,1,0,99\n"),
              HasSubstr("column when: '99' lies before the row's own time"));
}

TEST_F(ImportTest, NamesLineAndColumnOfEveryBadValue) {
  options_.columns.label = "y";
  options_.columns.fleet = "f";
  const std::string head = "id,time,x,y,f\na,0,1,0,m\n";
  EXPECT_THAT(refusal(head + "b,0,abc,0,m\n"), HasSubstr("in.csv: line 3, column x: 'abc' is not a number"));
  EXPECT_THAT(refusal(head + "b,0,inf,0,m\n"), HasSubstr("line 3, column x: 'inf' is not finite"));
  EXPECT_THAT(refusal(head + "b,0,,0,m\n"),
              AllOf(HasSubstr("line 3, column x: '' is missing"), HasSubstr("--missing nan")));
  EXPECT_THAT(refusal(head + "b,2013-02-30,1,0,m\n"),
              HasSubstr("line 3, column time: '2013-02-30' is not a time"));
  EXPECT_THAT(refusal(head + "b,0,1,2,m\n"), HasSubstr("line 3, column y: '2' is not a label"));
  EXPECT_THAT(refusal(head + ",0,1,0,m\n"), HasSubstr("line 3, column id: '' is empty"));
  EXPECT_THAT(refusal(head + "b,0,1,0,\n"), HasSubstr("line 3, column f: '' is empty"));
  EXPECT_THAT(refusal(head + "b,0,1,0\n"), HasSubstr("line 3: 4 fields where the header has 5"));
  EXPECT_THAT(refusal("id,time,x,y,f\n"), HasSubstr("in.csv has no row to import"));
}

TEST_F(ImportTest, NamesIdNightAndBothLinesOfADouble) {
  EXPECT_THAT(refusal("id,time,x\na,2013-04-10,1\nb,2013-04-10,1\na,2013-04-10T12:00:00Z,2\n"),
              HasSubstr("in.csv: lines 2 and 4 both hold id 'a' in the night of 2013-04-10"));
  EXPECT_THAT(refusal("id,time,x\n7,0,1\n7,5,1\n"),
              HasSubstr("lines 2 and 3 both hold id '7' in the night of 1970-01-01"));
}

TEST_F(ImportTest, SkipsAndCountsBadRowsWhenAsked) {
  options_.skip_bad = true;
  options_.columns.label = "y";
  const std::string text = "id,time,x,y\na,0,1,0\nb,0,abc,1\nc,0,3\nd,never,4,0\na,5,5,1\ne,0,6,1\na,9,7,\n";
  const auto report = import(text);
  EXPECT_EQ(report.rows, 2u);
  EXPECT_EQ(report.skipped.count, 5u);
  EXPECT_EQ(report.label_yes, 1u);
  EXPECT_EQ(report.label_no, 1u);
  EXPECT_EQ(report.label_unknown, 0u);
  EXPECT_THAT(report.skipped.reasons, testing::Contains(HasSubstr("lines 2 and 6 both hold id 'a'")));
  const auto rows = imported(text);
  EXPECT_THAT(ids(rows), ElementsAre("a", "e"));
  EXPECT_EQ(rows[0].features[0], 1.0f) << "the first of two stays";
}

TEST_F(ImportTest, KeepsOrDropsMissingFeaturesWhenAsked) {
  options_.columns.features = {"x", "z"};
  const std::string text = "id,time,x,z\na,0,1,2\nb,0,NA,\nc,0,3,4\n";
  options_.missing = MissingPolicy::nan;
  auto report = import(text);
  EXPECT_EQ(report.rows, 3u);
  EXPECT_EQ(report.missing_values, 2u);
  const auto rows = read_plain(ScenarioFile(options_.output));
  EXPECT_TRUE(std::isnan(rows[1].features[0]));
  EXPECT_EQ(rows[2].features[1], 4.0f);
  options_.missing = MissingPolicy::drop;
  report = import(text);
  EXPECT_EQ(report.rows, 2u);
  EXPECT_EQ(report.missing_rows, 1u);
}

TEST_F(ImportTest, RefusesOptionsThatDoNotFitTogether) {
  const std::string text = "id,time,x\na,0,1\n";
  auto good = options_;
  const auto with = [&](auto change) {
    options_ = good;
    change(options_);
    return refusal(text);
  };
  EXPECT_THAT(with([](auto& o) { o.columns.id.clear(); }), HasSubstr("--id"));
  EXPECT_THAT(with([](auto& o) { o.columns.features.clear(); }), HasSubstr("--features"));
  EXPECT_THAT(with([](auto& o) { o.columns.features = {"x", "x"}; }), HasSubstr("'x' is named twice"));
  EXPECT_THAT(with([](auto& o) { o.columns.features = {"xx"}; }), HasSubstr("has no column 'xx'"));
  EXPECT_THAT(with([](auto& o) { o.label_horizon = 7; }), HasSubstr("--label"));
  EXPECT_THAT(with([](auto& o) { o.columns.label_known_at = "time"; }), HasSubstr("--label-known-at"));
}

TEST_F(ImportTest, LeavesAnExistingFileAlone) {
  import("id,time,x\na,0,1\n");
  context_.overwrite = false;
  const auto before = std::filesystem::last_write_time(options_.output);
  EXPECT_THROW(import("id,time,x\nb,0,1\n"), Error);
  EXPECT_EQ(std::filesystem::last_write_time(options_.output), before);
}

TEST_F(ImportTest, ADryRunChecksEverythingAndWritesNothing) {
  context_.dry_run = true;
  EXPECT_EQ(import("id,time,x\na,0,1\nb,0,1\n").rows, 2u);
  EXPECT_FALSE(std::filesystem::exists(options_.output));
  EXPECT_THAT(refusal("id,time,x\na,0,1\na,0,1\n"), HasSubstr("lines 2 and 3"));
}

std::string shuffled_rows(int count, unsigned seed) {
  std::vector<int> order(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) order[static_cast<std::size_t>(i)] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  std::string text = "id,time,x,model\n";
  for (const int i : order)
    text += std::to_string(i % 2000) + "k," + std::to_string(86400 * (i / 2000) + i % 77) + "," +
            std::to_string(i) + ",M" + std::to_string(i % 13) + "\n";
  return text;
}

TEST_F(ImportTest, GivesTheSameFileForAnyMemoryAndThreads) {
  options_.columns.fleet = "model";
  const std::string text = shuffled_rows(10000, 4);
  std::vector<Digest> digests;
  for (const auto& [memory, threads] :
       {std::pair{std::uint64_t{1} << 28, 1}, {std::uint64_t{100'000}, 1}, {std::uint64_t{300'000}, 3}}) {
    options_.memory_bytes = memory;
    context_.threads = threads;
    const auto report = import(text);
    EXPECT_EQ(report.bytes_spilled > 0, memory < (1u << 28));
    digests.push_back(digest_scenarios(ScenarioFile(options_.output)));
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_EQ(digests[0], digests[2]);
  EXPECT_EQ(digests.size(), 3u);
}

TEST_F(ImportTest, ReadsStdin) {
  const std::string text = shuffled_rows(3000, 5);
  const auto path = folder_ / "pipe.csv";
  std::ofstream(path, std::ios::binary) << text;
  const int saved = dup(STDIN_FILENO);
  std::FILE* file = std::fopen(path.c_str(), "rb");
  dup2(fileno(file), STDIN_FILENO);
  options_.input = "-";
  const auto report = import_scenarios(options_, context_);
  dup2(saved, STDIN_FILENO);
  close(saved);
  std::fclose(file);
  EXPECT_EQ(report.rows, 3000u);
  EXPECT_EQ(report.source, "stdin");
  EXPECT_EQ(report.bytes_read, text.size());
}

}  // namespace
}  // namespace npo
