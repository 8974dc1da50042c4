#include "io/shuffle.hpp"

#include <immintrin.h>

#include <cstring>

namespace npo {
namespace {

__m128i load(const std::byte* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
void store(std::byte* to, __m128i value) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), value);
}
void store_low(std::byte* to, __m128i value) {
  _mm_storel_epi64(reinterpret_cast<__m128i*>(to), value);
}
void store_high(std::byte* to, __m128i value) {
  store_low(to, _mm_unpackhi_epi64(value, value));
}

/// Values of four bytes, sixteen at a time. Returns how many were done.
std::size_t unshuffle_4(const std::byte* planes, std::size_t count, std::byte* values) {
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m128i a = load(planes + i), b = load(planes + count + i);
    const __m128i c = load(planes + 2 * count + i), d = load(planes + 3 * count + i);
    const __m128i ab_low = _mm_unpacklo_epi8(a, b), ab_high = _mm_unpackhi_epi8(a, b);
    const __m128i cd_low = _mm_unpacklo_epi8(c, d), cd_high = _mm_unpackhi_epi8(c, d);
    store(values + 4 * i, _mm_unpacklo_epi16(ab_low, cd_low));
    store(values + 4 * i + 16, _mm_unpackhi_epi16(ab_low, cd_low));
    store(values + 4 * i + 32, _mm_unpacklo_epi16(ab_high, cd_high));
    store(values + 4 * i + 48, _mm_unpackhi_epi16(ab_high, cd_high));
  }
  return i;
}

/// Eight neighbouring planes into eight bytes of every value, sixteen values at a time; `stride` is the size
/// of a value.
std::size_t unshuffle_8(const std::byte* planes, std::size_t count, std::byte* values, std::size_t stride) {
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __m128i pair_low[4], pair_high[4];
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i even = load(planes + 2 * k * count + i), odd = load(planes + (2 * k + 1) * count + i);
      pair_low[k] = _mm_unpacklo_epi8(even, odd);
      pair_high[k] = _mm_unpackhi_epi8(even, odd);
    }
    for (std::size_t half = 0; half < 2; ++half) {
      const __m128i* pair = half == 0 ? pair_low : pair_high;
      const __m128i front[2] = {_mm_unpacklo_epi16(pair[0], pair[1]), _mm_unpackhi_epi16(pair[0], pair[1])};
      const __m128i back[2] = {_mm_unpacklo_epi16(pair[2], pair[3]), _mm_unpackhi_epi16(pair[2], pair[3])};
      for (std::size_t quarter = 0; quarter < 2; ++quarter) {
        const __m128i first = _mm_unpacklo_epi32(front[quarter], back[quarter]);
        const __m128i second = _mm_unpackhi_epi32(front[quarter], back[quarter]);
        std::byte* to = values + (i + 8 * half + 4 * quarter) * stride;
        store_low(to, first);
        store_high(to + stride, first);
        store_low(to + 2 * stride, second);
        store_high(to + 3 * stride, second);
      }
    }
  }
  return i;
}

}  // namespace

void shuffle(std::span<const std::byte> values, std::size_t value_bytes, std::span<std::byte> planes) {
  const std::size_t count = values.size() / value_bytes, whole = count * value_bytes;
  for (std::size_t k = 0; k < value_bytes; ++k) {
    const std::byte* from = values.data() + k;
    std::byte* to = planes.data() + k * count;
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i * value_bytes];
  }
  std::memcpy(planes.data() + whole, values.data() + whole, values.size() - whole);
}

void unshuffle(std::span<const std::byte> planes, std::size_t value_bytes, std::span<std::byte> values) {
  const std::size_t count = planes.size() / value_bytes, whole = count * value_bytes;
  std::memcpy(values.data() + whole, planes.data() + whole, planes.size() - whole);
  std::size_t plane = 0;
  const auto finish_scalar = [&](std::size_t planes_here, std::size_t from) {
    for (std::size_t k = plane; k < plane + planes_here; ++k)
      for (std::size_t i = from; i < count; ++i) values[i * value_bytes + k] = planes[k * count + i];
  };
  if (value_bytes == 4) {
    finish_scalar(4, unshuffle_4(planes.data(), count, values.data()));
    return;
  }
  for (; plane + 8 <= value_bytes; plane += 8)
    finish_scalar(8, unshuffle_8(planes.data() + plane * count, count, values.data() + plane, value_bytes));
  finish_scalar(value_bytes - plane, 0);
}

}  // namespace npo
