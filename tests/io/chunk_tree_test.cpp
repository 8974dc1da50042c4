#include "io/chunk_tree.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "io/atomic_file.hpp"
#include "io/h5_handle.hpp"
#include "tests/io/raw_h5.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo::h5 {
namespace {

using test::RawH5;
using test::TemporaryFolder;

using Places =
    std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>>;  ///< first row -> offset, bytes

/// A dataset of 5,000 rows in chunks of 10, so that the tree has levels: 32 to 64 entries fit a node.
void write_with_library(const std::filesystem::path& path) {
  std::vector<std::uint32_t> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint32_t>(i * 2654435761u);
  const auto small_chunks = [](hid_t creation) {
    const hsize_t chunk = 10;
    H5Pset_chunk(creation, 1, &chunk);
    H5Pset_deflate(creation, 1);
  };
  RawH5(path).dataset("x", H5T_STD_U32LE, {values.size()}, small_chunks, values.data());
}

/// 40 chunks by our own writer, in an object header of version 2 that continues elsewhere.
void write_with_npo(const std::filesystem::path& path) {
  WriteFile file(path, {});
  std::vector<std::uint32_t> values(40 * 16384);
  file.column<std::uint32_t>(
      {.name = "x", .type = Type::u32, .units = "1", .long_name = std::string(3000, 'n')}, values);
  file.close();
}

std::uint64_t header_of(const ReadFile& file) {
  H5O_info_t info;
  EXPECT_GE(H5Oget_info_by_name2(file.handle(), "x", &info, H5O_INFO_BASIC, H5P_DEFAULT), 0);
  return info.addr;
}

Places places_by_library(const ReadFile& file) {
  Places places;
  const Handle dataset(H5Dopen2(file.handle(), "x", H5P_DEFAULT), H5Dclose);
  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  hsize_t count = 0, row = 0, bytes = 0;
  haddr_t offset = 0;
  unsigned skipped = 0;
  H5Dget_num_chunks(dataset.get(), space.get(), &count);
  for (hsize_t i = 0; i < count; ++i) {
    EXPECT_GE(H5Dget_chunk_info(dataset.get(), space.get(), i, &row, &skipped, &offset, &bytes), 0);
    places[row] = {offset, bytes};
  }
  return places;
}

TEST(ChunkTree, AgreesWithTheLibrary) {
  const TemporaryFolder folder;
  for (const auto write : {write_with_library, write_with_npo}) {
    write(folder / "x.h5");
    const ReadFile file(folder / "x.h5");
    const RawFile raw(file);
    const auto root = find_chunk_tree(raw, header_of(file), 1);
    ASSERT_TRUE(root);
    Places places;
    EXPECT_TRUE(visit_chunk_tree(raw, *root, 1, [&](const TreeEntry& entry) {
      places[entry.coordinates[0]] = {entry.offset, entry.bytes};
      return true;
    }));
    EXPECT_EQ(places, places_by_library(file));
    EXPECT_GE(places.size(), 40u);
  }
}

TEST(ChunkTree, StopsWhenItsVisitorDoes) {
  const TemporaryFolder folder;
  write_with_library(folder / "x.h5");
  const ReadFile file(folder / "x.h5");
  const RawFile raw(file);
  int seen = 0;
  EXPECT_FALSE(visit_chunk_tree(raw, *find_chunk_tree(raw, header_of(file), 1), 1,
                                [&](const TreeEntry&) { return ++seen < 7; }));
  EXPECT_EQ(seen, 7);
}

TEST(ChunkTree, EndsOnDamage) {
  const TemporaryFolder folder;
  write_with_library(folder / "x.h5");
  std::uint64_t root = 0;
  {
    const ReadFile file(folder / "x.h5");
    root = *find_chunk_tree(RawFile(file), header_of(file), 1);
  }
  const std::string whole = read_text(folder / "x.h5");
  const auto walks = [&](std::size_t at, std::string_view bytes) {
    std::string changed = whole;
    changed.replace(at, bytes.size(), bytes);
    std::ofstream(folder / "y.h5", std::ios::binary) << changed;
    // The library never sees the damage: the walk reads the file past it.
    const ReadFile file(folder / "y.h5");
    std::uint64_t chunks = 0;
    const bool sound =
        visit_chunk_tree(RawFile(file), root, 1, [&](const TreeEntry&) { return ++chunks < 100000; });
    return sound && chunks == 500;
  };
  constexpr std::size_t level = 5, entries = 6, first_child = 24 + 24;
  EXPECT_TRUE(walks(root, "TREE"));
  EXPECT_FALSE(walks(root, "FREE"));
  EXPECT_FALSE(walks(root + level, "\x05"));
  EXPECT_FALSE(walks(root + entries, "\xff\xff"));
  const std::string itself(reinterpret_cast<const char*>(&root), sizeof root);
  EXPECT_FALSE(walks(root + first_child, itself)) << "a tree that bites its tail";
  EXPECT_FALSE(walks(root + first_child, std::string(8, '\x7f'))) << "a child beyond the end of the file";
}

TEST(ChunkTree, IsNotFoundWhereThereIsNone) {
  const TemporaryFolder folder;
  const float value = 1;
  { RawH5(folder / "x.h5").dataset("x", H5T_IEEE_F32LE, {1}, test::plain, &value); }
  const ReadFile file(folder / "x.h5");
  EXPECT_FALSE(find_chunk_tree(RawFile(file), header_of(file), 1));
  EXPECT_FALSE(find_chunk_tree(RawFile(file), 1 << 30, 1));
}

}  // namespace
}  // namespace npo::h5
