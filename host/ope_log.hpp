#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/policy.hpp"
#include "io/log_file.hpp"

namespace npo {

/// What a log of our own decisions knows beyond its rows.
struct DecisionFacts {
  Policy policy;                    ///< of the latest run
  std::vector<std::string> fleets;  ///< by the code of the category `fleet`
  bool actions_are_arms = false;    ///< otherwise withheld and surfaced
  std::vector<std::string> notes;   ///< what a reader of the results should know
};

/// One row of a log.
struct LogRow {
  const LogRows& rows;
  std::size_t i;         ///< within `rows`
  std::uint64_t number;  ///< within the log

  std::uint32_t action() const { return rows.action[i]; }
  /// Column `column` of `width` columns of numbers.
  double value(std::size_t column, std::size_t width) const { return rows.values[i * width + column]; }
};

/// Columns of a log of our own decisions.
inline constexpr const char* score_value = "score";
inline constexpr std::uint32_t withheld_action = 0, surfaced_action = 1;

/// A log that target policies are evaluated on: rows in order.
class OpeLog {
 public:
  virtual ~OpeLog() = default;
  /// As messages name it.
  virtual std::string name() const = 0;
  virtual const LogHeader& header() const = 0;
  virtual std::uint64_t rows() const = 0;
  /// Rows [first, first + count), each checked. Thread-safe. Error(bad_data) names the first bad row.
  virtual LogRows read(std::uint64_t first, std::uint64_t count) const = 0;
  /// Probability with which the row could have been `action`, where the log knows it.
  virtual std::optional<double> chance_of(const LogRow& row, std::uint32_t action) const = 0;
  /// Null for a log of somebody else.
  virtual const DecisionFacts* decisions() const { return nullptr; }
};

std::unique_ptr<OpeLog> open_log(const std::filesystem::path& path);

}  // namespace npo
