#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/simd_level.hpp"
#include "kernels/study_block.hpp"
#include "kernels/study_point.hpp"

/// Simulating replicates of a study point. A replicate's result is a function of point, seed and its number
/// alone: never of the block it is computed in, its lane, the level or the device.
namespace npo {

/// Where random words come from: Philox key `seed`; entity = replicate + stream 2^40, step = episode, the
/// purposes are those of kernels/random_purpose.hpp.
struct StudySeed {
  std::uint64_t seed = 1;
  std::uint32_t stream = 0;  ///< 0 for common random numbers at all points; below 2^24
};
constexpr std::uint64_t study_entity(StudySeed seed, std::uint64_t replicate) {
  return std::uint64_t{seed.stream} << 40 | replicate;
}

/// Simulates the replicates up to the last checkpoint and fills `block` with the columns of
/// kernels/study_metrics.hpp. `checkpoints` are episode numbers, ascending, 1 to the horizon.
/// Error(usage) for a point out of range, Error(internal) for checkpoints or ranges that are not as said.
void simulate_bandits(const BanditPoint& point, StudySeed seed, ReplicateRange replicates,
                      std::span<const std::uint32_t> checkpoints, SimdLevel level, StudyBlock& block);
void simulate_loops(const LoopPoint& point, StudySeed seed, ReplicateRange replicates,
                    std::span<const std::uint32_t> checkpoints, SimdLevel level, StudyBlock& block);

/// The same on CUDA device `device`; Error(device) where CUDA is not built in or fails.
void simulate_bandits_cuda(const BanditPoint& point, StudySeed seed, ReplicateRange replicates,
                           std::span<const std::uint32_t> checkpoints, int device, StudyBlock& block);
void simulate_loops_cuda(const LoopPoint& point, StudySeed seed, ReplicateRange replicates,
                         std::span<const std::uint32_t> checkpoints, int device, StudyBlock& block);

/// Every episode of one bandit: columns of `horizon` rows, row i is episode i + 1.
struct BanditTrace {
  std::vector<std::uint32_t> arm;    ///< played
  std::vector<std::uint8_t> reward;  ///< 1 success, 0 failure
  std::vector<float> mean;           ///< P(success) of the arm played
  std::vector<float> best_mean;      ///< of the best arm
  std::vector<double> regret;        ///< sum of best_mean - mean so far
};
BanditTrace trace_bandit(const BanditPoint& point, StudySeed seed, std::uint64_t replicate);

/// Every episode of one loop: columns of `horizon` rows, row i is episode i + 1.
struct LoopTrace {
  std::vector<std::uint32_t> scenario;
  std::vector<std::uint8_t> arm;           ///< threshold drawn
  std::vector<std::uint8_t> decision;      ///< npo::Decision
  std::vector<std::uint8_t> feedback;      ///< npo::FeedbackKind; skipped where blocked
  std::vector<std::uint8_t> wanted;        ///< z: 1 where the operator wants the scenario acted on
  std::vector<float> latent;               ///< p_s of the scenario
  std::vector<float> score;                ///< R_s that was decided on
  std::vector<float> monitored_loss;       ///< Lhat after the episode; -1 while the monitor is silent
  std::vector<float> line;                 ///< L_ref + delta
  std::vector<float> expected_loss;        ///< true expected loss; -1 where it was not evaluated
  std::vector<std::uint8_t> alarm, truth;  ///< A_t and G_t (truth 255 where it was not evaluated)
  std::vector<std::uint8_t> scored;        ///< 1 where A_t and G_t count for fidelity
  std::vector<std::uint8_t> retrain;
};
LoopTrace trace_loop(const LoopPoint& point, StudySeed seed, std::uint64_t replicate);

/// What every simulation checks first: Error(internal) for a range of replicates that is not as said at
/// ReplicateRange or a stream past 2^24, and for checkpoints that do not ascend from 1 to the horizon;
/// Error(usage) for a level that this machine cannot run.
void check_replicates(StudySeed seed, ReplicateRange replicates);
void check_checkpoints(std::span<const std::uint32_t> checkpoints, std::uint32_t horizon);
void require_level(SimdLevel level);

}  // namespace npo
