#pragma once
#include "kernels/loop_monitor.hpp"
#include "kernels/loop_operator.hpp"
#include "kernels/loop_scores.hpp"
#include "kernels/loop_tally.hpp"
#include "kernels/loop_world.hpp"
#include "kernels/running_score.hpp"

/// The closed loop of spec section 8: one replicate a lane, one episode a step. A lane whose arm was refused
/// does not advance and tries again with the next attempt, so lanes are at episodes of their own. Random
/// words by (purpose, step, block), t the episode and a the attempt at its arm:
///   loop_episode t 0           word 0: scenario and answer
///   loop_episode t + a 2^22 0  words 1 to 3: arm
///   loop_episode t + a 2^22 b  arm, b from 1 on
///   loop_scenario t 0          words 0 and 1: scenario, word 2: answer (where the plan is `wide`)
///   loop_noise t 0             words 0 and 1: noise of the monitored loss
namespace npo {

/// What happened in an episode, for a trace.
template <class L>
struct LoopFacts {
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;
  M happened;  ///< false where the arm was refused
  U scenario, arm, cell;
  F score, latent, luck;  ///< luck decides the answer
  F monitored, line, expected;
  M counts;  ///< for fidelity, where it is a tenth episode
  M speaks, alarm, truth, retrain;
};

/// Lanes of replicates. `Chooser` draws arms and learns from likes and overrides (kernels/loop_chooser.hpp);
/// `general` has everything, the short path what LoopPlanData::simple says.
template <class L, class Chooser, bool general>
class LoopReplicates {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;
  static constexpr int arms = Chooser::arms;

  NPO_HD LoopReplicates(const LoopPlan& plan, const LoopMemory& memory, const PhiloxKey& key,
                        const BetaSampler<L>& sampler, Chooser& chooser, LoopEntity<L> entity)
      : plan_(plan),
        memory_(memory),
        places_{memory.stride, memory.lane},
        random_(key),
        sampler_(sampler),
        chooser_(chooser),
        entity_(entity),
        operator_(plan),
        scores_(memory),
        truth_(plan, memory),
        monitor_(plan, memory),
        tally_(plan) {}

  /// Draws the worlds of the first `count` lanes; the others stay idle.
  NPO_HD void begin(int count) {
    const M all = L::first(count);
    episode_ = L::select(all, U(1u), U(plan_.horizon + 1));
    const LoopWorldDrawer<L> world(plan_, random_, sampler_, entity_);
    operator_.set_adversarial(world.draw_adversarial());
    for (std::uint32_t s = 0; s < plan_.scenarios; ++s) {
      M unused;
      const F latent = world.draw_latent(s, 0, all, unused);
      scores_.write_row(s, world.draw_score(s, latent), latent);
      scores_.restart_steps(s, all);
    }
    for (std::uint32_t i = 0; i < plan_.delay; ++i)
      L::store(memory_.pending + places_.row(i), U(loop_no_cell));
    for (std::uint32_t k = 0; k < plan_.arms; ++k) L::store(memory_.played + places_.row(k), U(0u));
    if (plan_.drift_at_start) redraw(1, all);
    survey(all);
    next_stop_ = U(plan_.stops[0].episode);
    next_retrain_ = U(plan_.interval);
  }

  NPO_HD M alive() const { return L::signed_le(episode_, U(plan_.horizon)); }

  /// One episode in each live lane whose arm is accepted.
  NPO_HD LoopFacts<L> advance() {
    LoopFacts<L> facts;
    U words[4 * Chooser::blocks];
    random_.template lane_step<Chooser::blocks>(philox_selector(RandomPurpose::loop_episode, 0, 0),
                                                entity_.low, episode_ | attempt_ << attempt_bit, entity_.high,
                                                words);
    world_word_ = L::select(attempt_ == U(0u), words[0], world_word_);
    const auto more = [this](U attempt, std::uint32_t block, U* out) {
      draw(RandomPurpose::loop_episode, episode_ | attempt << attempt_bit, block, out);
    };
    const M live = alive(), happened = chooser_.choose(words + 1, more, attempt_, live, facts.arm) & live;
    facts.happened = happened;

    const LoopCase<L> now = operator_.choose(
        world_word_, [this](U* wide) { draw(RandomPurpose::loop_scenario, episode_, 0, wide); });
    facts.scenario = now.scenario;
    facts.luck = now.luck;
    const U place = scores_.place_of(now.scenario);
    scores_.read(place, facts.score, facts.latent);
    facts.cell = operator_.answer(now, threshold(facts.arm), facts.score, facts.latent);
    tally_.count_answer(happened, facts.cell);
    truth_.template count<arms>(happened, facts.arm);

    learn(facts, place);
    judge(facts);
    if (__builtin_expect(L::any(facts.retrain), 0)) retrain(facts);
    finish_episode(happened);
    return facts;
  }

