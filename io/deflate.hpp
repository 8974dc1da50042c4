#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

/// Private to io/: zlib streams, the payload of HDF5's deflate filter, with none of HDF5's locks.
namespace npo {

/// Compresses at one level; holds a large work area, so it is made once and used again. One thread at a time.
class Deflater {
 public:
  explicit Deflater(int level);
  std::vector<std::byte> compress(std::span<const std::byte> bytes);

 private:
  std::unique_ptr<void, void (*)(void*)> state_;
};

/// Fills `out` exactly from a zlib stream; false when the stream is damaged or of another length.
bool inflate(std::span<const std::byte> stream, std::span<std::byte> out);

}  // namespace npo
