#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "io/atomic_file.hpp"
#include "io/state_store.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/state_samples.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;
using namespace test;
using Generations = std::vector<std::uint64_t>;

class StateGenerations : public testing::Test {
 protected:
  StateGenerations() { StateTransaction::create(path, sample_manifest()); }

  std::uint32_t round() const { return StateSnapshot(path).manifest().round; }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder / "state.h5.d"))
      names.insert(entry.path().filename().string());
    return names;
  }

  TemporaryFolder folder;
  fs::path path = folder / "state.h5";
};

TEST_F(StateGenerations, ACommitKeepsTheLastOnesAndRemovesTheRest) {
  for (std::uint32_t round = 1; round <= 5; ++round)
    EXPECT_EQ(commit_scenarios(path, 20, 10, round, 3), round + 1);
  EXPECT_EQ(kept_generations(path), (Generations{4, 5, 6}));
  EXPECT_EQ(files(), (std::set<std::string>{"manifest-4.h5", "manifest-5.h5", "scenarios-4-0.h5",
                                            "scenarios-4-1.h5", "scenarios-5-0.h5", "scenarios-5-1.h5",
                                            "scenarios-6-0.h5", "scenarios-6-1.h5"}));
  commit_scenarios(path, 20, 20, 6, 1);
  EXPECT_EQ(kept_generations(path), (Generations{7}));
  EXPECT_EQ(files(), std::set<std::string>{"scenarios-7-0.h5"});
}

TEST_F(StateGenerations, ShardsThatLaterGenerationsStillNameStay) {
  commit_scenarios(path, 20, 10, 1, 2);
  for (std::uint32_t round = 2; round < 6; ++round) {
    StateTransaction transaction(path, 2);
    StateManifest manifest = transaction.before().manifest();
    manifest.round = round;
    transaction.commit(manifest);
  }
  validate_state(StateSnapshot(path));
  EXPECT_EQ(StateSnapshot(path).scenarios(), 20u);
}

TEST_F(StateGenerations, FilesOfOthersStay) {
  std::ofstream(folder / "state.h5.d/notes.txt") << "mine";
  std::ofstream(folder / "state.h5.d/scenarios-9-9.h5.123-4.tmp") << "left by a crash";
  std::ofstream(folder / "state.h5.123-4.tmp") << "left by a crash";
  commit_scenarios(path, 20, 10, 1, 1);
  EXPECT_EQ(files(), (std::set<std::string>{"notes.txt", "scenarios-2-0.h5", "scenarios-2-1.h5"}));
  EXPECT_FALSE(fs::exists(folder / "state.h5.123-4.tmp"));
}

TEST_F(StateGenerations, RollbackGoesBackAndForthAndCanBeBuiltOn) {
  for (std::uint32_t round = 1; round <= 3; ++round) commit_scenarios(path, 10 * round, 10, round);
  const Digest third = StateSnapshot(path).digest();
  EXPECT_EQ(rollback_state(path, {}), 3u);
  EXPECT_EQ(round(), 2u);
  EXPECT_EQ(StateSnapshot(path).scenarios(), 20u);
  EXPECT_EQ(rollback_state(path, {}), 2u);
  EXPECT_EQ(round(), 1u);
  EXPECT_EQ(kept_generations(path), (Generations{1, 2, 3, 4}));
  EXPECT_EQ(rollback_state(path, 4), 4u);
  EXPECT_EQ(StateSnapshot(path).digest(), third);
  EXPECT_EQ(rollback_state(path, 2), 2u);
  EXPECT_EQ(commit_scenarios(path, 50, 10, 9), 5u);
  EXPECT_EQ(kept_generations(path), (Generations{1, 2, 5}));
  validate_state(StateSnapshot(path));
  EXPECT_EQ(rollback_state(path, {}), 2u);
  EXPECT_EQ(round(), 1u);
}

TEST_F(StateGenerations, RollbackNamesTheKeptOnes) {
  commit_scenarios(path, 10, 10, 1);
  expect_error(ErrorKind::usage, {"generation 9", "not kept", "1, 2"}, [&] { rollback_state(path, 9); });
  EXPECT_EQ(rollback_state(path, 2), 2u);
  rollback_state(path, 1);
  expect_error(ErrorKind::usage, {"not kept", "1, 2"}, [&] { rollback_state(path, {}); });
}

TEST_F(StateGenerations, RollbackIsTheWayOutOfADamagedManifest) {
  for (std::uint32_t round = 1; round <= 2; ++round) commit_scenarios(path, 10, 10, round);
  std::ofstream(path, std::ios::trunc) << "damaged";
  expect_error(ErrorKind::bad_data, {"state.h5"}, [&] { StateSnapshot state(path); });
  EXPECT_EQ(rollback_state(path, {}), 2u);
  EXPECT_EQ(round(), 1u);
}