 private:
  static constexpr int attempt_bit = 22;
  static_assert(max_horizon < 1u << attempt_bit);

  NPO_HD void draw(RandomPurpose purpose, U step, std::uint32_t block, U* words) const {
    random_.lane_step(philox_selector(purpose, 0, block), entity_.low, step, entity_.high, words);
  }

  NPO_HD F threshold(U arm) const {
    if constexpr (arms > 0 && arms <= 16) return L::lookup(L::table(plan_.tables.threshold), arm);
    return L::gather(plan_.tables.threshold, arm);
  }

  /// Score, bandit and monitor take in the feedback that arrives now.
  NPO_HD void learn(const LoopFacts<L>& facts, U place) {
    if constexpr (general) {
      if (plan_.delay > 0) {
        const U ring = places_(pending_at_), arriving = L::gather(memory_.pending, ring);
        const U sent = facts.cell | facts.arm << 4 | facts.scenario << 9;
        L::scatter(memory_.pending, ring, L::select(facts.happened, sent, arriving));
        pending_at_ = L::add_if(facts.happened, pending_at_, U(1u));
        pending_at_ = L::select(pending_at_ == U(plan_.delay), U(0u), pending_at_);
        const U then = scores_.place_of(arriving >> 9);
        F score, latent;
        scores_.read(then, score, latent);
        return learn_from(facts.happened, arriving & U(15u), (arriving >> 4) & U(31u), then, score, latent,
                          arriving >> 9);
      }
    }
    learn_from(facts.happened, facts.cell, facts.arm, place, facts.score, facts.latent, facts.scenario);
  }

  NPO_HD void learn_from(M happened, U cell, U arm, U place, F score, F latent, U scenario) {
    const F target = L::lookup(L::table(plan_.tables.target), cell), error = target - score;
    const M moves = happened & (F(0.0f) <= target);
    const U taken = scores_.steps(place), next = taken + U(1u);
    const F moved = L::select(moves, score + step_size<L>(plan_.step, next) * error, score);
    scores_.write(place, moved, latent, L::select(moves, next, taken));
    tally_.count_update(moves, error);
    follow(score, moved, latent, scenario);

    const F credit = L::lookup(L::table(plan_.tables.credit), cell);
    chooser_.learn(arm, happened & (F(0.0f) < credit), happened & (credit < F(0.0f)));
    M counted = happened;
    if constexpr (general) counted = happened & !(cell == U(loop_no_cell));
    monitor_.watch(counted, cell);
  }

  NPO_HD void follow(F before, F after, F latent, U scenario) {
    U gain;
    if constexpr (general) {
      gain = truth_.gain(latent);
      if (plan_.blocked) gain = L::select(operator_.is_blocked(scenario), U(0u), gain);
    } else {
      gain = L::select(latent == F(1.0f), wanted_gain_, unwanted_gain_);
    }
    truth_.template follow<arms>(before, after, latent, gain);
  }

  /// Alarm, truth and retrain at the end of the episode.
  NPO_HD void judge(LoopFacts<L>& facts) {
    const F line = monitor_.line(), expected = truth_.loss(truth_.template under<arms>(facts.arm));
    const F monitored = monitored_loss();
    facts.monitored = monitored;
    facts.line = line;
    facts.expected = expected;
    const M watches = facts.happened & enabled(plan_.monitors);
    facts.counts = watches & monitor_.scored();
    facts.speaks = watches & monitor_.full();
    facts.alarm = facts.speaks & above_line<L>(monitored, line);
    facts.truth = above_line<L>(expected, line);
    tenth_ = L::add_if(facts.happened, tenth_, U(1u));
    const M due = facts.happened & (tenth_ == U(10u));
    tenth_ = L::select(due, U(0u), tenth_);
    tally_.count_truth(due, expected);
    const M watched = due & facts.counts;
    if (L::any(watched)) {
      const F k(plan_.smooth);
      tally_.count_watch(watched, facts.speaks, facts.alarm, facts.truth, monitored - expected,
                         smooth_policy_gap<L>(k * (monitored - line), k * (expected - line)));
    }
    since_retrain_ = L::add_if(facts.happened, since_retrain_, U(1u));
    facts.retrain = facts.alarm & L::signed_le(U(plan_.min_gap), since_retrain_);
    if constexpr (general)
      if (plan_.interval > 0) facts.retrain = facts.happened & (episode_ == next_retrain_);
  }

