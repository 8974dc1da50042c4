#include "host/study_file.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/study_sweep.hpp"
#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

using nlohmann::json;
using Numbers = std::vector<std::uint32_t>;

json document(json parameters, json more = json::object(), const char* kind = "loop") {
  json all{{"kind", kind}, {"name", "s"}};
  if (!parameters.is_null()) all["parameters"] = std::move(parameters);
  if (!more.is_null()) all.update(more);
  return all;
}

TEST(StudyFile, CheckpointsInEveryWay) {
  EXPECT_EQ(study_checkpoints("log", 60, "s"), (Numbers{1, 2, 5, 10, 20, 50, 60}));
  EXPECT_EQ(study_checkpoints("log", 100, "s"), (Numbers{1, 2, 5, 10, 20, 50, 100}));
  EXPECT_EQ(study_checkpoints(4, 1000, "s"), (Numbers{1, 10, 100, 1000}));
  EXPECT_EQ(study_checkpoints(1, 1000, "s"), (Numbers{1000}));
  EXPECT_EQ(study_checkpoints({3, 7}, 9, "s"), (Numbers{3, 7, 9}));
  EXPECT_EQ(study_checkpoints({{"from", 10}, {"to", 50}, {"steps", 5}}, 50, "s"),
            (Numbers{10, 20, 30, 40, 50}));
  EXPECT_EQ(study_checkpoints("log", 1, "s"), (Numbers{1}));
}

TEST(StudyFile, RangesHoldBothEndsExactly) {
  const Study study =
      study_from(document({{"eta", {{"from", 0.1}, {"to", 0.7}, {"steps", 4}}},
                           {"monitor_window", {{"from", 10}, {"to", 1000}, {"steps", 3}, {"scale", "log"}}}}),
                 "s");
  EXPECT_EQ(study.points(), 12u);
  EXPECT_EQ(study.grid.value(0, "eta"), 0.1);
  EXPECT_EQ(study.grid.value(11, "eta"), 0.7);
  EXPECT_EQ(study.grid.value(1, "monitor_window"), 100);
}

TEST(StudyFile, TheLastSweptParameterVariesFastest) {
  const Study study = study_from(document({{"swap", {0.0, 0.1, 0.2}}, {"eta", {0.5, 0.6}}}), "s");
  EXPECT_EQ(study.grid.label(0), "eta = 0.5, swap = 0.0");
  EXPECT_EQ(study.grid.label(1), "eta = 0.5, swap = 0.1");
  EXPECT_EQ(study.grid.label(5), "eta = 0.6, swap = 0.2");
  EXPECT_EQ(study.grid.other(5, {{"swap", 0.0}}), 3u);
  EXPECT_FALSE(study.grid.other(5, {{"swap", 0.3}}));
  EXPECT_EQ(study.grid.select({{"swap", {0.0, 0.2}}, {"eta", 0.6}}), (std::vector<std::uint64_t>{3, 5}));
}

TEST(StudyFile, ZippedListsMayRepeatValues) {
  const Study study =
      study_from(document({{"eta", {0.1, 0.1, 0.2}}, {"swap", {0.0, 0.3, 0.3}}}, {{"design", "zip"}}), "s");
  EXPECT_EQ(study.points(), 3u);
  EXPECT_EQ(study.grid.label(1), "eta = 0.1, swap = 0.3");
  EXPECT_EQ(study.grid.other(1, {{"swap", 0.0}}), 0u);
  EXPECT_FALSE(study.grid.other(2, {{"swap", 0.0}}));
}

TEST(StudyFile, PointsAreWhatKernelsTake) {
  const Study study = study_from(document({{"thresholds", {0.2, 0.8}},
                                           {"drift", json::array({json::array(), {10, 20}})},
                                           {"ablation", "reward_only"},
                                           {"lambda", 0.25}}),
                                 "s");
  ASSERT_EQ(study.points(), 2u);
  const auto loop = std::get<LoopPoint>(study.point(1));
  EXPECT_EQ(loop.thresholds, (std::vector<double>{0.2, 0.8}));
  EXPECT_EQ(loop.world.drift_episodes, (Numbers{10, 20}));
  EXPECT_EQ(loop.ablation, LoopAblation::reward_only);
  EXPECT_EQ(loop.op.lambda, 0.25);
  EXPECT_EQ(loop.horizon, 1000u);
  EXPECT_TRUE(std::get<LoopPoint>(study.point(0)).world.drift_episodes.empty());
}

