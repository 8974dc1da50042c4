#include "kernels/device_array.cuh"
#include "kernels/lane/row_dots.hpp"
#include "kernels/launch_kernel.cuh"
#include "kernels/score_batch.hpp"
#include "kernels/score_row.hpp"

namespace npo {
namespace {

constexpr unsigned threads_per_block = 128;

/// One thread a row, in the order of operations of the CPU's lanes. All pointers are device pointers;
/// `first_bad` ends as the first row that cannot be scored.
__global__ void score_rows_kernel(ScoreTables tables, RowColumns rows, unsigned long long* first_bad) {
  using L = lane::Scalar;
  const std::size_t i = std::size_t{blockIdx.x} * threads_per_block + threadIdx.x;
  if (i >= rows.rows) return;
  const float* x = rows.features + i * static_cast<std::size_t>(tables.dim);
  const auto feature = [&](int k) {
    return tables.transforms == nullptr
               ? x[k]
               : transformed<L>(x[k], static_cast<std::uint32_t>(tables.transforms[k]));
  };
  const ScoreRow<L> score_row(tables);
  const float carried = rows.carried == nullptr ? no_correction : rows.carried[i];
  const float base =
      score_row.base_score(lane::RowDots<L>::sums_of(feature, tables.dim, tables.weights), carried);
  const float score = score_row.score(base, carried);

  std::uint64_t mask = rows.preset_mask == nullptr ? 0 : rows.preset_mask[i];
  lane::PackRules<L>::test(tables.feature_rules, tables.feature_rule_groups, x, tables.dim, 1, &mask);
  const GuardrailMask<L> over_score = score_row.score_mask(score);
  mask |= std::uint64_t{over_score.high} << 32 | over_score.low;

  const std::uint32_t fleet = rows.fleet[i];
  const std::uint32_t arm = rows.row_arm == nullptr ? tables.fleet_arm[fleet] : rows.row_arm[i];
  const RowDecision<L> row =
      score_row.decide(score, mask != 0, arm, fleet * static_cast<std::uint32_t>(tables.arms + 1), [] {});

  rows.base_score[i] = base;
  rows.score[i] = score;
  rows.decision[i] = static_cast<std::uint8_t>(row.decision);
  rows.mask[i] = mask;
  rows.arm[i] = static_cast<std::uint8_t>(arm);
  rows.p_surfaced[i] = row.p_surfaced;
  if (L::is_nan(score)) atomicMin(first_bad, static_cast<unsigned long long>(i));
}

/// The tables of a plan on the device.
class DeviceTables {
 public:
  explicit DeviceTables(const ScoreTables& host)
      : weights_(part(host.weights, (host.dim + 15) / 16 * 16)),
        transforms_(part(host.transforms, host.transforms == nullptr ? 0 : host.dim)),
        feature_rules_(part(host.feature_rules, host.feature_rule_groups)),
        score_rules_(part(host.score_rules, host.score_rule_count)),
        thresholds_(part(host.thresholds, host.arms)),
        fleet_arm_(part(host.fleet_arm, host.fleets)),
        surface_(part(host.fleet_surface_probability,
                      std::size_t{host.fleets} * static_cast<std::size_t>(host.arms + 1))),
        tables_(host) {
    tables_.weights = weights_.data();
    tables_.transforms = transforms_.data();
    tables_.feature_rules = feature_rules_.data();
    tables_.score_rules = score_rules_.data();
    tables_.thresholds = thresholds_.data();
    tables_.fleet_arm = fleet_arm_.data();
    tables_.fleet_surface_probability = surface_.data();
  }
  const ScoreTables& tables() const { return tables_; }

 private:
  template <class T, class Count>
  static std::span<const T> part(const T* data, Count count) {
    return {data, static_cast<std::size_t>(count)};
  }

  DeviceArray<float> weights_;
  DeviceArray<Transform> transforms_;
  DeviceArray<lane::RuleGroup> feature_rules_;
  DeviceArray<ScoreRule> score_rules_;
  DeviceArray<float> thresholds_;
  DeviceArray<std::uint8_t> fleet_arm_;
  DeviceArray<float> surface_;
  ScoreTables tables_;
};

/// The columns of a batch on the device: inputs are copied in, outputs have their room.
class DeviceRows {
 public:
  DeviceRows(const RowColumns& host, const RowInputs& in)
      : rows_(host.rows),
        features_(in.features),
        fleet_(in.fleet),
        carried_(std::span(host.carried, host.carried == nullptr ? 0 : host.rows)),
        preset_mask_(in.preset_mask),
        row_arm_(in.row_arm),
        base_score_(host.rows),
        score_(host.rows),
        p_surfaced_(host.rows),
        mask_(host.rows),
        decision_(host.rows),
        arm_(host.rows) {}
  RowColumns columns() {
    return {.rows = rows_,
            .features = features_.data(),
            .fleet = fleet_.data(),
            .carried = carried_.data(),
            .preset_mask = preset_mask_.data(),
            .row_arm = row_arm_.data(),
            .base_score = base_score_.data(),
            .score = score_.data(),
            .decision = decision_.data(),
            .mask = mask_.data(),
            .arm = arm_.data(),
            .p_surfaced = p_surfaced_.data()};
  }
  void copy_to(const RowOutputs& out) const {
    base_score_.copy_to(out.base_score);
    score_.copy_to(out.score);
    p_surfaced_.copy_to(out.p_surfaced);
    mask_.copy_to(out.mask);
    decision_.copy_to(out.decision);
    arm_.copy_to(out.arm);
  }

 private:
  std::size_t rows_;
  DeviceArray<float> features_;
  DeviceArray<std::uint32_t> fleet_;
  DeviceArray<float> carried_;
  DeviceArray<std::uint64_t> preset_mask_;
  DeviceArray<std::uint8_t> row_arm_;
  DeviceArray<float> base_score_, score_, p_surfaced_;
  DeviceArray<std::uint64_t> mask_;
  DeviceArray<std::uint8_t> decision_, arm_;
};

}  // namespace

ScoreResult score_batch_cuda(const PreparedScore& score, const RowInputs& in, const RowOutputs& out,
                             int device) {
  const DeviceScope scope(device);
  const RowColumns host = columns_of(score.tables(), in, out);
  if (host.rows == 0) return {0};
  const DeviceTables tables(score.tables());
  DeviceRows rows(host, in);
  unsigned long long first_bad = host.rows;
  DeviceArray<unsigned long long> device_first_bad(std::span<const unsigned long long>(&first_bad, 1));

  launch_kernel("starting score_rows", blocks_for(host.rows, threads_per_block), threads_per_block,
                score_rows_kernel, tables.tables(), rows.columns(), device_first_bad.data());
  rows.copy_to(out);
  device_first_bad.copy_to(std::span(&first_bad, 1));
  return {score.tables().block_non_finite ? host.rows : static_cast<std::size_t>(first_bad)};
}

}  // namespace npo
