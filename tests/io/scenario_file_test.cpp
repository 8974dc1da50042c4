#include "io/scenario_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "tests/io/expect_error.hpp"
#include "tests/io/scenario_example.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using test::ScenarioExample;
using test::TemporaryFolder;

template <class T>
std::vector<T> values_of(const RowWindow& window) {
  const auto values = window.as<T>();
  return {values.begin(), values.end()};
}

TEST(ScenarioFile, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  for (const bool text : {false, true})
    for (const int level : {0, 1}) {
      const ScenarioExample example({20000, 1, 5000}, text);
      example.write(folder / "s.h5", {level, true}, 777);
      const ScenarioFile file(folder / "s.h5");
      EXPECT_EQ(file.rows(), 25001u);
      EXPECT_EQ(file.dim(), 3u);
      EXPECT_EQ(file.header().id, example.header.id);
      EXPECT_EQ(file.header().features, example.header.features);
      EXPECT_EQ(file.header().fleets, example.header.fleets);
      EXPECT_EQ(file.header().label_horizon, 7 * seconds_per_day);
      EXPECT_EQ(file.header().provenance, example.header.provenance);
      EXPECT_EQ(values_of<std::byte>(file.stored_ids(0, 25001)), example.ids);
      EXPECT_EQ(values_of<float>(file.features(0, 25001)), example.features);
      EXPECT_EQ(values_of<std::uint32_t>(file.fleets(0, 25001)), example.fleet);
      EXPECT_EQ(values_of<UnixSeconds>(file.times(0, 25001)), example.time);
      EXPECT_EQ(values_of<std::uint8_t>(file.labels(0, 25001)), example.label);
      EXPECT_EQ(values_of<UnixSeconds>(file.label_known_at(0, 25001)), example.known);
      validate_scenarios(file);
    }
}

TEST(ScenarioFile, LabelsAreOptional) {
  const TemporaryFolder folder;
  ScenarioExample example({100});
  example.header.labelled = false;
  example.write(folder / "s.h5");
  const ScenarioFile file(folder / "s.h5");
  EXPECT_FALSE(file.header().labelled);
  validate_scenarios(file);
  expect_error(ErrorKind::bad_data, {"s.h5 has no labels", "--label"}, [&] { file.labels(0, 1); });
}

TEST(ScenarioFile, OneFeatureIsStillAMatrix) {
  const TemporaryFolder folder;
  for (const int level : {0, 1}) {
    const ScenarioExample example({100}, false, 1);
    example.write(folder / "s.h5", {level, true});
    EXPECT_EQ(h5::ReadFile(folder / "s.h5").info("scenarios/features").dims,
              (std::vector<std::uint64_t>{100, 1}));
    EXPECT_EQ(values_of<float>(ScenarioFile(folder / "s.h5").features(0, 100)), example.features);
  }
}

TEST(ScenarioFile, FindsTheNightOfATime) {
  const TemporaryFolder folder;
  const ScenarioExample example({10, 20});
  example.write(folder / "s.h5");
  const ScenarioFile file(folder / "s.h5");
  const UnixSeconds day = ScenarioExample::first_day;
  EXPECT_EQ(file.night_at(day).rows, 10u);
  EXPECT_EQ(file.night_at(day + 86399).rows, 10u);
  EXPECT_EQ(file.night_at(day + 86400).first_row, 10u);
  for (const UnixSeconds outside : {day - 1, day + 2 * 86400, UnixSeconds{0}})
    expect_error(ErrorKind::usage, {"s.h5 has no night", "2013-04-20, 2013-04-21"},
                 [&] { file.night_at(outside); });
}

TEST(ScenarioFile, IdsAsWordsSortLikeText) {
  const std::string stored(
      "Z302B0M6\0\0\0\0\0\0\0\0"
      "Z302B0M6A\0\0\0\0\0\0\0",
      32);
  const IdType type{true, 16};
  const auto words = id_words(type, std::as_bytes(std::span(stored)));
  EXPECT_TRUE(std::lexicographical_compare(words.begin(), words.begin() + 2, words.begin() + 2, words.end()));
  EXPECT_EQ(id_text(type, words.data()), "Z302B0M6");
  EXPECT_EQ(id_text(type, words.data() + 2), "Z302B0M6A");
  const std::uint64_t number = 18446744073709551615u;
  EXPECT_EQ(id_words({}, std::as_bytes(std::span(&number, 1))), std::vector{number});
  EXPECT_EQ(id_text({}, &number), "18446744073709551615");
}

TEST(ScenarioFile, DigestSeesContentAndNotStorage) {
  const TemporaryFolder folder;
  ScenarioExample example({9000, 4000});
  const auto digest = [&](h5::Compression compression, std::uint64_t piece) {
    example.write(folder / "s.h5", compression, piece);
    const ScenarioFile file(folder / "s.h5");
    return std::pair(digest_scenarios(file), file.header_digest());
  };
  const auto before = digest({1, true}, 1000);
  EXPECT_EQ(digest({0, false}, 1), before);
  EXPECT_EQ(digest({6, false}, 100000), before);
  example.header.provenance = "{}";
  EXPECT_EQ(digest({1, true}, 4096), before);
  example.features[12345] += 1;
  const auto changed = digest({1, true}, 1000);
  EXPECT_NE(changed.first, before.first);
  EXPECT_EQ(changed.second, before.second);
  example.features[12345] -= 1;
  example.header.fleets[1] = "west";
  EXPECT_NE(digest({1, true}, 1000).second, before.second);
}

/// One change that breaks a row, and what validation must say of it.
struct Breakage {
  const char* name;
  void (*change)(ScenarioExample&);
  std::vector<std::string> words;
};

class BadRow : public testing::TestWithParam<Breakage> {};

