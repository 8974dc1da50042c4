#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/study_point.hpp"

/// What a study records of a replicate at a checkpoint, and how metrics follow from it.
///
/// Kernels write *columns* (plain numbers, most of them counts since the last checkpoint); a *metric* is one
/// column over another, or a column alone. The reported mean of a ratio is the ratio of totals over
/// replicates; variance and quantiles are over the replicates' own ratios. A ratio is undefined in a
/// replicate where its denominator is 0.
namespace npo {

/// Columns of kind bandit; `arm` + k is arm k.
enum class BanditColumn : std::uint32_t {
  episodes,  ///< since the last checkpoint
  regret,    ///< since the start: sum of (best mean - mean of the arm played), from the known means
  reward,    ///< successes since the last checkpoint
  best,      ///< plays of an arm with the best mean since the last checkpoint
  arm        ///< plays of arm k since the last checkpoint
};

/// Columns of kind loop. All are over the episodes since the last checkpoint, unless said otherwise; what is
/// counted is what the operator did, whatever the ablation hides from the learner. `arm` + k is arm k.
enum class LoopColumn : std::uint32_t {
  episodes,
  blocked,    ///< episodes whose scenario is blocked
  decisions,  ///< episodes whose scenario is not
  surfaced,   ///< decisions surfaced
  overrides,  ///< answers over all decisions
  likes,
  neutrals,
  skips,
  overrides_surfaced,  ///< overrides of surfaced decisions
  loss,                ///< sum of l(f) over decisions
  excess,              ///< the same minus L_floor for each decision
  truths,              ///< evaluations of the true expected loss (every 10 episodes)
  expected_loss,       ///< sum of the true expected loss over them
  updates,             ///< score updates that were applied
  prediction_loss,     ///< sum of (y - R)^2 over them
  watches,             ///< evaluations of the truth that count for fidelity (LoopRefill says which)
  hits,                ///< of these, alarm = truth
  truth_high,          ///< of these, G_t = 1
  alarms,              ///< of these, A_t = 1
  estimates,           ///< of these, those with a full window
  loss_gap,            ///< sum of |Lhat - true expected loss| over them
  policy_gap,          ///< sum of pi(Lhat) - pi(true expected loss) over them, smooth policy
  balanced,            ///< 1 where both truths occurred since the last checkpoint, else 0
  balanced_fidelity,   ///< mean of the two conditional hit rates where `balanced`, else 0
  retrains,            ///< since the start
  unnecessary,         ///< retrains since the start at a moment when G_t = 0
  score_error,         ///< mean of (R_s - p_s)^2 over the scenarios, at the checkpoint
  mean_score,          ///< mean of R_s over the scenarios, at the checkpoint
  arm                  ///< episodes in which arm k was drawn
};

/// Number of columns of a replicate. Arms past 32 have no column of their own.
std::uint32_t bandit_columns(std::uint32_t arms);
std::uint32_t loop_columns(std::uint32_t arms);

inline constexpr std::uint32_t no_column = 0xffffffffu;

/// How quantiles are binned: always 1025 bins.
enum class StudyBins : std::uint8_t {
  linear = 0,     ///< bin i holds what is nearest to low + i (high - low) / 1024, so that the ends are exact
  log_linear = 1  ///< numbers >= 0 rounded to 6 significant bits (relative error <= 1/64, integers to 64
                  ///< exact), over 32 octaves from 2^first_octave; smaller ones count as 0, larger as the top
};
inline constexpr std::uint32_t study_bins = 1025;

/// One metric of a kind.
struct StudyMetric {
  std::string name = {}, unit = "1", long_name = {};
  std::uint32_t numerator = 0, denominator = no_column;  ///< columns
  StudyBins bins = StudyBins::linear;
  float low = 0.0f, high = 1.0f;  ///< of linear bins
  int first_octave = 0;           ///< of log-linear bins
  /// |value| is at most 1 or, where true, the checkpoint's episode number (sums are scaled accordingly).
  bool grows = false;
};

/// bandit: regret, reward, best_arm_share, arm_share_0 ... (arms up to 32).
std::vector<StudyMetric> bandit_metrics(std::uint32_t arms);

/// loop: feedback_loss, excess_loss, expected_loss, prediction_loss, override_rate, override_rate_surfaced,
/// like_rate, neutral_rate, skip_rate, surfaced_rate, blocked_rate, reward, monitor_fidelity, truth_rate,
/// alarm_rate, balanced_fidelity, retrains, unnecessary_retrain_share, score_error, mean_score, loss_gap,
/// policy_gap, arm_share_0 ...
std::vector<StudyMetric> loop_metrics(std::uint32_t arms);

/// Of any kind; those of kind ope stand in kernels/ope_world.hpp.
std::vector<StudyMetric> study_metrics(StudyKind kind, std::uint32_t arms);

}  // namespace npo
