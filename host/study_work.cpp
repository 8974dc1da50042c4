#include "host/study_work.hpp"

#include <atomic>
#include <mutex>
#include <optional>

#include "kernels/error.hpp"

namespace npo {
namespace {

/// A piece on which several threads may be at work.
struct OpenPiece {
  std::mutex mutex;
  StudyWork::Tallies tallies;
  std::uint64_t units_left = 0;
};

void merge_into(StudyWork::Tallies& all, StudyWork::Tallies& part) {
  for (auto& [point, tally] : part) {
    const auto found = all.find(point);
    if (found == all.end())
      all.emplace(point, std::move(tally));
    else
      found->second.merge(tally);
  }
  part.clear();
}

/// Hands the units of a round out in order and puts what threads made of them together, piece by piece. A
/// thread gathers its own tallies for as long as it stays within a piece.
class RoundRunner {
 public:
  RoundRunner(const StudyWork& work, const StudyRound& round, const RunContext& context,
              const std::function<bool(std::uint64_t)>& wanted,
              const std::function<void(std::uint64_t, const StudyWork::Tallies&)>& finished)
      : work_(work), round_(round), context_(context), finished_(finished) {
    for (std::uint64_t piece = 0; piece < round.pieces(); ++piece) {
      if (!wanted(piece)) continue;
      pieces_.push_back(piece);
      units_before_.push_back(units_);
      units_ += round.last_unit(piece) - round.first_unit(piece);
    }
  }

  void run() {
    const auto threads = static_cast<std::uint64_t>(context_.threads);
    parallel_for(context_.threads, std::min(threads, units_), [this](std::uint64_t) { work_through(); });
  }

 private:
  /// What one thread has gathered.
  struct Gathered {
    std::size_t piece = 0;  ///< place in pieces_
    std::uint64_t units = 0;
    StudyWork::Tallies tallies;
    StudyBlock block, baseline;
  };

  void work_through() {
    Gathered own;
    try {
      for (std::uint64_t unit = next_++; unit < units_; unit = next_++) {
        context_.check_stop();
        const std::size_t piece = piece_at(unit);
        if (piece != own.piece) hand_over(own);
        own.piece = piece;
        tally(round_.unit(round_.first_unit(pieces_[piece]) + unit - units_before_[piece]), own);
        ++own.units;
      }
      hand_over(own);
    } catch (...) {
      next_ = units_;
      throw;
    }
  }

  std::size_t piece_at(std::uint64_t unit) const {
    const auto after = std::upper_bound(units_before_.begin(), units_before_.end(), unit);
    return static_cast<std::size_t>(after - units_before_.begin()) - 1;
  }

  StudyTally& tally_of(Gathered& own, std::uint64_t point) const {
    const auto found = own.tallies.find(point);
    if (found != own.tallies.end()) return found->second;
    return own.tallies.emplace(point, work_.empty_tally(point)).first->second;
  }

  void tally(const StudyRound::Unit& unit, Gathered& own) const {
    const ReplicateRange replicates{unit.first, unit.count};
    const std::vector<std::uint64_t>& points = work_.groups()[unit.group].points;
    StudyBlock& leader = points.size() > 1 ? own.baseline : own.block;
    work_.simulate(points.front(), replicates, leader);
    tally_of(own, points.front()).add(leader);
    for (std::size_t i = 1; i < points.size(); ++i) {
      work_.simulate(points[i], replicates, own.block);
      tally_of(own, points[i]).add(own.block, own.baseline);
    }
    context_.report().advance(work_.replicates_in(unit));
  }

  void hand_over(Gathered& own) {
    if (own.units == 0) return;
    const std::uint64_t piece = pieces_[own.piece];
    OpenPiece& open = open_piece(piece);
    bool complete = false;
    {
      const std::lock_guard lock(open.mutex);
      merge_into(open.tallies, own.tallies);
      open.units_left -= own.units;
      complete = open.units_left == 0;
    }
    own.units = 0;
    if (!complete) return;
    finished_(piece, open.tallies);
    const std::lock_guard lock(mutex_);
    open_.erase(piece);
  }

  OpenPiece& open_piece(std::uint64_t piece) {
    const std::lock_guard lock(mutex_);
    const auto [found, added] = open_.try_emplace(piece);
    if (added) found->second.units_left = round_.last_unit(piece) - round_.first_unit(piece);
    return found->second;
  }

  const StudyWork& work_;
  const StudyRound& round_;
  const RunContext& context_;
  const std::function<void(std::uint64_t, const StudyWork::Tallies&)>& finished_;
  std::vector<std::uint64_t> pieces_, units_before_;
  std::uint64_t units_ = 0;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;  ///< guards open_, not what is in it
  std::map<std::uint64_t, OpenPiece> open_;
};

}  // namespace

StudyWork::StudyWork(const Study& study, const RunContext& context)
    : study_(study), context_(context), groups_(point_groups(study)) {
  for (std::uint64_t point = 0; point < study.points(); ++point) points_.push_back(study.point(point));
}

StudyTally StudyWork::empty_tally(std::uint64_t point) const {
  return {study_metrics(study_.kind, arms_of(points_[point])), study_.checkpoints};
}

StudySeed StudyWork::seed_of(std::uint64_t point) const {
  return {study_.seed, study_.independent ? static_cast<std::uint32_t>(point) : 0};
}

void StudyWork::simulate(std::uint64_t point, ReplicateRange replicates, StudyBlock& block) const {
  const StudySeed seed = seed_of(point);
  const bool gpu = context_.device == DeviceKind::cuda;
  if (const auto* bandit = std::get_if<BanditPoint>(&points_[point])) {
    if (gpu)
      simulate_bandits_cuda(*bandit, seed, replicates, study_.checkpoints, context_.device_index, block);
    else
      simulate_bandits(*bandit, seed, replicates, study_.checkpoints, context_.simd, block);
  } else if (const auto* ope = std::get_if<OpePoint>(&points_[point])) {
    // A log grows row by row with few flops for each: the CPU runs it whatever the device.
    simulate_ope(*ope, seed, replicates, study_.checkpoints, block);
  } else {
    const auto& loop = std::get<LoopPoint>(points_[point]);
    if (gpu)
      simulate_loops_cuda(loop, seed, replicates, study_.checkpoints, context_.device_index, block);
    else
      simulate_loops(loop, seed, replicates, study_.checkpoints, context_.simd, block);
  }
}

void StudyWork::run(const StudyRound& round, const std::function<bool(std::uint64_t)>& wanted,
                    const std::function<void(std::uint64_t, const Tallies&)>& finished) const {
  RoundRunner(*this, round, context_, wanted, finished).run();
}

}  // namespace npo
