#include "host/ope_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t piece_rows = 4 * tile_rows;

/// What one piece of the log shows of the actions.
struct ActionShares {
  std::vector<std::uint64_t> taken;  ///< rows by action
  std::vector<double> wanted;        ///< sum of the target's probabilities by action
  std::uint32_t positions = 0;       ///< largest
  double impossible = 0.0;           ///< of that, where the log knows that the action had no chance
};

/// Decisions record the probability of surfacing, and so that of withholding.
bool all_chances_known(const OpeLog& log) {
  return log.decisions() && !log.decisions()->actions_are_arms;
}

/// Adds row by row what the target does in it.
class PieceReader {
 public:
  PieceReader(const OpeLog& log, const TargetPolicy& target)
      : log_(log), target_(target), probability_(log.header().actions.size()) {
    shares.taken.assign(probability_.size(), 0);
    shares.wanted.assign(probability_.size(), 0.0);
  }

  /// The target's probability of the action taken.
  double add(const LogRow& row) {
    ++shares.taken[row.action()];
    if (!row.rows.position.empty()) shares.positions = std::max(shares.positions, row.rows.position[row.i]);
    if (!target_.knows_all_actions()) return target_.of_taken(row, probability_);
    target_.probabilities(row, probability_);
    for (std::uint32_t a = 0; a < probability_.size(); ++a) {
      shares.wanted[a] += probability_[a];
      if (all_chances_known(log_) && probability_[a] > 0.0 && *log_.chance_of(row, a) <= 0.0)
        shares.impossible += probability_[a];
    }
    return probability_[row.action()];
  }

  ActionShares shares;

 private:
  const OpeLog& log_;
  const TargetPolicy& target_;
  std::vector<double> probability_;
};

/// Target probability on actions that never occur, and on those that occur nowhere in the table of actions.
void find_unsupported(const std::vector<ActionShares>& pieces, const OpeLog& log, OpeRows& rows) {
  std::vector<std::uint64_t> taken(log.header().actions.size(), 0);
  std::vector<double> wanted(taken.size(), 0.0);
  double impossible = 0.0;
  for (const ActionShares& piece : pieces) {
    for (std::size_t a = 0; a < taken.size(); ++a) {
      taken[a] += piece.taken[a];
      wanted[a] += piece.wanted[a];
    }
    impossible += piece.impossible;
  }
  const double n = static_cast<double>(rows.rows());
  double supported = 0.0, worst = 0.0;
  for (std::size_t a = 0; a < taken.size(); ++a) {
    if (taken[a] > 0) {
      supported += wanted[a];
    } else if (wanted[a] > worst) {
      worst = wanted[a];
      rows.unsupported_action = log.header().actions[a];
    }
  }
  // Sums of probabilities that should be n are so to rounding only.
  const double missing = (all_chances_known(log) ? impossible : n - supported) / n;
  rows.unsupported = missing > 1e-9 ? missing : 0.0;
}

void number_clusters(OpeRows& rows) {
  if (rows.cluster.empty()) return;
  std::unordered_map<std::uint64_t, std::uint32_t> number;
  rows.group.reserve(rows.cluster.size());
  for (const std::uint64_t key : rows.cluster)
    rows.group.push_back(number.emplace(key, static_cast<std::uint32_t>(number.size())).first->second);
  rows.groups = number.size();
}

void find_ranges(OpeRows& rows) {
  const auto [least, most] = std::minmax_element(rows.reward.begin(), rows.reward.end());
  rows.smallest_reward = *least;
  rows.largest_reward = *most;
  rows.binary = std::all_of(rows.reward.begin(), rows.reward.end(),
                            [](double reward) { return reward == 0.0 || reward == 1.0; });
  if (!rows.binary) return;
  rows.smallest_reward = 0.0;
  rows.largest_reward = 1.0;
}

}  // namespace

OpeRows see_rows(const OpeLog& log, const TargetPolicy& target, const RunContext& context) {
  const std::uint64_t n = log.rows();
  if (n == 0) throw Error(ErrorKind::bad_data, fmt::format("{} has no rows", log.name()), "give another log");
  OpeRows rows;
  rows.target.resize(n);
  rows.weight.resize(n);
  rows.reward.resize(n);
  if (log.header().has_cluster) rows.cluster.resize(n);
  const std::uint64_t pieces = (n + piece_rows - 1) / piece_rows;
  std::vector<ActionShares> shares(pieces);
  std::vector<double> least(pieces, 1.0), greatest(pieces, 0.0), most(pieces, 0.0);
  parallel_for(context.threads, pieces, [&](std::uint64_t piece) {
    context.check_stop();
    const std::uint64_t first = piece * piece_rows;
    const LogRows read = log.read(first, std::min(piece_rows, n - first));
    PieceReader reader(log, target);
    for (std::size_t i = 0; i < read.rows(); ++i) {
      const double probability = reader.add({read, i, first + i});
      rows.target[first + i] = probability;
      rows.weight[first + i] = probability / read.propensity[i];
      rows.reward[first + i] = read.reward[i];
      least[piece] = std::min(least[piece], read.propensity[i]);
      greatest[piece] = std::max(greatest[piece], read.propensity[i]);
      most[piece] = std::max(most[piece], probability);
    }
    std::copy(read.cluster.begin(), read.cluster.end(),
              rows.cluster.begin() + static_cast<std::ptrdiff_t>(rows.cluster.empty() ? 0 : first));
    shares[piece] = std::move(reader.shares);
  });
  rows.smallest_propensity = *std::min_element(least.begin(), least.end());
  rows.largest_propensity = *std::max_element(greatest.begin(), greatest.end());
  rows.largest_target = *std::max_element(most.begin(), most.end());
  if (rows.smallest_propensity == 1.0)
    throw Error(
        ErrorKind::bad_data,
        fmt::format("{}: every propensity is 1: this is the log of a deterministic policy, which shows "
                    "nothing about any other",
                    log.name()),
        "log a policy that draws, such as Thompson sampling or epsilon-greedy");
  for (const ActionShares& piece : shares) rows.positions = std::max(rows.positions, piece.positions);
  if (target.knows_all_actions()) find_unsupported(shares, log, rows);
  number_clusters(rows);
  find_ranges(rows);
  return rows;
}

}  // namespace npo
