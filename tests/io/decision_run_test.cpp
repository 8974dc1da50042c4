#include "io/decision_run.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "io/atomic_file.hpp"
#include "tests/io/decision_samples.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using namespace test;

constexpr h5::Compression gzip{}, plain{.gzip_level = 0};
constexpr DecisionRun::Want everything{true, true, true, true, true, true, true, true};

TEST(DecisionRun, ReadsBackAcrossShards) {
  for (const bool text : {false, true})
    for (const h5::Compression compression : {gzip, plain}) {
      const TemporaryFolder folder;
      const RunIdentity identity = sample_identity(10'000, 4096, text);
      write_run(folder / "run", identity, compression);
      const DecisionRun run(folder / "run");
      EXPECT_EQ(run.rows(), 10'000u);
      EXPECT_EQ(run.run_id(), identity.run_id());
      EXPECT_EQ(run.identity().fleets, identity.fleets);
      EXPECT_EQ(run.identity().thresholds, identity.thresholds);
      EXPECT_EQ(run.identity().seed, identity.seed);
      EXPECT_EQ(run.identity().id, identity.id);
      EXPECT_EQ(run.summary().at("surfaced"), 42);
      for (const auto& [first, count] :
           {std::pair{0, 10'000}, {4095, 2}, {8191, 1809}, {4096, 4096}, {5, 0}, {9999, 1}})
        EXPECT_TRUE(equal_rows(run.read(first, count, everything), sample_rows(identity, first, count)))
            << first << " " << count;
      validate_decisions(run);
    }
}

TEST(DecisionRun, ReadsOnlyWhatIsAsked) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(5000, 4096);
  write_run(folder / "run", identity);
  const DecisionRows rows = DecisionRun(folder / "run").read(100, 4500, {.score = true, .arm = true});
  const DecisionRows expected = sample_rows(identity, 100, 4500);
  EXPECT_EQ(rows.score, expected.score);
  EXPECT_EQ(rows.arm, expected.arm);
  EXPECT_TRUE(rows.ids.empty() && rows.fleet.empty() && rows.base_score.empty() && rows.decision.empty() &&
              rows.mask.empty() && rows.p_surfaced.empty());
}

TEST(DecisionRun, HoldsAnEmptyNight) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(0, 4096);
  write_run(folder / "run", identity);
  const DecisionRun run(folder / "run");
  EXPECT_EQ(run.rows(), 0u);
  EXPECT_EQ(run.read(0, 0, everything).rows(), 0u);
  validate_decisions(run);
}

TEST(DecisionRun, TheDigestKnowsOnlyContent) {
  const TemporaryFolder folder;
  std::string expected;
  int number = 0;
  for (const std::uint64_t shard_rows : {4096, 8192, 262144})
    for (const h5::Compression compression :
         {gzip, plain, h5::Compression{.gzip_level = 6, .shuffle = false}}) {
      RunIdentity identity = sample_identity(30'000, shard_rows);
      identity.scenario_path += std::to_string(number);
      identity.scenario_mtime_ns += number;
      identity.npo_version += std::to_string(number);
      const auto path = folder / std::to_string(number++);
      write_run(path, identity, compression);
      if (expected.empty()) expected = digest_of_run(path);
      EXPECT_EQ(digest_of_run(path), expected) << shard_rows << " " << compression.gzip_level;
    }
}

TEST(DecisionRun, TheDigestFindsAnyChange) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(5000, 4096);
  write_run(folder / "original", identity);
  const std::string original = digest_of_run(folder / "original");
  RunIdentity other = identity;
  other.seed += 1;
  write_run(folder / "other", other);
  EXPECT_NE(digest_of_run(folder / "other"), original);
  const auto changes = std::to_array<void (*)(DecisionRows&)>(
      {[](DecisionRows& rows) { rows.ids[8] ^= std::byte{1}; }, [](DecisionRows& rows) { rows.fleet[9] = 2; },
       [](DecisionRows& rows) { rows.base_score[9] = 0.5f; },
       [](DecisionRows& rows) { rows.score[9] = 0.5f; }, [](DecisionRows& rows) { rows.decision[9] = 2; },
       [](DecisionRows& rows) { rows.mask[9] = 4; }, [](DecisionRows& rows) { rows.arm[9] = 2; },
       [](DecisionRows& rows) { rows.p_surfaced[9] = 0.75f; }});
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto path = folder / std::to_string(i);
    DecisionRunWriter writer(path, identity, plain, false, false);
    DecisionRows rows = sample_shard(identity, 1);
    changes[i](rows);
    writer.write_shard(1, rows);
    complete_run(writer, identity);
    EXPECT_NE(digest_of_run(path), original) << "change " << i;
  }
}

TEST(DecisionRun, ManyThreadsWriteShards) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(23 * 4096 + 5, 4096);
  {
    DecisionRunWriter writer(folder / "run", identity, gzip, false, false);
    std::atomic<std::uint64_t> next{0};
    const auto work = [&] {
      for (std::uint64_t shard = next++; shard < writer.shards(); shard = next++)
        writer.write_shard(shard, sample_shard(identity, shard));
    };
    std::thread a(work), b(work), c(work);
    a.join();
    b.join();
    c.join();
    writer.finish({});
  }
  write_run(folder / "alone", identity);
  EXPECT_EQ(digest_of_run(folder / "run"), digest_of_run(folder / "alone"));
}

TEST(DecisionRun, ManyThreadsReadMoreShardsThanStayOpen) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(40 * 4096, 4096);
  write_run(folder / "run", identity);
  const DecisionRun run(folder / "run");
  std::atomic<int> wrong{0};
  const auto work = [&](std::uint64_t stride) {
    for (std::uint64_t i = 0; i < 60; ++i) {
      const std::uint64_t first = i * stride % (identity.rows - 5000);
      if (!equal_rows(run.read(first, 5000, everything), sample_rows(identity, first, 5000))) ++wrong;
    }
  };
  std::thread a(work, 7001), b(work, 23'456), c(work, 99'991);
  a.join();
  b.join();
  c.join();
  EXPECT_EQ(wrong, 0);
}

