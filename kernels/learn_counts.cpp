#include "kernels/learn_partition.hpp"

namespace npo {

void add_counts(LearnCounts& a, const LearnCounts& b) {
  a.applied += b.applied;
  a.already_known += b.already_known;
  a.retracted += b.retracted;
  a.nothing_to_retract += b.nothing_to_retract;
  a.updates += b.updates;
  a.late += b.late;
  const std::int64_t lo = a.squared_error_lo + b.squared_error_lo;
  a.squared_error_hi += b.squared_error_hi + (lo >> 32);
  a.squared_error_lo = lo & 0xffffffff;
}

}  // namespace npo
