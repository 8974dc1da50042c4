#include "host/time_text.hpp"

#include <gtest/gtest.h>

#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

TEST(TimeText, ReadsDatesInstantsAndSeconds) {
  EXPECT_EQ(parse_time("1970-01-01"), 0);
  EXPECT_EQ(parse_time("2013-04-20"), 1366416000);
  EXPECT_EQ(parse_time("2013-04-20T06:30:15Z"), 1366439415);
  EXPECT_EQ(parse_time("2013-04-20T06:30:15+02:00"), 1366432215);
  EXPECT_EQ(parse_time("1366416000"), 1366416000);
  EXPECT_EQ(parse_time("-1"), -1);
  for (const char* bad : {"", "yesterday", "2013-02-30", "2013-4-2", "2013-04-20T25:00:00Z", "2013-04-20x"})
    test::expect_error(ErrorKind::usage, {bad, "2013-04"}, [&] { parse_time(bad); });
}

TEST(TimeText, WritesWhatItReads) {
  for (const char* text : {"2013-04-20", "2013-04-20T06:30:15Z", "1969-12-31T23:59:59Z", "2000-02-29"})
    EXPECT_EQ(format_time(parse_time(text)), text);
}

TEST(TimeText, ReadsDurationsInEveryUnit) {
  EXPECT_EQ(parse_duration("7d"), 604800);
  EXPECT_EQ(parse_duration("1w"), 604800);
  EXPECT_EQ(parse_duration("12h"), 43200);
  EXPECT_EQ(parse_duration("30m"), 1800);
  EXPECT_EQ(parse_duration("90s"), 90);
  EXPECT_EQ(parse_duration("90"), 90);
  EXPECT_EQ(format_duration(604800), "7d");
  EXPECT_EQ(format_duration(5400), "90m");
  EXPECT_EQ(format_duration(0), "0s");
  for (const char* bad : {"", "d", "-1d", "1.5h", "7 d", "7dd", "99999999999999d"})
    test::expect_error(ErrorKind::usage, {"is not a duration"}, [&] { parse_duration(bad); });
}

TEST(TimeText, ReadsTimesOfDay) {
  EXPECT_EQ(parse_time_of_day("00:00"), 0u);
  EXPECT_EQ(parse_time_of_day("22:00:30"), 79230u);
  EXPECT_EQ(format_time_of_day(79230), "22:00:30");
  for (const char* bad : {"", "24:00", "7:00", "22:60", "22:00:60", "22-00", "22:00:3", "-1:00", "22:00:00Z"})
    test::expect_error(ErrorKind::usage, {"is not a time of day"}, [&] { parse_time_of_day(bad); });
}

}  // namespace
}  // namespace npo
