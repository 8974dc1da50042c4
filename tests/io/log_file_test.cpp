#include "io/log_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "io/atomic_file.hpp"
#include "kernels/error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

LogHeader full_header() {
  LogHeader header;
  header.actions = {"left", "right", "never"};
  header.values = {"x", "q_left"};
  header.roles = {LogValueRole::context, LogValueRole::estimated_reward};
  header.categories = {{"browser", {"firefox", "lynx"}}, {"day", {"monday"}}};
  header.has_position = header.has_time = header.has_cluster = true;
  header.provenance = "{}";
  return header;
}

LogRows some_rows(std::uint64_t first, std::uint64_t count) {
  LogRows rows;
  for (std::uint64_t i = first; i < first + count; ++i) {
    rows.action.push_back(static_cast<std::uint32_t>(i % 2));
    rows.reward.push_back(static_cast<double>(i % 7) / 7.0);
    rows.propensity.push_back(1.0 / static_cast<double>(1 + i % 5));
    rows.position.push_back(static_cast<std::uint32_t>(1 + i % 3));
    rows.time.push_back(static_cast<UnixSeconds>(1000 + i));
    rows.cluster.push_back(i / 10 * 0x9E3779B97F4A7C15u);
    rows.values.insert(rows.values.end(), {static_cast<double>(i), -0.5});
    rows.category.insert(rows.category.end(), {static_cast<std::uint32_t>(i % 2), 0u});
  }
  return rows;
}

void write(const std::filesystem::path& path, const LogHeader& header, std::uint64_t rows,
           std::uint64_t piece, int gzip = 1) {
  LogWriter writer(path, header, {.gzip_level = gzip}, true);
  for (std::uint64_t first = 0; first < rows; first += piece)
    writer.append(some_rows(first, std::min(piece, rows - first)));
  writer.finish(header);
}

TEST(LogFile, ReadsBackWhatWasWritten) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "log.h5";
  write(path, full_header(), 20000, 4096);
  const LogFile file(path);
  EXPECT_EQ(file.rows(), 20000u);
  EXPECT_EQ(file.header().actions, full_header().actions);
  EXPECT_EQ(file.header().categories[0].values, full_header().categories[0].values);
  EXPECT_EQ(file.header().roles, full_header().roles);
  const LogRows expected = some_rows(12345, 5000), read = file.read(12345, 5000);
  EXPECT_EQ(read.action, expected.action);
  EXPECT_EQ(read.reward, expected.reward);
  EXPECT_EQ(read.propensity, expected.propensity);
  EXPECT_EQ(read.position, expected.position);
  EXPECT_EQ(read.time, expected.time);
  EXPECT_EQ(read.cluster, expected.cluster);
  EXPECT_EQ(read.values, expected.values);
  EXPECT_EQ(read.category, expected.category);
  EXPECT_NO_THROW(validate_log(file));
}

TEST(LogFile, DigestsAreOfContentAlone) {
  const test::TemporaryFolder folder;
  const auto a = folder.path() / "a.h5", b = folder.path() / "b.h5";
  write(a, full_header(), 9000, 4096);
  LogHeader header = full_header();
  header.provenance = "{\"elsewhere\": 1}";
  write(b, header, 9000, 777, 0);
  EXPECT_EQ(to_hex(digest_log(LogFile(a))), to_hex(digest_log(LogFile(b))));
  header.actions[2] = "ever";
  write(b, header, 9000, 777);
  EXPECT_NE(to_hex(digest_log(LogFile(a))), to_hex(digest_log(LogFile(b))));
}

TEST(LogFile, NamesTheFirstBadRow) {
  const LogHeader header = full_header();
  const auto problem = [&](const auto& spoil) {
    LogRows rows = some_rows(0, 10);
    spoil(rows);
    const auto bad = find_bad_row(rows, header);
    return bad ? bad->dataset + " " + std::to_string(bad->row) : std::string("none");
  };
  EXPECT_EQ(problem([](LogRows&) {}), "none");
  EXPECT_EQ(problem([](LogRows& rows) { rows.action[3] = 3; }), "log/action 3");
  EXPECT_EQ(problem([](LogRows& rows) { rows.reward[4] = std::nan(""); }), "log/reward 4");
  EXPECT_EQ(problem([](LogRows& rows) { rows.propensity[5] = 0.0; }), "log/propensity 5");
  EXPECT_EQ(problem([](LogRows& rows) { rows.propensity[5] = std::nan(""); }), "log/propensity 5");
  EXPECT_EQ(problem([](LogRows& rows) { rows.propensity[5] = 1e-310; }), "log/propensity 5") << "1/p is inf";
  EXPECT_EQ(problem([](LogRows& rows) { rows.propensity[5] = 1e-308; }), "none");
  EXPECT_EQ(problem([](LogRows& rows) { rows.position[6] = 0; }), "log/position 6");
  EXPECT_EQ(problem([](LogRows& rows) { rows.values[15] = INFINITY; }), "log/values, column q_left, 7");
  EXPECT_EQ(problem([](LogRows& rows) { rows.category[17] = 1; }), "log/categories, column day, 8");
}

TEST(LogFile, AppearsWholeOrNotAtAll) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "log.h5";
  {
    LogWriter writer(path, full_header(), {}, false);
    writer.append(some_rows(0, 100));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace npo
