#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace npo {

/// Writes all of `bytes` at `offset` of an open file; false, with errno, when the system does not take them.
bool write_all(int file, std::span<const std::byte> bytes, std::uint64_t offset);

}  // namespace npo
