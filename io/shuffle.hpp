#pragma once
#include <cstddef>
#include <span>

/// Private to io/: the byte shuffle of HDF5. Byte k of every value comes before byte k + 1 of any, which
/// groups the slowly changing bytes. Bytes beyond the last whole value stay where they are.
namespace npo {

void shuffle(std::span<const std::byte> values, std::size_t value_bytes, std::span<std::byte> planes);
void unshuffle(std::span<const std::byte> planes, std::size_t value_bytes, std::span<std::byte> values);

}  // namespace npo