constexpr std::uint64_t bad = 70123;  // in the second night, in the second piece that is checked

TEST_P(BadRow, IsNamedWithDatasetRowAndRemedy) {
  const TemporaryFolder folder;
  ScenarioExample example({1000, 75000}, std::string(GetParam().name).starts_with("Text"));
  GetParam().change(example);
  example.write(folder / "s.h5", {1, true}, 5000);
  const ScenarioFile file(folder / "s.h5");
  for (const auto& word : GetParam().words)
    expect_error(ErrorKind::bad_data, {"s.h5", word, "row 70123 "}, [&] { validate_scenarios(file); });
}

const Breakage breakages[] = {
    {"Repeated",
     [](ScenarioExample& e) { e.set_id(bad, 10 * (bad - 1001) + 7); },
     {"scenarios/id", "repeats id 691227"}},
    {"Unsorted",
     [](ScenarioExample& e) { e.set_id(bad, 1); },
     {"scenarios/id", "has id 1, which sorts before 691227"}},
    {"TextUnsorted",
     [](ScenarioExample& e) { e.set_id(bad, 1); },
     {"sorts before id-00691227", "sort each night by id"}},
    {"TextEmpty",
     [](ScenarioExample& e) { std::fill_n(e.ids.begin() + bad * 16, 16, std::byte{0}); },
     {"empty id"}},
    {"TextUnpadded",
     [](ScenarioExample& e) { e.ids[bad * 16 + 15] = std::byte{'x'}; },
     {"pad text with zero"}},
    {"Fleet", [](ScenarioExample& e) { e.fleet[bad] = 2; }, {"scenarios/fleet", "code 2", "names 2 fleets"}},
    {"Time",
     [](ScenarioExample& e) { e.time[bad] -= 86400; },
     {"scenarios/time", "outside of its night 2013-04-21"}},
    {"Nan",
     [](ScenarioExample& e) { e.features[bad * 3 + 1] = std::nanf(""); },
     {"scenarios/features", "nan in feature feature_1"}},
    {"Infinite",
     [](ScenarioExample& e) { e.features[bad * 3] = -std::numeric_limits<float>::infinity(); },
     {"-inf", "block"}},
    {"Label", [](ScenarioExample& e) { e.label[bad] = 2; }, {"scenarios/label", "label 2", "0, 1 or 255"}},
    {"Known",
     [](ScenarioExample& e) {
       e.label[bad] = 1;
       e.known[bad] = e.time[bad] - 1;
     },
     {"scenarios/label_known_at"}},
    {"First",
     [](ScenarioExample& e) {
       e.fleet[bad + 1] = 9;
       e.label[bad] = 7;
       e.time[bad + 2] = 0;
     },
     {"label 7"}},
};
INSTANTIATE_TEST_SUITE_P(EachKind, BadRow, testing::ValuesIn(breakages),
                         [](const auto& breakage) { return std::string(breakage.param.name); });

TEST(ScenarioFile, TheFirstRowOfANightFollowsNoOther) {
  const TemporaryFolder folder;
  ScenarioExample example({3, 3});
  example.set_id(2, 1000);
  example.write(folder / "s.h5");
  validate_scenarios(ScenarioFile(folder / "s.h5"));
}

TEST(ScenarioFile, RefusesHeadersThatCannotBe) {
  const TemporaryFolder folder;
  const auto refuse = [&](const std::function<void(ScenarioExample&)>& change,
                          std::initializer_list<std::string> words) {
    ScenarioExample example({50, 50});
    change(example);
    expect_error(ErrorKind::bad_data, words, [&] { example.write(folder / "s.h5"); });
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "nothing may stay behind";
  };
  using Example = ScenarioExample&;
  refuse([](Example e) { e.header.features[1] = "feature_0"; }, {"s.h5", "'feature_0' occurs twice"});
  refuse([](Example e) { e.header.features.assign(4097, ""); }, {"4097 features, expected 1 to 4096"});
  refuse([](Example e) { e.header.fleets[1] = "north"; }, {"fleets/name", "row 1", "'north' occurs twice"});
  refuse([](Example e) { e.header.nights[1].time += 5; }, {"nights/time", "row 1", "not midnight UTC"});
  refuse([](Example e) { std::swap(e.header.nights[0].time, e.header.nights[1].time); },
         {"does not come after"});
  refuse([](Example e) { e.header.nights.pop_back(); }, {"nights cover 50 of 100 rows"});
  refuse([](Example e) { e.header.nights[1].first_row = 49; }, {"first_row 49", "expected first_row 50"});
  refuse([](Example e) { e.header.nights[1].rows = 51; }, {"rows 51"});
}

TEST(ScenarioFile, RefusesAnEmptyFile) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::bad_data, {"s.h5: no scenarios"},
               [&] { ScenarioExample({}).write(folder / "s.h5"); });
}

TEST(ScenarioWriter, LeavesNothingBehindAndReplacesOnlyWhenAsked) {
  const TemporaryFolder folder;
  const ScenarioExample example({100});
  {
    ScenarioWriter writer(folder / "s.h5", example.header, 100, {}, false);
    writer.append(example.piece(0, 50));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  {
    ScenarioWriter writer(folder / "s.h5", example.header, 100, {}, false);
    writer.append(example.piece(0, 99));
    expect_error(ErrorKind::internal, {"of 100 rows"},
                 [&] { writer.finish(example.header.nights, example.header.fleets); });
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  example.write(folder / "s.h5", {}, 1000, false);
  expect_error(ErrorKind::environment, {"s.h5 exists", "--overwrite"},
               [&] { example.write(folder / "s.h5", {}, 1000, false); });
}

}  // namespace
}  // namespace npo
