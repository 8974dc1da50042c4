#pragma once
#include <cstdint>

#include "host/night_index.hpp"
#include "host/policy.hpp"
#include "host/run_context.hpp"
#include "io/model_file.hpp"
#include "io/state_store.hpp"

namespace npo {

/// What moves: both models laid out for the columns of the scenario file, and how.
struct RebasePlan {
  const PlannedModel& old_model;
  const PlannedModel& new_model;
  Carry carry = Carry::offset;
  Rebase rebase = Rebase::shrink;
};

struct RebaseCounts {
  std::uint64_t rebased = 0, absent = 0;
  std::int64_t shift_sum = 0;  ///< of |new score - old score| in units 2^-24, added in any order
  float largest_shift = 0.0f;
  void add(const RebaseCounts& other);
};

/// Moves the rows of one state shard to the new model, with the features they have on a night; rows that the
/// night does not hold keep their correction. Step counters restart for all. Error(bad_data) names a row
/// without a finite score.
RebaseCounts rebase_rows(const RebasePlan& plan, const ScenarioFile& file, const NightIndex& night,
                         IdType state_ids, SimdLevel level, StateRows& rows);

}  // namespace npo
