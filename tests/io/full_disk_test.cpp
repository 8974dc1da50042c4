#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "io/feedback_file.hpp"
#include "tests/io/decision_samples.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/small_disk.hpp"
#include "tests/io/state_samples.hpp"
#include "tests/io/temporary_folder.hpp"

/// The disk fills up at many points of a write: each time a clear error, nothing half-written, what was there
/// before intact, and the same work done once there is room.
namespace npo {
namespace {

namespace fs = std::filesystem;
using namespace test;

constexpr std::uint64_t step = 9 * 4096 + 512;
constexpr h5::Compression plain{.gzip_level = 0};

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk.mounted()) GTEST_SKIP() << "this process may not mount a file system";
  }

  /// Runs `work` with more and more room until it succeeds, and `check` after each failure; returns the
  /// failures.
  int fail_until_done(const std::function<void()>& work, const std::function<void()>& check) {
    int failures = 0;
    for (std::uint64_t room = 0; room < 3'000'000; room += step) {
      disk.leave_free(room);
      try {
        work();
        disk.free_all();
        return failures;
      } catch (const Error& error) {
        ++failures;
        EXPECT_EQ(error.kind(), ErrorKind::environment) << error.what();
        EXPECT_THAT(error.what(), testing::HasSubstr("No space left on device"));
        EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr(".tmp")));
      }
      check();
    }
    ADD_FAILURE() << "the work never succeeded";
    return failures;
  }

  TemporaryFolder folder;
  SmallDisk disk{folder / "disk", 6};
};

TEST_F(FullDisk, ARunOfDecisionsResumesOnceThereIsRoom) {
  const RunIdentity identity = sample_identity(14'000, 4096);
  write_run(folder / "expected", identity, plain);
  const fs::path run = disk / "run";
  const int failures = fail_until_done(
      [&] {
        DecisionRunWriter writer(run, identity, plain, false, true);
        complete_run(writer, identity);
      },
      [&] {
        for (const std::string& name : names_in(disk / "run"))
          EXPECT_THAT(name, testing::Not(testing::EndsWith(".tmp")));
      });
  EXPECT_GT(failures, 5);
  EXPECT_EQ(digest_of_run(run), digest_of_run(folder / "expected"));
  validate_decisions(DecisionRun(run));
}

TEST_F(FullDisk, ACommitOfTheStateLeavesTheOldGeneration) {
  const fs::path path = disk / "state.h5";
  StateTransaction::create(path, sample_manifest());
  commit_scenarios(path, 1000, 500, 1);
  const Digest before = StateSnapshot(path).digest();
  const std::set<std::string> files = names_in(disk / "state.h5.d");
  const int failures = fail_until_done([&] { commit_scenarios(path, 15'000, 5'000, 2); },
                                       [&] {
                                         ASSERT_EQ(StateSnapshot(path).digest(), before);
                                         validate_state(StateSnapshot(path));
                                         std::set<std::string> now = names_in(disk / "state.h5.d");
                                         now.erase("manifest-2.h5");  // the old manifest may be kept already
                                         ASSERT_EQ(now, files);
                                       });
  EXPECT_GT(failures, 5);
  validate_state(StateSnapshot(path));
  EXPECT_EQ(StateSnapshot(path).scenarios(), 15'000u);
  EXPECT_EQ(rollback_state(path, {}), 2u);
  EXPECT_EQ(StateSnapshot(path).digest(), before);
}

TEST_F(FullDisk, AFeedbackFileAppearsOnceThereIsRoom) {
  for (const h5::Compression compression : {plain, h5::Compression{}}) {
    const fs::path path = disk / "feedback.h5";
    const int failures = fail_until_done(
        [&] {
          FeedbackWriter writer(path, compression, false);
          std::vector<FeedbackEvent> events(60'000);
          for (std::size_t i = 0; i < events.size(); ++i)
            events[i] = {.run = 0,
                         .row = i * i,
                         .kind = FeedbackKind::like,
                         .time = static_cast<UnixSeconds>(i),
                         .source = 0,
                         .event_id = i * 0x9e3779b97f4a7c15u};
          writer.append(events);
          writer.finish({"run"}, {"source"}, "{}");
        },
        [&] { ASSERT_EQ(names_in(folder / "disk"), std::set<std::string>{"ballast"}); });
    EXPECT_GT(failures, 3);
    EXPECT_EQ(FeedbackFile(path).rows(), 60'000u);
    fs::remove(path);
  }
}

}  // namespace
}  // namespace npo
