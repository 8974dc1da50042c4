#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "host/nightly_config.hpp"
#include "host/nightly_run.hpp"
#include "host/nightly_steps.hpp"

namespace npo {

/// One night of `npo nightly`: its folder, its steps, and what earlier nights left for it.
class NightlyWork {
 public:
  NightlyWork(const NightlyConfig& config, UnixSeconds night, const RunContext& context);

  bool finished() const { return steps_.done("summary"); }
  /// Runs the steps that are not done yet, in order, and returns the night's summary.
  NightSummary run();

 private:
  void gather_feedback();
  void learn();
  void retrain_if_asked();
  void score();
  void evaluate();
  /// Nights learn from the ones before them, so none can be put before one that is scored.
  void require_no_later_night() const;
  NightSummary summarise() const;

  /// Folders of the nights before this one that were scored, ascending.
  std::vector<std::filesystem::path> earlier_nights() const;
  /// Earlier nights that are at least `age` seconds old tonight and were not yet gathered under `kind`.
  std::vector<std::filesystem::path> newly_aged(const std::string& kind, std::int64_t age) const;
  bool retrain_asked() const;
  /// The model in force: the last one retrained up to tonight, else the configured one.
  std::filesystem::path model_in_force() const;
  /// The end of the night's day: what is known by then may be used.
  UnixSeconds as_of() const { return night_ + seconds_per_day - 1; }
  std::optional<double> drift() const;
  std::vector<std::string> fired_gates(const std::optional<double>& drift) const;

  const NightlyConfig& config_;
  UnixSeconds night_;
  std::filesystem::path folder_;
  RunContext context_;
  bool start_over_;  ///< --overwrite: decisions that were cut short are made anew
  NightlySteps steps_;
};

/// Evaluation over every run under the output folder whose outcomes are known by the last of their nights;
/// null when none matured.
nlohmann::json evaluate_all_matured(const NightlyConfig& config, const RunContext& context);

}  // namespace npo
