#include "host/ope_run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>

#include "host/file_kind.hpp"
#include "host/ope_intervals.hpp"
#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

std::unique_ptr<OpeLog> open(const OpeOptions& options, const RunContext& context) {
  const FileKind kind = file_kind(options.logs.front());
  if (kind == FileKind::decisions) {
    if (options.decisions.feedback.empty())
      throw Error(ErrorKind::usage, "decisions alone have no rewards", "give the answers with --feedback");
    return open_decisions(options.logs, options.decisions, context);
  }
  if (kind != FileKind::log)
    throw Error(ErrorKind::bad_data,
                fmt::format("{} is no log but a file of {}", options.logs.front().string(), name_of(kind)),
                "give a file made by npo import --as log, or folders of decisions with --feedback");
  if (options.logs.size() > 1)
    throw Error(ErrorKind::usage, "more than one log is given", "evaluate one log at a time");
  if (!options.decisions.feedback.empty())
    throw Error(ErrorKind::usage, "a log holds its rewards already", "leave --feedback out");
  return open_log(options.logs.front());
}

OpeEstimate unavailable(OpeEstimator estimator, std::string reason) {
  OpeEstimate estimate;
  estimate.estimator = estimator;
  estimate.reason = std::move(reason);
  return estimate;
}

/// The clipped estimators share one clip.
OpeEstimator tuned_as(OpeEstimator estimator) {
  return estimator == OpeEstimator::clipped_snips ? OpeEstimator::clipped_ips : estimator;
}

class Estimation {
 public:
  Estimation(const OpeOptions& options, const OpeRows& rows, const OpeReport& report,
             const RunContext& context)
      : options_(options), rows_(rows), report_(report), context_(context) {}

  OpeEstimate run(OpeEstimator estimator) const {
    if (needs_reward_model(estimator) && rows_.model.empty())
      return unavailable(estimator, report_.reward_model.reason);
    OpeEstimate estimate;
    estimate.estimator = estimator;
    if (has_parameter(estimator)) choose_parameter(estimate);
    const OpeFit fit =
        fit_terms(rows_, {estimator, estimate.parameter.value_or(harmless_parameter(estimator))}, context_);
    if (!(fit.sums.denominator > 0.0))
      return unavailable(estimator, "no logged row has a weight: the target never takes what was logged");
    estimate.value = fit.sums.estimate();
    estimate.standard_error = fit.standard_error();
    estimate.acceleration = fit.acceleration();
    estimate.bernstein = bernstein_interval(rows_, estimate, options_.level, context_);
    estimate.clopper_pearson = weighted_clopper_pearson(rows_, estimate, options_.level, context_);
    return estimate;
  }

 private:
  void choose_parameter(OpeEstimate& estimate) const {
    const bool clips = tuned_as(estimate.estimator) == OpeEstimator::clipped_ips;
    if (clips && options_.clip) {
      estimate.parameter = options_.clip;
      estimate.chosen_by = "given";
      return;
    }
    estimate.parameter = tune_parameter(rows_, tuned_as(estimate.estimator), options_.tuning, context_);
    estimate.chosen_by = options_.tuning == OpeTuning::slope ? "slope" : "mse";
  }

  const OpeOptions& options_;
  const OpeRows& rows_;
  const OpeReport& report_;
  const RunContext& context_;
};

/// Mean reward, tile by tile in order.
double mean_reward(const OpeRows& rows) {
  double sum = 0.0;
  for (std::size_t first = 0; first < rows.rows(); first += tile_rows) {
    double tile = 0.0;
    for (std::size_t i = first; i < std::min(first + tile_rows, rows.rows()); ++i) tile += rows.reward[i];
    sum += tile;
  }
  return sum / static_cast<double>(rows.rows());
}

void check(const OpeOptions& options) {
  if (options.replicates != 0 && options.replicates < least_replicates)
    throw Error(ErrorKind::usage, fmt::format("{} bootstrap replicates are too few", options.replicates),
                fmt::format("ask for at least {}, or for 0", least_replicates));
  if (options.clip && !(*options.clip > 0.0 && std::isfinite(*options.clip)))
    throw Error(ErrorKind::usage, "the clip is not above 0", "clip weights at for example 10");
}

}  // namespace

OpeReport run_ope(const OpeOptions& options, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  check(options);
  if (!options.html.empty()) refuse_existing(options.html, context.overwrite);
  const auto log = open(options, context);
  const auto target = make_target(options.target, *log);
  context.report().begin("off-policy evaluation", log->rows(), "rows");
  OpeRows rows = see_rows(*log, *target, context);

  OpeReport report;
  report.log = log->name();
  report.policy = options.target.policy;
  report.rows = rows.rows();
  report.clusters = rows.groups;
  report.actions = log->header().actions.size();
  report.level = options.level;
  report.clip = options.clip;
  report.unsupported = rows.unsupported;
  report.weights = summarise_weights(rows, std::numeric_limits<double>::infinity());
  if (options.clip) report.clipped_weights = summarise_weights(rows, *options.clip);
  report.histogram = weight_histogram(rows);
  report.faults = find_overlap_faults(rows, report.weights, report.clipped_weights.value_or(report.weights),
                                      options.gate);
  report.reward_model = add_reward_model(*log, *target, options.reward_model, rows, context);
  if (log->decisions()) report.notes = log->decisions()->notes;
  report.notes.insert(report.notes.end(), report.reward_model.notes.begin(), report.reward_model.notes.end());

  if (rows.largest_propensity > rows.smallest_propensity * (1.0 + 1e-9))
    report.notes.push_back(
        fmt::format("replay is unbiased only where every action had the same chance; here propensities go "
                    "from {:.3g} to {:.3g}",
                    rows.smallest_propensity, rows.largest_propensity));
  if (!rows.model.empty())
    report.notes.push_back(
        "intervals of dm, switch_dr and dros take the reward model as given: they do not show "
        "how far it may be off");
  report.logged = mean_reward(rows);
  const Estimation estimation(options, rows, report, context);
  for (const OpeEstimator estimator : ope_estimators) report.estimates.push_back(estimation.run(estimator));
  report.logged_interval =
      add_bootstrap(rows, {options.level, options.replicates}, report.logged, report.estimates, context);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!options.html.empty() && !context.dry_run)
    write_text_atomically(options.html, context.overwrite, to_html(report));
  context.report().end();
  return report;
}

}  // namespace npo
