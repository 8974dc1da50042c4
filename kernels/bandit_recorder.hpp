#pragma once
#include "kernels/bandit_plan.hpp"

/// One bandit alone, whose words are read while it runs: for traces, which stop after every step.
namespace npo {

class BanditRecorder {
 public:
  virtual ~BanditRecorder() = default;
  /// Word `row` of stop `stop`, in the order of kernels/bandit_plan.hpp.
  virtual void take(std::uint32_t stop, std::uint32_t row, std::uint32_t word) = 0;
};

/// `rows` are zero, for one lane.
void record_bandit(const BanditPlan& plan, std::uint64_t entity, const BanditRows& rows,
                   BanditRecorder& recorder);

}  // namespace npo
