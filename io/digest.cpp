#include "io/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <new>
#include <utility>

#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

Digest from_xxh(XXH128_hash_t hash) {
  return {hash.low64, hash.high64};
}

/// A running XXH3-128.
class RunningHash {
 public:
  RunningHash() : state_(XXH3_createState()) {
    if (!state_) throw std::bad_alloc();
    reset();
  }
  void reset() { XXH3_128bits_reset(state_.get()); }
  void add(const void* data, std::size_t bytes) { XXH3_128bits_update(state_.get(), data, bytes); }
  void add(Digest digest) {
    const std::uint64_t words[2] = {digest.lo, digest.hi};
    add(words, sizeof words);
  }
  Digest value() const { return from_xxh(XXH3_128bits_digest(state_.get())); }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

}  // namespace

std::string to_hex(Digest digest) {
  return fmt::format("{:016x}{:016x}", digest.hi, digest.lo);
}

Digest digest_from_hex(std::string_view hex) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (hex.size() != 32 || !std::all_of(hex.begin(), hex.end(), is_hex))
    throw Error(ErrorKind::bad_data, fmt::format("'{}' is not a digest of 32 lower-case hex digits", hex));
  Digest digest;
  std::from_chars(hex.data(), hex.data() + 16, digest.hi, 16);
  std::from_chars(hex.data() + 16, hex.data() + 32, digest.lo, 16);
  return digest;
}

Digest digest_bytes(std::span<const std::byte> bytes) {
  return from_xxh(XXH3_128bits(bytes.data(), bytes.size()));
}

Digest digest_text(std::string_view text) {
  return digest_bytes(std::as_bytes(std::span(text)));
}

std::uint64_t hash_name(std::string_view name) {
  return XXH3_64bits(name.data(), name.size());
}

struct ColumnDigest::Impl {
  std::size_t row_bytes, tile_bytes;
  std::uint64_t total_bytes = 0;
  std::size_t tile_filled = 0;
  RunningHash tile, column;
};

ColumnDigest::ColumnDigest(std::size_t row_bytes)
    : impl_(new Impl{.row_bytes = row_bytes, .tile_bytes = row_bytes * tile_rows, .tile = {}, .column = {}}) {
}
ColumnDigest::~ColumnDigest() {
  delete impl_;
}
ColumnDigest::ColumnDigest(ColumnDigest&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
ColumnDigest& ColumnDigest::operator=(ColumnDigest&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}

void ColumnDigest::add(std::span<const std::byte> rows) {
  auto& s = *impl_;
  s.total_bytes += rows.size();
  while (!rows.empty()) {
    const auto piece = rows.first(std::min(rows.size(), s.tile_bytes - s.tile_filled));
    rows = rows.subspan(piece.size());
    if (piece.size() == s.tile_bytes) {
      s.column.add(digest_bytes(piece));
      continue;
    }
    s.tile.add(piece.data(), piece.size());
    s.tile_filled += piece.size();
    if (s.tile_filled < s.tile_bytes) continue;
    s.column.add(s.tile.value());
    s.tile.reset();
    s.tile_filled = 0;
  }
}

Digest ColumnDigest::finish() {
  auto& s = *impl_;
  if (s.tile_filled > 0) s.column.add(s.tile.value());
  s.column.add(Digest{s.row_bytes, s.total_bytes});
  return s.column.value();
}

void DigestList::add(std::string_view name, Digest digest) {
  add(name, to_hex(digest));
}

void DigestList::add(std::string_view name, std::string_view text) {
  text_ += fmt::format("{}:{}={}:{}\n", name.size(), name, text.size(), text);
}

Digest DigestList::finish() const {
  return digest_text(text_);
}

}  // namespace npo
