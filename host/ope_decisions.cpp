#include "host/ope_decisions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "host/evaluate_answers.hpp"
#include "host/name_table.hpp"
#include "host/ope_arm_chances.hpp"
#include "host/time_text.hpp"
#include "io/decision_run.hpp"
#include "io/strict_json.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t block_rows = 16 * tile_rows;

std::vector<DecisionRun> open_runs(const std::vector<std::filesystem::path>& folders) {
  std::map<std::tuple<UnixSeconds, std::string>, DecisionRun> sorted;
  for (const auto& folder : folders) {
    DecisionRun run(folder);
    const std::tuple key(run.identity().night, run.run_id());
    if (!sorted.emplace(key, std::move(run)).second)
      throw Error(ErrorKind::usage, fmt::format("{} is given twice", folder.string()), "give each run once");
  }
  std::vector<DecisionRun> runs;
  for (auto& [key, run] : sorted) runs.push_back(std::move(run));
  return runs;
}

Policy policy_of(const DecisionRun& run) {
  const Policy policy = policy_from_json(run.identity().policy_json, run.folder().string());
  if (policy.threshold.kind == ThresholdKind::fixed || policy.threshold.kind == ThresholdKind::ucb1)
    throw Error(
        ErrorKind::bad_data,
        fmt::format("{}: the thresholds of this run were not drawn: the log of a deterministic policy "
                    "shows nothing about any other",
                    run.folder().string()),
        "score with threshold.kind thompson, discounted_thompson, sliding_thompson or epsilon_greedy");
  return policy;
}

