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

/// The words that up to 16 neighbouring replicates recorded at one stop.
struct StopWords {
  const std::uint32_t* word;  ///< [row][stride]
  std::size_t stride, lanes;

  const std::uint32_t* row(std::uint32_t number) const { return word + number * stride; }
};

/// What they have lost so far. Regret is counted from the start of a segment, not from the last checkpoint,
/// so that it does not depend on where the checkpoints are.
class BanditLedger {
 public:
  explicit BanditLedger(const BanditTable& table)
      : table_(table), segment_start_(table.arms()), checkpoint_(table.arms()) {
    if (table.draws_arms()) gap_.resize(table.arms());
  }

  /// A new segment begins after the stop that recorded `words`.
  void end_segment(const StopWords& words) {
    for (std::uint32_t k = 0; k < table_.arms(); ++k) copy(words, k, segment_start_[k]);
    regret_before_ = regret_;
    best_before_ = best_;
  }

  void take(const StopWords& words, std::uint32_t segment) {
    regret_ = regret_before_;
    best_ = best_before_;
    if (table_.draws_arms()) {
      take_gaps(words);
      for (std::uint32_t k = 0; k < table_.arms(); ++k) take_drawn(words, k);
    } else {
      for (std::uint32_t k = 0; k < table_.arms(); ++k) take_given(words, k, table_.gap(segment, k));
    }
  }

  /// Writes the columns of a checkpoint: column c of the first replicate at columns[c * stride].
  void write(const StopWords& words, std::uint32_t episodes, float* columns, std::size_t stride) {
    const auto column = [&](BanditColumn which) {
      return columns + static_cast<std::size_t>(which) * stride;
    };
    const std::uint32_t arms = table_.arms();
    std::fill_n(column(BanditColumn::episodes), words.lanes, static_cast<float>(episodes));
    float* const regret = column(BanditColumn::regret);
    for (std::size_t i = 0; i < words.lanes; ++i) regret[i] = static_cast<float>(regret_[i]);
    write_change(words.row(arms), words.lanes, successes_, column(BanditColumn::reward));
    write_change(best_.data(), words.lanes, best_checkpoint_, column(BanditColumn::best));
    for (std::uint32_t k = 0; k < std::min<std::uint32_t>(arms, max_arms); ++k)
      write_change(words.row(k), words.lanes, checkpoint_[k], column(BanditColumn::arm) + k * stride);
  }

 private:
  static void copy(const StopWords& words, std::uint32_t row, Counts& to) {
    std::copy_n(words.row(row), words.lanes, to.begin());
  }

  static void write_change(const std::uint32_t* now, std::size_t lanes, Counts& before, float* column) {
    for (std::size_t i = 0; i < lanes; ++i) {
      column[i] = static_cast<float>(static_cast<std::int32_t>(now[i] - before[i]));
      before[i] = now[i];
    }
  }

  void take_given(const StopWords& words, std::uint32_t k, double gap) {
    const std::uint32_t* const plays = words.row(k);
    for (std::size_t i = 0; i < words.lanes; ++i) {
      const auto change = static_cast<std::int32_t>(plays[i] - segment_start_[k][i]);
      regret_[i] += static_cast<double>(change) * gap;
    }
    if (gap != 0.0) return;
    for (std::size_t i = 0; i < words.lanes; ++i) best_[i] += plays[i] - segment_start_[k][i];
  }

  void take_drawn(const StopWords& words, std::uint32_t k) {
    for (std::size_t i = 0; i < words.lanes; ++i) {
      const std::uint32_t change = words.row(k)[i] - segment_start_[k][i];
      regret_[i] += static_cast<double>(change) * gap_[k][i];
      best_[i] += gap_[k][i] == 0.0 ? change : 0u;
    }
  }

  void take_gaps(const StopWords& words) {
    const std::uint32_t arms = table_.arms();
    const auto mean = [&](std::uint32_t k, std::size_t i) {
      return static_cast<double>(std::bit_cast<float>(words.row(arms + 1 + k)[i])) * 0x1p-24;
    };
    for (std::size_t i = 0; i < words.lanes; ++i) {
      double best = 0.0;
      for (std::uint32_t k = 0; k < arms; ++k) best = std::max(best, mean(k, i));
      for (std::uint32_t k = 0; k < arms; ++k) gap_[k][i] = best - mean(k, i);
    }
  }

  const BanditTable& table_;
  std::vector<Counts> segment_start_, checkpoint_;  ///< [arms] plays at that moment
  std::vector<Reals> gap_;                          ///< [arms] of this segment, where drawn
  Reals regret_before_{}, regret_{};                ///< before this segment; so far
  Counts best_before_{}, best_{};                   ///< plays of a best arm
  Counts best_checkpoint_{}, successes_{};          ///< at the last checkpoint
};

}  // namespace

void BanditTable::collect(const std::uint32_t* record, std::size_t stride, std::size_t lanes,
                          StudyBlock& block, std::size_t at) const {
  const std::size_t words_a_stop = plan().rows() * stride;
  BanditLedger ledger(*this);
  std::size_t checkpoint = 0;
  std::uint32_t episode_before = 0;
  for (std::size_t stop = 0; stop < stops_.size(); ++stop) {
    const StopWords words{record + stop * words_a_stop, stride, lanes};
    if (stop > 0 && segments_[stop] != segments_[stop - 1])
      ledger.end_segment({words.word - words_a_stop, stride, lanes});
    ledger.take(words, segments_[stop]);
    if (!is_checkpoint_[stop]) continue;
    float* const columns = block.data() + checkpoint * block.columns() * block.stride() + at;
    ledger.write(words, stops_[stop] - episode_before, columns, block.stride());
    episode_before = stops_[stop];
    ++checkpoint;
  }
}

}  // namespace npo
