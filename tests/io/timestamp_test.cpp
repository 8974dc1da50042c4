#include "io/csv/timestamp.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npo::csv {
namespace {

// Seconds from Python: int(datetime.fromisoformat(...).timestamp()).
TEST(Timestamp, ReadsDatesTimesAndSeconds) {
  EXPECT_EQ(parse_timestamp("1970-01-01").seconds, 0);
  EXPECT_EQ(parse_timestamp("2013-04-10").seconds, 1365552000);
  EXPECT_EQ(parse_timestamp("2000-02-29").seconds, 951782400);
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59Z").seconds, -1);
  EXPECT_EQ(parse_timestamp("2013-04-10T06:30:00Z").seconds, 1365575400);
  EXPECT_EQ(parse_timestamp("2013-04-10 06:30:00.999z").seconds, 1365575400);
  EXPECT_EQ(parse_timestamp("2013-04-10T08:30+02:00").seconds, 1365575400);
  EXPECT_EQ(parse_timestamp("2013-04-10T01:00:00-0530").seconds, 1365575400);
  EXPECT_EQ(parse_timestamp("2013-04-10T07:30:00+01").seconds, 1365575400);
  EXPECT_EQ(parse_timestamp("1365575400").seconds, 1365575400);
  EXPECT_EQ(parse_timestamp("-1").seconds, -1);
  EXPECT_EQ(parse_timestamp("0001-01-01").seconds, -62135596800);
  EXPECT_EQ(parse_timestamp("9999-12-31T23:59:59Z").seconds, 253402300799);
}

TEST(Timestamp, RefusesWhatIsNoTime) {
  for (const char* text : {"", "abc", "2013-4-10", "2013-02-29", "2013-13-01", "2013-04-31", "0000-01-01",
                           "2013-04-10T24:00:00Z", "2013-04-10T06:60:00Z", "2013-04-10T06:30:60Z",
                           "2013-04-10x", "2013-04-10T06Z", "2013-04-10T06:30:00Zx", "2013-04-10T06:30:00+2",
                           "12.5", "1e9", "2013-04-10T06:30:00 UTC"})
    EXPECT_FALSE(parse_timestamp(text).seconds) << text;
  EXPECT_EQ(parse_timestamp("2013-04-10T06:30:00").problem, "has no time zone");
  EXPECT_THAT(parse_timestamp("1365575400000").remedy, testing::HasSubstr("divide milliseconds"));
  EXPECT_THAT(parse_timestamp("99999999999999999999").problem, testing::HasSubstr("years 1 to 9999"));
}

TEST(Timestamp, KnowsTheCalendar) {
  UnixSeconds expected = parse_timestamp("1999-12-31").seconds.value();
  const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int year = 2000; year < 2105; ++year) {
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    for (int month = 1; month <= 12; ++month) {
      const int last = days[month - 1] + (month == 2 && leap ? 1 : 0);
      for (int day = 1; day <= last; ++day)
        ASSERT_EQ(parse_timestamp(fmt::format("{}-{:02}-{:02}", year, month, day)).seconds,
                  expected += 86400);
      ASSERT_FALSE(parse_timestamp(fmt::format("{}-{:02}-{:02}", year, month, last + 1)).seconds);
    }
  }
}

TEST(Timestamp, DaysBeginAtMidnightUtcBefore1970Too) {
  EXPECT_EQ(day_of(0), 0);
  EXPECT_EQ(day_of(86399), 0);
  EXPECT_EQ(day_of(-1), -86400);
  EXPECT_EQ(day_of(-86400), -86400);
}

}  // namespace
}  // namespace npo::csv
