#pragma once
#include "kernels/loop_memory.hpp"

/// Scores, latent approvals and step counters in memory.
namespace npo {

/// On the short path (not `general`) approvals are 0 or 1 and live in the sign bits of the scores.
template <class L, bool general>
class LoopScores {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD explicit LoopScores(const LoopMemory& memory)
      : memory_(memory), places_{memory.stride, memory.lane} {}

  NPO_HD U place_of(U scenario) const { return places_(scenario); }

  /// One scenario for each lane.
  NPO_HD void read(U place, F& score, F& latent) const {
    const F stored = L::gather(memory_.score, place);
    if constexpr (general) {
      score = stored;
      latent = L::gather(memory_.latent, place);
    } else {
      unpack(stored, score, latent);
    }
  }
  NPO_HD U steps(U place) const { return L::gather(memory_.steps, place); }
  NPO_HD void write(U place, F score, F latent, U steps) const {
    L::scatter(memory_.score, place, general ? score : pack(score, latent));
    L::scatter(memory_.steps, place, steps);
  }

  /// Scenario s of all lanes.
  NPO_HD void read_row(std::uint32_t s, F& score, F& latent) const {
    const F stored = L::load(memory_.score + places_.row(s));
    if constexpr (general) {
      score = stored;
      latent = L::load(memory_.latent + places_.row(s));
    } else {
      unpack(stored, score, latent);
    }
  }
  NPO_HD void write_row(std::uint32_t s, F score, F latent) const {
    float* const place = memory_.score + places_.row(s);
    if constexpr (general) {
      L::store(place, score);
      L::store(memory_.latent + places_.row(s), latent);
    } else {
      L::store(place, pack(score, latent));
    }
  }
  NPO_HD void restart_steps(std::uint32_t s, M where) const {
    L::store_if(where, memory_.steps + places_.row(s), U(0u));
  }

 private:
  static NPO_HD F pack(F score, F latent) {
    return L::as_f(L::as_u(score) | L::select(latent == F(1.0f), U(0x80000000u), U(0u)));
  }
  static NPO_HD void unpack(F stored, F& score, F& latent) {
    score = L::abs(stored);
    latent = L::select(L::as_u(stored) >> 31 == U(1u), F(1.0f), F(0.0f));
  }

  const LoopMemory& memory_;
  LoopPlaces<L> places_;
};

}  // namespace npo
