#include "io/csv/csv_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <string>

#include "tests/io/csv_text.hpp"

namespace npo::csv {
namespace {

using testing::HasSubstr;

/// A reader that stands at a row with one field.
Reader at(const std::string& value) {
  Reader csv = read_csv("column\n\"" + value + "\"\n");
  csv.next();
  return csv;
}

TEST(CsvValues, ReadsTheNearestFloat) {
  EXPECT_EQ(read_float(at("0.1"), 0), 0.1f);
  EXPECT_EQ(read_float(at(" +12.5\t"), 0), 12.5f);
  EXPECT_EQ(read_float(at("-1e-3"), 0), -1e-3f);
  EXPECT_EQ(read_float(at("196834513"), 0), 196834512.0f) << "the nearest of the two floats around it";
  EXPECT_EQ(read_float(at("3.4028234e38"), 0), std::numeric_limits<float>::max());
  EXPECT_EQ(read_float(at("1e-60"), 0), 0.0f);
  EXPECT_EQ(read_float(at("1e-45"), 0), std::numeric_limits<float>::denorm_min());
  EXPECT_TRUE(std::signbit(read_float(at("-0"), 0)));
}

TEST(CsvValues, RefusesWhatIsNoFiniteNumber) {
  EXPECT_EQ(message_of<BadRow>([] { read_float(at("abc"), 0); }),
            "t.csv: line 2, column column: 'abc' is not a number; write a decimal number");
  for (const char* text : {"1.5x", "", "1,5", "0x10", "--1", "+-1", "1e", "."})
    EXPECT_THAT(message_of<BadRow>([&] { read_float(at(text), 0); }), HasSubstr("is not a number")) << text;
  EXPECT_THAT(message_of<BadRow>([] { read_float(at("inf"), 0); }), HasSubstr("is not finite"));
  EXPECT_THAT(message_of<BadRow>([] { read_float(at("1e39"), 0); }),
              HasSubstr("does not fit a 32-bit float"));
  EXPECT_THAT(message_of<BadRow>([] { read_float(at("1e999"), 0); }),
              HasSubstr("does not fit a 32-bit float"));
}

TEST(CsvValues, ReadsWholeNumbersOfSixtyFourBits) {
  EXPECT_EQ(read_unsigned(at("18446744073709551615"), 0), std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"18446744073709551616", "-1", "1.0", "", "+1"})
    EXPECT_THAT(message_of<BadRow>([&] { read_unsigned(at(text), 0); }), HasSubstr("is not a whole number"))
        << text;
}

TEST(CsvValues, KnowsMissingValues) {
  for (const char* text : {"", " ", "NA", "n/a", "NaN", "nan", "NULL", "Null"})
    EXPECT_TRUE(is_missing(at(text), 0)) << text;
  for (const char* text : {"0", "none", "nano", "-"}) EXPECT_FALSE(is_missing(at(text), 0)) << text;
}

TEST(CsvValues, ReadsLabels) {
  EXPECT_EQ(read_label(at("0"), 0), Label::no);
  EXPECT_EQ(read_label(at(" 1"), 0), Label::yes);
  EXPECT_EQ(read_label(at("NA"), 0), Label::unknown);
  for (const char* text : {"2", "1.0", "true", "-1"})
    EXPECT_THAT(message_of<BadRow>([&] { read_label(at(text), 0); }), HasSubstr("is not a label")) << text;
}

TEST(CsvValues, NamesTheTroubleWithATime) {
  EXPECT_EQ(read_time(at(" 2013-04-10 "), 0), 1365552000);
  EXPECT_THAT(message_of<BadRow>([] { read_time(at("2013-04-10T00:00:00"), 0); }),
              testing::AllOf(HasSubstr("line 2, column column"), HasSubstr("has no time zone")));
}

TEST(CsvValues, TakesTextAsItStandsButOnlyUtf8) {
  EXPECT_EQ(read_text(at(" caf\xc3\xa9 "), 0, 64), " caf\xc3\xa9 ");
  EXPECT_EQ(read_text(at(std::string(64, 'x')), 0, 64).size(), 64u);
  EXPECT_THAT(message_of<BadRow>([] { read_text(at(std::string(65, 'x')), 0, 64); }),
              HasSubstr("is longer than 64 bytes"));
  EXPECT_THAT(message_of<BadRow>([] { read_text(at(""), 0, 64); }), HasSubstr("'' is empty"));
  for (const char* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"})
    EXPECT_THAT(message_of<BadRow>([&] { read_text(at(text), 0, 64); }), HasSubstr("is not UTF-8 text"));
  EXPECT_THAT(message_of<BadRow>([] { read_text(at(std::string("a\0b", 3)), 0, 64); }),
              HasSubstr("is not UTF-8 text"));
}

TEST(CsvValues, ShowsOnlyTheBeginningOfALongValue) {
  const std::string message = message_of<BadRow>([] { read_float(at(std::string(500, 'x')), 0); });
  EXPECT_THAT(message, HasSubstr(std::string(64, 'x') + "...'"));
  EXPECT_LT(message.size(), 200u);
}

}  // namespace
}  // namespace npo::csv
