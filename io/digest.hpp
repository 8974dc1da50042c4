#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace npo {

/// 128-bit content hash (XXH3).
struct Digest {
  std::uint64_t lo = 0, hi = 0;
  bool operator==(const Digest&) const = default;
};

/// 32 lower-case hex digits, and back; Error(bad_data) on anything else.
std::string to_hex(Digest digest);
Digest digest_from_hex(std::string_view hex);

Digest digest_bytes(std::span<const std::byte> bytes);
Digest digest_text(std::string_view text);

/// 64-bit hash of a name, the Philox entity of a fleet.
std::uint64_t hash_name(std::string_view name);

/// Content digest of a column: a hash over the hashes of its 4096-row tiles by global row, so that it does
/// not depend on how rows were cut into shards, batches or chunks, nor on compression. Rows are fed in order,
/// in pieces of any length.
class ColumnDigest {
 public:
  explicit ColumnDigest(std::size_t row_bytes);
  ~ColumnDigest();
  ColumnDigest(ColumnDigest&&) noexcept;
  ColumnDigest& operator=(ColumnDigest&&) noexcept;
  void add(std::span<const std::byte> rows);
  Digest finish();

 private:
  struct Impl;
  Impl* impl_;
};

/// Order-sensitive combination of named digests, for files and folders of several columns.
class DigestList {
 public:
  void add(std::string_view name, Digest digest);
  void add(std::string_view name, std::string_view text);
  Digest finish() const;

 private:
  std::string text_;
};

}  // namespace npo
