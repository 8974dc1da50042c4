#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/import_run.hpp"
#include "io/feedback_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ImportFeedbackTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("npo_import_feedback_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.input = folder_ / "in.csv";
    options_.output = folder_ / "feedback.h5";
    context_.overwrite = true;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ImportFeedbackReport import(const std::string& text) {
    std::ofstream(options_.input, std::ios::binary) << text;
    return import_feedback(options_, context_);
  }
  std::string refusal(const std::string& text) {
    try {
      import(text);
    } catch (const Error& error) {
      EXPECT_FALSE(std::filesystem::exists(options_.output));
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path folder_;
  ImportFeedbackOptions options_;
  RunContext context_;
};

const std::string head = "run,row,kind,time,source,event_id\n";

TEST_F(ImportFeedbackTest, KeepsEveryEventInOrder) {
  const auto report =
      import(head +
             "r2,5,like,2026-01-01,alice,1\nr1,0,override,100,bob,2\nr2,7,retract,101,alice,3\n"
             "r2,8,neutral,102,bob,4\nr2,18446744073709551615,skipped,103,bob,18446744073709551615\n");
  EXPECT_EQ(report.rows, 5u);
  EXPECT_THAT(report.kinds, ElementsAre(1u, 1u, 1u, 1u, 1u));
  const FeedbackFile file(options_.output);
  validate_feedback(file);
  EXPECT_THAT(file.runs(), ElementsAre("r2", "r1"));
  EXPECT_THAT(file.sources(), ElementsAre("alice", "bob"));
  const auto columns = file.read(0, 5);
  EXPECT_THAT(columns.run.as<std::uint32_t>(), ElementsAre(0, 1, 0, 0, 0));
  EXPECT_THAT(columns.row.as<std::uint64_t>(), ElementsAre(5, 0, 7, 8, ~std::uint64_t{0}));
  EXPECT_THAT(columns.kind.as<std::uint8_t>(), ElementsAre(1, 0, 4, 2, 3));
  EXPECT_THAT(columns.time.as<UnixSeconds>(), ElementsAre(1767225600, 100, 101, 102, 103));
  EXPECT_THAT(columns.source.as<std::uint16_t>(), ElementsAre(0, 1, 0, 1, 1));
  EXPECT_THAT(columns.id.as<std::uint64_t>(), ElementsAre(1, 2, 3, 4, ~std::uint64_t{0}));
}

TEST_F(ImportFeedbackTest, WritesMoreThanOnePiece) {
  std::string text = head;
  for (int i = 0; i < 150000; ++i) text += "r," + std::to_string(i) + ",like,0,s," + std::to_string(i) + "\n";
  EXPECT_EQ(import(text).rows, 150000u);
  const FeedbackFile file(options_.output);
  ASSERT_EQ(file.rows(), 150000u);
  EXPECT_EQ(file.read(149999, 1).row.as<std::uint64_t>()[0], 149999u);
}

TEST_F(ImportFeedbackTest, NamesTheNearestKindAndTheLine) {
  EXPECT_THAT(
      refusal(head + "r,0,like,0,s,1\nr,1,overide,0,s,2\n"),
      AllOf(HasSubstr("line 3, column kind: 'overide' is no kind of feedback"), HasSubstr("`override`")));
  EXPECT_THAT(refusal(head + "r,0,thumbs,0,s,1\n"), HasSubstr("the kinds are override, like"));
  EXPECT_THAT(refusal(head + "r,-1,like,0,s,1\n"),
              HasSubstr("line 2, column row: '-1' is not a whole number"));
  EXPECT_THAT(refusal("run,row,kind,time,source,id\n"), HasSubstr("has no column 'event_id'"));
}

TEST_F(ImportFeedbackTest, TakesOtherNamesOfColumnsAndSkipsBadRows) {
  options_.columns.event_id = "id";
  options_.skip_bad = true;
  const auto report =
      import("run,row,kind,time,source,id\nr,0,like,0,s,1\nr,x,like,0,s,2\nr,1,hate,0,s,3\nr,2,like,0,s\n");
  EXPECT_EQ(report.rows, 1u);
  EXPECT_EQ(report.skipped.count, 3u);
}

}  // namespace
}  // namespace npo
