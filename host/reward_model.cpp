#include "host/reward_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/name_pattern.hpp"
#include "host/ope_policy_parts.hpp"
#include "host/reward_table.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t piece_rows = 4 * tile_rows;

/// Runs over the log and fills model and direct; `estimate(row, out)` gives q(x, a) of every action.
template <class Estimate>
void fill_rows(const OpeLog& log, const TargetPolicy& target, OpeRows& rows, const RunContext& context,
               const Estimate& estimate) {
  const std::size_t n = rows.rows(), actions = log.header().actions.size();
  rows.model.resize(n);
  rows.direct.resize(n);
  parallel_for(context.threads, (n + piece_rows - 1) / piece_rows, [&](std::uint64_t piece) {
    context.check_stop();
    const std::uint64_t first = piece * piece_rows;
    const LogRows read = log.read(first, std::min<std::uint64_t>(piece_rows, n - first));
    std::vector<double> probability(actions), reward(actions);
    for (std::size_t i = 0; i < read.rows(); ++i) {
      const LogRow row{read, i, first + i};
      estimate(row, reward);
      target.probabilities(row, probability);
      double direct = 0.0;
      for (std::size_t a = 0; a < actions; ++a) direct = __builtin_fma(probability[a], reward[a], direct);
      rows.model[row.number] = reward[row.action()];
      rows.direct[row.number] = direct;
    }
  });
}

void fill_from_columns(const OpeLog& log, const TargetPolicy& target, const std::string& pattern,
                       OpeRows& rows, const RunContext& context) {
  const auto columns = action_columns(log, pattern);
  const std::size_t width = log.header().values.size();
  fill_rows(log, target, rows, context, [&](const LogRow& row, std::span<double> reward) {
    for (std::size_t a = 0; a < columns.size(); ++a) reward[a] = row.value(columns[a], width);
  });
}

bool enough_for_each(const RewardTable& table, bool logistic) {
  for (std::size_t a = 0; a < table.actions; ++a) {
    if (table.count[a] < 20 * (table.features + 1)) return false;
    if (logistic && std::min(table.ones[a], table.count[a] - table.ones[a]) < 10) return false;
  }
  return true;
}

/// Models by fold, and by action where each has its own.
class CrossFit {
 public:
  CrossFit(const RewardTable& table, bool logistic, bool each, double ridge, const RunContext& context)
      : table_(table), models_(each ? table.actions : 1) {
    const auto fit = logistic ? fit_logistic_part : fit_linear_part;
    for (std::uint8_t fold = 0; fold < table.folds; ++fold)
      for (std::uint32_t a = 0; a < models_; ++a)
        fits_.push_back(fit(table, {fold, each ? a : every_action}, ridge, context));
  }
  void rewards(std::size_t row, std::span<double> out) const {
    const RewardFit* fits = fits_.data() + table_.fold[row] * models_;
    const auto x = table_.features_of(row);
    const double shared = models_ == 1 ? fits->base(x) : 0.0;
    for (std::uint32_t a = 0; a < out.size(); ++a)
      out[a] = models_ == 1 ? fits->reward(shared, a) : fits[a].reward(fits[a].base(x), a);
  }

 private:
  const RewardTable& table_;
  std::size_t models_;
  std::vector<RewardFit> fits_;
};

double mean_squared_error(const OpeRows& rows) {
  double sum = 0.0;
  for (std::size_t first = 0; first < rows.rows(); first += tile_rows) {
    double tile = 0.0;
    for (std::size_t i = first; i < std::min(first + tile_rows, rows.rows()); ++i) {
      const double residual = rows.reward[i] - rows.model[i];
      tile = __builtin_fma(residual, residual, tile);
    }
    sum += tile;
  }
  return sum / static_cast<double>(rows.rows());
}

RewardModelReport none(std::string reason) {
  RewardModelReport report;
  report.kind = "none";
  report.reason = std::move(reason);
  return report;
}

void check_kind(const RewardModelOptions& options, const OpeRows& rows) {
  if (options.model != "auto" && options.model != "logistic" && options.model != "linear")
    throw Error(ErrorKind::usage, fmt::format("reward model '{}' is unknown", options.model),
                "it is auto, logistic, linear, none, or a name with a star for the action, such as 'q_*'");
  if (options.model == "logistic" && !rows.binary)
    throw Error(ErrorKind::usage, "a logistic reward model needs rewards of 0 and 1",
                "use --reward-model linear");
}

}  // namespace

RewardModelReport add_reward_model(const OpeLog& log, const TargetPolicy& target,
                                   const RewardModelOptions& options, OpeRows& rows,
                                   const RunContext& context) {
  if (options.model == "none") return none("no reward model was asked for");
  if (!target.knows_all_actions())
    return none("the target tells the probability of the action taken alone; name a column for each action");
  RewardModelReport report;
  if (NamePattern(options.model).open()) {
    report.kind = "columns";
    fill_from_columns(log, target, options.model, rows, context);
    report.loss = mean_squared_error(rows);
    return report;
  }
  check_kind(options, rows);
  const bool logistic = options.model == "logistic" || (options.model == "auto" && rows.binary);
  const RewardTable table(log, rows, options.folds, context);
  const bool each =
      options.actions == "each" || (options.actions == "auto" && enough_for_each(table, logistic));
  const CrossFit models(table, logistic, each, options.ridge, context);
  fill_rows(log, target, rows, context,
            [&](const LogRow& row, std::span<double> reward) { models.rewards(row.number, reward); });
  report.kind = logistic ? "logistic" : "linear";
  report.actions = each ? "each" : "one-hot";
  report.folds = options.folds;
  report.features = table.features;
  report.notes = table.encoder.notes();
  report.loss = mean_squared_error(rows);
  return report;
}

nlohmann::json to_json(const RewardModelReport& report) {
  if (report.kind == "none") return {{"kind", "none"}, {"reason", report.reason}};
  nlohmann::json json{{"kind", report.kind}, {"mean_squared_error", report.loss}};
  if (report.kind == "columns") return json;
  json["actions"] = report.actions;
  json["folds"] = report.folds;
  json["features"] = report.features;
  return json;
}

}  // namespace npo
