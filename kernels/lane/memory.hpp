#pragma once
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/lane/annotations.hpp"

/// How finished columns leave the cache and features come into it.
namespace npo::lane {

inline constexpr std::size_t cache_line = 64;

/// Copies `n` items from `block`, which is aligned to a cache line. Whole lines to an aligned target bypass
/// the cache, so that the target need not be read first; `stream_fence` must follow before another thread
/// looks.
template <class T>
NPO_HD void stream_out(const T* block, T* out, std::size_t n) {
  const std::size_t bytes = n * sizeof(T);
  if (bytes % cache_line != 0 || reinterpret_cast<std::uintptr_t>(out) % cache_line != 0) {
    for (std::size_t i = 0; i < n; ++i) out[i] = block[i];
    return;
  }
  const auto* from = reinterpret_cast<const __m256i*>(block);
  auto* to = reinterpret_cast<__m256i*>(out);
  for (std::size_t i = 0; i < bytes / sizeof(__m256i); ++i) {
    _mm256_stream_si256(to + i, _mm256_load_si256(from + i));
  }
}

NPO_HD void stream_fence() {
  _mm_sfence();
}

/// Asks for the memory that comes after what is being worked on, a slice at a time between pieces of work, so
/// that the memory does not idle while a block is computed. It is only a hint and may run past the end of an
/// array.
class ReadAhead {
 public:
  /// `bytes` from `distance` past `end`, in `slices` calls.
  NPO_HD ReadAhead(const void* end, std::size_t distance, std::size_t bytes, int slices)
      : next_(reinterpret_cast<std::uintptr_t>(end) + distance),
        slice_(bytes / static_cast<std::size_t>(slices) + cache_line - 1) {}
  NPO_HD void operator()() {
    for (std::size_t i = 0; i < slice_ / cache_line; ++i, next_ += cache_line) {
      _mm_prefetch(reinterpret_cast<const char*>(next_), _MM_HINT_T0);
    }
  }

 private:
  std::uintptr_t next_;
  std::size_t slice_;
};

}  // namespace npo::lane
