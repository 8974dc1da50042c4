#include "io/deflate.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <new>

namespace npo {

Deflater::Deflater(int level)
    : state_(libdeflate_alloc_compressor(std::clamp(level, 1, 12)),
             [](void* state) { libdeflate_free_compressor(static_cast<libdeflate_compressor*>(state)); }) {
  if (!state_) throw std::bad_alloc();
}

std::vector<std::byte> Deflater::compress(std::span<const std::byte> bytes) {
  auto* state = static_cast<libdeflate_compressor*>(state_.get());
  std::vector<std::byte> stream(libdeflate_zlib_compress_bound(state, bytes.size()));
  stream.resize(libdeflate_zlib_compress(state, bytes.data(), bytes.size(), stream.data(), stream.size()));
  return stream;
}

bool inflate(std::span<const std::byte> stream, std::span<std::byte> out) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> state(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!state) throw std::bad_alloc();
  return libdeflate_zlib_decompress(state.get(), stream.data(), stream.size(), out.data(), out.size(),
                                    nullptr) == LIBDEFLATE_SUCCESS;
}

}  // namespace npo
