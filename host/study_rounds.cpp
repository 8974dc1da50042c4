#include "host/study_rounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <numeric>

#include "host/progress.hpp"
#include "host/study_fill.hpp"

namespace npo {
namespace {

/// Standard errors of half a 95 % interval.
constexpr double z95 = 1.959963984540054;

/// The part of `tally` that concerns one metric at one checkpoint.
StudyTally cut_out(const StudyTally& tally, std::size_t checkpoint, std::size_t metric) {
  const std::size_t cell = checkpoint * tally.metrics().size() + metric;
  const std::vector<std::int64_t> words = tally.words();
  StudyTally part({tally.metrics()[metric]}, {tally.checkpoints()[checkpoint]});
  part.restore(tally.replicates(),
               std::span(words).subspan(cell * StudyTally::cell_words, StudyTally::cell_words),
               tally.bins().subspan(cell * study_bins, study_bins));
  return part;
}

template <class Values, class Value>
std::size_t place_of(const Values& values, const Value& value) {
  return static_cast<std::size_t>(std::ranges::find(values, value) - values.begin());
}

}  // namespace

StudyRounds::StudyRounds(const StudyWork& work, const StudyShard& shard, StudyPieces& pieces,
                         const RunContext& context)
    : work_(work), shard_(shard), pieces_(pieces), context_(context), group_of_(work.study().points()) {
  const std::size_t groups = work.groups().size();
  for (std::size_t group = 0; group < groups; ++group)
    for (const std::uint64_t point : work.groups()[group].points) group_of_[point] = group;
  precise_.assign(groups, false);
  active_.resize(groups);
  std::iota(active_.begin(), active_.end(), 0);
  const Study& study = work.study();
  watched_at_ = study.precision ? study.precision->at : study.episodes;
  watched_metric_ = study.precision         ? study.precision->metric
                    : !study.claims.empty() ? study.claims.front().metric
                                            : study.metrics().front().name;
  if (!work.study().precision) {
    rounds_.emplace_back(work.study(), work.groups(), active_, 0, work.study().replicates, shard_);
    return;
  }
  // With a precision trigger a part is some of the points, each with all its replicates.
  const auto cut = [&](std::uint64_t part) { return groups * part / shard.count; };
  active_.assign(active_.begin() + static_cast<std::ptrdiff_t>(cut(shard.index)),
                 active_.begin() + static_cast<std::ptrdiff_t>(cut(shard.index + 1)));
}

std::uint64_t StudyRounds::most_replicates() const {
  if (!work_.study().precision) {
    std::uint64_t all = 0;
    for (std::uint64_t unit = 0; unit < rounds_.front().units(); ++unit)
      all += work_.replicates_in(rounds_.front().unit(unit));
    return all;
  }
  std::uint64_t points = 0;
  for (const std::size_t group : active_) points += work_.groups()[group].points.size();
  return points * work_.study().replicates;
}

void StudyRounds::run() {
  context_.report().begin("simulate", most_replicates(), "replicates");
  if (!work_.study().precision) {
    run_round(rounds_.front(), 0);
  } else {
    const std::uint64_t most = work_.study().replicates;
    std::vector<std::size_t> active = active_;
    for (std::uint64_t first = 0, last = std::min(first_look, most); !active.empty() && first < most;
         first = last, last = std::min(2 * last, most)) {
      rounds_.emplace_back(work_.study(), work_.groups(), active, first, last, StudyShard{});
      run_round(rounds_.back(), rounds_.size() - 1);
      active = still_imprecise(active);
    }
  }
  context_.report().end();
}

void StudyRounds::run_round(const StudyRound& round, std::uint64_t number) {
  std::mutex mutex;
  for (std::uint64_t piece = 0; piece < round.pieces(); ++piece) {
    if (!pieces_.done({number, piece})) continue;
    for (std::uint64_t unit = round.first_unit(piece); unit < round.last_unit(piece); ++unit)
      context_.report().advance(work_.replicates_in(round.unit(unit)));
    pieces_.read({number, piece}, [&](const TallyRows& rows) {
      StudyTally tally = work_.empty_tally(rows.point);
      tally.restore(rows.replicates, rows.words, rows.bins);
      look_at(tally, rows.point);
    });
  }
  work_.run(
      round,
      [&](std::uint64_t piece) {
        return !pieces_.done({number, piece});
      },
      [&](std::uint64_t piece, const StudyWork::Tallies& tallies) {
        std::vector<TallyRows> rows;
        for (const auto& [point, tally] : tallies) rows.push_back(piece_rows(point, tally));
        pieces_.write({number, piece}, rows);
        const std::lock_guard lock(mutex);
        for (const auto& [point, tally] : tallies) look_at(tally, point);
      });
}

void StudyRounds::look_at(const StudyTally& tally, std::uint64_t point) {
  const auto metric = std::ranges::find(tally.metrics(), watched_metric_, &StudyMetric::name);
  if (metric == tally.metrics().end()) return;  // an arm that this point does not have
  StudyTally part = cut_out(tally, place_of(tally.checkpoints(), watched_at_),
                            static_cast<std::size_t>(metric - tally.metrics().begin()));
  const auto found = watched_.find(point);
  if (found != watched_.end()) part.merge(found->second);
  const StudySummary summary = part.summary(0, 0);
  const std::string label = work_.study().grid.label(point);
  const std::string error = summary.count < 2 ? "" : fmt::format(" +- {:.2g}", z95 * summary.standard_error);
  show_status(context_.report(), fmt::format("{} {:.4g}{}{}{}", watched_metric_, summary.mean, error,
                                             label.empty() ? "" : " at ", label));
  watched_.insert_or_assign(point, std::move(part));
}

std::vector<std::size_t> StudyRounds::still_imprecise(const std::vector<std::size_t>& active) {
  std::vector<std::size_t> left;
  for (const std::size_t group : active) {
    // A group goes on until its last point is precise: comparisons need equal replicates.
    const auto is_precise = [&](std::uint64_t point) {
      const auto found = watched_.find(point);
      if (found == watched_.end()) return true;  // the metric does not exist there
      const StudySummary summary = found->second.summary(0, 0);
      return summary.count >= 2 && z95 * summary.standard_error <= work_.study().precision->half_width;
    };
    precise_[group] = std::ranges::all_of(work_.groups()[group].points, is_precise);
    if (!precise_[group]) left.push_back(group);
  }
  return left;
}

StudyTally StudyRounds::tally_of(std::uint64_t point) const {
  StudyTally all = work_.empty_tally(point);
  StudyTally part = all;
  for (std::uint64_t number = 0; number < rounds_.size(); ++number) {
    const StudyRound& round = rounds_[number];
    for (const std::uint64_t piece : round.pieces_of(group_of_[point])) {
      const TallyRows rows = pieces_.read_point({number, piece}, point);
      part.restore(rows.replicates, rows.words, rows.bins);
      all.merge(part);
    }
  }
  return all;
}

std::uint64_t StudyRounds::first_replicate(std::uint64_t point) const {
  return work_.study().precision ? 0 : rounds_.front().replicates_of(group_of_[point]).first;
}

StudyStop StudyRounds::stop_of(std::uint64_t point) const {
  if (!work_.study().precision) return StudyStop::fixed;
  return precise_[group_of_[point]] ? StudyStop::precise : StudyStop::most;
}

}  // namespace npo
