#include "io/digest.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

std::vector<std::byte> random_bytes(std::size_t count) {
  std::mt19937_64 random(11);
  std::vector<std::byte> bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

Digest digest_in_pieces(std::span<const std::byte> bytes, std::size_t row_bytes, std::size_t piece_rows) {
  ColumnDigest digest(row_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += piece_rows * row_bytes)
    digest.add(bytes.subspan(at, std::min(piece_rows * row_bytes, bytes.size() - at)));
  return digest.finish();
}

TEST(Digest, IsXxh3OfTheBytes) {
  // The published XXH3-128 of no bytes.
  EXPECT_EQ(to_hex(digest_text("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hash_name(""), 0x2d06800538d394c2u);
}

TEST(Digest, HexGoesThereAndBack) {
  const Digest digest{0x0123456789abcdefu, 0xfedcba9876543210u};
  EXPECT_EQ(to_hex(digest), "fedcba98765432100123456789abcdef");
  EXPECT_EQ(digest_from_hex(to_hex(digest)), digest);
  for (const char* wrong : {"", "12", "FEDCBA98765432100123456789abcdef", "fedcba98765432100123456789abcdeg"})
    test::expect_error(ErrorKind::bad_data, {"32 lower-case hex digits"}, [&] { digest_from_hex(wrong); });
}

TEST(Digest, ColumnDoesNotDependOnPieces) {
  for (const std::size_t row_bytes : {1u, 4u, 24u}) {
    const auto bytes = random_bytes(row_bytes * 20011);
    const Digest whole = digest_in_pieces(bytes, row_bytes, 20011);
    for (const std::size_t piece : {1u, 7u, 64u, 4095u, 4096u, 4097u, 8192u, 20010u})
      EXPECT_EQ(digest_in_pieces(bytes, row_bytes, piece), whole) << piece;
  }
}

TEST(Digest, ColumnSeesEveryBitRowAndWidth) {
  auto bytes = random_bytes(8 * 5000);
  const Digest before = digest_in_pieces(bytes, 8, 100);
  EXPECT_NE(digest_in_pieces(bytes, 4, 100), before);
  EXPECT_NE(digest_in_pieces(std::span(bytes).first(8 * 4999), 8, 100), before);
  bytes[39999] ^= std::byte{1};
  EXPECT_NE(digest_in_pieces(bytes, 8, 100), before);
}

TEST(Digest, ListSeesOrderAndBorders) {
  const auto list = [](std::initializer_list<std::pair<const char*, const char*>> items) {
    DigestList digests;
    for (const auto& [name, text] : items) digests.add(name, std::string_view(text));
    return digests.finish();
  };
  EXPECT_NE(list({{"a", "1"}, {"b", "2"}}), list({{"b", "2"}, {"a", "1"}}));
  EXPECT_NE(list({{"a", "1"}, {"b", "2"}}), list({{"a", "1\n1:b=1:2"}}));
  EXPECT_NE(list({{"ab", "c"}}), list({{"a", "bc"}}));
}

}  // namespace
}  // namespace npo
