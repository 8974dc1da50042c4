#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "io/atomic_file.hpp"
#include "io/decision_run.hpp"
#include "io/lock_file.hpp"
#include "tests/io/decision_samples.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;
using namespace test;

constexpr h5::Compression gzip{};

/// A finished run of four shards to spoil, and what it must be again after a resume.
class DecisionResume : public testing::Test {
 protected:
  DecisionResume() { write_run(run, identity); }

  void resume_and_compare(std::uint64_t missing) {
    {
      DecisionRunWriter writer(run, identity, gzip, false, true);
      std::uint64_t open = 0;
      for (std::uint64_t shard = 0; shard < writer.shards(); ++shard) open += writer.done(shard) ? 0 : 1;
      EXPECT_EQ(open, missing);
      complete_run(writer, identity);
    }
    EXPECT_EQ(digest_of_run(run), expected);
    validate_decisions(DecisionRun(run));
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(run)) names.insert(entry.path().filename().string());
    EXPECT_EQ(names, whole_names);
  }
  /// Cuts the journal after `lines` lines and `extra` bytes of the next.
  void cut_journal(std::size_t lines, std::size_t extra = 0) {
    const std::string text = read_text(run / "journal");
    std::size_t end = 0;
    for (std::size_t i = 0; i < lines; ++i) end = text.find('\n', end) + 1;
    fs::resize_file(run / "journal", end + extra);
  }

  TemporaryFolder folder;
  fs::path run = folder / "run";
  RunIdentity identity = sample_identity(14'000, 4096);
  std::string expected = [this] {
    write_run(folder / "untouched", identity);
    return digest_of_run(folder / "untouched");
  }();
  std::set<std::string> whole_names{"run.json",        "journal",         "shard-000000.h5",
                                    "shard-000001.h5", "shard-000002.h5", "shard-000003.h5"};
};

TEST_F(DecisionResume, NothingIsLeftToDoForACompleteRun) {
  const std::string journal = read_text(run / "journal");
  resume_and_compare(0);
  EXPECT_EQ(read_text(run / "journal"), journal);
}

TEST_F(DecisionResume, AfterACrashBeforeTheFirstShard) {
  for (const char* name :
       {"journal", "shard-000000.h5", "shard-000001.h5", "shard-000002.h5", "shard-000003.h5"})
    fs::remove(run / name);
  std::ofstream(run / "run.json.77-0.tmp") << "half";
  resume_and_compare(4);
}

TEST_F(DecisionResume, AfterACrashWhileAShardWasWritten) {
  cut_journal(2);
  fs::remove(run / "shard-000002.h5");
  fs::remove(run / "shard-000003.h5");
  std::ofstream(run / "shard-000002.h5.4711-3.tmp") << "half a shard";
  resume_and_compare(2);
}

TEST_F(DecisionResume, AfterACrashBetweenRenameAndJournal) {
  cut_journal(3);
  std::ofstream(run / "shard-000003.h5", std::ios::trunc) << "never recorded, so never trusted";
  resume_and_compare(1);
}

TEST_F(DecisionResume, AfterATornAppendToTheJournal) {
  cut_journal(3, 40);
  resume_and_compare(1);
}

TEST_F(DecisionResume, AfterACrashBeforeTheRunWasRecordedAsComplete) {
  cut_journal(4);
  resume_and_compare(0);
}

TEST_F(DecisionResume, RewritesAShardThatIsGoneOrShort) {
  fs::remove(run / "shard-000001.h5");
  fs::resize_file(run / "shard-000003.h5", 100);
  resume_and_compare(2);
}

TEST_F(DecisionResume, ADamagedJournalIsAnErrorAndNothingIsTouched) {
  std::string journal = read_text(run / "journal");
  journal[3] = '?';
  std::ofstream(run / "journal", std::ios::trunc) << journal;
  expect_error(ErrorKind::bad_data, {"journal", "line 1"},
               [&] { DecisionRunWriter(run, identity, gzip, false, true); });
  EXPECT_EQ(read_text(run / "journal"), journal);
}

/// A child process writes the run and is killed at some moment, again and again, until a resume gets through.
TEST_F(DecisionResume, KilledAtAnyMoment) {
  const fs::path path = folder / "killed";
  int kills = 0;
  for (useconds_t delay = 500; !fs::exists(folder / "done"); delay += 700) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        DecisionRunWriter writer(path, identity, gzip, false, true);
        complete_run(writer, identity);
        std::ofstream(folder / "done") << "done";
        ::_exit(0);
      } catch (const std::exception& error) {
        std::ofstream(folder / "failed") << error.what();
        ::_exit(1);
      }
    }
    ::usleep(delay);
    int status = 0;
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    kills += WIFSIGNALED(status) ? 1 : 0;
    ASSERT_FALSE(fs::exists(folder / "failed")) << read_text(folder / "failed");
  }
  EXPECT_GT(kills, 2);
  EXPECT_EQ(digest_of_run(path), expected);
}

struct Difference {
  const char* field;
  void (*change)(RunIdentity& identity);
};

