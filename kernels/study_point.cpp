#include "kernels/study_point.hpp"

#include <cmath>
#include <sstream>
#include <string>

#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(const std::string& name, double value, const std::string& range) {
  std::ostringstream text;
  text << name << " = " << value << " is out of range";
  throw Error(ErrorKind::usage, text.str(), "give " + range);
}

std::string range_text(double low, double high) {
  std::ostringstream text;
  text << "a number from " << low << " to " << high;
  return text.str();
}

void check_range(const std::string& name, double value, double low, double high) {
  if (!(value >= low && value <= high)) refuse(name, value, range_text(low, high));
}

void check_share(const std::string& name, double value) {
  check_range(name, value, 0.0, 1.0);
}

void check_at_least(const std::string& name, double value, double low) {
  if (!(value >= low && std::isfinite(value))) {
    std::ostringstream text;
    text << "a number of at least " << low;
    refuse(name, value, text.str());
  }
}

void check_world(const LoopWorld& world, std::uint32_t horizon) {
  check_range("scenarios", world.scenarios, 1, 65536);
  check_share("base_rate", world.base_rate);
  check_range("latent_a", world.latent_a, 1, 1e6);
  check_range("latent_b", world.latent_b, 1, 1e6);
  check_range("initial_noise", world.initial_noise, 0, 100);
  check_range("initial_slope", world.initial_slope, -100, 100);
  check_range("zipf", world.zipf, 0, 100);
  check_share("blocked_share", world.blocked_share);
  check_share("redraw", world.redraw);
  std::uint32_t before = 0;
  for (const std::uint32_t episode : world.drift_episodes) {
    check_range("drift_episodes", episode, 1, horizon);
    if (episode <= before) refuse("drift_episodes", episode, "ascending episodes");
    before = episode;
  }
}

void check_operator(const LoopOperator& op) {
  check_share("look_surfaced", op.look_surfaced);
  check_share("look_withheld", op.look_withheld);
  check_share("neutral_share", op.neutral_share);
  check_share("lambda", op.lambda);
  check_share("swap", op.swap);
  check_share("adversarial", op.adversarial);
}

void check_learning(const LoopLearning& learning) {
  check_share("eta", learning.eta);
  if (!(learning.c > 0.0)) refuse("c", learning.c, "a number above 0");
  check_range("c", learning.c, 0.0, 1e6);
  check_range("n0", learning.n0, 0.0, 1e9);
  if (!(learning.kappa > 0.5 && learning.kappa <= 1.0))
    refuse("kappa", learning.kappa, "a number above 0.5 and up to 1");
  check_range("delay", learning.delay, 0, 65536);
}

void check_monitor(const LoopMonitor& monitor) {
  check_range("window", monitor.window, 1, 65536);
  check_range("half_life", monitor.half_life, 1e-3, 1e9);
  check_range("delta", monitor.delta, -1.0, 1.0);
  check_range("theta", monitor.theta, 0.0, 1.0);
  check_range("noise", monitor.noise, 0.0, 1.0);
  check_range("smooth", monitor.smooth, 0.0, 1e6);
}

}  // namespace

void validate(const PolicyOptions& policy, std::uint32_t arms) {
  check_range("prior_success", policy.prior_success, 1.0, 1e6);
  check_range("prior_failure", policy.prior_failure, 1.0, 1e6);
  if (!(policy.discount > 0.0 && policy.discount <= 1.0))
    refuse("discount", policy.discount, "a number above 0 and up to 1");
  check_range("window", policy.window, 1, 65536);
  check_range("exploration", policy.exploration, 0.0, 1e6);
  check_range("log_log", policy.log_log, 0.0, 1e6);
  check_share("epsilon", policy.epsilon);
  if (policy.kind == StudyPolicy::fixed) check_range("fixed_arm", policy.fixed_arm, 0, arms - 1.0);
}

void validate(const BanditPoint& point) {
  check_range("arms", point.arms, 2, max_bandit_arms);
  validate(point.policy, point.arms);
  check_range("horizon", point.horizon, 1, max_horizon);
  if (point.means.empty()) {
    check_range("draw_a", point.draw_a, 1.0, 1e6);
    check_range("draw_b", point.draw_b, 1.0, 1e6);
  }
  for (const double mean : point.means) check_share("means", mean);
  if (point.means.size() % point.arms != 0) {
    throw Error(ErrorKind::usage,
                "means has " + std::to_string(point.means.size()) + " numbers for " +
                    std::to_string(point.arms) + " arms",
                "give one for each arm of each segment");
  }
  check_range("number of segments", static_cast<double>(point.means.size() / point.arms), 0,
              max_bandit_segments);
  if (point.means.size() > point.arms && point.break_every == 0) {
    throw Error(ErrorKind::usage, "means has several segments, and break_every is 0",
                "say after how many steps the next segment begins");
  }
}

void validate(const LoopPoint& point) {
  const std::size_t arms = point.thresholds.size();
  check_range("number of thresholds", static_cast<double>(arms), 2, max_arms);
  double before = 0.0;
  for (const double threshold : point.thresholds) {
    if (!(threshold > 0.0 && threshold < 1.0)) refuse("thresholds", threshold, "numbers between 0 and 1");
    if (threshold <= before) refuse("thresholds", threshold, "ascending numbers");
    before = threshold;
  }
  validate(point.policy, static_cast<std::uint32_t>(arms));
  check_range("horizon", point.horizon, 1, max_horizon);
  check_world(point.world, point.horizon);
  check_operator(point.op);
  check_learning(point.learning);
  check_monitor(point.monitor);
  check_share("ablated_threshold", point.ablated_threshold);
  check_at_least("ablated_interval", point.ablated_interval, 1);
}

}  // namespace npo