/// Flips one bit of the stored float `value`, which occurs once in an uncompressed shard.
void damage(const std::filesystem::path& path, float value) {
  std::string bytes = read_text(path);
  const std::string_view pattern(reinterpret_cast<const char*>(&value), sizeof value);
  const std::size_t at = bytes.find(pattern);
  ASSERT_NE(at, std::string::npos);
  ASSERT_EQ(bytes.find(pattern, at + 1), std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST(DecisionRun, ValidateNamesTheDamagedShardAndDataset) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(9000, 4096);
  write_run(folder / "run", identity, plain);
  damage(folder / "run/shard-000001.h5", sample_shard(identity, 1).score[77]);
  expect_error(ErrorKind::bad_data, {"shard-000001.h5", "decisions/score", "digest", "resume"},
               [&] { validate_decisions(DecisionRun(folder / "run")); });
}

TEST(DecisionRun, ValidateFindsCodesOutsideTheirTables) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(4096, 4096);
  DecisionRunWriter writer(folder / "run", identity, plain, false, false);
  DecisionRows rows = sample_shard(identity, 0);
  rows.fleet[33] = 3;
  writer.write_shard(0, rows);
  writer.finish({});
  expect_error(ErrorKind::bad_data, {"decisions/fleet", "row 33"},
               [&] { validate_decisions(DecisionRun(folder / "run")); });
}

TEST(DecisionRun, SaysWhatIsWrongWithAFolder) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(9000, 4096);
  expect_error(ErrorKind::environment, {"nowhere", "no run"}, [&] { DecisionRun(folder / "nowhere"); });
  {
    DecisionRunWriter writer(folder / "half", identity, gzip, false, false);
    writer.write_shard(1, sample_shard(identity, 1));
  }
  expect_error(ErrorKind::bad_data, {"half", "incomplete", "1 of 3", "--resume"},
               [&] { DecisionRun(folder / "half"); });
  write_run(folder / "run", identity);
  const auto shard = folder / "run/shard-000002.h5";
  std::filesystem::rename(shard, folder / "away");
  expect_error(ErrorKind::bad_data, {"shard-000002.h5", "missing"}, [&] { DecisionRun(folder / "run"); });
  std::filesystem::rename(folder / "away", shard);
  std::filesystem::resize_file(shard, std::filesystem::file_size(shard) - 1);
  expect_error(ErrorKind::bad_data, {"shard-000002.h5", "bytes"}, [&] { DecisionRun(folder / "run"); });
  std::string journal = read_text(folder / "run/journal");
  journal[5] = static_cast<char>(journal[5] ^ 1);
  std::ofstream(folder / "run/journal", std::ios::trunc) << journal;
  expect_error(ErrorKind::bad_data, {"journal", "line 1"}, [&] { DecisionRun(folder / "run"); });
}

TEST(DecisionRun, RefusesAShardOfAnotherRun) {
  const TemporaryFolder folder;
  const RunIdentity identity = sample_identity(4096, 4096);
  RunIdentity other = identity;
  other.seed += 1;
  write_run(folder / "run", identity);
  write_run(folder / "other", other);
  std::filesystem::copy_file(folder / "other/shard-000000.h5", folder / "run/shard-000000.h5",
                             std::filesystem::copy_options::overwrite_existing);
  expect_error(ErrorKind::bad_data, {"shard-000000.h5", "run_id"},
               [&] { DecisionRun(folder / "run").read(0, 1, everything); });
}

}  // namespace
}  // namespace npo
