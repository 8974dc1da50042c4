#include "io/csv/byte_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "kernels/error.hpp"

namespace npo::csv {
namespace {

using testing::HasSubstr;

class ByteSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("npo_byte_source_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& bytes) const {
    const auto path = folder_ / "input.bin";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  std::filesystem::path folder_;
};

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string read_all(ByteSource& source, std::size_t piece = 1000) {
  std::string text, part(piece, '\0');
  while (const std::size_t came = source.read(part)) text.append(part, 0, came);
  return text;
}

std::string failure_of(const std::filesystem::path& path) {
  try {
    read_all(*open_bytes(path));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// Text that compresses a little, longer than every buffer on the way.
std::string long_text() {
  std::mt19937 random(3);
  std::string text;
  while (text.size() < 6'000'000) text += std::to_string(random() % 100000) + ",";
  return text;
}

TEST_F(ByteSourceTest, ReadsPlainAndCompressedFilesAlike) {
  const std::string text = long_text();
  EXPECT_EQ(read_all(*open_bytes(write(text))), text);
  EXPECT_EQ(read_all(*open_bytes(write(gzip(text))), 777), text);
  EXPECT_EQ(read_all(*open_bytes(write("ab"))), "ab");
  EXPECT_EQ(read_all(*open_bytes(write(""))), "");
}

TEST_F(ByteSourceTest, ReadsAllMembersOfAGzipFileAndItsPadding) {
  const std::string text = long_text();
  const std::string half = gzip(text.substr(0, 3'000'000)), rest = gzip(text.substr(3'000'000));
  EXPECT_EQ(read_all(*open_bytes(write(half + gzip("") + rest))), text);
  EXPECT_EQ(read_all(*open_bytes(write(gzip("abc") + std::string(1000, '\0')))), "abc");
}

TEST_F(ByteSourceTest, SaysWhatIsWrongWithADamagedGzipFile) {
  const std::string whole = gzip(long_text());
  for (const std::size_t length : {whole.size() - 1, whole.size() - 8, whole.size() / 2, std::size_t{12}})
    EXPECT_THAT(failure_of(write(whole.substr(0, length))), HasSubstr("ends in the middle of its gzip data"));
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 0x10);
  EXPECT_THAT(failure_of(write(flipped)), HasSubstr("damaged gzip data near byte"));
  EXPECT_THAT(failure_of(write(gzip("abc") + "tail")), HasSubstr("bytes after its gzip data"));
}

TEST_F(ByteSourceTest, SaysHowToReadOtherFormats) {
  EXPECT_THAT(failure_of(write("\x28\xb5\x2f\xfdxx")), HasSubstr("zstd -dc"));
  EXPECT_THAT(failure_of(write("PK\x03\x04xx")), HasSubstr("unzip -p"));
  EXPECT_THAT(failure_of(write("\xff\xfe"
                               "a")),
              HasSubstr("iconv"));
}

TEST_F(ByteSourceTest, NamesAPathThatCannotBeRead) {
  EXPECT_THAT(failure_of(folder_ / "absent.csv"), HasSubstr("absent.csv: No such file"));
  EXPECT_THAT(failure_of(folder_), HasSubstr("is a folder"));
}

TEST_F(ByteSourceTest, MayBeLeftBeforeTheEnd) {
  const auto source = open_bytes(write(long_text()));
  std::string part(10, '\0');
  EXPECT_EQ(source->read(part), 10u);
}

}  // namespace
}  // namespace npo::csv
