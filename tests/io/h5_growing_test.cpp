#include <gtest/gtest.h>

#include <numeric>

#include "io/column_reader.hpp"
#include "io/h5_file.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo::h5 {
namespace {

using npo::test::expect_error;
using npo::test::TemporaryFolder;

ColumnSpec spec_of(std::size_t width) {
  ColumnSpec spec;
  spec.name = "table/value";
  spec.type = Type::f32;
  spec.width = width;
  return spec;
}

std::vector<float> counting(std::size_t values) {
  std::vector<float> all(values);
  std::iota(all.begin(), all.end(), 0.0f);
  return all;
}

TEST(H5Growing, KeepsRowsAppendedInPiecesOfAnyLength) {
  const TemporaryFolder folder;
  for (const int level : {0, 1})
    for (const std::size_t width : {1, 3})
      for (const std::size_t rows : {0, 1, 16'384, 50'000})
        for (const std::size_t piece : {999, 16'384, 50'000}) {
          const std::vector<float> values = counting(rows * width);
          WriteFile file(folder / "file.h5", {.gzip_level = level});
          file.create_growing(spec_of(width));
          for (std::size_t first = 0; first < rows; first += piece)
            file.append("table/value", std::as_bytes(std::span(values).subspan(
                                           first * width, std::min(piece, rows - first) * width)));
          file.close();
          const ReadFile written(folder / "file.h5");
          EXPECT_EQ(written.info("table/value").dims.front(), rows);
          EXPECT_EQ(written.read_all<float>("table/value"), values);
          const RowWindow window = ColumnReader(written, "table/value").read(0, rows);
          EXPECT_TRUE(std::ranges::equal(window.as<float>(), values));
        }
}

TEST(H5Growing, RefusesHalfARowAndColumnsOfFixedLength) {
  const TemporaryFolder folder;
  WriteFile file(folder / "file.h5", {});
  file.create_growing(spec_of(3));
  const std::vector<float> values(4);
  expect_error(ErrorKind::internal, {"16 bytes", "table/value"},
               [&] { file.append("table/value", std::as_bytes(std::span(values))); });
  ColumnSpec fixed = spec_of(1);
  fixed.name = "fixed";
  file.create(fixed, 10);
  expect_error(ErrorKind::internal, {"fixed"},
               [&] { file.append("fixed", std::as_bytes(std::span(values))); });
}

}  // namespace
}  // namespace npo::h5
