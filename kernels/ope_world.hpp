#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ope_terms.hpp"
#include "kernels/study_block.hpp"
#include "kernels/study_metrics.hpp"
#include "kernels/study_run.hpp"

/// Worlds with known truth in which off-policy estimators are put to the test: a replicate is a world with
/// its log, an episode a logged row.
namespace npo {

/// A world has `contexts` equally likely contexts and draws for each context c and action a, from four
/// independent uniforms u on (0, 1): the mean reward q = 2 base_rate u1 (rewards are 0 or 1); the logging
/// policy, softmax of logging_sharpness (2 u2 - 1) over actions; the target, softmax of target_sharpness
/// (2 u1 - 1), which prefers what pays; the reward model, q + model_bias + model_noise (2 u3 - 1) cut to
/// [0, 1]. The model is given, not fitted, so that its error is known.
struct OpePoint {
  std::uint32_t contexts = 20, actions = 5;                ///< 1 to 1024; 2 to 64
  double base_rate = 0.25;                                 ///< (0, 0.5]
  double logging_sharpness = 2.0, target_sharpness = 2.0;  ///< [0, 20]
  double model_bias = 0.05, model_noise = 0.1;             ///< [-1, 1]; [0, 1]
  double clip = 10.0;                                      ///< of clipped weights and of switch_dr; (0, 1e6]
  double shrinkage = 100.0;                                ///< of dros; [0, 1e9]
  double subgaussian = 0.05;                               ///< [0, 1)
  std::uint32_t horizon = 1000;
};
/// Error(usage) that names the parameter, its value and its range.
void validate(const OpePoint& point);

/// Columns of kind ope, at a checkpoint, of all rows so far. `error` + 2 e and the one after it belong to the
/// e-th of ope_study_estimators.
enum class OpeColumn : std::uint32_t {
  effective_share,    ///< effective rows over rows
  mean_weight_error,  ///< mean weight - 1, cut to [-1, 1]
  ips_theory,         ///< variance of the estimate over logs of this world: its expected squared error
  dm_theory,          ///< the same, with the bias
  dr_theory,
  ips_covered,  ///< 1 where estimate +- 1.96 standard errors holds the truth
  snips_covered,
  dr_covered,
  bernstein_covered,  ///< of the empirical Bernstein interval of ips at 95 %
  bernstein_width,    ///< its half width, cut to 1
  error               ///< estimate - truth, cut to [-1, 1]; then its square
};
inline constexpr OpeEstimator ope_study_estimators[] = {OpeEstimator::ips,
                                                        OpeEstimator::clipped_ips,
                                                        OpeEstimator::snips,
                                                        OpeEstimator::clipped_snips,
                                                        OpeEstimator::subgaussian_ips,
                                                        OpeEstimator::dm,
                                                        OpeEstimator::dr,
                                                        OpeEstimator::sndr,
                                                        OpeEstimator::switch_dr,
                                                        OpeEstimator::dros};
inline constexpr std::size_t ope_study_estimator_count = std::size(ope_study_estimators);
inline constexpr std::uint32_t ope_columns =
    static_cast<std::uint32_t>(OpeColumn::error) + 2 * static_cast<std::uint32_t>(ope_study_estimator_count);

/// ips_error, ips_squared_error, clipped_ips_error, ...; the other columns under their names.
std::vector<StudyMetric> ope_metrics();

/// As simulate_bandits: a replicate depends on point, seed and its number alone.
void simulate_ope(const OpePoint& point, StudySeed seed, ReplicateRange replicates,
                  std::span<const std::uint32_t> checkpoints, StudyBlock& block);

/// One world, for tests and traces.
struct OpeWorld {
  OpeWorld(const OpePoint& point, StudySeed seed, std::uint64_t replicate);
  std::size_t cell(std::size_t context, std::size_t action) const { return context * actions + action; }

  std::size_t contexts, actions;
  std::vector<double> reward, logging, target, model;  ///< [contexts][actions]
  std::vector<double> direct;                          ///< [contexts] mean of the model under the target
  double truth = 0.0;                                  ///< mean reward of the target
  double largest_weight = 0.0;
  double ips_variance = 0.0, dr_variance = 0.0, dm_variance = 0.0;  ///< of one row's term
  double dm_bias = 0.0;
};

}  // namespace npo