const Difference differences[] = {
    {"scenario_path", [](RunIdentity& run) { run.scenario_path = "elsewhere.h5"; }},
    {"scenario_bytes", [](RunIdentity& run) { run.scenario_bytes += 1; }},
    {"scenario_mtime_ns", [](RunIdentity& run) { run.scenario_mtime_ns += 1; }},
    {"scenario_header", [](RunIdentity& run) { run.scenario_header = "0"; }},
    {"night", [](RunIdentity& run) { run.night += seconds_per_day; }},
    {"rows", [](RunIdentity& run) { run.rows += 1; }},
    {"shard_rows", [](RunIdentity& run) { run.shard_rows *= 2; }},
    {"model_digest", [](RunIdentity& run) { run.model_digest = "other"; }},
    {"policy_digest", [](RunIdentity& run) { run.policy_digest = "other"; }},
    {"state_digest", [](RunIdentity& run) { run.state_digest = "other"; }},
    {"seed", [](RunIdentity& run) { run.seed += 1; }},
    {"round", [](RunIdentity& run) { run.round += 1; }},
    {"alert_budget", [](RunIdentity& run) { run.alert_budget = 100; }},
    {"numeric_contract", [](RunIdentity& run) { run.numeric_contract += 1; }},
    {"npo_version", [](RunIdentity& run) { run.npo_version = "0.2.0"; }},
    {"id_bytes", [](RunIdentity& run) { run.id.bytes = 16; }},
    {"fleets", [](RunIdentity& run) { run.fleets.push_back("east"); }},
    {"thresholds", [](RunIdentity& run) { run.thresholds[0] = 0.6f; }},
    {"rules", [](RunIdentity& run) { run.rules[0] = "renamed"; }}};

TEST_F(DecisionResume, IsRefusedForEveryFieldThatDiffersByItsName) {
  for (const Difference& difference : differences) {
    RunIdentity other = identity;
    difference.change(other);
    expect_error(ErrorKind::usage, {difference.field, "was", "is now", "--overwrite"},
                 [&] { DecisionRunWriter(run, other, gzip, false, true); });
  }
  EXPECT_EQ(digest_of_run(run), expected);
}

TEST_F(DecisionResume, TheRunIdIsMadeOfWhatDecidesResults) {
  const std::set<std::string> no_part{"scenario_path", "scenario_bytes", "scenario_mtime_ns", "shard_rows",
                                      "npo_version"};
  EXPECT_EQ(identity.run_id().size(), 16u);
  for (const Difference& difference : differences) {
    RunIdentity other = identity;
    difference.change(other);
    EXPECT_EQ(other.run_id() == identity.run_id(), no_part.contains(difference.field)) << difference.field;
  }
}

TEST_F(DecisionResume, AnExistingRunIsNeverTouchedUnasked) {
  expect_error(ErrorKind::environment, {"holds a run", "--resume", "--overwrite"},
               [&] { DecisionRunWriter(run, identity, gzip, false, false); });
  EXPECT_EQ(digest_of_run(run), expected);
}

TEST_F(DecisionResume, OverwriteReplacesARunAndNothingElse) {
  RunIdentity other = identity;
  other.rows = 5000;
  std::ofstream(run / "shard-000000.h5.12-0.tmp") << "left by a crash";
  {
    DecisionRunWriter writer(run, other, gzip, true, false);
    EXPECT_FALSE(writer.done(0));
    complete_run(writer, other);
  }
  EXPECT_EQ(DecisionRun(run).rows(), 5000u);
  EXPECT_FALSE(fs::exists(run / "shard-000002.h5"));
  std::ofstream(run / "notes.txt") << "mine";
  expect_error(ErrorKind::environment, {"notes.txt", "no part of a run"},
               [&] { DecisionRunWriter(run, identity, gzip, true, false); });
  EXPECT_EQ(DecisionRun(run).rows(), 5000u);
}

TEST_F(DecisionResume, RefusesAFolderOfOtherThings) {
  fs::create_directory(folder / "home");
  std::ofstream(folder / "home/thesis.tex") << "mine";
  for (const bool resume : {false, true})
    expect_error(ErrorKind::environment, {"home", "thesis.tex"},
                 [&] { DecisionRunWriter(folder / "home", identity, gzip, false, resume); });
  EXPECT_TRUE(fs::exists(folder / "home/thesis.tex"));
}

TEST_F(DecisionResume, RefusesShardsThatDoNotHoldWholeTiles) {
  for (const std::uint64_t rows : {0, 1000, 4097}) {
    RunIdentity other = identity;
    other.shard_rows = rows;
    expect_error(ErrorKind::usage, {"whole tiles", "multiple of 4096"},
                 [&] { DecisionRunWriter(folder / "tiles", other, gzip, false, false); });
  }
  EXPECT_FALSE(fs::exists(folder / "tiles"));
}

TEST_F(DecisionResume, OnlyOneWriterAtATime) {
  const DecisionRunWriter writer(folder / "busy", identity, gzip, false, false);
  expect_error(ErrorKind::environment, {"busy is locked by process"},
               [&] { DecisionRunWriter(folder / "busy", identity, gzip, false, true); });
}

TEST_F(DecisionResume, RefusesAFolderThatCannotBeMade) {
  std::ofstream(folder / "file") << "a file";
  expect_error(ErrorKind::environment, {"file/run"},
               [&] { DecisionRunWriter(folder / "file/run", identity, gzip, false, false); });
}

}  // namespace
}  // namespace npo
