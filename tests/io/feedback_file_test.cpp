#include "io/feedback_file.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using namespace test;
constexpr h5::Compression gzip{}, plain{.gzip_level = 0};
const std::vector<std::string> runs{"0123456789abcdef", "fedcba9876543210"}, sources{"hindsight", "Bediener"};

FeedbackEvent sample_event(std::uint64_t i) {
  return {.run = static_cast<std::uint32_t>(i % 2),
          .row = i * 7 % 1'000'003,
          .kind = static_cast<FeedbackKind>(i % kind_count),
          .time = static_cast<UnixSeconds>(1'700'000'000 + i),
          .source = static_cast<std::uint16_t>(i / 2 % 2),
          .event_id = i * 0x9e3779b97f4a7c15u};
}

std::vector<FeedbackEvent> sample_events(std::uint64_t first, std::uint64_t count) {
  std::vector<FeedbackEvent> events;
  for (std::uint64_t i = first; i < first + count; ++i) events.push_back(sample_event(i));
  return events;
}

/// Writes events 0 .. count - 1 in pieces of `piece`.
void write_feedback(const std::filesystem::path& path, std::uint64_t count, std::uint64_t piece,
                    h5::Compression compression = {}) {
  FeedbackWriter writer(path, compression, false);
  for (std::uint64_t first = 0; first < count; first += piece)
    writer.append(sample_events(first, std::min(piece, count - first)));
  writer.finish(runs, sources, R"({"command":"test"})");
}

void expect_events(const FeedbackFile& file, std::uint64_t first, std::uint64_t count) {
  const FeedbackFile::Columns columns = file.read(first, count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const FeedbackEvent expected = sample_event(first + i);
    ASSERT_EQ(columns.run.as<std::uint32_t>()[i], expected.run);
    ASSERT_EQ(columns.row.as<std::uint64_t>()[i], expected.row);
    ASSERT_EQ(columns.kind.as<std::uint8_t>()[i], static_cast<std::uint8_t>(expected.kind));
    ASSERT_EQ(columns.time.as<std::int64_t>()[i], expected.time);
    ASSERT_EQ(columns.source.as<std::uint16_t>()[i], expected.source);
    ASSERT_EQ(columns.id.as<std::uint64_t>()[i], expected.event_id);
  }
}

TEST(FeedbackFile, ReadsBackWhatWasAppended) {
  const TemporaryFolder folder;
  int number = 0;
  for (const h5::Compression compression : {gzip, plain})
    for (const std::uint64_t count : {0, 1, 16'384, 50'001}) {
      const auto path = folder / std::to_string(number++);
      write_feedback(path, count, 7001, compression);
      const FeedbackFile file(path);
      EXPECT_EQ(file.rows(), count);
      EXPECT_EQ(file.runs(), runs);
      EXPECT_EQ(file.sources(), sources);
      expect_events(file, 0, count);
      if (count > 20'000) expect_events(file, 16'000, 1000);
      validate_feedback(file);
    }
}

TEST(FeedbackFile, TheDigestKnowsOnlyContent) {
  const TemporaryFolder folder;
  write_feedback(folder / "a", 40'000, 40'000, gzip);
  const Digest expected = digest_feedback(FeedbackFile(folder / "a"));
  write_feedback(folder / "b", 40'000, 1, plain);
  EXPECT_EQ(digest_feedback(FeedbackFile(folder / "b")), expected);
  write_feedback(folder / "c", 39'999, 4096, gzip);
  EXPECT_NE(digest_feedback(FeedbackFile(folder / "c")), expected);
}

TEST(FeedbackFile, TheDigestFindsAnyChange) {
  const TemporaryFolder folder;
  const auto digest_with = [&](const std::string& name, auto change) {
    std::vector<FeedbackEvent> events = sample_events(0, 100);
    change(events[42]);
    FeedbackWriter writer(folder / name, plain, false);
    writer.append(events);
    writer.finish(runs, sources, "{}");
    return digest_feedback(FeedbackFile(folder / name));
  };
  const Digest original = digest_with("original", [](FeedbackEvent&) {});
  EXPECT_NE(digest_with("run", [](FeedbackEvent& event) { event.run ^= 1; }), original);
  EXPECT_NE(digest_with("row", [](FeedbackEvent& event) { event.row += 1; }), original);
  EXPECT_NE(digest_with("kind", [](FeedbackEvent& event) { event.kind = FeedbackKind::skipped; }), original);
  EXPECT_NE(digest_with("time", [](FeedbackEvent& event) { event.time += 1; }), original);
  EXPECT_NE(digest_with("source", [](FeedbackEvent& event) { event.source ^= 1; }), original);
  EXPECT_NE(digest_with("id", [](FeedbackEvent& event) { event.event_id += 1; }), original);
}

TEST(FeedbackFile, AppearsWholeOrNotAtAll) {
  const TemporaryFolder folder;
  {
    FeedbackWriter writer(folder / "feedback.h5", gzip, false);
    writer.append(sample_events(0, 100'000));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  write_feedback(folder / "feedback.h5", 10, 10);
  expect_error(ErrorKind::environment, {"feedback.h5 exists", "--overwrite"},
               [&] { FeedbackWriter(folder / "feedback.h5", gzip, false); });
  {
    FeedbackWriter writer(folder / "feedback.h5", gzip, true);
    writer.append(sample_events(0, 20));
    EXPECT_EQ(FeedbackFile(folder / "feedback.h5").rows(), 10u);
    writer.finish(runs, sources, "{}");
  }
  EXPECT_EQ(FeedbackFile(folder / "feedback.h5").rows(), 20u);
}

TEST(FeedbackFile, ValidateNamesTheBadEvent) {
  const TemporaryFolder folder;
  const auto write_with = [&](const std::string& name, auto change) {
    std::vector<FeedbackEvent> events = sample_events(0, 70'000);
    change(events[66'000]);
    FeedbackWriter writer(folder / name, gzip, false);
    writer.append(events);
    writer.finish(runs, sources, "{}");
    return FeedbackFile(folder / name);
  };
  const auto expect_refused = [](const FeedbackFile& file, const char* dataset, const char* code) {
    expect_error(ErrorKind::bad_data, {dataset, "event 66000", code, "unknown"},
                 [&] { validate_feedback(file); });
  };
  expect_refused(write_with("run", [](FeedbackEvent& event) { event.run = 2; }), "events/run", "is 2");
  expect_refused(write_with("source", [](FeedbackEvent& event) { event.source = 9; }), "events/source",
                 "is 9");
  expect_refused(write_with("kind", [](FeedbackEvent& event) { event.kind = FeedbackKind{5}; }),
                 "events/kind", "is 5");
}

TEST(FeedbackFile, RefusesFilesOfAnotherShape) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::environment, {"nowhere.h5"}, [&] { FeedbackFile file(folder / "nowhere.h5"); });
  std::ofstream(folder / "text.h5") << "no HDF5";
  expect_error(ErrorKind::bad_data, {"text.h5"}, [&] { FeedbackFile file(folder / "text.h5"); });
  {
    h5::WriteFile file(folder / "short.h5", {});
    file.format("npo.feedback", feedback_format_version);
    const auto column = [&]<class T>(const char* name, h5::Type type, std::size_t rows, T value) {
      h5::ColumnSpec spec;
      spec.name = name;
      spec.type = type;
      file.column<T>(spec, std::vector<T>(rows, value));
    };
    column("events/run", h5::Type::u32, 3, std::uint32_t{0});
    column("events/row", h5::Type::u64, 2, std::uint64_t{0});
    h5::ColumnSpec table;
    table.name = "runs/name";
    file.text_column(table, runs);
    table.name = "sources/name";
    file.text_column(table, sources);
    file.close();
  }
  expect_error(ErrorKind::bad_data, {"short.h5", "events/row", "2 rows", "has 3"},
               [&] { FeedbackFile file(folder / "short.h5"); });
}

/// A child writes 10^6 events, 33 MB of columns, in pieces; its memory grows by much less than that.
TEST(FeedbackFile, MemoryIsBoundedWhateverTheNumberOfEvents) {
  for (const char* sanitizer : {"__asan_init", "__tsan_init"})
    if (::dlsym(RTLD_DEFAULT, sanitizer)) GTEST_SKIP() << "a sanitizer keeps memory of its own";
  const TemporaryFolder folder;
  const auto path = folder / "feedback.h5";
  constexpr std::uint64_t count = 1'000'000;
  for (const h5::Compression compression : {gzip, plain}) {
    const pid_t child = ::fork();
    if (child == 0) {
      rusage before{}, after{};
      ::getrusage(RUSAGE_SELF, &before);
      FeedbackWriter writer(path, compression, true);
      for (std::uint64_t first = 0; first < count; first += 10'000)
        writer.append(sample_events(first, 10'000));
      writer.finish(runs, sources, "{}");
      ::getrusage(RUSAGE_SELF, &after);
      ::_exit(after.ru_maxrss - before.ru_maxrss < 12'000 ? 0 : 1);  // kilobytes
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0) << "level " << compression.gzip_level;
    const FeedbackFile file(path);
    EXPECT_EQ(file.rows(), count);
    expect_events(file, count - 5000, 5000);
  }
}

}  // namespace
}  // namespace npo
