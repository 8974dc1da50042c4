#include "host/study_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <optional>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t most_block = 1024, least_block = 64;
/// Episodes of a block at most, so that a few long replicates still give every thread work.
constexpr std::uint64_t block_episodes = std::uint64_t{1} << 23;
/// Episodes of a piece: some seconds of a core, against which writing it down is small.
constexpr std::uint64_t piece_episodes = std::uint64_t{1} << 28;
/// Points of a piece, whose tallies are held in memory together.
constexpr std::uint64_t piece_points = 16;

std::uint64_t block_size(std::uint32_t episodes) {
  std::uint64_t block = most_block;
  while (block > least_block && block * episodes > block_episodes) block /= 2;
  return block;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || stop != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> variable(const char* name) {
  const char* text = std::getenv(name);
  return text ? whole_number(text) : std::nullopt;
}

}  // namespace

std::string StudyShard::text() const {
  return fmt::format("{}/{}", index + 1, count);
}

StudyShard StudyShard::parse(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto index = whole_number(std::string_view(text).substr(0, slash));
  const auto count =
      slash == std::string::npos ? std::nullopt : whole_number(std::string_view(text).substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count)
    throw Error(ErrorKind::usage, fmt::format("= {} is no part", text), "write i/n, for example 2/4");
  return {*index - 1, *count};
}

StudyShard StudyShard::from_environment() {
  const auto id = variable("SLURM_ARRAY_TASK_ID"), count = variable("SLURM_ARRAY_TASK_COUNT");
  if (!id || !count || *count == 0) return {};
  const std::uint64_t least = variable("SLURM_ARRAY_TASK_MIN").value_or(0);
  const std::uint64_t step = std::max<std::uint64_t>(1, variable("SLURM_ARRAY_TASK_STEP").value_or(1));
  if (*id < least || (*id - least) / step >= *count)
    throw Error(ErrorKind::usage, "the array variables of Slurm do not fit together", "give --shard i/n");
  return {(*id - least) / step, *count};
}

std::vector<PointGroup> point_groups(const Study& study) {
  std::vector<PointGroup> groups;
  const std::vector<std::uint64_t> baseline = study.baselines();
  std::map<std::uint64_t, std::size_t> group_of;
  for (std::uint64_t point = 0; point < study.points(); ++point) {
    const std::uint64_t leader = baseline.empty() ? point : baseline[point];
    const auto [found, added] = group_of.emplace(leader, groups.size());
    if (added) groups.push_back({{leader}});
    if (point != leader) groups[found->second].points.push_back(point);
  }
  return groups;
}

StudyRound::StudyRound(const Study& study, const std::vector<PointGroup>& groups,
                       std::vector<std::size_t> active, std::uint64_t first, std::uint64_t last,
                       StudyShard cut)
    : active_(std::move(active)), first_(first), last_(last), block_(block_size(study.episodes)) {
  blocks_ = (last_ - first_ + block_ - 1) / block_;
  const std::uint64_t all = blocks_ * active_.size();
  begin_ = all / cut.count * cut.index + all % cut.count * cut.index / cut.count;
  end_ = all / cut.count * (cut.index + 1) + all % cut.count * (cut.index + 1) / cut.count;
  std::uint64_t widest = 1;
  for (const std::size_t group : active_)
    widest = std::max<std::uint64_t>(widest, groups[group].points.size());
  const std::uint64_t unit_episodes = block_ * study.episodes * widest;
  piece_units_ = std::clamp<std::uint64_t>(piece_episodes / unit_episodes, 1,
                                           std::max<std::uint64_t>(1, piece_points / widest) * blocks_);
}

StudyRound::Unit StudyRound::unit(std::uint64_t number) const {
  const std::uint64_t overall = begin_ + number, first = first_ + overall % blocks_ * block_;
  return {active_[overall / blocks_], first, static_cast<std::size_t>(std::min(block_, last_ - first))};
}

std::uint64_t StudyRound::last_unit(std::uint64_t piece) const {
  return std::min(units(), (piece + 1) * piece_units_);
}

std::pair<std::uint64_t, std::uint64_t> StudyRound::units_of(std::size_t group) const {
  const auto place = std::ranges::lower_bound(active_, group);
  if (place == active_.end() || *place != group) return {0, 0};
  const auto row = static_cast<std::uint64_t>(place - active_.begin()) * blocks_;
  return {std::clamp(row, begin_, end_) - begin_, std::clamp(row + blocks_, begin_, end_) - begin_};
}

std::pair<std::uint64_t, std::uint64_t> StudyRound::replicates_of(std::size_t group) const {
  const auto [from, to] = units_of(group);
  if (from == to) return {first_, first_};
  const Unit last = unit(to - 1);
  return {unit(from).first, last.first + last.count};
}

std::vector<std::uint64_t> StudyRound::pieces_of(std::size_t group) const {
  const auto [from, to] = units_of(group);
  std::vector<std::uint64_t> pieces;
  if (from == to) return pieces;
  for (std::uint64_t piece = piece_of(from); piece <= piece_of(to - 1); ++piece) pieces.push_back(piece);
  return pieces;
}

}  // namespace npo
