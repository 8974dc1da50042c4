#include "io/state_store.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "io/atomic_file.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/state_samples.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;
using namespace test;

TEST(StateStore, KeepsEveryFieldOfTheManifest) {
  const TemporaryFolder folder;
  StateManifest manifest = sample_manifest();
  StateTransaction::create(folder / "state.h5", manifest);
  manifest.generation = 1;
  EXPECT_EQ(StateSnapshot(folder / "state.h5").manifest(), manifest);
  {
    StateTransaction transaction(folder / "state.h5");
    manifest.shards = {transaction.write_shard(sample_state_rows(integer_id, 0, 100), integer_id),
                       transaction.write_shard(sample_state_rows(integer_id, 100, 50), integer_id)};
    manifest.ledgers = {
        transaction.write_ledger("0123456789abcdef", "operators", 86400, std::vector<std::uint8_t>{0, 2, 4})};
    EXPECT_EQ(transaction.commit(manifest), 2u);
  }
  manifest.generation = 2;
  manifest.previous = 1;
  const StateSnapshot state(folder / "state.h5");
  EXPECT_EQ(state.manifest(), manifest);
  EXPECT_EQ(state.scenarios(), 150u);
  EXPECT_EQ(state.ledger(manifest.ledgers[0]), (std::vector<std::uint8_t>{0, 2, 4}));
  validate_state(state);
}

TEST(StateStore, HoldsAnEmptyFirstGeneration) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", {});
  const StateSnapshot state(folder / "state.h5");
  EXPECT_EQ(state.scenarios(), 0u);
  const std::uint64_t zero = 0, most = ~zero;
  EXPECT_EQ(state.range(&zero, &most).rows(), 0u);
  validate_state(state);
  EXPECT_EQ(kept_generations(folder / "state.h5"), std::vector<std::uint64_t>{1});
}

TEST(StateStore, ReadsAnyRangeOfIds) {
  for (const IdType type : {integer_id, short_text, long_text}) {
    const TemporaryFolder folder;
    StateTransaction::create(folder / "state.h5", sample_manifest(type));
    commit_scenarios(folder / "state.h5", 1000, 300, 1);
    const StateSnapshot state(folder / "state.h5");
    for (const auto& [first, last] :
         {std::pair{0, 999}, {0, 0}, {299, 300}, {300, 599}, {10, 950}, {999, 999}, {500, 400}}) {
      const auto low = sample_id(type, static_cast<std::uint64_t>(first)),
                 high = sample_id(type, static_cast<std::uint64_t>(last));
      const auto count = static_cast<std::uint64_t>(std::max(0, last - first + 1));
      EXPECT_TRUE(equal_rows(state.range(low.data(), high.data()),
                             sample_state_rows(type, static_cast<std::uint64_t>(first), count)))
          << first << " to " << last;
    }
    EXPECT_TRUE(equal_rows(state.shard(3), sample_state_rows(type, 900, 100)));
  }
}

TEST(StateStore, ReadsRangesBetweenIds) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", sample_manifest());
  commit_scenarios(folder / "state.h5", 100, 30, 1);
  const StateSnapshot state(folder / "state.h5");
  const auto rows_in = [&](std::uint64_t first, std::uint64_t last) {
    return state.range(&first, &last).ids;
  };
  EXPECT_EQ(rows_in(4, 9), (std::vector<std::uint64_t>{6, 9}));
  EXPECT_EQ(rows_in(88, 89), (std::vector<std::uint64_t>{}));
  EXPECT_EQ(rows_in(295, 1000), (std::vector<std::uint64_t>{297}));
  EXPECT_EQ(rows_in(298, ~std::uint64_t{0}), (std::vector<std::uint64_t>{}));
}

TEST(StateStore, OpensOnlyTheShardsOfARange) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", sample_manifest());
  commit_scenarios(folder / "state.h5", 100, 50, 1);
  const StateSnapshot state(folder / "state.h5");
  fs::remove(folder / "state.h5.d" / state.manifest().shards[1].file);
  const std::uint64_t first = 0, inside = 147, beyond = 150;
  EXPECT_EQ(state.range(&first, &inside).rows(), 50u);
  expect_error(ErrorKind::environment, {state.manifest().shards[1].file},
               [&] { state.range(&first, &beyond); });
}

/// A state keeps one width of ids: shards from before it grew are padded, and sort as before.
TEST(StateStore, PadsShardsWrittenWithNarrowerIds) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", sample_manifest(short_text));
  commit_scenarios(folder / "state.h5", 60, 30, 1);
  {
    StateTransaction transaction(folder / "state.h5");
    StateManifest manifest = transaction.before().manifest();
    manifest.id = long_text;
    manifest.shards.push_back(transaction.write_shard(sample_state_rows(long_text, 60, 40), long_text));
    transaction.commit(manifest);
  }
  const StateSnapshot state(folder / "state.h5");
  const auto first = sample_id(long_text, 10), last = sample_id(long_text, 80);
  EXPECT_TRUE(equal_rows(state.range(first.data(), last.data()), sample_state_rows(long_text, 10, 71)));
  EXPECT_TRUE(equal_rows(state.shard(0), sample_state_rows(long_text, 0, 30)));
  validate_state(state);
  StateTransaction::create(folder / "wide.h5", sample_manifest(long_text));
  commit_scenarios(folder / "wide.h5", 100, 100, 1);
  EXPECT_EQ(StateSnapshot(folder / "wide.h5").digest(), state.digest());
}

