#include "kernels/bandit_lanes.hpp"
#include "kernels/bandit_recorder.hpp"

namespace npo {
namespace {

/// The words of one bandit at their places in a record.
class RecordWriter final : public BanditRecorder {
 public:
  RecordWriter(const BanditPlan& plan, const BanditPack& pack) : rows_(plan.rows()), pack_(pack) {}
  void take(std::uint32_t stop, std::uint32_t row, std::uint32_t word) override {
    pack_.record[(std::size_t{stop} * rows_ + row) * pack_.record_stride] = word;
  }

 private:
  std::uint32_t rows_;
  const BanditPack& pack_;
};

}  // namespace

void record_bandit(const BanditPlan& plan, std::uint64_t entity, const BanditRows& rows,
                   BanditRecorder& recorder) {
  run_bandits_recording<lane::Scalar>(
      plan, entity, 1, rows,
      [&](std::uint32_t stop, std::uint32_t row, std::uint32_t word) { recorder.take(stop, row, word); });
}

void run_bandits_scalar(const BanditPlan& plan, const BanditPack& pack) {
  RecordWriter writer(plan, pack);
  record_bandit(plan, pack.entity, pack.rows, writer);
}

}  // namespace npo
