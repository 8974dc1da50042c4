#include "host/discounted_posteriors.hpp"

#include <algorithm>

#include "kernels/fixed_point.hpp"

namespace npo {

void discount_posteriors(double gamma, std::vector<CreditedEvent>& events, StateManifest& manifest) {
  std::ranges::sort(events, {}, &CreditedEvent::order);
  const std::int64_t factor = to_fixed(gamma);
  const std::size_t arms = manifest.thresholds.size();
  for (const CreditedEvent& event : events) {
    std::int64_t* successes = manifest.successes.data() + event.fleet * arms;
    std::int64_t* failures = manifest.failures.data() + event.fleet * arms;
    std::int64_t& count = (event.like ? successes : failures)[event.arm];
    if (event.retraction) {
      count = std::max<std::int64_t>(0, count - fixed_one);
      continue;
    }
    for (std::size_t k = 0; k < arms; ++k) {
      successes[k] = multiply_fixed(successes[k], factor);
      failures[k] = multiply_fixed(failures[k], factor);
    }
    count += fixed_one;
  }
}

}  // namespace npo
