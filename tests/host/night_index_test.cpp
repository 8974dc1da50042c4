#include "host/night_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

#include "kernels/vocabulary.hpp"
#include "tests/host/fit_samples.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using Ids = std::vector<std::uint64_t>;

/// A night behind 1000 rows of another one. Keeps how much was read at a time, and altogether.
class NightOfTable {
 public:
  explicit NightOfTable(const Ids& table)
      : table_(table),
        index_(IdType{}, {0, before, table.size()}, [this](std::uint64_t first, std::uint64_t count) {
          largest_read_ = std::max(largest_read_, count);
          rows_read_ += count;
          const auto from = table_.begin() + static_cast<std::ptrdiff_t>(first - before);
          return Ids(from, from + static_cast<std::ptrdiff_t>(count));
        }) {}

  Ids find(const Ids& ids) const {
    Ids row(ids.size());
    index_.find(view_of_ids(ids, IdType{}), row);
    return row;
  }
  Ids expected(const Ids& ids) const {
    Ids row;
    for (const std::uint64_t id : ids) {
      const auto at = std::ranges::lower_bound(table_, id);
      const bool there = at != table_.end() && *at == id;
      row.push_back(there ? before + static_cast<std::uint64_t>(at - table_.begin()) : NightIndex::absent);
    }
    return row;
  }
  std::uint64_t tiles() const { return (table_.size() + tile_rows - 1) / tile_rows; }
  std::uint64_t largest_read() const { return largest_read_; }
  std::uint64_t rows_read() const { return rows_read_; }

 private:
  static constexpr std::uint64_t before = 1000;
  Ids table_;
  std::uint64_t largest_read_ = 0, rows_read_ = 0;
  NightIndex index_;
};

/// Ids 100, 103, 106, ... with a wide gap before every tile, the last tile not full.
Ids gapped_table(std::size_t rows) {
  Ids table;
  for (std::size_t row = 0; row < rows; ++row) table.push_back(100 + 3 * row + 1000 * (row / tile_rows));
  return table;
}

Ids every(std::size_t step, const Ids& table) {
  Ids ids;
  for (std::size_t row = 0; row < table.size(); row += step) ids.push_back(table[row]);
  return ids;
}

TEST(NightIndex, FindsTheSameForDenseAndSparseIds) {
  const Ids table = gapped_table(20 * tile_rows + 7);
  std::mt19937_64 bits(3);
  for (const std::size_t step : {1u, 2u, 100u, 5000u, 40'000u}) {
    Ids ids = every(step, table);
    for (std::size_t i = 0; i < ids.size() / 4; ++i) ids.push_back(bits() % (table.back() + 1000));
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    const NightOfTable night(table);
    EXPECT_EQ(night.find(ids), night.expected(ids)) << step;
  }
}

TEST(NightIndex, IdsBeforeBetweenAndBehindTilesAreAbsent) {
  const Ids table = gapped_table(3 * tile_rows);
  const Ids ids{0,
                99,
                100,
                table[tile_rows - 1],
                table[tile_rows - 1] + 1,
                table[tile_rows] - 1,
                table[tile_rows],
                table[2 * tile_rows] - 1,
                table.back(),
                table.back() + 1,
                ~std::uint64_t{0}};
  const NightOfTable night(table);
  EXPECT_EQ(night.find(ids), night.expected(ids));
  EXPECT_EQ(night.find({}), Ids{});
  EXPECT_EQ(NightOfTable({}).find({5}), Ids{NightIndex::absent});
}

/// A few learned scenarios spread over a long night.
TEST(NightIndex, ReadsOnlyTheTilesThatIdsFallInto) {
  const Ids table = gapped_table(200 * tile_rows);
  const Ids ids = every(50 * tile_rows + 11, table);
  const NightOfTable night(table);
  EXPECT_EQ(night.find(ids), night.expected(ids));
  EXPECT_LE(night.largest_read(), tile_rows);
  EXPECT_EQ(night.rows_read(), ids.size() * tile_rows + night.tiles());
}

/// Neither does a dense state read a tile twice.
TEST(NightIndex, ReadsATileOnceForAllItsIds) {
  const Ids table = gapped_table(20 * tile_rows);
  const NightOfTable night(table);
  EXPECT_EQ(night.find(table), night.expected(table));
  EXPECT_LE(night.largest_read(), tile_rows);
  EXPECT_EQ(night.rows_read(), table.size() + night.tiles());
}

/// Ids of a scenario file, on a night that is not its first.
TEST(NightIndex, FindsRowsOfAFile) {
  const test::TemporaryFolder folder;
  const test::ScenarioExample example = test::labelled_example(2, 5000);
  example.write(folder / "s.h5");
  const ScenarioFile file(folder / "s.h5");
  const Night night = file.header().nights.at(1);
  const auto words = id_words(file.header().id, file.stored_ids(night.first_row, night.rows).bytes());
  Ids row(night.rows);
  NightIndex(file, night).find(view_of_ids(words, file.header().id), row);
  for (std::size_t i = 0; i < row.size(); ++i) ASSERT_EQ(row[i], night.first_row + i);
}

}  // namespace
}  // namespace npo
