#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "kernels/bandit_plan.hpp"
#include "kernels/study_run.hpp"

/// A bandit point prepared for simulation: what the CPU driver, the CUDA driver and the trace share.
namespace npo {

class BanditTable {
 public:
  /// Error(usage) for a point out of range, Error(internal) for checkpoints that do not ascend from 1 to the
  /// horizon.
  BanditTable(const BanditPoint& point, StudySeed seed, std::span<const std::uint32_t> checkpoints);

  /// Points into this table.
  BanditPlan plan() const;
  std::span<const std::uint32_t> stops() const { return stops_; }
  std::span<const std::uint32_t> segments() const { return segments_; }
  std::span<const float> mean24() const { return mean24_; }
  std::size_t checkpoints() const { return checkpoints_; }
  /// Words that a replicate records: stops x rows.
  std::size_t record_words() const { return stops_.size() * plan().rows(); }

  /// Turns the records of up to 16 neighbouring replicates, word w of replicate i at record[w * stride + i],
  /// into columns of `block` from replicate `at` on.
  void collect(const std::uint32_t* record, std::size_t stride, std::size_t lanes, StudyBlock& block,
               std::size_t at) const;

  /// Best mean - mean of arm k in a segment of given arms.
  double gap(std::uint32_t segment, std::uint32_t k) const { return gap_[segment * arms() + k]; }
  std::uint32_t arms() const { return policy_.arms; }
  bool draws_arms() const { return mean24_.empty(); }

 private:
  void cut_time(const BanditPoint& point, std::span<const std::uint32_t> checkpoints);
  void take_means(const BanditPoint& point);

  ArmPlan policy_;
  StudySeed seed_;
  float draw_a_, draw_b_;
  std::size_t checkpoints_ = 0;
  std::vector<std::uint32_t> stops_, segments_;
  std::vector<bool> is_checkpoint_;  ///< [stops]
  std::vector<float> mean24_;        ///< [segment][arm]
  std::vector<double> gap_;          ///< [segment][arm]
};

/// Memory of the general path for one pack of up to 16 lanes; nothing for the joint path.
class BanditWorkspace {
 public:
  explicit BanditWorkspace(const BanditPlan& plan);
  /// All zero, ready for the next pack.
  BanditRows rows();

 private:
  static constexpr std::size_t stride = 16;
  bool slides_;
  std::vector<float> success_, failure_, mean24_;
  std::vector<std::uint32_t> plays_, learned_;
  std::vector<std::uint16_t> recent_;
};

}  // namespace npo
