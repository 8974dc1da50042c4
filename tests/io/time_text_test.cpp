#include "io/time_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/error.hpp"

namespace npo {
namespace {

// Seconds from Python: int(datetime.fromisoformat(...).timestamp()).
TEST(TimeText, ReadsDatesTimesAndSeconds) {
  EXPECT_EQ(parse_time("1970-01-01").seconds, 0);
  EXPECT_EQ(parse_time("2013-04-10").seconds, 1365552000);
  EXPECT_EQ(parse_time("2000-02-29").seconds, 951782400);
  EXPECT_EQ(parse_time("1969-12-31T23:59:59Z").seconds, -1);
  EXPECT_EQ(parse_time("2013-04-10T06:30:00Z").seconds, 1365575400);
  EXPECT_EQ(parse_time("2013-04-10 06:30:00.999z").seconds, 1365575400);
  EXPECT_EQ(parse_time("2013-04-10T08:30+02:00").seconds, 1365575400);
  EXPECT_EQ(parse_time("2013-04-10T01:00:00-0530").seconds, 1365575400);
  EXPECT_EQ(parse_time("2013-04-10T07:30:00+01").seconds, 1365575400);
  EXPECT_EQ(parse_time("1365575400").seconds, 1365575400);
  EXPECT_EQ(parse_time("-1").seconds, -1);
  EXPECT_EQ(parse_time("0001-01-01").seconds, -62135596800);
  EXPECT_EQ(parse_time("9999-12-31T23:59:59Z").seconds, 253402300799);
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const char* text : {"", "abc", "2013-4-10", "2013-02-29", "2013-13-01", "2013-04-31", "0000-01-01",
                           "2013-04-10T24:00:00Z", "2013-04-10T06:60:00Z", "2013-04-10T06:30:60Z",
                           "2013-04-10x", "2013-04-10T06Z", "2013-04-10T06:30:00Zx", "2013-04-10T06:30:00+2",
                           "12.5", "1e9", "2013-04-10T06:30:00 UTC"})
    EXPECT_FALSE(parse_time(text).seconds) << text;
  EXPECT_EQ(parse_time("2013-04-10T06:30:00").problem, "has no time zone");
  EXPECT_THAT(parse_time("1365575400000").remedy, testing::HasSubstr("divide milliseconds"));
  EXPECT_THAT(parse_time("99999999999999999999").problem, testing::HasSubstr("years 1 to 9999"));
}

TEST(TimeText, EveryDayComesBackAsItWasWritten) {
  for (UnixSeconds day = -62135596800; day < 253402300799; day += 13 * seconds_per_day)
    ASSERT_EQ(parse_time(format_date(day)).seconds, day);
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(parse_time(format_time(1365575401)).seconds, 1365575401);
}

TEST(TimeText, DaysBeginAtMidnightUtcBefore1970Too) {
  EXPECT_EQ(day_of(0), 0);
  EXPECT_EQ(day_of(86399), 0);
  EXPECT_EQ(day_of(-1), -86400);
  EXPECT_EQ(day_of(-86400), -86400);
}

TEST(TimeText, ReadsDurations) {
  EXPECT_EQ(parse_duration("7d"), 604800);
  EXPECT_EQ(parse_duration("12h"), 43200);
  EXPECT_EQ(parse_duration("30m"), 1800);
  EXPECT_EQ(parse_duration("45s"), 45);
  EXPECT_EQ(parse_duration("90"), 90);
  EXPECT_EQ(parse_duration("0d"), 0);
  for (const char* text : {"", "d", "7 d", "7days", "-1d", "1.5h", "99999999999999d", "7w"})
    EXPECT_THROW(parse_duration(text), Error) << text;
}

}  // namespace
}  // namespace npo
