#include "io/column_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <fstream>
#include <numeric>
#include <random>
#include <thread>

#include "tests/io/expect_error.hpp"
#include "tests/io/raw_h5.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using test::RawH5;
using test::TemporaryFolder;

std::vector<float> floats(std::size_t count) {
  std::mt19937 random(3);
  std::vector<float> values(count);
  for (auto& value : values) value = static_cast<float>(random() % 1000) / 8;
  return values;
}

/// Reads the whole column in pieces and compares every value.
template <class T>
void expect_column(const ColumnReader& column, std::span<const T> values, std::uint64_t piece) {
  const std::size_t width = column.row_bytes() / sizeof(T);
  ASSERT_EQ(column.rows() * width, values.size());
  for (std::uint64_t row = 0; row < column.rows(); row += piece) {
    const auto count = std::min(piece, column.rows() - row);
    const RowWindow window = column.read(row, count);
    const auto part = window.as<T>();
    ASSERT_EQ(part.size(), count * width);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(part.data()) % alignof(T), 0u);
    ASSERT_TRUE(
        std::equal(part.begin(), part.end(), values.begin() + static_cast<std::ptrdiff_t>(row * width)))
        << "row " << row;
  }
}

TEST(ColumnReader, ReadsWhatWasWrittenInPiecesOfAnyLength) {
  const TemporaryFolder folder;
  for (const int level : {0, 1})
    for (const std::size_t width : {1u, 5u}) {
      const auto values = floats(40009 * width);
      h5::WriteFile file(folder / "x.h5", {level, true});
      file.column<float>({.name = "x", .type = h5::Type::f32, .width = width}, values);
      file.close();
      const ColumnReader column(h5::ReadFile(folder / "x.h5"), "x");
      for (const std::uint64_t piece : {7u, 4096u, 16384u, 16385u, 40000u, 40009u})
        expect_column<float>(column, values, piece);
      EXPECT_EQ(column.read(40009, 0).bytes().size(), 0u);
      expect_error(ErrorKind::bad_data, {"x.h5", "dataset x", "has 40009 rows"},
                   [&] { column.read(40000, 10); });
    }
}

TEST(ColumnReader, ReadsTextAndEightByteValues) {
  const TemporaryFolder folder;
  std::vector<std::int64_t> times(20001);
  std::vector<std::string> names(20001);
  for (std::size_t i = 0; i < names.size(); ++i) {
    times[i] = static_cast<std::int64_t>(i * 0x123456789abu);
    names[i] = fmt::format("drive-{}", times[i] % 1000003);
  }
  h5::WriteFile file(folder / "x.h5", {});
  file.column<std::int64_t>({.name = "time", .type = h5::Type::i64}, times);
  file.text_column({.name = "id", .text_bytes = 24}, names);
  file.close();
  const h5::ReadFile read(folder / "x.h5");
  expect_column<std::int64_t>(ColumnReader(read, "time"), times, 1000);
  EXPECT_EQ(read.read_text("id"), names) << "the library must undo our shuffle";
  const ColumnReader id(read, "id");
  for (std::size_t row : {0u, 16383u, 16384u, 20000u}) {
    const auto bytes = id.read(row, 1);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.bytes().data())), names[row]);
  }
}

/// Every set of filters, shape of chunks and kind of chunk index that other writers produce.
TEST(ColumnReader, ReadsFilesOfOtherWriters) {
  const TemporaryFolder folder;
  const auto values = floats(1000 * 6);
  const auto with = [](std::vector<hsize_t> chunk, bool shuffle, bool gzip, bool checksum) {
    return [=](hid_t creation) {
      H5Pset_chunk(creation, 2, chunk.data());
      if (shuffle) H5Pset_shuffle(creation);
      if (gzip) H5Pset_deflate(creation, 4);
      if (checksum) H5Pset_fletcher32(creation);
    };
  };
  const auto checksum_first = [](hid_t creation) {
    const hsize_t chunk[2] = {64, 6};
    H5Pset_chunk(creation, 2, chunk);
    H5Pset_fletcher32(creation);
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, 1);
  };
  for (const bool latest : {false, true}) {
    std::vector<std::string> names;
    {
      RawH5 raw(folder / "x.h5", latest);
      const auto add = [&](const std::function<void(hid_t)>& adjust) {
        names.push_back(fmt::format("x{}", names.size()));
        raw.dataset(names.back(), H5T_IEEE_F32LE, {1000, 6}, adjust, values.data());
      };
      for (const std::vector<hsize_t>& chunk :
           {std::vector<hsize_t>{64, 6}, {1, 6}, {1000, 6}, {300, 4}, {100, 1}, {77, 5}})
        for (const int filters : {0, 1, 2, 3, 4, 7}) add(with(chunk, filters & 1, filters & 2, filters & 4));
      add(checksum_first);
      add(test::plain);
    }
    const h5::ReadFile file(folder / "x.h5");
    for (const auto& name : names)
      for (const std::uint64_t piece : {1u, 50u, 64u, 333u, 1000u}) {
        SCOPED_TRACE(name + (latest ? " latest" : " earliest"));
        expect_column<float>(ColumnReader(file, name), values, piece);
      }
  }
}

