#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/digest.hpp"
#include "kernels/learn_events.hpp"
#include "kernels/vocabulary.hpp"

/// policy.toml: score, threshold, guardrails, loss and monitor settings (docs/formats/policy.md).
namespace npo {

/// One guardrail as written: `column op value`, an interval, a set of fleets, or a span of the day.
struct GuardrailRule {
  std::string name;
  std::string column;  ///< a feature, "score", "fleet" or "time_of_day"
  std::string op;      ///< ">", ">=", "<", "<=", "==", "!=", "in", "not_in"
  double value = 0.0;
  std::optional<std::pair<double, double>>
      interval;                     ///< inclusive; for time_of_day in seconds, may wrap midnight
  std::vector<std::string> fleets;  ///< for column "fleet" with "in" or "not_in"
};

enum class TargetPreset { approval, literal };
enum class Rebase { shrink, exact, reset };
enum class Credit { automatic, all, acted };  ///< automatic: acted for hindsight sources, all for others
enum class NanPolicy { error, block };

struct ScoreSettings {
  StepSchedule step;
  TargetPreset target = TargetPreset::approval;
  Carry carry = Carry::offset;
  Rebase rebase = Rebase::shrink;
  NanPolicy nan = NanPolicy::error;
};

enum class ThresholdKind { thompson, discounted_thompson, sliding_thompson, epsilon_greedy, ucb1, fixed };
enum class DrawPer { round, scenario };

struct ThresholdSettings {
  ThresholdKind kind = ThresholdKind::thompson;
  std::vector<float> arms{0.5f, 0.6f, 0.7f, 0.8f, 0.9f};
  double prior_a = 1.0, prior_b = 1.0;
  DrawPer per = DrawPer::round;
  Credit credit = Credit::automatic;
  double gamma = 0.95;   ///< discounted_thompson
  int rounds = 30;       ///< sliding_thompson: length of the window
  double epsilon = 0.1;  ///< epsilon_greedy
  double fixed = 0.7;    ///< fixed; must be one of the arms
};

struct LossSettings {
  double skipped = 0.3;  ///< lambda in [0.2, 0.4]
  double neutral = 0.5, override_decision = 1.0, like = 0.0;
  std::int64_t skip_after = 0;  ///< seconds after which an unknown outcome counts as skipped; 0: never
  std::int64_t max_delay =
      90 * 86400;  ///< seconds after which a run's ledger expires and its feedback is refused
};

enum class Reference { best, absolute };
enum class MonitorKind { window, ewma };

struct MonitorSettings {
  MonitorKind kind = MonitorKind::window;
  Reference reference = Reference::best;
  double delta = 0.1;
  double theta = 0.25;        ///< absolute: the alarm line
  std::int64_t window = 100;  ///< W, least decisions in the window
  int nights = 7;             ///< nights in the window
  double half_life = 100.0;   ///< ewma, decisions
  std::int64_t min_gap = 100;
};

struct Policy {
  ScoreSettings score;
  ThresholdSettings threshold;
  LossSettings loss;
  MonitorSettings monitor;
  std::vector<GuardrailRule> guardrails;
};

/// Reads and validates a policy. Error(usage or bad_data) names file, key and the allowed range; an unknown
/// key is an error that names the nearest known one.
Policy read_policy(const std::filesystem::path& path);
/// Canonical JSON, every key present, and back (`origin` names the source in errors).
std::string policy_to_json(const Policy& policy);
Policy policy_from_json(const std::string& text, const std::string& origin);
/// A commented policy.toml with the given settings, for `npo generate` and documentation.
std::string policy_to_toml(const Policy& policy);
Digest policy_digest(const Policy& policy);

/// y(d, f) of the policy (spec section 3).
TargetTable target_table(const Policy& policy);
/// l(f) by FeedbackKind.
std::vector<double> loss_table(const Policy& policy);

/// Guardrails resolved against the columns and fleets of a scenario file.
struct CompiledGuardrails {
  std::vector<IntervalRule> feature_rules, score_rules;
  std::vector<std::uint64_t>
      fleet_mask;  ///< [fleets] rules hit by being of that fleet; empty when there is no fleet rule
  struct DaySpan {
    std::uint32_t from, to;
    std::uint8_t bit;
    bool negate;
  };  ///< seconds of the day, inclusive; from > to wraps
  std::vector<DaySpan> day_spans;
};
/// Error(usage) names a rule whose column or fleet is unknown, with the nearest known one.
CompiledGuardrails compile_guardrails(const Policy& policy, const std::vector<std::string>& columns,
                                      const std::vector<std::string>& fleets, const std::string& file);

/// The nearest of `known` by edit distance, or empty when none is near.
std::string nearest_name(const std::string& word, const std::vector<std::string>& known);

}  // namespace npo
