#include "kernels/joint_words.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

/// Which bits of a try are independent. Words are shared out by shifts and exclusive ors, so that each bit of
/// the result is a sum over GF(2) of bits of the words; bits are independent and fair exactly if those sums
/// are linearly independent. So a rank says what no sample could.
namespace npo {
namespace {

using L = lane::Scalar;

/// One bit of a try, as the set of the words' bits that it is the sum of.
using BitSum = std::vector<std::uint32_t>;

std::size_t rank(std::vector<BitSum> rows) {
  std::size_t found = 0;
  const std::size_t words = rows.empty() ? 0 : rows.front().size();
  for (std::size_t column = 0; column < 32 * words; ++column) {
    const auto has = [&](const BitSum& row) { return row[column / 32] >> column % 32 & 1u; };
    std::size_t pivot = found;
    while (pivot < rows.size() && !has(rows[pivot])) ++pivot;
    if (pivot == rows.size()) continue;
    std::swap(rows[found], rows[pivot]);
    for (std::size_t i = found + 1; i < rows.size(); ++i)
      if (has(rows[i]))
        for (std::size_t w = 0; w < words; ++w) rows[i][w] ^= rows[found][w];
    ++found;
  }
  return found;
}

template <int K, int uniforms>
class Sharing {
 public:
  static constexpr std::size_t words = joint_word_count<K, uniforms>;
  static constexpr std::size_t values = uniforms + K;  ///< the uniforms, then the angles

  Sharing() : changes_(values, std::vector<std::uint32_t>(32 * words)) {
    for (std::size_t bit = 0; bit < 32 * words; ++bit) {
      std::array<std::uint32_t, words> unit{};
      unit[bit / 32] = 1u << bit % 32;
      const JointWords<L, K> shared = joint_words<L, K, uniforms>(unit.data());
      for (std::size_t k = 0; k < K; ++k) {
        changes_[k][bit] = shared.radius[k];
        changes_[uniforms + k][bit] = shared.angle[k];
      }
      changes_[K][bit] = shared.acceptance;
      for (std::size_t i = K + 1; i < uniforms; ++i) changes_[i][bit] = unit[i];
    }
  }

  /// The top bits of a value.
  void add_top(std::size_t value, std::uint32_t bits, std::vector<BitSum>& rows) const {
    for (std::uint32_t b = 32 - bits; b < 32; ++b) {
      BitSum row(words);
      for (std::size_t bit = 0; bit < 32 * words; ++bit)
        row[bit / 32] |= (changes_[value][bit] >> b & 1u) << bit % 32;
      rows.push_back(row);
    }
  }

 private:
  std::vector<std::vector<std::uint32_t>> changes_;  ///< of each value by each bit of the words
};

template <int K, int uniforms>
void expect_independent() {
  const Sharing<K, uniforms> sharing;
  std::vector<BitSum> rows;
  for (std::size_t i = 0; i < uniforms; ++i) sharing.add_top(i, 24, rows);
  for (std::size_t k = 0; k < K; ++k) sharing.add_top(uniforms + k, 16, rows);
  EXPECT_EQ(rows.size(), 24u * uniforms + 16u * K);
  EXPECT_EQ(rank(rows), rows.size()) << K << " arms, " << uniforms << " uniforms";
  for (std::size_t k = 0; k < K; ++k) {
    std::vector<BitSum> own;
    sharing.add_top(k, 32, own);
    sharing.add_top(K, 24, own);
    sharing.add_top(uniforms + k, 16, own);
    EXPECT_EQ(rank(own), own.size()) << "arm " << k << " of " << K << ", " << uniforms << " uniforms";
  }
}

template <int... i>
void expect_all_independent(std::integer_sequence<int, i...>) {
  (expect_independent<i + 2, i + 4>(), ...);
  (expect_independent<i + 3, i + 4>(), ...);
}

TEST(JointWords, RadiiOf24BitsAnglesOf16AndTheRestAreIndependent) {
  expect_all_independent(std::make_integer_sequence<int, 9>{});
}

TEST(JointWords, FewWordsAreEnough) {
  EXPECT_EQ((joint_word_count<2, 4>), 4);
  EXPECT_EQ((joint_word_count<5, 7>), 8);
  EXPECT_EQ((joint_word_count<5, 6>), 7);
  EXPECT_EQ((joint_word_count<10, 12>), 14);
}

TEST(JointWords, ARankSeesABitThatServesTwice) {
  const Sharing<5, 7> sharing;
  std::vector<BitSum> rows;
  sharing.add_top(0, 25, rows);  // the last of them is a bit of the third arm's angle
  sharing.add_top(3, 24, rows);
  sharing.add_top(7 + 2, 16, rows);
  EXPECT_EQ(rank(rows), rows.size() - 1);
}

}  // namespace
}  // namespace npo
