#include "host/score_tallies.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/shortest_number.hpp"

namespace npo {
ScoreTallies::ScoreTallies(std::size_t fleets, const Policy& policy)
    : thresholds_(policy.threshold.arms),
      by_row_(draws_per_scenario(policy.threshold)),
      tally_(fleets, static_cast<int>(policy.threshold.arms.size())) {
  for (const GuardrailRule& rule : policy.guardrails) rules_.push_back(rule.name);
}

void ScoreTallies::add(const DecisionRows& rows, std::uint64_t known, std::uint64_t over_budget) {
  rows_ += rows.rows();
  known_ += known;
  over_budget_ += over_budget;
  tally_decisions({rows.fleet, rows.arm, rows.decision, rows.score, rows.mask}, tally_);
}

void ScoreTallies::merge(const ScoreTallies& other) {
  rows_ += other.rows_;
  known_ += other.known_;
  over_budget_ += other.over_budget_;
  tally_.merge(other.tally_);
}

ScoreReport ScoreTallies::report(const std::vector<std::string>& fleets, const FleetArms& arms,
                                 std::uint64_t state_scenarios) const {
  ScoreReport report;
  report.rows = rows_;
  report.known = known_;
  report.absent = state_scenarios - std::min(state_scenarios, known_);
  report.over_budget = over_budget_;
  report.score_histogram.assign(tally_.histogram.begin(), tally_.histogram.end());
  for (std::size_t f = 0; f < fleets.size(); ++f) {
    FleetDecisions fleet;
    fleet.name = fleets[f];
    if (!by_row_) {
      fleet.arm = arms.arm[f];
      fleet.threshold = thresholds_[arms.arm[f]];
    }
    const auto first = arms.probability.begin() + static_cast<std::ptrdiff_t>(f * thresholds_.size());
    fleet.arm_probability.assign(first, first + static_cast<std::ptrdiff_t>(thresholds_.size()));
    const auto count = [&](Decision decision) {
      std::uint64_t sum = 0;
      for (int arm = 0; arm < tally_.arms; ++arm) sum += tally_.count(f, arm, decision);
      return sum;
    };
    fleet.withheld = count(Decision::withheld);
    fleet.surfaced = count(Decision::surfaced);
    fleet.blocked = count(Decision::blocked);
    report.withheld += fleet.withheld;
    report.surfaced += fleet.surfaced;
    report.blocked += fleet.blocked;
    report.fleets.push_back(std::move(fleet));
  }
  for (std::size_t i = 0; i < rules_.size(); ++i)
    report.rule_hits.emplace_back(rules_[i], tally_.rule_hits[i]);
  if (tally_.rule_hits[nan_bit] > 0)
    report.rule_hits.emplace_back("non-finite feature", tally_.rule_hits[nan_bit]);
  return report;
}

nlohmann::json summary_json(const ScoreReport& report) {
  nlohmann::json fleets = nlohmann::json::array();
  for (const FleetDecisions& fleet : report.fleets)
    fleets.push_back({{"name", fleet.name},
                      {"arm", fleet.arm ? nlohmann::json(*fleet.arm) : nlohmann::json()},
                      {"threshold", fleet.threshold ? nlohmann::json(shortest_double(*fleet.threshold))
                                                    : nlohmann::json()},
                      {"arm_probability", fleet.arm_probability},
                      {"withheld", fleet.withheld},
                      {"surfaced", fleet.surfaced},
                      {"blocked", fleet.blocked}});
  nlohmann::json rules = nlohmann::json::object();
  for (const auto& [name, hits] : report.rule_hits) rules[name] = hits;
  return {{"night", report.night},
          {"rows", report.rows},
          {"withheld", report.withheld},
          {"surfaced", report.surfaced},
          {"blocked", report.blocked},
          {"known", report.known},
          {"absent", report.absent},
          {"over_budget", report.over_budget},
          {"score_histogram", report.score_histogram},
          {"rule_hits", rules},
          {"fleets", fleets}};
}

nlohmann::json to_json(const ScoreReport& report) {
  nlohmann::json json = summary_json(report);
  json["run_id"] = report.run_id;
  json["shards_reused"] = report.shards_reused;
  json["seconds"] = report.seconds;
  return json;
}

}  // namespace npo
