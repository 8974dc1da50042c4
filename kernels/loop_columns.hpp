#pragma once
#include "kernels/loop_tally.hpp"
#include "kernels/study_metrics.hpp"

/// Columns of a StudyBlock from the records of a pack.
namespace npo {

/// Where a pack writes: value [checkpoint][column][stride], from the pack's first lane on.
struct LoopColumns {
  float* values;
  std::size_t stride;
  std::uint32_t columns;

  NPO_HD float* at(std::uint32_t row, std::uint32_t column) const {
    return values + (std::size_t{row} * columns + column) * stride;
  }
};

template <class L>
class LoopColumnWriter {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD LoopColumnWriter(const LoopPlan& plan, const LoopMemory& memory, const LoopColumns& out)
      : plan_(plan), memory_(memory), out_(out) {}

  /// Adds the episodes up to each stop to the row they belong to; rows begin at 0.
  NPO_HD void operator()() const {
    for (std::uint32_t stop = 0; stop < plan_.stop_count; ++stop) {
      add_stretch(stop);
      if (plan_.stops[stop].checkpoint) finish(stop);
    }
  }

 private:
  NPO_HD const std::uint32_t* place(std::uint32_t stop, std::uint32_t row) const {
    return memory_.records + (std::size_t{stop} * (loop_record_rows + plan_.arms) + row) * memory_.stride +
           memory_.lane;
  }
  NPO_HD U since_start(std::uint32_t stop, LoopRecord row) const {
    return L::load(place(stop, static_cast<std::uint32_t>(row)));
  }
  NPO_HD F sum(std::uint32_t stop, LoopRecord row) const { return L::as_f(since_start(stop, row)); }
  NPO_HD U since_last(std::uint32_t stop, std::uint32_t row) const {
    const U now = L::load(place(stop, row));
    return stop == 0 ? now : now - L::load(place(stop - 1, row));
  }
  NPO_HD U since_last(std::uint32_t stop, LoopRecord row) const {
    return since_last(stop, static_cast<std::uint32_t>(row));
  }
  static NPO_HD U low(U pair) { return pair & U(0xffffu); }
  static NPO_HD U high(U pair) { return pair >> 16; }

  NPO_HD void add(std::uint32_t row, std::uint32_t column, F value) const {
    float* const total = out_.at(row, column);
    L::store(total, L::load(total) + value);
  }

  NPO_HD void add_stretch(std::uint32_t stop) const {
    using R = LoopRecord;
    using C = LoopColumn;
    const std::uint32_t first = stop == 0 ? 0 : plan_.stops[stop - 1].episode,
                        last = plan_.stops[stop].episode, row = plan_.stops[stop].row;
    const U answers = since_last(stop, R::counts), more = since_last(stop, R::more_counts),
            other = since_last(stop, R::other_counts), watched = since_last(stop, R::hits),
            highs = since_last(stop, R::highs);
    const U decisions = U(last - first) - high(other),
            skips = decisions - low(answers) - high(answers) - low(more);
    const F loss = L::fma(F(plan_.lambda), L::to_float(skips),
                          L::fma(F(0.5f), L::to_float(low(more)), L::to_float(low(answers))));
    const auto put = [&](C column, F value) { add(row, static_cast<std::uint32_t>(column), value); };
    const auto count = [&](C column, U value) { put(column, L::to_float(value)); };
    count(C::episodes, U(last - first));
    count(C::blocked, high(other));
    count(C::decisions, decisions);
    count(C::surfaced, high(more));
    count(C::overrides, low(answers));
    count(C::likes, high(answers));
    count(C::neutrals, low(more));
    count(C::skips, skips);
    count(C::overrides_surfaced, low(other));
    put(C::loss, loss);
    put(C::excess, L::fnma(sum(stop, R::floor), L::to_float(decisions), loss));
    count(C::truths, U(last / 10 - first / 10));
    put(C::expected_loss, sum(stop, R::expected_loss));
    count(C::updates, since_last(stop, R::updates));
    put(C::prediction_loss, sum(stop, R::prediction_loss));
    count(C::watches, low(watched));
    count(C::hits, high(watched));
    count(C::truth_high, low(highs));
    count(C::alarms, high(highs));
    count(C::estimates, since_last(stop, R::estimates));
    put(C::loss_gap, sum(stop, R::loss_gap));
    put(C::policy_gap, sum(stop, R::policy_gap));
    for (std::uint32_t k = 0; k < plan_.arms; ++k)
      add(row, static_cast<std::uint32_t>(C::arm) + k, L::to_float(since_last(stop, loop_record_rows + k)));
  }

  /// Columns that are set once a checkpoint.
  NPO_HD void finish(std::uint32_t stop) const {
    using R = LoopRecord;
    using C = LoopColumn;
    const std::uint32_t row = plan_.stops[stop].row;
    const auto get = [&](C column) { return L::load(out_.at(row, static_cast<std::uint32_t>(column))); };
    const auto set = [&](C column, F value) {
      L::store(out_.at(row, static_cast<std::uint32_t>(column)), value);
    };
    const F all = get(C::watches), agreed = get(C::hits), raised = get(C::truth_high), lowered = all - raised,
            none(0.0f), one(1.0f);
    const F right_alarms = F(0.5f) * (agreed + get(C::alarms) + raised - all);
    const M both = (none < raised) & (none < lowered);
    const F hit_rates =
        L::div(right_alarms, L::max(raised, one)) + L::div(agreed - right_alarms, L::max(lowered, one));
    set(C::balanced, L::select(both, one, none));
    set(C::balanced_fidelity, L::select(both, F(0.5f) * hit_rates, none));
    set(C::retrains, L::to_float(since_start(stop, R::retrains)));
    set(C::unnecessary, L::to_float(since_start(stop, R::unnecessary)));
    set(C::score_error, L::to_float(since_start(stop, R::squared_error)) * F(plan_.scenario_unit));
    set(C::mean_score, L::to_float(since_start(stop, R::scores)) * F(plan_.scenario_unit));
  }

  const LoopPlan& plan_;
  const LoopMemory& memory_;
  LoopColumns out_;
};

}  // namespace npo
