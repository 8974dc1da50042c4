#pragma once
#include <optional>
#include <string>

#include "host/cli/option_set.hpp"
#include "host/evaluation_table.hpp"
#include "host/score_report.hpp"

/// Flags that `npo evaluate` and `npo compare` share.
namespace npo::cli {

/// Any finite number, or none.
void declare_threshold(OptionSet& options, const std::string& name, std::optional<double>& field,
                       const std::string& help);

/// Columns of a table.
class TableFlags {
 public:
  void declare(OptionSet& options);
  /// The columns as named; `by` adds groups. "night", "day" and "fleet" are no columns but what --time and
  /// --fleet name. Error(usage) where they are not given.
  TableColumns columns(const std::vector<std::string>& by) const;
  bool given() const { return !columns_.score.empty() || !columns_.label.empty(); }
  char separator() const;

  bool skip_bad = false;

 private:
  TableColumns columns_;
  std::string fleet_, separator_ = "comma";
};

/// What is computed.
class MetricFlags {
 public:
  void declare(OptionSet& options);
  /// Those of evaluations alone.
  void declare_naming(OptionSet& options);
  ScoreEvaluationOptions report(std::uint64_t seed) const;

 private:
  double level_ = 0.95, beta_ = 1.0;
  std::string cost_, rank_by_;
  std::optional<double> threshold_;
  std::uint64_t bootstrap_ = 1000, bins_ = 10, named_ = 5;
  std::int64_t gap_ = 7 * seconds_per_day;
};

}  // namespace npo::cli
