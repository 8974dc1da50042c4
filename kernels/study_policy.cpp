#include "kernels/study_policy.hpp"

namespace npo {

std::string_view name_of(StudyPolicy policy) {
  static constexpr std::string_view names[study_policy_count] = {
      "thompson", "discounted_thompson", "sliding_thompson", "ucb1", "kl_ucb", "epsilon_greedy", "fixed"};
  return names[static_cast<int>(policy)];
}

}  // namespace npo
