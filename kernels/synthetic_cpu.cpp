#include <string>

#include "kernels/error.hpp"
#include "kernels/synthetic.hpp"
#include "kernels/synthetic_lanes.hpp"

namespace npo {
namespace {

SyntheticTables tables_of(const SyntheticPlan& plan) {
  SyntheticTables tables{};
  tables.seed = plan.seed;
  tables.dim = static_cast<std::uint32_t>(plan.weight.size());
  tables.fleets = static_cast<std::uint32_t>(plan.level.size());
  tables.weight = plan.weight.data();
  tables.loading = plan.loading.data();
  tables.level = plan.level.data();
  tables.shift = plan.shift.data();
  tables.walk_step = plan.walk_step;
  tables.hidden = plan.hidden;
  tables.signal = plan.signal;
  tables.drift = plan.drift;
  tables.deterministic = plan.truth == SyntheticTruth::deterministic;
  return tables;
}

template <class T>
T* pointer_to(std::span<T> column) {
  return column.empty() ? nullptr : column.data();
}

}  // namespace

void make_synthetic_rows(const SyntheticPlan& plan, std::uint32_t first, std::size_t rows,
                         std::uint32_t night, const SyntheticRows& out, SimdLevel level) {
  if (!supports(level))
    throw Error(ErrorKind::usage, "this machine cannot run " + std::string(name_of(level)),
                "use --simd auto");
  const SyntheticColumns columns{rows, pointer_to(out.fleet), pointer_to(out.features),
                                 pointer_to(out.approval), pointer_to(out.label)};
  const auto make = level == SimdLevel::avx512 ? make_synthetic_avx512
                    : level == SimdLevel::avx2 ? make_synthetic_avx2
                                               : make_synthetic_scalar;
  make(tables_of(plan), first, night, columns);
}

}  // namespace npo
