#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "io/feedback_file.hpp"
#include "tests/io/decision_samples.hpp"
#include "tests/io/state_samples.hpp"
#include "tests/io/temporary_folder.hpp"

/// The examples of docs/formats, run against files as they are written.
namespace npo {
namespace {

using namespace test;

class H5py : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("/usr/bin/python3 -c 'import h5py' >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "h5py is not installed for /usr/bin/python3";
  }

  /// Runs `script` in the folder of the files; its assertions must hold.
  void run(const std::string& script) {
    std::ofstream(folder / "check.py") << "import h5py, numpy as np\n" << script;
    const std::string command = "cd '" + folder.path().string() + "' && /usr/bin/python3 check.py 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0);
  }

  TemporaryFolder folder;
};

TEST_F(H5py, OpensAShardOfDecisions) {
  for (const bool text_ids : {false, true})
    for (const int level : {0, 1}) {
      write_run(folder / ("run" + std::to_string(text_ids) + std::to_string(level)),
                sample_identity(9000, 4096, text_ids), {.gzip_level = level});
    }
  run(R"(
for text in 0, 1:
    for level in 0, 1:
        with h5py.File(f"run{text}{level}/shard-000001.h5") as f:
            d = f["decisions"]
            assert f.attrs["format"] == b"npo.decisions" and f.attrs["first_row"] == 4096 and f.attrs["rows"] == 4096
            assert d["id"][0] == (b"drive-1004096" if text else 4096)
            fleets = [name.decode() for name in f["fleets/name"]]
            assert fleets == ["north", "süd", "west"] and d["fleet"][1] == 4097 % 3
            words = d["decision"].attrs["flag_meanings"].decode().split()
            codes = d["decision"].attrs["flag_values"]
            assert dict(zip(codes, words)) == {0: "withheld", 1: "surfaced", 2: "blocked"}
            assert set(np.unique(d["decision"])) == {0, 1, 2}
            assert np.allclose(f["arms/threshold"], [0.5, 0.7, 0.9])
            assert f["rules/name"][1] == b"in_repair"
            blocked = d["mask"][:] & np.uint64(2) != 0
            assert np.array_equal(blocked, d["decision"][:] == 2)
            assert d["score"].dtype == np.float32 and d["score"].dims[0][0] == d["id"]
            assert 0 <= d["p_surfaced"][:].min() and d["p_surfaced"][:].max() <= 1
)");
}

TEST_F(H5py, OpensAFeedbackFile) {
  for (const int level : {0, 1}) {
    FeedbackWriter writer(folder / ("feedback" + std::to_string(level) + ".h5"), {.gzip_level = level},
                          false);
    std::vector<FeedbackEvent> events(20'000);
    for (std::size_t i = 0; i < events.size(); ++i)
      events[i] = {.run = 0,
                   .row = i,
                   .kind = static_cast<FeedbackKind>(i % 4),
                   .time = 1'700'000'000,
                   .source = static_cast<std::uint16_t>(i % 2),
                   .event_id = i + 7};
    writer.append(events);
    writer.finish({"0123456789abcdef"}, {"operators", "hindsight"}, "{}");
  }
  run(R"(
for level in 0, 1:
    with h5py.File(f"feedback{level}.h5") as f:
        e = f["events"]
        assert f["runs/name"][e["run"][0]] == b"0123456789abcdef"
        assert np.array_equal(e["row"], np.arange(20000)) and np.array_equal(e["id"], np.arange(20000) + 7)
        words = e["kind"].attrs["flag_meanings"].decode().split()
        assert words == ["override", "like", "neutral", "skipped", "retract"]
        assert np.array_equal(e["kind"], np.arange(20000) % 4)
        assert f["sources/name"][e["source"][1]] == b"hindsight"
        assert e["time"].attrs["units"] == b"seconds since 1970-01-01T00:00:00Z"
)");
}

TEST_F(H5py, WritesAFeedbackFileThatNpoReads) {
  run(R"(
with h5py.File("feedback.h5", "w") as f:
    f.attrs["format"], f.attrs["format_version"] = np.bytes_("npo.feedback"), 1
    f["runs/name"], f["sources/name"] = np.array([b"0123456789abcdef"]), np.array([b"operators"])
    f["events/run"], f["events/row"] = np.zeros(2, "u4"), np.array([17, 4711], "u8")
    f["events/kind"], f["events/source"] = np.array([1, 0], "u1"), np.zeros(2, "u2")
    f["events/time"], f["events/id"] = np.array([1366500000, 1366500060], "i8"), np.array([1, 2], "u8")
)");
  const FeedbackFile file(folder / "feedback.h5");
  validate_feedback(file);
  ASSERT_EQ(file.rows(), 2u);
  EXPECT_EQ(file.runs(), std::vector<std::string>{"0123456789abcdef"});
  EXPECT_EQ(file.read(0, 2).row.as<std::uint64_t>()[1], 4711u);
}

TEST_F(H5py, OpensAState) {
  StateTransaction::create(folder / "state.h5", sample_manifest(long_text));
  {
    StateTransaction transaction(folder / "state.h5");
    StateManifest manifest = transaction.before().manifest();
    manifest.shards = {transaction.write_shard(sample_state_rows(long_text, 0, 100), long_text)};
    manifest.ledgers = {transaction.write_ledger("run", "operators", 0, std::vector<std::uint8_t>{0, 2})};
    transaction.commit(manifest);
  }
  run(R"(
with h5py.File("state.h5") as f:
    fleets = [name.decode() for name in f["fleets/name"]]
    arms = f["arms/threshold"][:]
    assert f.attrs["generation"] == 2 and fleets == ["north", "süd", ""]
    assert f["posteriors/successes"].shape == (3, 2) and f["posteriors/successes"][2, 1] == 2**60
    answers = f["tallies/lifetime"][:].reshape(len(fleets), len(arms), 3, 4)
    assert answers[1, 0, 0, 1] == 25**2
    assert bytes(f["policy/json"][:]).decode() == '{"score":"ü"}'
    assert f["monitors/loss"][1] == 0.25
    with h5py.File("state.h5.d/" + f["shards/file"][0].decode()) as shard:
        s = shard["scenarios"]
        assert s["id"][99] == b"1000099" and s["updates"][13] == 1 and s["score"].shape == (100,)
    with h5py.File("state.h5.d/" + f["ledgers/file"][0].decode()) as ledger:
        assert list(ledger["ledger/applied"]) == [0, 2]
        assert ledger["ledger/applied"].attrs["flag_meanings"].decode().split()[2] == "like"
)");
}

}  // namespace
}  // namespace npo