  static NPO_HD M enabled(bool yes) { return U(yes ? 1u : 0u) == U(1u); }

  NPO_HD F monitored_loss() const {
    if constexpr (general) {
      if (plan_.noise > 0.0f) {
        U words[4];
        F noise, unused;
        draw(RandomPurpose::loop_noise, episode_, 0, words);
        sampler_.normals(words[0], words[1], noise, unused);
        return L::fma(F(plan_.noise), noise, monitor_.loss());
      }
    }
    return monitor_.loss();
  }

  NPO_HD void retrain(const LoopFacts<L>& facts) {
    const M where = facts.retrain;
    tally_.count_retrain(where, facts.truth);
    for (std::uint32_t s = 0; s < plan_.scenarios; ++s) scores_.restart_steps(s, where);
    monitor_.clear(where);
    since_retrain_ = L::select(where, U(0u), since_retrain_);
    if constexpr (general) next_retrain_ = L::add_if(where, next_retrain_, U(plan_.interval));
  }

  NPO_HD void finish_episode(M happened) {
    const M stopped = happened & (episode_ == next_stop_);
    if (__builtin_expect(L::any(stopped), 0)) stop(stopped);
    episode_ = L::add_if(happened, episode_, U(1u));
    attempt_ = L::select(happened, U(0u), attempt_ + U(1u));
  }

  /// The value of the first lane of `where`.
  static NPO_HD std::uint32_t first_of(M where, U values) {
    if constexpr (L::width == 1) {
      return values;
    } else {
      std::uint32_t lanes[L::width];
      L::store(lanes, values);
      return lanes[__builtin_ctz(L::bits(where))];
    }
  }

  /// Lanes arrive at stops at different steps, mostly several at a time.
  NPO_HD void stop(M stopped) {
    while (L::any(stopped)) {
      const std::uint32_t number = first_of(stopped, stop_);
      const M group = stopped & (stop_ == U(number));
      const LoopStop& here = plan_.stops[number];
      tally_.record(group, number, floor_, truth_, memory_);
      if (here.drift > 0) {
        redraw(here.drift, group);
        survey(group);
      }
      stop_ = L::add_if(group, stop_, U(1u));
      next_stop_ = L::select(group, U(plan_.stops[number + 1].episode), next_stop_);
      stopped = stopped & !group;
    }
  }

  NPO_HD void redraw(std::uint32_t number, M where) {
    const LoopWorldDrawer<L> world(plan_, random_, sampler_, entity_);
    for (std::uint32_t s = 0; s < plan_.scenarios; ++s) {
      F score, latent;
      M redrawn;
      scores_.read_row(s, score, latent);
      const F fresh = world.draw_latent(s, number, where, redrawn);
      scores_.write_row(s, score, L::select(where & redrawn, fresh, latent));
    }
  }

  /// Sums over the scenarios from scratch.
  NPO_HD void survey(M where) {
    truth_.clear(where);
    U floor(0u);
    for (std::uint32_t s = 0; s < plan_.scenarios; ++s) {
      F score, latent;
      scores_.read_row(s, score, latent);
      truth_.include_score(where, score, latent);
      if constexpr (general)
        if (plan_.blocked && plan_.blocked[s] == 1) continue;
      floor = floor + truth_.include_loss(where, score, latent);
    }
    floor_ = L::select(where, truth_.loss(floor), floor_);
    monitor_.set_floor(where, floor_);
    wanted_gain_ = truth_.gain(F(1.0f));
    unwanted_gain_ = truth_.gain(F(0.0f));
  }

  const LoopPlan& plan_;
  const LoopMemory& memory_;
  LoopPlaces<L> places_;
  Philox<L> random_;
  const BetaSampler<L>& sampler_;
  Chooser& chooser_;
  LoopEntity<L> entity_;
  LoopOperatorLanes<L, general> operator_;
  LoopScores<L, general> scores_;
  LoopTruth<L> truth_;
  LoopMonitorLanes<L, general> monitor_;
  LoopTally<L> tally_;

  U episode_ = U(1u), attempt_ = U(0u), world_word_ = U(0u);
  U stop_ = U(0u), next_stop_ = U(0u), next_retrain_ = U(0u), pending_at_ = U(0u), tenth_ = U(0u);
  U since_retrain_ = U(loop_long_ago);
  U wanted_gain_ = U(0u), unwanted_gain_ = U(0u);
  F floor_ = F(0.0f);
};

}  // namespace npo