/// Decisions and their answers, held in memory: 44 bytes a row.
class DecisionLog final : public OpeLog {
 public:
  DecisionLog(const std::vector<std::filesystem::path>& folders, const DecisionLogOptions& options,
              const RunContext& context)
      : options_(options) {
    name_ = folders.size() == 1 ? folders.front().string() : fmt::format("{} runs", folders.size());
    const auto runs = open_runs(folders);
    const AnswerBook answers(options.feedback, runs, std::nullopt);
    make_header(runs);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      context.check_stop();
      append(runs[i], answers.standing(i), runs.size() > 1);
    }
    if (rows_.rows() == 0)
      throw Error(ErrorKind::usage, "no decision of these runs that was not blocked has an answer",
                  "give the feedback that answers them");
    header_.categories = {{"fleet", fleets_.names()}};
    facts_.fleets = fleets_.names();
    tell();
  }

  std::string name() const override { return name_; }
  const LogHeader& header() const override { return header_; }
  std::uint64_t rows() const override { return rows_.rows(); }
  const DecisionFacts* decisions() const override { return &facts_; }

  LogRows read(std::uint64_t first, std::uint64_t count) const override {
    const auto slice = [&](const auto& from, auto& to, std::size_t width) {
      const auto begin = from.begin() + static_cast<std::ptrdiff_t>(first * width);
      to.assign(begin, begin + static_cast<std::ptrdiff_t>(count * width));
    };
    LogRows out;
    slice(rows_.action, out.action, 1);
    slice(rows_.reward, out.reward, 1);
    slice(rows_.propensity, out.propensity, 1);
    slice(rows_.cluster, out.cluster, rows_.cluster.empty() ? 0 : 1);
    slice(rows_.values, out.values, 2);
    slice(rows_.category, out.category, 1);
    return out;
  }

  std::optional<double> chance_of(const LogRow& row, std::uint32_t action) const override {
    if (options_.arms)
      return row.action() == action ? std::optional(row.rows.propensity[row.i]) : std::nullopt;
    const double surfaced = row.value(1, 2);
    return action == surfaced_action ? surfaced : 1.0 - surfaced;
  }

 private:
  void make_header(const std::vector<DecisionRun>& runs) {
    facts_.policy = policy_of(runs.back());
    facts_.actions_are_arms = options_.arms;
    for (const DecisionRun& run : runs) {
      shared_draw_.push_back(policy_of(run).threshold.per == DrawPer::round);
      if (run.identity().thresholds != runs.back().identity().thresholds)
        throw Error(ErrorKind::usage,
                    fmt::format("{} and {} have different thresholds", run.folder().string(),
                                runs.back().folder().string()),
                    "evaluate runs of one set of thresholds at a time");
      if (run.identity().alert_budget >= 0)
        facts_.notes.push_back(
            fmt::format("{} had an alert budget: its propensities ignore that other draws would have moved "
                        "the cut, and the "
                        "estimates are approximate",
                        run.folder().string()));
    }
    header_.actions = {"withheld", "surfaced"};
    if (options_.arms) {
      header_.actions.clear();
      for (const float threshold : facts_.policy.threshold.arms)
        header_.actions.push_back(fmt::format("{}", threshold));
    }
    header_.values = {score_value, "p_surfaced"};
    header_.roles = {LogValueRole::context, LogValueRole::other};
    header_.has_cluster = runs.size() > 1 || std::any_of(shared_draw_.begin(), shared_draw_.end(),
                                                         [](bool shared) { return shared; });
  }

  /// What the rows of one run share.
  struct RunRows {
    const DecisionRun& run;
    bool shared_draw, several_runs;
    std::vector<std::uint32_t> fleet_code;
    std::vector<std::uint64_t> fleet_key;
    std::optional<ArmChances> chances;  ///< where the action is the arm
  };

  void append(const DecisionRun& run, const std::vector<AnswerBook::Standing>& answers, bool several) {
    RunRows of{run, shared_draw_[run_++], several, {}, {}, std::nullopt};
    for (const std::string& fleet : run.identity().fleets) {
      of.fleet_code.push_back(fleets_.code(fleet));
      of.fleet_key.push_back(hash_name(fmt::format("{}\n{}", run.run_id(), fleet)));
    }
    if (options_.arms) of.chances.emplace(run);
    DecisionRun::Want want{.fleet = true, .score = true, .decision = true, .arm = true, .p_surfaced = true};
    want.ids = several && !of.shared_draw;
    std::size_t next = 0;
    for (std::uint64_t first = 0; first < run.rows(); first += block_rows) {
      const DecisionRows block = run.read(first, std::min(block_rows, run.rows() - first), want);
      for (std::size_t i = 0; i < block.decision.size(); ++i) {
        double likes = 0.0, count = 0.0;
        for (; next < answers.size() && answers[next].row == first + i; ++next) {
          ++count;
          likes += answers[next].kind == static_cast<std::uint8_t>(FeedbackKind::like);
        }
        if (block.decision[i] == static_cast<std::uint8_t>(Decision::blocked))
          ++blocked_;
        else if (count == 0.0 && !options_.unanswered_is_zero)
          ++unanswered_;
        else
          add(of, block, first, i, count > 0.0 ? likes / count : 0.0);
      }
    }
  }

  void add(const RunRows& of, const DecisionRows& block, std::uint64_t first, std::size_t i, double reward) {
    const double propensity =
        of.chances ? of.chances->of(block.fleet[i], block.arm[i]) : propensity_of(of.run, block, first, i);
    if (of.chances && !(propensity > 0.0)) {
      ++unresolved_;
      return;
    }
    rows_.action.push_back(of.chances ? block.arm[i] : block.decision[i]);
    rows_.reward.push_back(reward);
    rows_.propensity.push_back(propensity);
    rows_.values.push_back(static_cast<double>(block.score[i]));
    rows_.values.push_back(static_cast<double>(block.p_surfaced[i]));
    rows_.category.push_back(of.fleet_code[block.fleet[i]]);
    if (!header_.has_cluster) return;
    rows_.cluster.push_back(of.shared_draw    ? of.fleet_key[block.fleet[i]]
                            : of.several_runs ? scenario_key(block, i)
                                              : first + i);
  }

  static std::uint64_t scenario_key(const DecisionRows& block, std::size_t i) {
    const std::size_t bytes = block.ids.size() / block.rows();
    return hash_name({reinterpret_cast<const char*>(block.ids.data()) + i * bytes, bytes});
  }

  static double propensity_of(const DecisionRun& run, const DecisionRows& block, std::uint64_t first,
                              std::size_t i) {
    const double surfaced = static_cast<double>(block.p_surfaced[i]);
    const bool was_surfaced = block.decision[i] == static_cast<std::uint8_t>(Decision::surfaced);
    const double propensity = was_surfaced ? surfaced : 1.0 - surfaced;
    if (!(propensity > 0.0 && propensity <= 1.0))
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: row {} was {} although decisions/p_surfaced is {}", run.folder().string(),
                              first + i, was_surfaced ? "surfaced" : "withheld", surfaced),
                  "the run is damaged: score the night again");
    return propensity;
  }

  void tell() {
    facts_.notes.push_back(fmt::format("{} blocked decisions are left out", blocked_));
    if (unanswered_ > 0)
      facts_.notes.push_back(fmt::format("{} decisions without an answer are left out", unanswered_));
    if (unresolved_ > 0)
      facts_.notes.push_back(
          fmt::format("{} decisions are left out because no score of their fleet tells the "
                      "probability of the arm that was drawn",
                      unresolved_));
  }

  DecisionLogOptions options_;
  std::string name_;
  LogHeader header_;
  LogRows rows_;
  DecisionFacts facts_;
  NameTable fleets_{"fleet", max_actions};
  std::vector<bool> shared_draw_;
  std::size_t run_ = 0;
  std::uint64_t blocked_ = 0, unanswered_ = 0, unresolved_ = 0;
};

}  // namespace

std::unique_ptr<OpeLog> open_decisions(const std::vector<std::filesystem::path>& folders,
                                       const DecisionLogOptions& options, const RunContext& context) {
  return std::make_unique<DecisionLog>(folders, options, context);
}

}  // namespace npo
