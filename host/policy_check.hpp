#pragma once
#include <string>

#include "host/policy.hpp"

namespace npo {

/// What no single key can show: thresholds 2 to 32, ascending and in (0,1); `fixed` one of them; at most 63
/// guardrails of different names, each in one of its forms. Error(usage) names `origin` and the key.
void check_policy(const Policy& policy, const std::string& origin);

/// The whole seconds of a day that a guardrail over time_of_day selects, both ends inclusive, `to` < `from`
/// when it wraps midnight; `none` when it selects no second.
struct DaySelection {
  std::uint32_t from = 0, to = 86399;
  bool none = false, negate = false;
};
DaySelection day_selection(const GuardrailRule& rule);

}  // namespace npo
