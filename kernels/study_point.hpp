#pragma once
#include <cstdint>
#include <vector>

#include "kernels/study_policy.hpp"

/// A *point* of a study: one full set of parameters. Plain structs with the defaults of the specification;
/// `validate` says what is out of range. A *replicate* is one independent world at a point, an *episode* (or
/// step) one decision in it, both numbered, replicates from 0, episodes from 1.
namespace npo {

/// Values are stored in files.
enum class StudyKind : std::uint8_t { bandit = 0, loop = 1, ope = 2 };

/// Episodes of one replicate at most: counts in float lanes stay exact.
inline constexpr std::uint32_t max_horizon = 4'000'000;
inline constexpr std::uint32_t max_bandit_arms = 4095;
inline constexpr std::uint32_t max_bandit_segments = 4096;

/// A Bernoulli bandit: `arms` arms, one policy, `horizon` steps.
struct BanditPoint {
  PolicyOptions policy;
  std::uint32_t arms = 5;  ///< 2 to 32; up to 4095 on a slower path
  /// P(success), row-major [segment][arm], in [0, 1]. Empty: each replicate draws its own arms, a new set for
  /// each segment, from Beta(draw_a, draw_b).
  std::vector<double> means = {0.1, 0.3, 0.5, 0.7, 0.9};
  double draw_a = 1.0, draw_b = 1.0;  ///< 1 to 1e6
  /// Steps of a segment; 0: one segment for ever. The last given segment, or the 4096th, lasts to the end.
  std::uint32_t break_every = 0;
  std::uint32_t horizon = 1000;  ///< 1 to max_horizon
};

/// Which feedback a replicate's operator gives (spec section 8, steps 5 to 8). Shares and probabilities lie
/// in [0, 1].
struct LoopOperator {
  double look_surfaced = 0.9, look_withheld = 0.2;
  double neutral_share = 0.1;  ///< of right decisions that were looked at
  double lambda = 0.3;         ///< loss of a skipped decision
  double swap = 0.0;           ///< probability that like and override are exchanged
  double adversarial = 0.0;    ///< share of replicates whose operator exchanges them always instead
};

enum class LoopLatent : std::uint8_t {
  deterministic = 0,  ///< p_s is 1 with probability base_rate, else 0
  beta = 1,           ///< p_s ~ Beta(latent_a, latent_b)
  constant = 2        ///< p_s = base_rate for every scenario
};

/// The scenarios of a replicate and how their truth changes.
struct LoopWorld {
  std::uint32_t scenarios = 64;  ///< 1 to 65536
  LoopLatent latent = LoopLatent::deterministic;
  double base_rate = 0.5;
  double latent_a = 1.0, latent_b = 1.0;            ///< 1 to 1e6
  double initial_noise = 0.2, initial_slope = 0.3;  ///< R_s = clip(1/2 + slope (p_s - 1/2) + noise N(0,1))
  double zipf = 0.0;                                ///< exponent of the scenario's popularity; 0: uniform
  double blocked_share = 0.0;                       ///< of scenarios, blocked for good
  std::vector<std::uint32_t> drift_episodes;        ///< ascending; p_s are redrawn before these episodes
  double redraw = 1.0;                              ///< probability that a scenario is redrawn at a drift
};

/// What a score moves toward (spec section 3).
enum class LoopTarget : std::uint8_t { approval = 0, literal = 1 };
enum class LoopStep : std::uint8_t { constant = 0, robbins_monro = 1 };

/// How scores learn.
struct LoopLearning {
  LoopTarget target = LoopTarget::approval;
  LoopStep step = LoopStep::robbins_monro;
  double eta = 0.1;                       ///< constant, in [0, 1]
  double c = 1.0, n0 = 1.0, kappa = 1.0;  ///< min(1, c / (n + n0)^kappa); c > 0, n0 >= 0, kappa in (1/2, 1]
  std::uint32_t delay = 0;                ///< episodes until feedback arrives, 0 to 65536
};

enum class LoopMonitorKind : std::uint8_t { window = 0, ewma = 1, off = 2 };
enum class LoopReference : std::uint8_t { floor = 0, best = 1, absolute = 2 };
/// What a moment counts for in fidelity, truth rate and alarm rate while the window refills after a retrain:
/// a monitor that is silent (A_t = 0), or nothing.
enum class LoopRefill : std::uint8_t { silent = 0, outside = 1 };
enum class LoopOnAlarm : std::uint8_t { retrain = 0, watch = 1 };

/// The meta-monitor (spec section 7).
struct LoopMonitor {
  LoopMonitorKind kind = LoopMonitorKind::window;
  std::uint32_t window = 100;  ///< W, 1 to 65536
  double half_life = 100.0;    ///< ewma, in decisions
  LoopReference reference = LoopReference::floor;
  double delta = 0.1;  ///< the line is L_ref + delta
  double theta = 0.4;  ///< the line itself with reference absolute
  LoopOnAlarm on_alarm = LoopOnAlarm::retrain;
  std::uint32_t min_gap = 100;  ///< episodes between retrains, 0 to 2^31 - 1; the first one is free
  double noise = 0.0;           ///< standard deviation of normal noise on Lhat when the alarm is evaluated
  double smooth = 20.0;         ///< k of the smooth policy sigmoid(k (Lhat - line))
  LoopRefill refill = LoopRefill::silent;
};

/// What is taken away from the learner (spec section 8).
enum class LoopAblation : std::uint8_t {
  full = 0,
  no_override = 1,      ///< overrides reach the learner as skipped
  fixed_threshold = 2,  ///< tau = `LoopPoint::ablated_threshold`
  no_monitor = 3,
  fixed_interval = 4,  ///< a retrain every `LoopPoint::ablated_interval` episodes
  reward_only = 5      ///< scores and bandit learn from likes alone
};

/// The closed loop (spec section 8).
struct LoopPoint {
  PolicyOptions policy;
  std::vector<double> thresholds = {0.5, 0.6, 0.7, 0.8, 0.9};  ///< 2 to 32, ascending, in (0, 1)
  LoopWorld world;
  LoopOperator op;
  LoopLearning learning;
  LoopMonitor monitor;
  LoopAblation ablation = LoopAblation::full;
  double ablated_threshold = 0.7;
  std::uint32_t ablated_interval = 500;
  std::uint32_t horizon = 1000;  ///< 1 to max_horizon
};

/// Error(usage) that names the parameter, its value and its range.
void validate(const PolicyOptions& policy, std::uint32_t arms);
void validate(const BanditPoint& point);
void validate(const LoopPoint& point);

}  // namespace npo
