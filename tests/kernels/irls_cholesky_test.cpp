#include "kernels/irls_cholesky.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/irls_gram.hpp"
#include "tests/kernels/irls_table.hpp"

namespace npo::irls {
namespace {

double uniform(std::mt19937& bits) {
  return static_cast<double>(bits()) * 0x1p-32 - 0.5;
}

SymmetricMatrix random_definite(std::size_t side, unsigned seed) {
  std::mt19937 bits(seed);
  SymmetricMatrix a(side);
  for (std::size_t i = 0; i < side; ++i)
    for (std::size_t j = i; j < side; ++j) a.row(i)[j] = i == j ? static_cast<double>(side) : uniform(bits);
  return a;
}

/// Against the plain triple loop, over sides around the block of 64; both round differently, hence 1e-12 of
/// side.
TEST(Cholesky, FactorsLikeThePlainAlgorithm) {
  for (const std::size_t side : {8u, 56u, 64u, 72u, 200u}) {
    const auto a = random_definite(side, 1);
    auto u = a;
    ASSERT_EQ(factor_cholesky(u, threaded(2)), side);
    for (std::size_t i = 0; i < side; ++i)
      for (std::size_t j = i; j < side; ++j) {
        double product = 0.0;
        for (std::size_t k = 0; k <= i; ++k) product += u.row(k)[i] * u.row(k)[j];
        EXPECT_NEAR(product, a.row(i)[j], 1e-12 * static_cast<double>(side)) << side << ' ' << i << ' ' << j;
      }
  }
}

TEST(Cholesky, SolvesWhatWasMultiplied) {
  const std::size_t side = 136;
  auto a = random_definite(side, 2);
  std::vector<double> x(side), b(side);
  std::mt19937 bits(3);
  for (double& entry : x) entry = uniform(bits);
  for (std::size_t i = 0; i < side; ++i)
    for (std::size_t j = 0; j < side; ++j) b[i] += (i <= j ? a.row(i)[j] : a.row(j)[i]) * x[j];
  ASSERT_EQ(factor_cholesky(a, threaded(1)), side);
  const auto solved = solve_cholesky(a, b);
  for (std::size_t i = 0; i < side; ++i) EXPECT_NEAR(solved[i], x[i], 1e-12);
}

TEST(Cholesky, NamesTheFirstLostPivot) {
  auto a = random_definite(80, 4);
  for (std::size_t i = 0; i < 80; ++i)
    (i <= 70 ? a.row(i)[70] : a.row(70)[i]) = i <= 5 ? a.row(i)[5] : a.row(5)[i];
  a.row(70)[70] = a.row(5)[5];  // row and column 70 now repeat 5
  a.row(5)[70] = a.row(5)[5];
  EXPECT_EQ(factor_cholesky(a, threaded(2)), 70u);
}

TEST(Cholesky, SameBitsForAnyNumberOfThreads) {
  auto one = random_definite(328, 5), three = one;
  factor_cholesky(one, threaded(1));
  factor_cholesky(three, threaded(3));
  for (std::size_t i = 0; i < 328; ++i)
    for (std::size_t j = i; j < 328; ++j) ASSERT_EQ(one.row(i)[j], three.row(i)[j]);
}

/// Each entry is one chain of fused multiply-adds in row order, to the bit.
TEST(Gram, IsOneChainInRowOrder) {
  Panels z(700, 90);
  std::mt19937 bits(6);
  for (std::size_t row = 0; row < 700; ++row)
    for (std::size_t c = 0; c < 90; ++c) z.at(row, c) = uniform(bits);
  for (const BlockIndex block : upper_blocks(z.panels())) {
    std::vector<double> out(block_columns * block_columns);
    gram_block(z, block, out.data());
    for (std::size_t i = 0; i < block_columns; i += 7)
      for (std::size_t j = i; j < block_columns; j += 5) {
        const std::size_t left = block.row * block_columns + i, right = block.column * block_columns + j;
        if (left >= 90 || right >= 90) continue;
        double chain = 0.0;
        for (std::size_t row = 0; row < 700; ++row)
          chain = std::fma(z.at(row, left), z.at(row, right), chain);
        ASSERT_EQ(out[i * block_columns + j], chain);
      }
  }
}

}  // namespace
}  // namespace npo::irls
