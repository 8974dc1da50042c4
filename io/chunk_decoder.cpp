#include "io/chunk_decoder.hpp"

#include <algorithm>
#include <cstring>

#include "io/deflate.hpp"
#include "io/shuffle.hpp"

namespace npo::h5 {
namespace {

constexpr std::size_t checksum_bytes = 4;

}  // namespace

std::uint32_t fletcher32(std::span<const std::byte> bytes) {
  std::uint32_t first = 0, second = 0;
  const auto fold = [](std::uint32_t sum) { return (sum & 0xffff) + (sum >> 16); };
  const auto byte_at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  constexpr std::size_t words_before_overflow = 360;
  std::size_t at = 0;
  while (at + 1 < bytes.size()) {
    const std::size_t end = std::min(bytes.size() - 1, at + 2 * words_before_overflow);
    for (; at < end; at += 2) {
      first += byte_at(at) << 8 | byte_at(at + 1);
      second += first;
    }
    first = fold(first);
    second = fold(second);
  }
  if (at < bytes.size()) {
    first += byte_at(at) << 8;
    second += first;
    first = fold(first);
    second = fold(second);
  }
  return fold(second) << 16 | fold(first);
}

ChunkDecoder::ChunkDecoder(std::vector<int> filters, std::size_t value_bytes, std::size_t chunk_bytes)
    : filters_(std::move(filters)), value_bytes_(value_bytes), chunk_bytes_(chunk_bytes) {}

std::vector<std::size_t> ChunkDecoder::sizes_before(std::uint32_t skipped) const {
  std::vector<std::size_t> sizes;
  std::size_t size = chunk_bytes_;
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    sizes.push_back(size);
    if (filters_[i] == H5Z_FILTER_FLETCHER32 && !(skipped >> i & 1)) size += checksum_bytes;
  }
  return sizes;
}

std::optional<const char*> ChunkDecoder::decode(const RawFile& raw, const ChunkPlace& place, Scratch& scratch,
                                                std::span<std::byte> out) const {
  // Deflate adds at most a few bytes in ten thousand to what it cannot shrink.
  if (place.bytes > chunk_bytes_ + chunk_bytes_ / 100 + 1024) return "is larger than its values";
  const auto stored = scratch.stored.room(place.bytes);
  if (!raw.read(place.offset, stored)) return "lies beyond the end of the file";
  const auto sizes = sizes_before(place.skipped_filters);
  std::span<const std::byte> bytes = stored;
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if (place.skipped_filters >> i & 1) continue;
    if (filters_[i] == H5Z_FILTER_FLETCHER32) {
      if (bytes.size() < checksum_bytes) return "is too short for its checksum";
      std::uint32_t promised;
      std::memcpy(&promised, bytes.last(checksum_bytes).data(), checksum_bytes);
      bytes = bytes.first(bytes.size() - checksum_bytes);
      if (fletcher32(bytes) != promised) return "does not match its checksum";
      continue;
    }
    const auto target = i == 0 ? out : scratch.steps[i % 2].room(sizes[i]);
    if (filters_[i] == H5Z_FILTER_DEFLATE) {
      if (!inflate(bytes, target)) return "does not decompress";
    } else {
      if (bytes.size() != target.size()) return "has the wrong length";
      unshuffle(bytes, value_bytes_, target);
    }
    bytes = target;
  }
  if (bytes.size() != out.size()) return "has the wrong length";
  if (bytes.data() != out.data()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return std::nullopt;
}

}  // namespace npo::h5
