#pragma once
#include <cstdint>
#include <string_view>

/// How an arm is chosen, in words and numbers (spec section 4 and its variants).
namespace npo {

/// Values are stored in files.
enum class StudyPolicy : std::uint8_t {
  thompson = 0,             ///< draws from Beta posteriors, the largest wins
  discounted_thompson = 1,  ///< the same, all counts times `discount` before each success or failure
  sliding_thompson = 2,     ///< the same, counting only the last `window` successes and failures
  ucb1 = 3,                 ///< mean + sqrt(exploration ln n / n_k) (Auer, Cesa-Bianchi, Fischer 2002)
  kl_ucb = 4,          ///< largest q with n_k KL(mean, q) <= ln n + log_log ln ln n (Garivier, Cappe 2011)
  epsilon_greedy = 5,  ///< a uniform arm with probability epsilon, else the best mean so far
  fixed = 6            ///< always `fixed_arm`
};
inline constexpr int study_policy_count = 7;

/// "thompson", "discounted_thompson", "sliding_thompson", "ucb1", "kl_ucb", "epsilon_greedy", "fixed".
std::string_view name_of(StudyPolicy policy);

/// A policy with its options; each policy reads those named beside it. Counts are S_k successes (like = 1)
/// and F_k failures (override = 0) of arm k, n_k = S_k + F_k, n = the sum of all n_k. What is neither changes
/// nothing. Ties go to the lowest arm. Index policies (ucb1, kl_ucb, epsilon_greedy) play every arm with
/// n_k = 0 first, lowest first; the mean is S_k / n_k.
struct PolicyOptions {
  StudyPolicy kind = StudyPolicy::thompson;
  double prior_success = 1.0, prior_failure = 1.0;  ///< a0 and b0 of the thompson family, 1 to 1e6
  double discount = 0.95;                           ///< discounted_thompson, in (0, 1]
  std::uint32_t window = 100;                       ///< sliding_thompson, 1 to 65536
  double exploration = 2.0;                         ///< ucb1, >= 0
  double log_log = 0.0;                             ///< kl_ucb, >= 0; ln ln n counts as 0 below n = 3
  double epsilon = 0.1;                             ///< epsilon_greedy, in [0, 1]
  std::uint32_t fixed_arm = 0;                      ///< fixed
};

}  // namespace npo
