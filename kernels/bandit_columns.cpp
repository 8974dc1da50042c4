#include <algorithm>
#include <array>
#include <bit>

#include "kernels/bandit_table.hpp"
#include "kernels/study_metrics.hpp"
#include "kernels/vocabulary.hpp"

/// From what a bandit records at its stops to the columns of a study.
namespace npo {
namespace {

constexpr std::size_t group = 16;
using Counts = std::array<std::uint32_t, group>;
using Reals = std::array<double, group>;

/// What 16 replicates have lost so far. Regret is counted from the start of a segment, not from the last
/// checkpoint, so that it does not depend on where the checkpoints are.
struct Ledger {
  explicit Ledger(std::size_t arms) : segment_start(arms), checkpoint(arms), mean(arms) {}

  std::vector<Counts> segment_start, checkpoint;  ///< [arms] plays at that moment
  std::vector<Reals> mean;                        ///< [arms] of this segment, where drawn
  Reals best_mean{};
  Reals regret_before{}, regret{};  ///< before this segment; so far
  Counts best_before{}, best{};     ///< plays of a best arm
  Counts best_checkpoint{}, success_checkpoint{};
};

}  // namespace

void BanditTable::collect(const std::uint32_t* record, std::size_t stride, std::size_t lanes,
                          StudyBlock& block, std::size_t at) const {
  const std::uint32_t arms = policy_.arms, rows = plan().rows();
  Ledger ledger(arms);
  std::size_t checkpoint = 0;
  std::uint32_t episode_before = 0;
  for (std::size_t stop = 0; stop < stops_.size(); ++stop) {
    const std::uint32_t* const words = record + stop * rows * stride;
    const auto word = [&](std::uint32_t row, std::size_t lane) { return words[row * stride + lane]; };
    if (stop > 0 && segments_[stop] != segments_[stop - 1]) {
      const std::uint32_t* const before = words - rows * stride;
      for (std::uint32_t k = 0; k < arms; ++k)
        for (std::size_t i = 0; i < lanes; ++i) ledger.segment_start[k][i] = before[k * stride + i];
      ledger.regret_before = ledger.regret;
      ledger.best_before = ledger.best;
    }
    if (draws_arms()) {
      ledger.best_mean.fill(0.0);
      for (std::uint32_t k = 0; k < arms; ++k) {
        for (std::size_t i = 0; i < lanes; ++i) {
          const double mean = static_cast<double>(std::bit_cast<float>(word(arms + 1 + k, i))) * 0x1p-24;
          ledger.mean[k][i] = mean;
          ledger.best_mean[i] = std::max(ledger.best_mean[i], mean);
        }
      }
    }
    ledger.regret = ledger.regret_before;
    ledger.best = ledger.best_before;
    for (std::uint32_t k = 0; k < arms; ++k) {
      for (std::size_t i = 0; i < lanes; ++i) {
        const std::uint32_t plays = word(k, i) - ledger.segment_start[k][i];
        const double lost = draws_arms() ? ledger.best_mean[i] - ledger.mean[k][i] : gap(segments_[stop], k);
        ledger.regret[i] += static_cast<double>(plays) * lost;
        ledger.best[i] += lost == 0.0 ? plays : 0u;
      }
    }
    if (!is_checkpoint_[stop]) continue;
    const auto put = [&](BanditColumn column, std::uint32_t offset, std::size_t lane, float value) {
      const std::size_t number = static_cast<std::size_t>(column) + offset;
      block.data()[(checkpoint * block.columns() + number) * block.stride() + at + lane] = value;
    };
    for (std::size_t i = 0; i < lanes; ++i) {
      put(BanditColumn::episodes, 0, i, static_cast<float>(stops_[stop] - episode_before));
      put(BanditColumn::regret, 0, i, static_cast<float>(ledger.regret[i]));
      put(BanditColumn::reward, 0, i, static_cast<float>(word(arms, i) - ledger.success_checkpoint[i]));
      put(BanditColumn::best, 0, i, static_cast<float>(ledger.best[i] - ledger.best_checkpoint[i]));
      ledger.success_checkpoint[i] = word(arms, i);
    }
    ledger.best_checkpoint = ledger.best;
    for (std::uint32_t k = 0; k < std::min<std::uint32_t>(arms, max_arms); ++k) {
      for (std::size_t i = 0; i < lanes; ++i) {
        put(BanditColumn::arm, k, i, static_cast<float>(word(k, i) - ledger.checkpoint[k][i]));
        ledger.checkpoint[k][i] = word(k, i);
      }
    }
    episode_before = stops_[stop];
    ++checkpoint;
  }
}

}  // namespace npo
