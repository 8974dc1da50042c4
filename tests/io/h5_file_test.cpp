#include "io/h5_file.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <fstream>
#include <limits>
#include <random>
#include <thread>

#include "io/atomic_file.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo::h5 {
namespace {

using test::expect_error;
using test::TemporaryFolder;

template <class T>
std::vector<T> random_values(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<T> values(count);
  for (auto& value : values) value = static_cast<T>(random() >> 40);
  return values;
}

template <class T>
constexpr Type type_of = std::is_same_v<T, std::uint8_t>    ? Type::u8
                         : std::is_same_v<T, std::uint16_t> ? Type::u16
                         : std::is_same_v<T, std::uint32_t> ? Type::u32
                         : std::is_same_v<T, std::uint64_t> ? Type::u64
                         : std::is_same_v<T, std::int64_t>  ? Type::i64
                         : std::is_same_v<T, float>         ? Type::f32
                                                            : Type::f64;

template <class T>
class RoundTrip : public testing::Test {};
using Types =
    testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, std::int64_t, float, double>;
TYPED_TEST_SUITE(RoundTrip, Types);

TYPED_TEST(RoundTrip, KeepsEveryValueOfEveryTypeSizeAndCompression) {
  const TemporaryFolder folder;
  for (const Compression compression : {Compression{0, true}, Compression{1, true}, Compression{6, false}})
    for (const std::size_t rows : {0u, 1u, 17u, 16383u, 16384u, 16385u, 50001u})
      for (const std::size_t width : {1u, 3u}) {
        auto values = random_values<TypeParam>(rows * width, rows);
        if (!values.empty()) values.back() = std::numeric_limits<TypeParam>::lowest();
        WriteFile file(folder / "x.h5", compression);
        file.column<TypeParam>({.name = "table/x", .type = type_of<TypeParam>, .width = width}, values);
        file.close();
        EXPECT_EQ(ReadFile(folder / "x.h5").read_all<TypeParam>("table/x"), values) << rows << " x " << width;
      }
}

TEST(H5File, KeepsTablesOfRankThree) {
  const TemporaryFolder folder;
  for (const Compression compression : {Compression{0, true}, Compression{1, true}}) {
    const auto values = random_values<double>(5000 * 6, 1);
    WriteFile file(folder / "x.h5", compression);
    file.create({.name = "cube", .type = Type::f64, .width = 6, .depth = 3}, 5000);
    file.write("cube", 2000, 3000, std::as_bytes(std::span(values).subspan(2000 * 6)));
    file.write("cube", 0, 2000, std::as_bytes(std::span(values).first(2000 * 6)));
    file.close();
    const ReadFile read(folder / "x.h5");
    EXPECT_EQ(read.info("cube").dims, (std::vector<std::uint64_t>{5000, 2, 3}));
    EXPECT_EQ(read.read_all<double>("cube"), values);
  }
}

TEST(H5File, KeepsText) {
  const TemporaryFolder folder;
  const std::vector<std::string> texts{"Z302B0M6", "", "ünïcödé", "a much longer text than the others"};
  WriteFile file(folder / "x.h5", {});
  file.text_column({.name = "names"}, texts);
  file.attribute("note", "größer");
  file.attribute("empty", "");
  file.attribute("long", std::string(1 << 20, 'x'));
  file.close();
  const ReadFile read(folder / "x.h5");
  EXPECT_EQ(read.read_text("names"), texts);
  EXPECT_EQ(read.text_attribute("note"), "größer");
  EXPECT_EQ(read.text_attribute("empty"), "");
  EXPECT_EQ(read.text_attribute("long"), std::string(1 << 20, 'x'));
}

TEST(H5File, TellsShapeStorageAndMembers) {
  const TemporaryFolder folder;
  WriteFile file(folder / "x.h5", {1, true});
  file.column<float>({.name = "a/wide", .type = Type::f32, .width = 32}, std::vector<float>(32 * 20000));
  file.column<std::uint32_t>({.name = "a/code", .type = Type::u32}, std::vector<std::uint32_t>(20000));
  file.close();
  const ReadFile read(folder / "x.h5");
  EXPECT_EQ(read.members("/"), std::vector<std::string>{"a"});
  EXPECT_EQ(read.members("a"), (std::vector<std::string>{"code", "wide"}));
  const auto wide = read.info("a/wide");
  EXPECT_EQ(wide.dims, (std::vector<std::uint64_t>{20000, 32}));
  EXPECT_TRUE(wide.chunked);
  EXPECT_EQ(wide.chunk_rows, 8192u);
  EXPECT_TRUE(read.has("a/code"));
  EXPECT_FALSE(read.has("a/nothing"));
  EXPECT_FALSE(read.has("b/nothing"));
}

TEST(H5File, PiecesInAnyOrderFromManyThreadsGiveTheSameColumn) {
  const TemporaryFolder folder;
  constexpr std::size_t rows = 100003, piece = 777;
  const auto values = random_values<float>(rows, 5);
  for (const int level : {0, 1}) {
    WriteFile file(folder / "x.h5", {level, true});
    file.create({.name = "x", .type = Type::f32}, rows);
    const auto write_every_third = [&](std::size_t start) {
      for (std::size_t i = start * piece; i < rows; i += 3 * piece) {
        const auto part = std::span(values).subspan(i, std::min(piece, rows - i));
        file.write("x", i, part.size(), std::as_bytes(part));
      }
    };
    std::thread second(write_every_third, 2), first(write_every_third, 1);
    write_every_third(0);
    first.join();
    second.join();
    file.close();
    EXPECT_EQ(ReadFile(folder / "x.h5").read_all<float>("x"), values);
  }
}

TEST(H5File, ReadsRowsInTheMiddle) {
  const TemporaryFolder folder;
  const auto values = random_values<std::uint64_t>(40000, 9);
  WriteFile file(folder / "x.h5", {});
  file.column<std::uint64_t>({.name = "x", .type = Type::u64, .width = 2}, values);
  file.close();
  std::vector<std::uint64_t> part(2 * 100);
  ReadFile(folder / "x.h5").read("x", 16300, 100, std::as_writable_bytes(std::span(part)));
  EXPECT_TRUE(std::equal(part.begin(), part.end(), values.begin() + 2 * 16300));
}

TEST(H5File, EqualContentGivesEqualBytes) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name) {
    WriteFile file(folder / name, {});
    file.format("npo.test", 1);
    file.column<float>({.name = "t/x", .type = Type::f32, .units = "1", .long_name = "a number"},
                       random_values<float>(30000, 1));
    file.text_column({.name = "t/axis"}, std::vector<std::string>{"a", "b"});
    file.column<float>({.name = "t/wide", .type = Type::f32, .width = 2}, random_values<float>(2000, 2));
    file.attach_scale("t/wide", 1, "t/axis");
    file.close();
    return read_text(folder / name);
  };
  EXPECT_TRUE(write("a.h5") == write("b.h5"));
  // Bytes written a second later would differ if any object kept its time.
  const hid_t file = H5Fopen((folder / "a.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  for (const char* object : {"/", "t", "t/x", "t/axis", "t/wide"}) {
    H5O_info_t info;
    ASSERT_GE(H5Oget_info_by_name2(file, object, &info, H5O_INFO_TIME, H5P_DEFAULT), 0);
    EXPECT_EQ(info.ctime + info.mtime + info.atime + info.btime, 0) << object;
  }
  H5Fclose(file);
}