TEST_F(StateGenerations, RollbackFollowsALink) {
  for (std::uint32_t round = 1; round <= 2; ++round) commit_scenarios(path, 10, 10, round);
  const fs::path link = folder / "link.h5";
  fs::create_symlink(path, link);
  EXPECT_EQ(kept_generations(link), (Generations{1, 2, 3}));
  EXPECT_EQ(generation_in_force(link), 3u);
  EXPECT_EQ(rollback_target(link, {}), 2u);
  EXPECT_EQ(rollback_state(link, {}), 2u);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(round(), 1u);
}

TEST_F(StateGenerations, RollbackRefusesAGenerationThatLacksAFile) {
  commit_scenarios(path, 10, 10, 1);
  commit_scenarios(path, 10, 10, 2);
  fs::remove(folder / "state.h5.d/scenarios-2-0.h5");
  expect_error(ErrorKind::bad_data, {"generation 2", "scenarios-2-0.h5"}, [&] { rollback_state(path, {}); });
  EXPECT_EQ(round(), 2u);
}

TEST_F(StateGenerations, ATransactionGivenUpLeavesNothing) {
  commit_scenarios(path, 20, 10, 1);
  const auto before = files();
  const std::string manifest = read_text(path);
  {
    StateTransaction transaction(path);
    transaction.write_shard(sample_state_rows(integer_id, 0, 10), integer_id);
    transaction.write_ledger("run", "source", 0, std::vector<std::uint8_t>(10));
  }
  EXPECT_EQ(files(), before);
  EXPECT_EQ(read_text(path), manifest);
}

/// A process that dies between its shards and its commit leaves the old generation whole, and the next commit
/// clean.
TEST_F(StateGenerations, ACrashBeforeTheCommitLeavesTheOldGeneration) {
  commit_scenarios(path, 20, 10, 1);
  const Digest before = StateSnapshot(path).digest();
  if (const pid_t child = ::fork(); child == 0) {
    StateTransaction transaction(path);
    transaction.write_shard(sample_state_rows(integer_id, 0, 10), integer_id);
    ::_exit(9);
  } else {
    ::waitpid(child, nullptr, 0);
  }
  EXPECT_TRUE(files().contains("scenarios-3-0.h5"));
  EXPECT_EQ(StateSnapshot(path).digest(), before);
  validate_state(StateSnapshot(path));
  commit_scenarios(path, 30, 30, 2, 1);
  EXPECT_EQ(files(), std::set<std::string>{"scenarios-3-0.h5"});
  validate_state(StateSnapshot(path));
}

/// Killed at some moment of a commit, again and again: the state is always one of the two generations, whole.
TEST_F(StateGenerations, KilledAtAnyMoment) {
  commit_scenarios(path, 20, 10, 1);
  int kills = 0;
  for (useconds_t delay = 200; delay < 4'000'000 && round() == 1; delay += 1500 + delay / 16) {
    const pid_t child = ::fork();
    if (child == 0) {
      commit_scenarios(path, 40, 10, 2);
      ::_exit(0);
    }
    ::usleep(delay);
    int status = 0;
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    kills += WIFSIGNALED(status) ? 1 : 0;
    const StateSnapshot state(path);
    ASSERT_EQ(state.scenarios(), state.manifest().round == 1 ? 20u : 40u);
    validate_state(state);
  }
  EXPECT_EQ(round(), 2u);
  EXPECT_GT(kills, 2);
}

TEST_F(StateGenerations, TheLockKeepsASecondProcessOut) {
  const auto try_lock = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        StateTransaction transaction(path);
        ::_exit(0);
      } catch (const Error& error) {
        const std::string expected = path.string() + " is locked by process " + std::to_string(::getppid());
        ::_exit(error.kind() == ErrorKind::environment && std::string(error.what()).starts_with(expected)
                    ? 1
                    : 2);
      }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  {
    const StateTransaction transaction(path);
    EXPECT_EQ(try_lock(), 1);
    expect_error(ErrorKind::environment, {"locked"}, [&] { rollback_state(path, {}); });
    EXPECT_EQ(StateSnapshot(path).manifest().generation, 1u) << "readers need no lock";
  }
  EXPECT_EQ(try_lock(), 0);
}

TEST_F(StateGenerations, ALostManifestIsNotOverwrittenByANewState) {
  commit_scenarios(path, 20, 10, 1);
  fs::remove(path);
  expect_error(ErrorKind::environment, {"state.h5.d", "earlier state"},
               [&] { StateTransaction::create(path, {}); });
  EXPECT_TRUE(files().contains("scenarios-2-0.h5"));
}

}  // namespace
}  // namespace npo