TEST(StateStore, TheDigestKnowsOnlyContent) {
  const TemporaryFolder folder;
  std::optional<Digest> expected;
  for (const std::uint64_t shard_rows : {10'000, 4096, 777}) {
    const auto path = folder / ("state" + std::to_string(shard_rows) + ".h5");
    StateTransaction::create(path, sample_manifest());
    for (std::uint64_t extra = 0; extra < shard_rows % 3; ++extra) commit_scenarios(path, 10, 10, 1);
    commit_scenarios(path, 10'000, shard_rows, 2);
    const Digest digest = StateSnapshot(path).digest();
    EXPECT_EQ(digest, expected.value_or(digest)) << shard_rows;
    expected = digest;
  }
}

TEST(StateStore, TheDigestFindsAnyChange) {
  const auto changes = std::to_array<void (*)(StateManifest&)>(
      {[](StateManifest& m) { m.round += 1; },
       [](StateManifest& m) { m.policy_digest = "other"; },
       [](StateManifest& m) { m.model_digest = "other"; },
       [](StateManifest& m) { m.thresholds[0] = 0.6f; },
       [](StateManifest& m) { m.fleets[0] = "other"; },
       [](StateManifest& m) { m.fraction_bits = 0; },
       [](StateManifest& m) { m.successes[0] += 1; },
       [](StateManifest& m) { m.failures[5] += 1; },
       [](StateManifest& m) { m.lifetime[9] += 1; },
       [](StateManifest& m) { m.recent[0].answers[3] += 1; },
       [](StateManifest& m) { m.recent[1].round += 1; },
       [](StateManifest& m) { m.recent[2].night += 1; },
       [](StateManifest& m) { m.monitors[0].best_reference = 0.5; },
       [](StateManifest& m) { m.monitors[0].window_start = 1; },
       [](StateManifest& m) { m.monitors[0].last_window_end = 1; },
       [](StateManifest& m) { m.monitors[0].decisions_since_retrain = 1; },
       [](StateManifest& m) { m.monitors[0].alarms = 1; },
       [](StateManifest& m) { m.monitors[0].retrains = 1; },
       [](StateManifest& m) { m.monitors[0].loss = 0.5; },
       [](StateManifest& m) { m.monitors[0].alarm = 1; },
       [](StateManifest& m) { m.squared_error_lo += 1; },
       [](StateManifest& m) { m.squared_error_hi += 1; },
       [](StateManifest& m) { m.updates += 1; },
       [](StateManifest& m) { m.late_events += 1; }});
  const TemporaryFolder folder;
  const auto digest_with = [&](void (*change)(StateManifest&), const std::string& name) {
    StateManifest manifest = sample_manifest();
    if (change) change(manifest);
    StateTransaction::create(folder / name, manifest);
    return StateSnapshot(folder / name).digest();
  };
  const Digest original = digest_with(nullptr, "original.h5");
  for (std::size_t i = 0; i < changes.size(); ++i)
    EXPECT_NE(digest_with(changes[i], std::to_string(i) + ".h5"), original) << "change " << i;
}

TEST(StateStore, TheDigestFindsAnyChangeOfScenariosAndLedgers) {
  const TemporaryFolder folder;
  const auto digest_with = [&](auto change, const std::string& name, std::uint8_t cell = 1) {
    StateTransaction::create(folder / name, sample_manifest());
    StateTransaction transaction(folder / name);
    StateManifest manifest = transaction.before().manifest();
    StateRows rows = sample_state_rows(integer_id, 0, 100);
    change(rows);
    manifest.shards = {transaction.write_shard(rows, integer_id)};
    manifest.ledgers = {transaction.write_ledger("run", "source", 0, std::vector<std::uint8_t>{0, cell})};
    transaction.commit(manifest);
    return StateSnapshot(folder / name).digest();
  };
  const Digest original = digest_with([](StateRows&) {}, "original.h5");
  EXPECT_EQ(digest_with([](StateRows&) {}, "same.h5"), original);
  EXPECT_NE(digest_with([](StateRows&) {}, "ledger.h5", 2), original);
  EXPECT_NE(digest_with([](StateRows& rows) { rows.ids[99] += 1; }, "ids.h5"), original);
  EXPECT_NE(digest_with([](StateRows& rows) { rows.score[50] = 0.7f; }, "score.h5"), original);
  EXPECT_NE(digest_with([](StateRows& rows) { rows.correction[50] += 1; }, "correction.h5"), original);
  EXPECT_NE(digest_with([](StateRows& rows) { rows.updates[50] += 1; }, "updates.h5"), original);
  EXPECT_NE(digest_with([](StateRows& rows) { rows.steps[50] += 1; }, "steps.h5"), original);
  EXPECT_NE(digest_with([](StateRows& rows) { rows.round[50] += 1; }, "round.h5"), original);
}

TEST(StateStore, ValidateNamesADamagedShard) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", sample_manifest());
  commit_scenarios(folder / "state.h5", 5000, 5000, 1);
  const StateSnapshot state(folder / "state.h5");
  const auto shard = folder / "state.h5.d" / state.manifest().shards[0].file;
  std::string bytes = read_text(shard);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(shard, std::ios::binary | std::ios::trunc) << bytes;
  expect_error(ErrorKind::bad_data, {state.manifest().shards[0].file, "digest", "rollback"},
               [&] { validate_state(state); });
}

TEST(StateStore, ValidateNamesALedgerOfAnotherContent) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", sample_manifest());
  LedgerEntry entry;
  {
    StateTransaction transaction(folder / "state.h5");
    StateManifest manifest = transaction.before().manifest();
    entry = transaction.write_ledger("run", "source", 0, std::vector<std::uint8_t>(100, 1));
    manifest.ledgers = {entry};
    transaction.commit(manifest);
  }
  StateTransaction transaction(folder / "state.h5");
  const LedgerEntry other = transaction.write_ledger("run", "source", 0, std::vector<std::uint8_t>(100, 2));
  fs::rename(folder / "state.h5.d" / other.file, folder / "state.h5.d" / entry.file);
  expect_error(ErrorKind::bad_data, {entry.file, "digest"}, [&] { validate_state(transaction.before()); });
}