TEST(ColumnReader, ReadsAnIndexOfManyLevels) {
  const TemporaryFolder folder;
  std::vector<std::uint16_t> values(20000);
  std::iota(values.begin(), values.end(), std::uint16_t{0});
  {
    RawH5 raw(folder / "x.h5");
    const auto small_chunks = [](hid_t creation) {
      const hsize_t chunk = 3;
      H5Pset_chunk(creation, 1, &chunk);
    };
    raw.dataset("x", H5T_STD_U16LE, {values.size()}, small_chunks, values.data());
  }
  expect_column<std::uint16_t>(ColumnReader(h5::ReadFile(folder / "x.h5"), "x"), values, 1000);
}

TEST(ColumnReader, ReadsUnalignedContiguousData) {
  const TemporaryFolder folder;
  const auto values = floats(1000);
  {
    RawH5 raw(folder / "x.h5");
    const auto early = [](hid_t creation) { H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY); };
    const std::vector<std::uint8_t> odd(2049, 1);
    raw.dataset("a", H5T_STD_U8LE, {odd.size()}, early, odd.data());
    raw.dataset("b", H5T_STD_U8LE, {odd.size()}, early, odd.data());
    raw.dataset("x", H5T_IEEE_F32LE, {values.size()}, early, values.data());
  }
  expect_column<float>(ColumnReader(h5::ReadFile(folder / "x.h5"), "x"), values, 100);
}

TEST(ColumnReader, ManyThreadsReadAtOnce) {
  const TemporaryFolder folder;
  const auto values = floats(200000);
  h5::WriteFile file(folder / "x.h5", {});
  file.column<float>({.name = "x", .type = h5::Type::f32}, values);
  file.close();
  const ColumnReader column(h5::ReadFile(folder / "x.h5"), "x");
  std::vector<std::thread> threads;
  for (const std::uint64_t piece : {100u, 4096u, 10000u, 30000u})
    threads.emplace_back([&, piece] { expect_column<float>(column, values, piece); });
  for (auto& thread : threads) thread.join();
}

TEST(ColumnReader, AWindowOutlivesItsReader) {
  const TemporaryFolder folder;
  const auto values = floats(20000);
  for (const int level : {0, 1}) {
    h5::WriteFile file(folder / "x.h5", {level, true});
    file.column<float>({.name = "x", .type = h5::Type::f32}, values);
    file.close();
    RowWindow window;
    {
      const ColumnReader column(h5::ReadFile(folder / "x.h5"), "x");
      window = column.read(10, 10);
    }
    std::filesystem::remove(folder / "x.h5");
    EXPECT_EQ(window.as<float>()[9], values[19]);
  }
}

/// Pages of files that are mapped in, and memory taken from the heap.
std::size_t held_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, resident = 0, of_files = 0;
  statm >> size >> resident >> of_files;
  const auto heap = ::mallinfo2();
  return of_files * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + heap.uordblks + heap.hblkhd;
}

TEST(ColumnReader, MemoryIsBoundedByTheWindowsAlive) {
  const TemporaryFolder folder;
  constexpr std::uint64_t rows = 2500000;
  constexpr std::size_t width = 32, piece = 10000;
  for (const int level : {0, 1}) {
    {
      const std::vector<float> some(piece * width, 1.0f);
      h5::WriteFile file(folder / "x.h5", {level, true});
      file.create({.name = "x", .type = h5::Type::f32, .width = width}, rows);
      for (std::uint64_t row = 0; row < rows; row += piece)
        file.write("x", row, piece, std::as_bytes(std::span(some)));
      file.close();
    }
    const ColumnReader column(h5::ReadFile(folder / "x.h5"), "x");
    const std::size_t before = held_bytes();
    std::size_t most = 0;
    float sum = 0;
    for (std::uint64_t row = 0; row < rows; row += piece) {
      const RowWindow window = column.read(row, piece);
      for (const float value : window.as<float>()) sum += value;
      most = std::max(most, held_bytes());
    }
    EXPECT_GT(sum, 0.0f);
    // 320 MB pass by in windows of 1.3 MB; a gzip reader keeps up to 16 MiB of chunks besides.
    EXPECT_LT(most, before + (std::size_t{48} << 20));
  }
}

}  // namespace
}  // namespace npo