TEST(H5File, ChecksFormatAndVersion) {
  const TemporaryFolder folder;
  WriteFile file(folder / "x.h5", {});
  file.format("npo.scenarios", 2);
  file.close();
  const ReadFile read(folder / "x.h5");
  read.require_format("npo.scenarios", 2);
  expect_error(ErrorKind::bad_data, {"x.h5", "npo.scenarios", "npo.feedback"},
               [&] { read.require_format("npo.feedback", 2); });
  expect_error(ErrorKind::bad_data, {"x.h5", "version 2", "reads version 1"},
               [&] { read.require_format("npo.scenarios", 1); });
}

TEST(H5File, NamesWhatIsWrongWithAPath) {
  const TemporaryFolder folder;
  std::ofstream(folder / "text.h5") << "id,fleet\n1,a\n";
  std::ofstream(folder / "empty.h5");
  expect_error(ErrorKind::environment, {"no such file", "missing.h5"},
               [&] { ReadFile(folder / "missing.h5"); });
  expect_error(ErrorKind::environment, {"is a folder"}, [&] { ReadFile(folder.path()); });
  expect_error(ErrorKind::bad_data, {"text.h5", "not an HDF5 file"}, [&] { ReadFile(folder / "text.h5"); });
  expect_error(ErrorKind::bad_data, {"empty.h5", "not an HDF5 file"}, [&] { ReadFile(folder / "empty.h5"); });
  expect_error(ErrorKind::environment, {"nowhere/x.h5", "No such file or directory"},
               [&] { WriteFile(folder / "nowhere" / "x.h5", {}); });
}

TEST(H5File, NamesFileAndDatasetOfAWrongQuestion) {
  const TemporaryFolder folder;
  WriteFile file(folder / "x.h5", {});
  file.column<float>({.name = "t/x", .type = Type::f32}, std::vector<float>(10));
  file.attribute("count", std::int64_t{3});
  file.close();
  const ReadFile read(folder / "x.h5");
  expect_error(ErrorKind::bad_data, {"x.h5", "t/y", "missing"}, [&] { read.info("t/y"); });
  expect_error(ErrorKind::bad_data, {"x.h5", "dataset t ", "not a dataset"}, [&] { read.info("t"); });
  expect_error(ErrorKind::bad_data, {"t/x", "float32", "expected uint8"},
               [&] { read.read_all<std::uint8_t>("t/x"); });
  expect_error(ErrorKind::bad_data, {"t/x", "has 10 rows"}, [&] {
    std::vector<std::byte> out(100);
    read.read("t/x", 8, 3, out);
  });
  expect_error(ErrorKind::bad_data, {"attribute nothing", "missing"},
               [&] { read.text_attribute("nothing"); });
  expect_error(ErrorKind::bad_data, {"attribute count", "expected fixed-length text"},
               [&] { read.text_attribute("count"); });
  EXPECT_EQ(read.int_attribute("count"), 3);
}

TEST(H5File, RefusesToCloseWithRowsMissing) {
  const TemporaryFolder folder;
  for (const int level : {0, 1}) {
    WriteFile file(folder / "x.h5", {level, true});
    file.create({.name = "x", .type = Type::u8}, 20000);
    file.write("x", 0, 16385, std::vector<std::byte>(16385));
    expect_error(ErrorKind::internal, {"of 20000 rows", "dataset x"}, [&] { file.close(); });
  }
}

}  // namespace
}  // namespace npo::h5
