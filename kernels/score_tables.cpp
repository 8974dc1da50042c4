#include "kernels/score_tables.hpp"

#include "kernels/error.hpp"
#include "kernels/score_batch.hpp"

namespace npo {
namespace {

void require_of_batch(bool holds, const char* problem) {
  if (!holds) throw Error(ErrorKind::internal, problem);
}

}  // namespace

RowColumns columns_of(const ScoreTables& tables, const RowInputs& in, const RowOutputs& out) {
  const auto fits = [&](std::size_t size) { return size == in.rows; };
  const auto fits_or_absent = [&](std::size_t size) { return size == 0 || size == in.rows; };
  require_of_batch(in.features.size() == in.rows * static_cast<std::size_t>(tables.dim),
                   "features are rows x weights");
  require_of_batch(fits(in.fleet.size()) && fits_or_absent(in.carried.size()) &&
                       fits_or_absent(in.preset_mask.size()) && fits_or_absent(in.row_arm.size()),
                   "the input columns of a batch differ in length");
  require_of_batch(fits(out.base_score.size()) && fits(out.score.size()) && fits(out.decision.size()) &&
                       fits(out.mask.size()) && fits(out.arm.size()) && fits(out.p_surfaced.size()),
                   "the output columns of a batch differ in length");
  const auto optional = [](const auto& span) { return span.empty() ? nullptr : span.data(); };
  return {.rows = in.rows,
          .features = in.features.data(),
          .fleet = in.fleet.data(),
          .carried = tables.carry == Carry::reset ? nullptr : optional(in.carried),
          .preset_mask = optional(in.preset_mask),
          .row_arm = optional(in.row_arm),
          .base_score = out.base_score.data(),
          .score = out.score.data(),
          .decision = out.decision.data(),
          .mask = out.mask.data(),
          .arm = out.arm.data(),
          .p_surfaced = out.p_surfaced.data()};
}

}  // namespace npo
