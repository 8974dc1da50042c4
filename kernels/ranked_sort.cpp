#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "kernels/ranked_records.hpp"

namespace npo {
namespace {

constexpr int most_digit_bits = 11;
constexpr std::size_t too_few_to_count = 128;

template <class Record>
bool rises(const Record& a, const Record& b) {
  return a.word < b.word;
}

/// Counts of a digit become the places where its records go.
using Digits = std::array<std::uint32_t, 1u << most_digit_bits>;
void place_digits(Digits& digits) {
  std::uint32_t place = 0;
  for (std::uint32_t& digit : digits) place += std::exchange(digit, place);
}

}  // namespace

/// Two counting passes over the upper 22 of the bits in which ranks differ; what little they leave together
/// is sorted by comparisons.
template <class Record>
void sort_records(std::span<Record> records, RankRange range) {
  if (records.size() < too_few_to_count) {
    std::sort(records.begin(), records.end(), rises<Record>);
    return;
  }
  const int bits = std::bit_width(range.largest - range.least), low = std::max(0, bits - 2 * most_digit_bits);
  const auto first_digit = [&](const Record& record) {
    return (record.rank() - range.least) >> low & ((1u << most_digit_bits) - 1u);
  };
  const auto second_digit = [&](const Record& record) {
    return (record.rank() - range.least) >> (low + most_digit_bits);
  };
  Digits first{}, second{};
  for (const Record& record : records) {
    ++first[first_digit(record)];
    ++second[second_digit(record)];
  }
  place_digits(first);
  place_digits(second);
  LargeArray<Record> scratch(records.size());
  for (const Record& record : records) scratch[first[first_digit(record)]++] = record;
  for (std::size_t i = 0; i < records.size(); ++i) records[second[second_digit(scratch[i])]++] = scratch[i];
  if (low == 0) return;
  const auto upper = [&](const Record& record) { return (record.rank() - range.least) >> low; };
  for (std::size_t begin = 0, end = 1; begin < records.size(); begin = end++) {
    while (end < records.size() && upper(records[end]) == upper(records[begin])) ++end;
    if (end - begin == 2 && rises(records[begin + 1], records[begin]))
      std::swap(records[begin], records[begin + 1]);
    if (end - begin > 2) std::sort(records.data() + begin, records.data() + end, rises<Record>);
  }
}

template void sort_records(std::span<NarrowRecord>, RankRange);
template void sort_records(std::span<WideRecord>, RankRange);

}  // namespace npo
