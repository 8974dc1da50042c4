#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/error.hpp"
#include "kernels/ranked_records.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

constexpr std::size_t part_rows = std::size_t{1} << 20;
constexpr std::uint32_t weight_limit = (1u << 30) + 1;  // so that twice the sum of 2^32 fits 64 bits

[[noreturn]] void refuse(std::size_t row, const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::bad_data, "row " + std::to_string(row) + " holds " + problem, remedy);
}

/// Throws for the first bad row of [begin, end), one of which there is.
void name_bad_row(const RankedRows& rows, std::size_t segments, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (!std::isfinite(rows.score[i]))
      refuse(i, "the score " + std::to_string(rows.score[i]), "remove the row: it cannot be ranked");
    if (rows.label[i] > 1 && rows.label[i] != static_cast<std::uint8_t>(Label::unknown))
      refuse(i, "the label " + std::to_string(int{rows.label[i]}), "labels are 0, 1 or 255 (unknown)");
    if (!rows.weight.empty() && rows.weight[i] >= weight_limit)
      refuse(i, "the weight " + std::to_string(rows.weight[i]), "integer weights are at most 2^30");
    if (!rows.segment.empty() && rows.segment[i] >= segments)
      refuse(i, "segment " + std::to_string(rows.segment[i]),
             "there are " + std::to_string(segments) + " segments");
  }
}

/// Least and largest key of one part.
struct PartFacts {
  std::uint32_t least = 0xffffffffu, largest = 0;
};

/// Returns whether all scores and labels are good.
bool measure_scores(const RankedRows& rows, std::size_t begin, std::size_t end, PartFacts& facts) {
  std::uint32_t least = 0xffffffffu, largest = 0, labels_bad = 0, not_finite = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const std::uint32_t key = order_key(rows.score[i]);
    least = std::min(least, key);
    largest = std::max(largest, key);
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(rows.score[i]);
    not_finite |= (bits & 0x7f800000u) == 0x7f800000u ? 1u : 0u;
    const std::uint32_t label = rows.label[i];
    labels_bad |= (label > 1u ? 1u : 0u) & (label != 255u ? 1u : 0u);
  }
  facts = {least, largest};
  return (labels_bad | not_finite) == 0;
}

/// Whether all items of a part lie below `limit`; an absent column does.
bool all_below(std::span<const std::uint32_t> column, std::size_t begin, std::size_t end, std::size_t limit) {
  std::uint32_t largest = 0;
  for (std::size_t i = begin; i < end && !column.empty(); ++i) largest = std::max(largest, column[i]);
  return largest < limit;
}

}  // namespace

RankedFacts check_ranked_rows(const RankedRows& rows, std::size_t segments, const ParallelFor& parallel) {
  const std::size_t count = rows.score.size();
  if (rows.label.size() != count || (!rows.weight.empty() && rows.weight.size() != count) ||
      (!rows.segment.empty() && rows.segment.size() != count) || segments == 0)
    throw Error(ErrorKind::internal, "the columns of rows to rank differ in length");
  if (count > 0xffffffffu)
    throw Error(ErrorKind::usage, "2^32 rows or more are to be ranked exactly", "use the histogram instead");
  std::vector<PartFacts> parts((count + part_rows - 1) / part_rows);
  parallel(parts.size(), [&](std::size_t p) {
    const std::size_t begin = p * part_rows, end = std::min(count, begin + part_rows);
    if (!measure_scores(rows, begin, end, parts[p]) || !all_below(rows.weight, begin, end, weight_limit) ||
        !all_below(rows.segment, begin, end, segments))
      name_bad_row(rows, segments, begin, end);
  });
  RankedFacts facts;
  facts.segments = segments;
  std::uint32_t least = 0xffffffffu, largest = 0;
  for (const PartFacts& part : parts) {
    least = std::min(least, part.least);
    largest = std::max(largest, part.largest);
  }
  facts.least_key = parts.empty() ? 0 : least;
  facts.rank_span = parts.empty() ? 0 : largest - least;
  return facts;
}

}  // namespace npo
