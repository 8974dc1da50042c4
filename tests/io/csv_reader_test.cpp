#include "io/csv/csv_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/io/csv_text.hpp"

namespace npo::csv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Row = std::vector<std::string>;

Row current(const Reader& csv) {
  Row row;
  for (std::size_t i = 0; i < csv.header().size(); ++i) row.emplace_back(csv.field(i));
  return row;
}

std::vector<Row> all(Reader csv) {
  std::vector<Row> rows;
  while (csv.next()) rows.push_back(current(csv));
  return rows;
}

TEST(CsvReader, ReadsPlainRowsWithAndWithoutALastLineFeed) {
  EXPECT_THAT(all(read_csv("a,b\n1,2\n3,4\n")), ElementsAre(Row{"1", "2"}, Row{"3", "4"}));
  EXPECT_THAT(all(read_csv("a,b\n1,2\n3,4")), ElementsAre(Row{"1", "2"}, Row{"3", "4"}));
  EXPECT_THAT(all(read_csv("a,b\n1,\n,")), ElementsAre(Row{"1", ""}, Row{"", ""}));
  EXPECT_TRUE(all(read_csv("a,b\n")).empty());
  EXPECT_TRUE(all(read_csv("a,b")).empty());
}

TEST(CsvReader, ReadsCarriageReturnsAndAByteOrderMark) {
  auto csv = read_csv(
      "\xef\xbb\xbf"
      "a,b\r\n1,\"2\"\r\n\r\n3,4\r\n");
  EXPECT_THAT(csv.header(), ElementsAre("a", "b"));
  EXPECT_THAT(all(std::move(csv)), ElementsAre(Row{"1", "2"}, Row{"3", "4"}));
}

TEST(CsvReader, ReadsQuotesAsRfc4180Says) {
  const std::string text = "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\n\"\"\"\",z\n";
  EXPECT_THAT(all(read_csv(text)),
              ElementsAre(Row{"x,y", "say \"hi\""}, Row{"two\nlines", ""}, Row{"\"", "z"}));
}

TEST(CsvReader, AnEmptyLineIsARowOnlyWhereThereIsOneColumn) {
  EXPECT_THAT(all(read_csv("a\n1\n\n2\n")), ElementsAre(Row{"1"}, Row{""}, Row{"2"}));
  EXPECT_THAT(all(read_csv("a,b\n\n1,2\n\n")), ElementsAre(Row{"1", "2"}));
}

TEST(CsvReader, CountsLinesAcrossQuotedLineFeedsAndEmptyLines) {
  auto csv = read_csv("a,b\n\"1\n\n\",2\n\n3,4\n");
  ASSERT_TRUE(csv.next());
  EXPECT_EQ(csv.line(), 2u);
  ASSERT_TRUE(csv.next());
  EXPECT_EQ(csv.line(), 6u);
}

TEST(CsvReader, NamesTheNearestColumn) {
  const auto csv = read_csv("serial,smart_5_raw\n");
  EXPECT_EQ(csv.column("smart_5_raw"), 1u);
  EXPECT_THAT(message_of<Error>([&] { csv.column("smart_5_rw"); }),
              testing::AllOf(HasSubstr("t.csv has no column 'smart_5_rw'"), HasSubstr("`smart_5_raw`?")));
  EXPECT_THAT(message_of<Error>([&] { csv.column("failure"); }),
              HasSubstr("its columns are serial, smart_5_raw"));
}

TEST(CsvReader, RefusesAnEmptyFileAndDoubleNames) {
  EXPECT_THAT(message_of<Error>([] { read_csv(""); }), HasSubstr("t.csv is empty"));
  EXPECT_THAT(message_of<Error>([] { read_csv("a,b,a\n"); }), HasSubstr("two columns are called 'a'"));
}

TEST(CsvReader, NamesTheLineOfABadRowAndGoesOnBehindIt) {
  struct Case {
    std::string bad, message;
  };
  for (const auto& [bad, message] :
       std::vector<Case>{{"1,2,3", "t.csv: line 3: 3 fields where the header has 2"},
                         {"1", "t.csv: line 3: 1 fields where the header has 2"},
                         {"1,a\"b", "t.csv: line 3, column b: has a quote inside a field"},
                         {"\"1\"x,2", "t.csv: line 3, column a: has text after its closing quote"}}) {
    auto csv = read_csv("a,b\n8,9\n" + bad + "\n3,4\n");
    ASSERT_TRUE(csv.next());
    EXPECT_THAT(message_of<Error>([&] { csv.next(); }), HasSubstr(message));
    ASSERT_TRUE(csv.next()) << bad;
    EXPECT_THAT(current(csv), ElementsAre("3", "4"));
    EXPECT_EQ(csv.line(), 4u);
  }
}

TEST(CsvReader, NamesTheLineWhereAnUnclosedQuoteBegins) {
  auto csv = read_csv("a,b\n1,2\n3,\"4\n5,6\n");
  ASSERT_TRUE(csv.next());
  EXPECT_THAT(message_of<Error>([&] { csv.next(); }),
              HasSubstr("line 3, column b: has a quote that is never closed"));
  EXPECT_FALSE(csv.next());
}

TEST(CsvReader, RefusesARowThatNeverEnds) {
  auto csv = read_csv("a,b\n1,\"" + std::string(longest_row + 10, 'x'));
  EXPECT_THAT(message_of<Error>([&] { csv.next(); }), HasSubstr("line 2: the row is longer than 16 MiB"));
}

std::string in_quotes(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

TEST(CsvReader, GivesBackWhatWasWrittenWhereverThePiecesAreCut) {
  std::mt19937 random(7);
  const std::string letters = "ab,\"\n\r 1";
  std::vector<Row> rows;
  std::string text = "a,b,c\n";
  for (int i = 0; i < 300; ++i) {
    Row row;
    for (int j = 0; j < 3; ++j) {
      std::string value;
      for (auto n = random() % 60; n > 0; --n) value += letters[random() % letters.size()];
      row.push_back(value);
      text += in_quotes(value) + (j < 2 ? "," : random() % 2 ? "\n" : "\r\n");
    }
    rows.push_back(row);
  }
  for (const std::size_t piece : {1, 2, 3, 7, 31, 32, 33, 1000, 1 << 20})
    EXPECT_EQ(all(read_csv(text, piece)), rows) << "pieces of " << piece;
}

TEST(CsvReader, ReadsFilesLargerThanItsBuffer) {
  std::string text = "i,text\n";
  for (int i = 0; i < 200000; ++i) text += std::to_string(i) + ",some text to fill the row\n";
  auto csv = read_csv(text, 100000);
  int i = 0;
  for (; csv.next(); ++i) {
    ASSERT_EQ(csv.field(0), std::to_string(i));
    ASSERT_EQ(csv.line(), static_cast<std::uint64_t>(i) + 2);
  }
  EXPECT_EQ(i, 200000);
}

}  // namespace
}  // namespace npo::csv
