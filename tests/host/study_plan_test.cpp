#include "host/study_plan.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

Study study_of(std::uint64_t replicates, std::uint32_t episodes, int swaps, bool paired) {
  nlohmann::json values = nlohmann::json::array();
  for (int i = 0; i < swaps; ++i) values.push_back(0.01 * i);
  nlohmann::json document{{"kind", "loop"},
                          {"name", "plan"},
                          {"episodes", episodes},
                          {"replicates", replicates},
                          {"parameters", {{"swap", values}, {"policy", {"thompson", "fixed"}}}}};
  if (paired) document["baseline"] = {{"policy", "fixed"}};
  return study_from(document, "plan");
}

TEST(StudyPlan, GroupsHoldABaselineAndItsPoints) {
  const Study study = study_of(10, 10, 3, true);  // policy varies slowest: points 0 to 2 are thompson
  const auto groups = point_groups(study);
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[0].points, (std::vector<std::uint64_t>{3, 0}));
  EXPECT_EQ(groups[2].points, (std::vector<std::uint64_t>{5, 2}));
  EXPECT_EQ(point_groups(study_of(10, 10, 3, false)).size(), 6u);
}

/// However a study is cut, every replicate of every group is in exactly one unit of one part, units are in
/// exactly one piece, and what the plan says of a group is what its units hold.
TEST(StudyPlan, EveryReplicateIsSimulatedOnce) {
  for (const std::uint64_t replicates : {1u, 63u, 1024u, 2500u, 70000u})
    for (const std::uint32_t episodes : {10u, 1000u, 100000u})
      for (const std::uint64_t parts : {1u, 2u, 7u})
        for (const bool paired : {false, true}) {
          const Study study = study_of(replicates, episodes, 20, paired);
          const auto groups = point_groups(study);
          std::vector<std::size_t> active;
          for (std::size_t i = 0; i < groups.size(); ++i) active.push_back(i);
          std::vector<std::uint64_t> next(groups.size(), 0);
          for (std::uint64_t part = 0; part < parts; ++part) {
            const StudyRound round(study, groups, active, 0, replicates, {part, parts});
            std::map<std::size_t, std::set<std::uint64_t>> pieces;
            for (std::uint64_t piece = 0; piece < round.pieces(); ++piece) {
              ASSERT_LT(round.first_unit(piece), round.last_unit(piece));
              for (std::uint64_t number = round.first_unit(piece); number < round.last_unit(piece);
                   ++number) {
                const auto unit = round.unit(number);
                ASSERT_EQ(unit.first, next[unit.group]);
                next[unit.group] += unit.count;
                ASSERT_EQ(round.piece_of(number), piece);
                pieces[unit.group].insert(piece);
              }
            }
            for (const std::size_t group : active) {
              const auto [first, last] = round.replicates_of(group);
              ASSERT_EQ(first == last, !pieces.contains(group));
              if (first != last) {
                ASSERT_EQ(last, next[group]);
              }
              const auto listed = round.pieces_of(group);
              ASSERT_EQ(std::set<std::uint64_t>(listed.begin(), listed.end()), pieces[group]);
            }
          }
          for (const std::uint64_t count : next) ASSERT_EQ(count, replicates);
        }
}

TEST(StudyPlan, PartsAreWrittenFromOne) {
  EXPECT_EQ(StudyShard::parse("2/4").index, 1u);
  EXPECT_EQ(StudyShard::parse("2/4").text(), "2/4");
  for (const char* wrong : {"0/4", "5/4", "2", "2/", "/4", "a/4", "2/4x", "-1/4"})
    test::expect_error(ErrorKind::usage, {wrong}, [&] { StudyShard::parse(wrong); });
}

}  // namespace
}  // namespace npo
