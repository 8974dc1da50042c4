#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/log_columns.hpp"
#include "io/log_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// First index for which `bad` holds.
template <class T, class Bad>
std::optional<std::size_t> first_bad(const std::vector<T>& values, const Bad& bad) {
  const auto found = std::find_if(values.begin(), values.end(), bad);
  if (found == values.end()) return std::nullopt;
  return static_cast<std::size_t>(found - values.begin());
}

constexpr const char* propensity_remedy =
    "record the probability with which the logging policy took the action; 0 cannot have happened";

}  // namespace

std::optional<BadLogRow> find_bad_row(const LogRows& rows, const LogHeader& header) {
  const auto infinite = [](double x) { return !std::isfinite(x); };
  if (const auto at = first_bad(rows.action, [&](std::uint32_t a) { return a >= header.actions.size(); }))
    return BadLogRow{*at, "log/action", fmt::format("is {}, outside the policy", rows.action[*at]),
                     fmt::format("actions/name has {} rows", header.actions.size())};
  if (const auto at = first_bad(rows.reward, infinite))
    return BadLogRow{*at, "log/reward", fmt::format("is {}", rows.reward[*at]),
                     "leave the row out, or write a finite reward"};
  if (const auto at = first_bad(rows.propensity, [](double p) { return !(p > 0.0 && p <= 1.0); }))
    return BadLogRow{*at, "log/propensity", fmt::format("is {}, outside (0, 1]", rows.propensity[*at]),
                     propensity_remedy};
  if (const auto at = first_bad(rows.propensity, [](double p) { return !gives_weight(p); }))
    return BadLogRow{*at, "log/propensity",
                     fmt::format("is {}, too small: its weight 1/p is not finite", rows.propensity[*at]),
                     "leave the row out, or record the propensity in double precision, at least 5.6e-309"};
  if (const auto at = first_bad(rows.position, [](std::uint32_t p) { return p == 0; }))
    return BadLogRow{*at, "log/position", "is 0", "positions count from 1"};
  if (const auto at = first_bad(rows.values, infinite))
    return BadLogRow{*at / header.values.size(),
                     fmt::format("log/values, column {},", header.values[*at % header.values.size()]),
                     fmt::format("is {}", rows.values[*at]), "leave the row out, or write a finite number"};
  for (std::size_t i = 0; i < rows.category.size(); ++i) {
    const LogCategory& category = header.categories[i % header.categories.size()];
    if (rows.category[i] >= category.values.size())
      return BadLogRow{i / header.categories.size(), fmt::format("log/categories, column {},", category.name),
                       fmt::format("is {}", rows.category[i]),
                       fmt::format("categories/value has {} values of it", category.values.size())};
  }
  return std::nullopt;
}

void validate_log(const LogFile& file) {
  for (std::uint64_t first = 0; first < file.rows(); first += log_piece_rows) {
    const LogRows rows = file.read(first, std::min(log_piece_rows, file.rows() - first));
    if (const auto bad = find_bad_row(rows, file.header()))
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: {} of row {} {}", file.path().string(), bad->dataset, first + bad->row,
                              bad->problem),
                  bad->remedy);
  }
}

}  // namespace npo