TEST(StateStore, ValidateFindsUnsoundRows) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", sample_manifest());
  {
    StateTransaction transaction(folder / "state.h5");
    StateManifest manifest = transaction.before().manifest();
    StateRows rows = sample_state_rows(integer_id, 0, 100);
    rows.score[17] = 1.5f;
    manifest.shards = {transaction.write_shard(rows, integer_id)};
    transaction.commit(manifest);
  }
  expect_error(ErrorKind::bad_data, {"scenarios/score", "row 17", "[0, 1]"},
               [&] { validate_state(StateSnapshot(folder / "state.h5")); });
}

TEST(StateStore, ManyThreadsWriteShards) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", sample_manifest());
  {
    StateTransaction transaction(folder / "state.h5");
    StateManifest manifest = transaction.before().manifest();
    manifest.shards.resize(12);
    const auto work = [&](std::uint64_t first) {
      for (std::uint64_t i = first; i < 12; i += 3)
        manifest.shards[i] =
            transaction.write_shard(sample_state_rows(integer_id, i * 1000, 1000), integer_id);
    };
    std::thread a(work, 0), b(work, 1), c(work, 2);
    a.join();
    b.join();
    c.join();
    transaction.commit(manifest);
  }
  const StateSnapshot state(folder / "state.h5");
  validate_state(state);
  const std::uint64_t first = 0, last = ~first;
  EXPECT_TRUE(equal_rows(state.range(&first, &last), sample_state_rows(integer_id, 0, 12'000)));
}

TEST(StateStore, RefusesWhatDoesNotFit) {
  const TemporaryFolder folder;
  StateTransaction::create(folder / "state.h5", sample_manifest());
  StateTransaction transaction(folder / "state.h5");
  StateRows unsorted = sample_state_rows(integer_id, 0, 10);
  std::swap(unsorted.ids[3], unsorted.ids[4]);
  expect_error(ErrorKind::internal, {"ascend"}, [&] { transaction.write_shard(unsorted, integer_id); });
  StateManifest manifest = transaction.before().manifest();
  manifest.successes.pop_back();
  expect_error(ErrorKind::internal, {"posteriors"}, [&] { transaction.commit(manifest); });
  manifest = transaction.before().manifest();
  const auto low = transaction.write_shard(sample_state_rows(integer_id, 0, 10), integer_id);
  const auto high = transaction.write_shard(sample_state_rows(integer_id, 9, 10), integer_id);
  manifest.shards = {low, high};
  expect_error(ErrorKind::internal, {"order of the shards"}, [&] { transaction.commit(manifest); });
}

TEST(StateStore, SaysWhatIsMissing) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::environment, {"no state at", "state.h5", "--new-state"},
               [&] { StateSnapshot(folder / "state.h5"); });
  expect_error(ErrorKind::environment, {"no state at", "--new-state"},
               [&] { StateTransaction(folder / "state.h5"); });
  expect_error(ErrorKind::environment, {"no state at"}, [&] { rollback_state(folder / "state.h5", {}); });
  EXPECT_FALSE(fs::exists(folder / "state.h5.d"));
  StateTransaction::create(folder / "state.h5", {});
  expect_error(ErrorKind::environment, {"state.h5 exists"},
               [&] { StateTransaction::create(folder / "state.h5", {}); });
  std::ofstream(folder / "text.h5") << "no HDF5";
  expect_error(ErrorKind::bad_data, {"text.h5"}, [&] { StateSnapshot(folder / "text.h5"); });
}

}  // namespace
}  // namespace npo
