#pragma once
#include <string>

#include "host/ope_run.hpp"

/// Private to the page of `npo ope`: its pictures as inline SVG, coloured by the page's style.
namespace npo {

/// One line an estimator: the estimate, its interval, and the logged mean as a dashed line.
std::string estimate_chart(const OpeReport& report);
/// Rows and weight by powers of two of the weight, back to back.
std::string weight_chart(const WeightHistogram& histogram);

}  // namespace npo
