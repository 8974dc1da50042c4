#pragma once
#if !defined(__CUDACC__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/lane/annotations.hpp"

/// How features come into the cache and finished columns leave it. CUDA files see nothing of this.
namespace npo::lane {

inline constexpr std::size_t cache_line = 64;

/// Asks for the i-th cache line from `address` on.
NPO_HD void expect_line(std::uintptr_t address, std::size_t i) {
  _mm_prefetch(reinterpret_cast<const char*>(address + i * cache_line), _MM_HINT_T0);
}

/// What rows of any width ask for while `x` is read: the line 8 KiB further on, be it in a later row.
NPO_HD std::uintptr_t row_ahead(const float* x) {
  return reinterpret_cast<std::uintptr_t>(x) + 8192;
}

/// Asks for the memory that comes after what is being worked on, a slice at a time between pieces of work, so
/// that the memory does not idle while a block is computed. It is only a hint and may run past the end of an
/// array.
class ReadAhead {
 public:
  /// `bytes` from `distance` past `start`, in `slices` calls.
  NPO_HD ReadAhead(const void* start, std::size_t distance, std::size_t bytes, int slices)
      : next_(reinterpret_cast<std::uintptr_t>(start) + distance),
        lines_((bytes / static_cast<std::size_t>(slices) + cache_line - 1) / cache_line) {}
  /// Asks for the next slice.
  NPO_HD void operator()() {
    const std::uintptr_t first = take(lines_);
    for (std::size_t i = 0; i < lines_; ++i) expect_line(first, i);
  }
  /// Leaves the next `lines` to the caller: the address of the first.
  NPO_HD std::uintptr_t take(std::size_t lines) {
    std::uintptr_t first = next_;
    next_ += lines * cache_line;
    asm("" : "+r"(first));  // or each line's address would have a register of its own
    return first;
  }

 private:
  std::uintptr_t next_;
  std::size_t lines_;
};

/// Asks at once for `bytes` from `distance` past `start`, as a ReadAhead does.
NPO_HD void expect_reads(const void* start, std::size_t distance, std::size_t bytes) {
  ReadAhead(start, distance, bytes, 1)();
}

/// Asks for the lines of `n` items that will be written soon.
template <class T>
NPO_HD void expect_writes(const T* out, std::size_t n) {
  const auto* byte = reinterpret_cast<const char*>(out);
  for (std::size_t i = 0; i < n * sizeof(T); i += cache_line) __builtin_prefetch(byte + i, 1);
}

/// Copies `n` items from `block`, which is aligned to a cache line.
template <class T>
NPO_HD void copy_out(const T* block, T* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = block[i];
}

/// The same past the cache where the target is whole lines, so that they need not be read first;
/// `stream_fence` must follow before another thread looks.
template <class T>
NPO_HD void stream_out(const T* block, T* out, std::size_t n) {
  const std::size_t bytes = n * sizeof(T);
  if (bytes % cache_line != 0 || reinterpret_cast<std::uintptr_t>(out) % cache_line != 0) {
    copy_out(block, out, n);
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

}  // namespace npo::lane
#endif
