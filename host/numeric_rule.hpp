#pragma once
#include <cstdint>
#include <string>

#include "host/policy.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {

/// A guardrail over numbers as the closed interval of float32 that it means, hit as `bit`; strict bounds
/// become the neighbouring float. Error(usage), which begins with `origin`, when no float32 can hit it, or
/// none can equal its value.
IntervalRule numeric_rule(const GuardrailRule& rule, std::uint32_t column, std::uint8_t bit,
                          const std::string& origin);

}  // namespace npo
