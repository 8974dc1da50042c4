#pragma once
#include "kernels/loop_memory.hpp"
#include "kernels/study_metrics.hpp"

/// What is counted of a replicate's episodes, and how it becomes columns at a stop.
namespace npo {

/// Rows of a StudyBlock as lanes see them: [checkpoint][column][stride], from the pack's first lane on.
struct LoopColumns {
  float* values;
  std::size_t stride;
  std::uint32_t columns;

  NPO_HD float* at(std::uint32_t row, std::uint32_t column) const {
    return values + (std::size_t{row} * columns + column) * stride;
  }
  NPO_HD float* at(std::uint32_t row, LoopColumn column) const {
    return at(row, static_cast<std::uint32_t>(column));
  }
};

/// A stretch of episodes between two stops.
struct LoopStretch {
  std::uint32_t first, last;  ///< episodes first + 1 to last
  std::uint32_t row;          ///< of the checkpoint that they count for
};

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
  NPO_HD void count_watch(M where, M alarm, M truth, F gap, F policy_gap) {
    const M agree = (alarm & truth) | !(alarm | truth);
    hits_ = L::add_if(where, hits_, L::select(agree, U(0x10001u), U(1u)));
    highs_ = L::add_if(where & truth, highs_, U(1u));
    highs_ = L::add_if(where & alarm, highs_, U(0x10000u));
    gap_ = L::add_if(where, gap_, L::abs(gap));
    policy_gap_ = L::add_if(where, policy_gap_, policy_gap);
  }
  NPO_HD void count_retrain(M where, M truth) {
    retrains_ = L::add_if(where, retrains_, U(1u));
    unnecessary_ = L::add_if(where & !truth, unnecessary_, U(1u));
  }

  /// Adds the stretch to its row and starts afresh. `floor` is L_floor during the stretch.
  NPO_HD void flush(M where, const LoopStretch& stretch, F floor, const LoopColumns& out) {
    const std::uint32_t length = stretch.last - stretch.first;
    const U overrides = low(counts_), likes = high(counts_), neutrals = low(more_counts_),
            blocked = high(other_counts_), decisions = U(length) - blocked,
            skips = decisions - overrides - likes - neutrals;
    const F loss = L::fma(F(plan_.lambda), L::to_float(skips),
                          L::fma(F(0.5f), L::to_float(neutrals), L::to_float(overrides)));
    using C = LoopColumn;
    const auto add = [&](C column, F value) {
      float* const sum = out.at(stretch.row, column);
      L::store(sum, L::add_if(where, L::load(sum), value));
    };
    add(C::episodes, F(static_cast<float>(length)));
    add(C::blocked, L::to_float(blocked));
    add(C::decisions, L::to_float(decisions));
    add(C::surfaced, L::to_float(high(more_counts_)));
    add(C::overrides, L::to_float(overrides));
    add(C::likes, L::to_float(likes));
    add(C::neutrals, L::to_float(neutrals));
    add(C::skips, L::to_float(skips));
    add(C::overrides_surfaced, L::to_float(low(other_counts_)));
    add(C::loss, loss);
    add(C::excess, L::fnma(floor, L::to_float(decisions), loss));
    add(C::truths, F(static_cast<float>(stretch.last / 10 - stretch.first / 10)));
    add(C::expected_loss, expected_);
    add(C::updates, L::to_float(updates_));
    add(C::prediction_loss, prediction_);
    add(C::watches, L::to_float(low(hits_)));
    add(C::hits, L::to_float(high(hits_)));
    add(C::truth_high, L::to_float(low(highs_)));
    add(C::alarms, L::to_float(high(highs_)));
    add(C::loss_gap, gap_);
    add(C::policy_gap, policy_gap_);
    for (U* const sum : {&counts_, &more_counts_, &other_counts_, &updates_, &hits_, &highs_})
      *sum = L::select(where, U(0u), *sum);
    for (F* const sum : {&expected_, &prediction_, &gap_, &policy_gap_})
      *sum = L::select(where, F(0.0f), *sum);
  }

  /// Adds the episodes of each arm to the row.
  NPO_HD void flush_arms(M where, const LoopMemory& memory, std::uint32_t row, const LoopColumns& out) const {
    for (std::uint32_t k = 0; k < plan_.arms; ++k) {
      std::uint32_t* const played = memory.played + std::size_t{k} * memory.stride + memory.lane;
      float* const sum = out.at(row, static_cast<std::uint32_t>(LoopColumn::arm) + k);
      const U episodes = L::load(played);
      L::store(sum, L::add_if(where, L::load(sum), L::to_float(episodes)));
      L::store(played, L::select(where, U(0u), episodes));
    }
  }

  /// Columns that are set once a checkpoint, from those that were added up.
  NPO_HD void finish(M where, std::uint32_t row, F score_error, F mean_score, const LoopColumns& out) const {
    const auto get = [&](LoopColumn column) { return L::load(out.at(row, column)); };
    const auto set = [&](LoopColumn column, F value) {
      float* const place = out.at(row, column);
      L::store(place, L::select(where, value, L::load(place)));
    };
    const F all = get(LoopColumn::watches), agreed = get(LoopColumn::hits),
            raised = get(LoopColumn::truth_high), lowered = all - raised, none(0.0f), one(1.0f);
    const F right_alarms = F(0.5f) * (agreed + get(LoopColumn::alarms) + raised - all);
    const M both = (none < raised) & (none < lowered);
    const F hit_rates =
        L::div(right_alarms, L::max(raised, one)) + L::div(agreed - right_alarms, L::max(lowered, one));
    set(LoopColumn::balanced, L::select(both, one, none));
    set(LoopColumn::balanced_fidelity, L::select(both, F(0.5f) * hit_rates, none));
    set(LoopColumn::retrains, L::to_float(retrains_));
    set(LoopColumn::unnecessary, L::to_float(unnecessary_));
    set(LoopColumn::score_error, score_error);
    set(LoopColumn::mean_score, mean_score);
  }

 private:
  static NPO_HD U low(U pair) { return pair & U(0xffffu); }
  static NPO_HD U high(U pair) { return pair >> 16; }
  static NPO_HD void count(U& sum, const float* table, M where, U cell) {
    sum = L::add_if(where, sum, L::as_u(L::lookup(L::table(table), cell)));
  }

  const LoopPlan& plan_;
  /// Pairs of 16-bit counts, see LoopTables; hits_: watches | hits << 16, highs_: G_t = 1 | A_t = 1 << 16.
  U counts_ = U(0u), more_counts_ = U(0u), other_counts_ = U(0u), hits_ = U(0u), highs_ = U(0u);
  U updates_ = U(0u), retrains_ = U(0u), unnecessary_ = U(0u);
  F expected_ = F(0.0f), prediction_ = F(0.0f), gap_ = F(0.0f), policy_gap_ = F(0.0f);
};

}  // namespace npo
