#include "host/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace npo {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A sink that keeps what is written and a clock that stands still until it is moved.
class FakeTerminal {
 public:
  ProgressSink sink() {
    return {[this](std::string_view text) { text_ += text; },
            [this] { return std::chrono::steady_clock::time_point(std::chrono::milliseconds(now_ms_)); }};
  }
  void wait_ms(int ms) { now_ms_ += ms; }
  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
  std::int64_t now_ms_ = 0;
};

TEST(Progress, BarShowsStageShareRateAndTimeLeft) {
  FakeTerminal terminal;
  const auto progress = make_progress(ProgressStyle::bar, terminal.sink());
  progress->begin("score", 4'000'000, "rows");
  terminal.wait_ms(2000);
  progress->advance(1'000'000);
  const std::string bar = terminal.take();
  EXPECT_THAT(bar, HasSubstr("score        [######------------------]"));
  EXPECT_THAT(bar, HasSubstr("25 % of 4.0M rows, 500.0k rows/s, 6s left"));
  progress->advance(3'000'000);
  progress->end();
  EXPECT_THAT(terminal.take(), testing::EndsWith("\n"));
}

TEST(Progress, WhatAStageHasFoundStandsBesideItsRate) {
  FakeTerminal terminal;
  auto progress = make_progress(ProgressStyle::bar, terminal.sink());
  progress->begin("simulate", 100, "replicates");
  show_status(*progress, "regret 12.3 +- 0.1");
  terminal.wait_ms(1000);
  progress->advance(50);
  EXPECT_THAT(terminal.take(), HasSubstr("1s left, regret 12.3 +- 0.1"));
  progress = make_progress(ProgressStyle::json, terminal.sink());
  progress->begin("simulate", 100, "replicates");
  show_status(*progress, "regret 12.3 +- 0.1");
  terminal.take();
  progress->end();
  EXPECT_EQ(nlohmann::json::parse(terminal.take())["status"], "regret 12.3 +- 0.1");
  show_status(silent_progress(), "nobody listens");
}

TEST(Progress, BarIsRedrawnAtMostTenTimesASecond) {
  FakeTerminal terminal;
  const auto progress = make_progress(ProgressStyle::bar, terminal.sink());
  progress->begin("score", 1000, "rows");
  terminal.take();
  for (int i = 0; i < 1000; ++i) {
    terminal.wait_ms(1);
    progress->advance(1);
  }
  const std::string drawn = terminal.take();
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), '\r'), 10);
}

TEST(Progress, BarOfWorkThatFailedEndsItsLine) {
  FakeTerminal terminal;
  auto progress = make_progress(ProgressStyle::bar, terminal.sink());
  progress->begin("score", 1000, "rows");
  progress.reset();
  EXPECT_THAT(terminal.take(), testing::EndsWith("\n"));
  progress = make_progress(ProgressStyle::bar, terminal.sink());
  progress->begin("score", 1000, "rows");
  progress->end();
  terminal.take();
  progress.reset();
  EXPECT_EQ(terminal.take(), "");
}

TEST(Progress, LinesAreSilentForShortWork) {
  FakeTerminal terminal;
  const auto progress = make_progress(ProgressStyle::lines, terminal.sink());
  progress->begin("score", 10, "rows");
  terminal.wait_ms(4999);
  progress->advance(10);
  progress->end();
  EXPECT_EQ(terminal.take(), "");
  progress->begin("score", 10, "rows");
  terminal.wait_ms(5000);
  progress->advance(10);
  progress->end();
  EXPECT_THAT(terminal.take(), HasSubstr("score: 10 rows in 5s\n"));
}

TEST(Progress, JsonIsOneObjectALine) {
  FakeTerminal terminal;
  const auto progress = make_progress(ProgressStyle::json, terminal.sink());
  progress->begin("score", 10, "rows");
  terminal.wait_ms(1000);
  progress->advance(5);
  progress->note("3 rows \"blocked\"");
  progress->end();
  std::istringstream lines(terminal.take());
  std::vector<nlohmann::json> events;
  for (std::string line; std::getline(lines, line);) events.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0]["event"], "begin");
  EXPECT_EQ(events[1]["done"], 5);
  EXPECT_EQ(events[1]["rate"], 5.0);
  EXPECT_EQ(events[2]["text"], "3 rows \"blocked\"");
  EXPECT_EQ(events[3]["event"], "end");
}

TEST(Progress, QuietStillSaysWhatIsNoted) {
  FakeTerminal terminal;
  const auto progress = make_progress(ProgressStyle::none, terminal.sink());
  progress->begin("score", 10, "rows");
  terminal.wait_ms(100000);
  progress->advance(10);
  progress->end();
  EXPECT_EQ(terminal.take(), "");
  progress->note("hello");
  EXPECT_EQ(terminal.take(), "hello\n");
}

TEST(Progress, CountsWhatManyThreadsReport) {
  FakeTerminal terminal;
  const auto progress = make_progress(ProgressStyle::json, terminal.sink());
  progress->begin("score", 4000, "rows");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) progress->advance(1);
    });
  for (auto& thread : threads) thread.join();
  progress->end();
  EXPECT_THAT(terminal.take(), HasSubstr("\"done\":4000"));
}

}  // namespace
}  // namespace npo