TEST(StudyFile, ArmsAreGivenOrDrawn) {
  const auto point = [](json parameters) {
    return std::get<BanditPoint>(study_from(document(std::move(parameters), {}, "bandit"), "s").point(0));
  };
  EXPECT_EQ(point({{"arms", {0.1, 0.9}}}).means, (std::vector<double>{0.1, 0.9}));
  EXPECT_EQ(point({{"arms", {0.1, 0.9}}}).arms, 2u);
  EXPECT_TRUE(point({{"arm_count", 7}}).means.empty());
  EXPECT_EQ(point({{"arm_count", 7}}).arms, 7u);
  const auto moving = point({{"segments", {{0.1, 0.2, 0.3}, {0.3, 0.2, 0.1}}}, {"break_every", 100}});
  EXPECT_EQ(moving.arms, 3u);
  EXPECT_EQ(moving.means.size(), 6u);
  test::expect_error(ErrorKind::usage, {"parameters.arm_count", "arms"}, [&] {
    point({{"arms", {0.1, 0.9}}, {"arm_count", 7}});
  });
  test::expect_error(ErrorKind::usage, {"parameters.segments", "different lengths"}, [&] {
    point({{"segments", {{0.1, 0.2}, {0.3}}}});
  });
}

TEST(StudyFile, PointsMayHaveDifferentNumbersOfArms) {
  const Study study = study_from(document({{"arm_count", {2, 5}}}, {}, "bandit"), "s");
  EXPECT_EQ(study.metrics().size(), study.metrics_of(1).size());
  EXPECT_EQ(study.metrics().size(), study.metrics_of(0).size() + 3);
  for (std::size_t i = 0; i < study.metrics_of(0).size(); ++i)
    EXPECT_EQ(study.metrics()[i].name, study.metrics_of(0)[i].name);
}

/// What is stored with the results is the study: reading it again changes nothing.
TEST(StudyFile, TheResolvedDocumentReadsBack) {
  const std::vector<json> documents{
      document({{"eta", {0.1, 0.2}}, {"drift", json::array({json::array(), {5}})}},
               {{"baseline", {{"eta", 0.1}}},
                {"precision", {{"metric", "reward"}, {"half_width", 0.1}}},
                {"claim", {{{"name", "c"}, {"kind", "below"}, {"metric", "reward"}, {"high", "t"}}}}}),
      document({{"arms", {{0.1, 0.2}, {0.3, 0.4}}}}, {{"checkpoints", 5}}, "bandit"),
      document({{"segments", {{0.1, 0.2}, {0.3, 0.4}}}, {"break_every", 10}}, {}, "bandit"),
      document({{"arm_count", {2, 3}}}, {{"independent", true}}, "bandit")};
  for (const json& given : documents) {
    const Study study = study_from(given, "s");
    const Study again = study_from(study.document, "again");
    EXPECT_EQ(again.document, study.document);
    EXPECT_EQ(again.run_id(), study.run_id());
    EXPECT_EQ(again.points(), study.points());
    for (std::uint64_t i = 0; i < study.points(); ++i) EXPECT_EQ(again.grid.values(i), study.grid.values(i));
  }
}

TEST(StudyFile, TitlesAndClaimsDoNotDecideNumbers) {
  const std::string plain = study_from(document({}), "s").run_id();
  EXPECT_EQ(study_from(document({}, {{"title", "T"}}), "s").run_id(), plain);
  EXPECT_NE(study_from(document({{"eta", 0.3}}), "s").run_id(), plain);
  EXPECT_NE(study_from(document({}, {{"seed", 8}}), "s").run_id(), plain);
  EXPECT_NE(study_from(document({}, {{"replicates", 8}}), "s").run_id(), plain);
}

TEST(StudyFile, AssignmentsReplaceKeys) {
  json all = document({{"eta", 0.1}});
  for (const char* assignment : {"eta=[0.2, 0.3]", "policy=ucb1", "replicates=7", "precision.metric=reward",
                                 "precision.half_width=0.5", "parameters.swap=0.25", "title=two words"})
    override_key(all, assignment);
  const Study study = study_from(all, "s");
  EXPECT_EQ(study.points(), 2u);
  EXPECT_EQ(study.replicates, 7u);
  EXPECT_EQ(study.grid.value(0, "policy"), "ucb1");
  EXPECT_EQ(study.grid.value(0, "swap"), 0.25);
  EXPECT_EQ(study.precision->metric, "reward");
  EXPECT_EQ(study.title, "two words");
}

}  // namespace
}  // namespace npo
