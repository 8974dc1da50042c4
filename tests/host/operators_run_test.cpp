#include "host/operators_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "io/h5_file.hpp"
#include "tests/host/learn_world.hpp"
#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

void write_truth(const std::filesystem::path& path, const std::vector<std::uint64_t>& ids,
                 const std::vector<float>& approval) {
  h5::WriteFile file(path, {0, false});
  file.format("npo.truth", 1);
  h5::ColumnSpec id{"truth/id", h5::Type::u64}, p{"truth/approval", h5::Type::f32};
  file.column<std::uint64_t>(id, ids);
  file.column<float>(p, approval);
  file.close();
}

struct OperatorsWorld {
  explicit OperatorsWorld(float approval) {
    test::write_run(folder / "run", spec, Policy{});
    write_truth(folder / "truth.h5", spec.ids, std::vector<float>(spec.ids.size(), approval));
  }
  OperatorsReport run(const OperatorsOptions& changes = {}, std::uint64_t seed = 1) const {
    OperatorsOptions options = changes;
    options.decisions = {folder / "run"};
    options.truth = folder / "truth.h5";
    options.output = folder / "feedback.h5";
    RunContext context;
    context.overwrite = true;
    context.seed = seed;
    return run_operators(options, context);
  }
  test::TemporaryFolder folder;
  test::RunSpec spec{1, test::every(1, 40000)};
};

constexpr int withheld = 0, surfaced = 1, overrides = 0, likes = 1, neutral = 2, skipped = 3;

double sum_of(const std::uint64_t (&kinds)[answer_count]) {
  return static_cast<double>(kinds[0] + kinds[1] + kinds[2] + kinds[3]);
}

/// Whether `count` of `n` is a fair draw of probability p: 4.9 standard errors, alpha 1e-6.
bool fair(std::uint64_t count, double n, double p) {
  return std::abs(static_cast<double>(count) - n * p) <= 4.9 * std::sqrt(n * p * (1.0 - p));
}

TEST(OperatorsRun, RatesAreThoseOfTheSpec) {
  const OperatorsWorld world(0.7f);
  const OperatorsReport report = world.run();
  const auto& up = report.answers.count[surfaced];
  const auto& down = report.answers.count[withheld];
  // Looks 0.9 and 0.2; right 0.7 and 0.3; neutral one time in ten when right.
  EXPECT_TRUE(fair(up[skipped], sum_of(up), 0.1));
  EXPECT_TRUE(fair(up[overrides], sum_of(up), 0.9 * 0.3));
  EXPECT_TRUE(fair(up[likes], sum_of(up), 0.9 * 0.7 * 0.9));
  EXPECT_TRUE(fair(up[neutral], sum_of(up), 0.9 * 0.7 * 0.1));
  EXPECT_TRUE(fair(down[skipped], sum_of(down), 0.8));
  EXPECT_TRUE(fair(down[overrides], sum_of(down), 0.2 * 0.7));
  EXPECT_TRUE(fair(down[likes], sum_of(down), 0.2 * 0.3 * 0.9));
  // The bug this must catch: neutral answers for one wrong decision in ten too.
  EXPECT_FALSE(fair(up[overrides], sum_of(up), 0.9 * 0.3 * 0.9));
  EXPECT_EQ(report.decisions, report.answers.total() + report.answers.blocked);
  EXPECT_GT(report.answers.blocked, 0u);
}

TEST(OperatorsRun, CertainTruthHasNoChance) {
  OperatorsOptions options;
  options.look_surfaced = options.look_withheld = 1.0;
  options.neutral_share = 0.0;
  const OperatorsReport report = OperatorsWorld(1.0f).run(options);
  EXPECT_EQ(static_cast<double>(report.answers.count[surfaced][likes]),
            sum_of(report.answers.count[surfaced]));
  EXPECT_EQ(static_cast<double>(report.answers.count[withheld][overrides]),
            sum_of(report.answers.count[withheld]));
  options.swap = 1.0;
  const OperatorsReport swapped = OperatorsWorld(1.0f).run(options);
  EXPECT_EQ(swapped.answers.count[surfaced][overrides], report.answers.count[surfaced][likes]);
}

TEST(OperatorsRun, AnswersDependOnTheSeedAlone) {
  const OperatorsWorld world(0.5f);
  world.run({}, 5);
  const Digest a = digest_feedback(FeedbackFile(world.folder / "feedback.h5"));
  world.run({}, 5);
  EXPECT_EQ(digest_feedback(FeedbackFile(world.folder / "feedback.h5")), a);
  world.run({}, 6);
  EXPECT_NE(digest_feedback(FeedbackFile(world.folder / "feedback.h5")), a);
}

TEST(OperatorsRun, RefusesWhatItCannotAnswer) {
  const OperatorsWorld world(0.5f);
  write_truth(world.folder / "truth.h5", {10, 12}, {0.5f, 0.5f});
  test::expect_error(ErrorKind::bad_data, {"truth/id", "11", "row 1"}, [&] { world.run(); });
  OperatorsOptions options;
  options.swap = 1.5;
  test::expect_error(ErrorKind::usage, {"swap", "1.5"}, [&] { world.run(options); });
}

}  // namespace
}  // namespace npo
