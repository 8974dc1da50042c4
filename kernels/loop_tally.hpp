#pragma once
#include "kernels/loop_truth.hpp"

/// What is counted of a replicate's episodes, and what is written down of it at a stop.
namespace npo {

/// Rows of a record: what a lane has at a stop. Counts are since the start, modulo 2^32 (pairs of 16-bit
/// counts too: the difference of two records holds both, as long as no more than 65535 come in between); sums
/// of floats are since the last stop. Rows of arms follow.
enum class LoopRecord : std::uint32_t {
  counts,        ///< override | like << 16
  more_counts,   ///< neutral | surfaced << 16
  other_counts,  ///< override of a surfaced decision | blocked << 16
  hits,          ///< watched moments | alarm = truth << 16
  highs,         ///< G_t = 1 | A_t = 1 << 16
  estimates,     ///< watched moments with a full window
  updates,
  retrains,
  unnecessary,
  expected_loss,
  prediction_loss,
  loss_gap,
  policy_gap,
  floor,  ///< L_floor since the last stop
  squared_error,
  scores,
  arm
};
static_assert(static_cast<std::uint32_t>(LoopRecord::arm) == loop_record_rows);

template <class L>
class LoopTally {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD explicit LoopTally(const LoopPlan& plan) : plan_(plan) {}

  /// What the operator did.
  NPO_HD void count_answer(M where, U cell) {
    count(counts_, plan_.tables.counts, where, cell);
    count(more_counts_, plan_.tables.more_counts, where, cell);
    count(other_counts_, plan_.tables.other_counts, where, cell);
  }
  NPO_HD void count_update(M where, F error) {
    updates_ = L::add_if(where, updates_, U(1u));
    prediction_ = L::add_if(where, prediction_, error * error);
  }
  NPO_HD void count_truth(M where, F loss) { expected_ = L::add_if(where, expected_, loss); }
  /// A moment at which the alarm is held against the truth; `full` where there is an estimate, whose gaps
  /// are given.
  NPO_HD void count_watch(M where, M full, M alarm, M truth, F gap, F policy_gap) {
    const M agree = (alarm & truth) | !(alarm | truth);
    hits_ = L::add_if(where, hits_, L::select(agree, U(0x10001u), U(1u)));
    highs_ = L::add_if(where & truth, highs_, U(1u));
    highs_ = L::add_if(where & alarm, highs_, U(0x10000u));
    const M estimated = where & full;
    estimates_ = L::add_if(estimated, estimates_, U(1u));
    gap_ = L::add_if(estimated, gap_, L::abs(gap));
    policy_gap_ = L::add_if(estimated, policy_gap_, policy_gap);
  }
  NPO_HD void count_retrain(M where, M truth) {
    retrains_ = L::add_if(where, retrains_, U(1u));
    unnecessary_ = L::add_if(where & !truth, unnecessary_, U(1u));
  }

  /// Writes down a stop, before a drift.
  NPO_HD void record(M where, std::uint32_t stop, F floor, const LoopTruth<L>& truth,
                     const LoopMemory& memory) {
    std::uint32_t* row =
        memory.records + (std::size_t{stop} * (loop_record_rows + plan_.arms)) * memory.stride + memory.lane;
    const auto put = [&](U value) {
      L::store_if(where, row, value);
      row += memory.stride;
    };
    const auto put_and_restart = [&](F& sum) {
      put(L::as_u(sum));
      sum = L::select(where, F(0.0f), sum);
    };
    put(counts_);
    put(more_counts_);
    put(other_counts_);
    put(hits_);
    put(highs_);
    put(estimates_);
    put(updates_);
    put(retrains_);
    put(unnecessary_);
    put_and_restart(expected_);
    put_and_restart(prediction_);
    put_and_restart(gap_);
    put_and_restart(policy_gap_);
    put(L::as_u(floor));
    put(truth.squared_error());
    put(truth.scores());
    for (std::uint32_t k = 0; k < plan_.arms; ++k, row += memory.stride)
      L::store_if(where, row, L::load(memory.played + std::size_t{k} * memory.stride + memory.lane));
  }

 private:
  static NPO_HD void count(U& sum, const float* table, M where, U cell) {
    sum = L::add_if(where, sum, L::as_u(L::lookup(L::table(table), cell)));
  }

  const LoopPlan& plan_;
  /// See LoopRecord.
  U counts_ = U(0u), more_counts_ = U(0u), other_counts_ = U(0u), hits_ = U(0u), highs_ = U(0u);
  U estimates_ = U(0u), updates_ = U(0u), retrains_ = U(0u), unnecessary_ = U(0u);
  F expected_ = F(0.0f), prediction_ = F(0.0f), gap_ = F(0.0f), policy_gap_ = F(0.0f);
};

}  // namespace npo
