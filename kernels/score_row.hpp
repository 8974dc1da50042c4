#pragma once
#include "kernels/elementary.hpp"
#include "kernels/lane/scalar.hpp"
#include "kernels/score_tables.hpp"

/// Scoring of one row, written once over a lane type: model score, carried correction, guardrails, threshold,
/// propensity (spec sections 2, 4 and 5).
namespace npo {

/// One feature after its transform. Where the result is not a finite number, neither is the row's dot
/// product.
template <class L>
NPO_HD typename L::F transformed(typename L::F x, typename L::U kind) {
  using F = typename L::F;
  using U = typename L::U;
  const auto is = [&](Transform t) { return kind == U(static_cast<std::uint32_t>(t)); };
  F y = x;
  const auto log = is(Transform::log1p), root = is(Transform::sqrt), sign = is(Transform::positive);
  if (L::any(log)) y = L::select(log, elementary::log1p<L>(x), y);
  if (L::any(root)) y = L::select(root, L::sqrt(x), y);
  if (L::any(sign)) {
    const F one = L::select(F(0.0f) < x, F(1.0f), F(0.0f));
    y = L::select(sign, L::select(L::abs(x) < F(elementary::infinity), one, x), y);
  }
  return y;
}

/// Bits of the guardrails that a row hits.
template <class L>
struct GuardrailMask {
  typename L::U low, high;
  NPO_HD typename L::M any() const { return !((low | high) == typename L::U(0u)); }
};

template <class L>
struct RowDecision {
  typename L::U decision;
  typename L::F p_surfaced;
};

/// The steps from a row's dot product to its decision. A driver calls them in the order in which they stand
/// here, one row after the other or step by step over many rows. A row that cannot be scored has the one NaN
/// as its score.
template <class L>
class ScoreRow {
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

 public:
  NPO_HD explicit ScoreRow(const ScoreTables& tables) : tables_(tables) {}

  /// m(x) of the dot product of weights and transformed features; NaN where that or `carried` is not finite.
  NPO_HD F base_score(F dot, F carried) const {
    const F z = dot + F(tables_.bias);
    const F nothing = (z - z) + (carried - carried);  // 0 of numbers, NaN of everything else
    const F m = elementary::sigmoid_number<L>(z) + nothing;
    return L::select(L::is_nan(m), elementary::the_nan<L>(), m);
  }

  /// R from m(x) and what feedback taught about the scenario, `no_correction` where that is nothing (spec
  /// section 2).
  NPO_HD F score(F base, F carried) const {
    const M as_modelled = (carried == F(no_correction)) | L::is_nan(base);
    if (tables_.carry == Carry::reset || L::all(as_modelled)) return base;
    if (tables_.carry == Carry::keep) return L::select(as_modelled, base, carried);
    const F correction = L::select(as_modelled, F(0.0f), carried);
    return L::select(as_modelled, base, elementary::shift_log_odds<L>(base, correction));
  }

  /// Guardrails over the score, bit 63 for a row that cannot be scored among them.
  NPO_HD GuardrailMask<L> score_mask(F score) const {
    GuardrailMask<L> mask{U(0u), L::select(L::is_nan(score), U(1u << (nan_bit - 32)), U(0u))};
    for (int r = 0; r < tables_.score_rule_count; ++r) add_hits(tables_.score_rules[r], score, mask);
    return mask;
  }

  /// The threshold of `arm` and the propensity, for rows of which some are `blocked`. `fleet_row` is the
  /// fleet's first entry in `fleet_surface_probability`. `between` is called between thresholds, where a
  /// driver may ask for memory.
  template <class Between>
  NPO_HD RowDecision<L> decide(F score, M blocked, U arm, U fleet_row, const Between& between) const {
    U reached(0u);
    for (int k = 0; k < tables_.arms; ++k) {
      between();
      reached = L::add_if(F(tables_.thresholds[k]) <= score, reached, U(1u));
    }
    // Thresholds ascend: a score that reaches the arm's own reaches more than `arm` of them.
    const M surfaced = L::signed_le(arm + U(1u), reached);
    const U unblocked = L::select(surfaced, code(Decision::surfaced), code(Decision::withheld));
    const F p = L::gather(tables_.fleet_surface_probability, fleet_row + reached);
    return {L::select(blocked, code(Decision::blocked), unblocked), L::select(blocked, F(0.0f), p)};
  }

 private:
  static NPO_HD U code(Decision decision) { return U(static_cast<std::uint32_t>(decision)); }

  static NPO_HD void add_hits(const ScoreRule& rule, F x, GuardrailMask<L>& mask) {
    M hit = lane::within<L>(F(rule.lo), x, F(rule.hi));
    if (rule.negate) hit = !hit;
    mask.low = L::select(hit, mask.low | U(rule.low_bit), mask.low);
    mask.high = L::select(hit, mask.high | U(rule.high_bit), mask.high);
  }

  const ScoreTables& tables_;
};

}  // namespace npo
