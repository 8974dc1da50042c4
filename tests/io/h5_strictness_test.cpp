#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "io/atomic_file.hpp"
#include "io/column_reader.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/raw_h5.hpp"
#include "tests/io/temporary_folder.hpp"

/// libhdf5 leaks where it gives up on a damaged header; the leak sanitizer, where there is one, must look at
/// ours alone.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}

namespace npo {
namespace {

using test::expect_error;
using test::plain;
using test::RawH5;
using test::TemporaryFolder;

/// Every way of reading must refuse dataset x of `path` with the same words.
void expect_refused(const std::filesystem::path& path, std::initializer_list<std::string> words,
                    const std::string& dataset = "x") {
  const h5::ReadFile file(path);
  expect_error(ErrorKind::bad_data, {path.filename(), dataset}, [&] { file.info(dataset); });
  expect_error(ErrorKind::bad_data, words, [&] { file.info(dataset); });
  expect_error(ErrorKind::bad_data, words, [&] { file.read_all<float>(dataset); });
  expect_error(ErrorKind::bad_data, words, [&] { ColumnReader(file, dataset); });
}

std::function<void(hid_t)> chunks_of(std::vector<hsize_t> chunk,
                                     const std::function<void(hid_t)>& more = plain) {
  return [=](hid_t creation) {
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    more(creation);
  };
}

TEST(H5Strictness, RefusesOtherTypes) {
  const TemporaryFolder folder;
  const double values[4] = {};
  const auto refuse_type = [&](hid_t type, const std::string& words) {
    {
      RawH5(folder / "x.h5").dataset("x", type, {2}, plain, H5Tis_variable_str(type) > 0 ? nullptr : values);
    }
    expect_refused(folder / "x.h5", {words, "does not read"});
  };
  refuse_type(H5T_STD_I32LE, "int32");
  refuse_type(H5T_STD_U32BE, "big-endian uint32");
  refuse_type(H5T_IEEE_F64BE, "big-endian float64");
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE);
  refuse_type(text, "variable-length text");
  const hid_t padded = H5Tcopy(H5T_C_S1);
  H5Tset_size(padded, 8);
  H5Tset_strpad(padded, H5T_STR_SPACEPAD);
  refuse_type(padded, "space-padded text");
  const hid_t compound = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(compound, "a", 0, H5T_STD_I32LE);
  refuse_type(compound, "a compound");
  const hid_t odd = H5Tcopy(H5T_STD_U32LE);
  H5Tset_precision(odd, 17);
  refuse_type(odd, "uint32");
}

TEST(H5Strictness, RefusesOtherRanks) {
  const TemporaryFolder folder;
  const float values[8] = {};
  {
    RawH5 raw(folder / "x.h5");
    raw.dataset("scalar", H5T_IEEE_F32LE, {}, plain, values);
    raw.dataset("four", H5T_IEEE_F32LE, {2, 2, 2, 1}, plain, values);
    raw.dataset("cube", H5T_IEEE_F32LE, {2, 2, 2}, plain, values);
    raw.dataset("cut", H5T_IEEE_F32LE, {2, 2, 2}, chunks_of({1, 1, 2}), values);
    raw.dataset("none", H5T_IEEE_F32LE, {2, 0}, plain, nullptr);
  }
  expect_refused(folder / "x.h5", {"rank 0"}, "scalar");
  expect_refused(folder / "x.h5", {"rank 4"}, "four");
  const h5::ReadFile file(folder / "x.h5");
  EXPECT_EQ(file.read_all<float>("cube").size(), 8u);
  expect_error(ErrorKind::bad_data, {"cube", "rank 3"}, [&] { ColumnReader(file, "cube"); });
  expect_error(ErrorKind::bad_data, {"cut", "cut its rows"}, [&] { file.info("cut"); });
  expect_refused(folder / "x.h5", {"rows of 0 values"}, "none");
}

TEST(H5Strictness, RefusesDataThatLiesElsewhere) {
  const TemporaryFolder folder;
  const float values[4] = {1, 2, 3, 4};
  { RawH5(folder / "other.h5").dataset("x", H5T_IEEE_F32LE, {4}, plain, values); }
  {
    RawH5 raw(folder / "x.h5");
    raw.dataset(
        "outside", H5T_IEEE_F32LE, {4},
        [&](hid_t creation) { H5Pset_external(creation, (folder / "x.raw").c_str(), 0, 16); }, values);
    raw.dataset(
        "virtual", H5T_IEEE_F32LE, {4},
        [&](hid_t creation) {
          const hsize_t size = 4;
          const hid_t space = H5Screate_simple(1, &size, nullptr);
          H5Pset_virtual(creation, space, (folder / "other.h5").c_str(), "x", space);
          H5Sclose(space);
        },
        nullptr);
    raw.dataset("here", H5T_IEEE_F32LE, {4}, plain, values);
    H5Lcreate_external((folder / "other.h5").c_str(), "x", raw.file, "linked", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external((folder / "other.h5").c_str(), "/", raw.file, "group", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("here", raw.file, "soft", H5P_DEFAULT, H5P_DEFAULT);
  }
  expect_refused(folder / "x.h5", {"in another file"}, "outside");
  expect_refused(folder / "x.h5", {"is virtual"}, "virtual");
  expect_refused(folder / "x.h5", {"link to another file"}, "linked");
  expect_refused(folder / "x.h5", {"link to another file", "'group'"}, "group/x");
  expect_refused(folder / "x.h5", {"a soft link"}, "soft");
  expect_error(ErrorKind::bad_data, {"link to another file"},
               [&] { h5::ReadFile(folder / "x.h5").has("group/x"); });
}

TEST(H5Strictness, RefusesOtherLayoutsAndFilters) {
  const TemporaryFolder folder;
  const std::vector<float> values(1000, 1.0f);
  {
    RawH5 raw(folder / "x.h5");
    raw.dataset(
        "compact", H5T_IEEE_F32LE, {1000}, [](hid_t c) { H5Pset_layout(c, H5D_COMPACT); }, values.data());
    raw.dataset("nbit", H5T_IEEE_F32LE, {1000}, chunks_of({100}, [](hid_t c) { H5Pset_nbit(c); }),
                values.data());
    raw.dataset("szip", H5T_IEEE_F32LE, {1000},
                chunks_of({100}, [](hid_t c) { H5Pset_scaleoffset(c, H5Z_SO_FLOAT_DSCALE, 2); }),
                values.data());
  }
  expect_refused(folder / "x.h5", {"compact layout"}, "compact");
  expect_refused(folder / "x.h5", {"filter 5"}, "nbit");
  expect_refused(folder / "x.h5", {"filter 6"}, "szip");
}

TEST(H5Strictness, RefusesDataThatWasNeverWritten) {
  const TemporaryFolder folder;
  {
    RawH5 raw(folder / "x.h5");
    raw.dataset("contiguous", H5T_IEEE_F32LE, {1000}, plain, nullptr);
    raw.dataset("chunked", H5T_IEEE_F32LE, {1000}, chunks_of({100}), nullptr);
    raw.dataset("huge", H5T_IEEE_F32LE, {hsize_t{1} << 40}, chunks_of({1 << 20}), nullptr);
  }
  expect_refused(folder / "x.h5", {"never written"}, "contiguous");
  expect_refused(folder / "x.h5", {"not all of it was written"}, "chunked");
  expect_refused(folder / "x.h5", {"not all of it was written"}, "huge");
}

TEST(H5Strictness, RefusesHugeChunks) {
  const TemporaryFolder folder;
  {
    const auto chunk = chunks_of({std::size_t{1} << 25}, [](hid_t c) { H5Pset_deflate(c, 1); });
    const std::vector<float> zeros(std::size_t{1} << 25);
    RawH5(folder / "x.h5").dataset("x", H5T_IEEE_F32LE, {zeros.size()}, chunk, zeros.data());
  }
  expect_refused(folder / "x.h5", {"above the limit of 64 MiB"});
}

TEST(H5Strictness, RefusesVariableLengthAttributes) {
  const TemporaryFolder folder;
  {
    RawH5 raw(folder / "x.h5");
    const hid_t text = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(text, H5T_VARIABLE);
    const hid_t id = H5Acreate2(raw.file, "format", text, space, H5P_DEFAULT, H5P_DEFAULT);
    const char* value = "npo.scenarios";
    H5Awrite(id, text, &value);
    H5Aclose(id);
  }
  expect_error(ErrorKind::bad_data, {"x.h5", "attribute format", "variable-length text", "numpy.bytes_"},
               [&] { h5::ReadFile(folder / "x.h5").require_format("npo.scenarios", 1); });
}

/// A dataset of `rows` rising numbers, and the bytes of its file.
std::string rising_file(const std::filesystem::path& path, std::size_t rows, int level) {
  std::vector<std::uint32_t> values(rows);
  for (std::size_t i = 0; i < rows; ++i) values[i] = static_cast<std::uint32_t>(i * 2654435761u);
  h5::WriteFile file(path, {level, true});
  file.column<std::uint32_t>({.name = "x", .type = h5::Type::u32}, values);
  file.close();
  return read_text(path);
}

void read_everything(const std::filesystem::path& path) {
  const ColumnReader column(h5::ReadFile(path), "x");
  for (std::uint64_t row = 0; row < column.rows(); row += 1000)
    column.read(row, std::min<std::uint64_t>(1000, column.rows() - row));
}

TEST(H5Strictness, ATruncatedFileIsAnErrorAtEveryLength) {
  const TemporaryFolder folder;
  for (const int level : {0, 1}) {
    const std::string whole = rising_file(folder / "whole.h5", 20000, level);
    for (std::size_t length = 0; length < whole.size(); length += whole.size() / 50 + 1) {
      std::ofstream(folder / "cut.h5", std::ios::binary) << whole.substr(0, length);
      expect_error(ErrorKind::bad_data, {"cut.h5"}, [&] { read_everything(folder / "cut.h5"); });
    }
  }
}

TEST(H5Strictness, AFileCutWhileOpenIsAnErrorNotASignal) {
  const TemporaryFolder folder;
  for (const int level : {0, 1}) {
    rising_file(folder / "x.h5", 400000, level);
    const ColumnReader column(h5::ReadFile(folder / "x.h5"), "x");
    std::filesystem::resize_file(folder / "x.h5", 4096);
    for (const std::uint64_t rows : {1000u, 200000u})  // copied and mapped windows
      expect_error(ErrorKind::bad_data, {"x.h5", "dataset x"}, [&] {
        const RowWindow window = column.read(100000, rows);
        EXPECT_EQ(window.as<std::uint32_t>()[rows - 1], 0u);
      });
  }
}

TEST(H5Strictness, ADamagedChunkIsNamed) {
  const TemporaryFolder folder;
  std::string bytes = rising_file(folder / "x.h5", 40000, 1);
  // Chunks follow each other; the middle of the file lies within the second of three.
  for (std::size_t i = 0; i < 64; ++i)
    bytes[bytes.size() / 2 + i] = static_cast<char>(~bytes[bytes.size() / 2 + i]);
  std::ofstream(folder / "x.h5", std::ios::binary) << bytes;
  const ColumnReader column(h5::ReadFile(folder / "x.h5"), "x");
  EXPECT_EQ(column.read(0, 100).bytes().size(), 400u);
  for (int attempt = 0; attempt < 2; ++attempt)
    expect_error(ErrorKind::bad_data, {"x.h5", "dataset x", "chunk 1 (row 16384)", "does not decompress"},
                 [&] { column.read(20000, 100); });
}

TEST(H5Strictness, AWrongChecksumIsNamed) {
  const TemporaryFolder folder;
  std::vector<std::uint32_t> values(1001, 0x01020304);
  {
    const auto with_checksum = chunks_of({101}, [](hid_t creation) { H5Pset_fletcher32(creation); });
    RawH5(folder / "x.h5").dataset("x", H5T_STD_U32LE, {values.size()}, with_checksum, values.data());
  }
  read_everything(folder / "x.h5");
  std::string bytes = read_text(folder / "x.h5");
  const std::size_t at = bytes.rfind("\x04\x03\x02\x01");
  bytes[at + 1] = 'x';
  std::ofstream(folder / "x.h5", std::ios::binary) << bytes;
  expect_error(ErrorKind::bad_data, {"x.h5", "dataset x", "chunk", "does not match its checksum"},
               [&] { read_everything(folder / "x.h5"); });
}

/// Flips bytes all over the file: whatever happens, it must be an Error or other values, never a crash or a
/// hang.
TEST(H5Strictness, DamageAnywhereIsSurvived) {
  const TemporaryFolder folder;
  for (const int level : {0, 1}) {
    const std::string whole = rising_file(folder / "whole.h5", 100, level);
    int refused = 0;
    for (std::size_t at = 0; at < whole.size(); at += 7) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ 0xff);
      std::ofstream(folder / "x.h5", std::ios::binary) << bytes;
      try {
        read_everything(folder / "x.h5");
      } catch (const Error&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, 20);
  }
}

}  // namespace
}  // namespace npo
