#include "host/study_parameter_rows.hpp"

namespace npo {
namespace {

using Rows = std::vector<PointParameter<LoopPoint>>;
constexpr Range share = closed(0, 1);
constexpr Range episode_count = closed(1, 2147483647.0);

template <class Field>
PointParameter<LoopPoint> number(std::string name, Range range, Field field) {
  return study_rows::number<LoopPoint>(std::move(name), range, field);
}
template <class Enum, class Field>
PointParameter<LoopPoint> word(std::string name, std::vector<std::pair<std::string_view, Enum>> names,
                               Field field) {
  return study_rows::word<LoopPoint>(std::move(name), std::move(names), field);
}

/// The field `member` of a part of the point.
template <auto Part, auto Member>
constexpr auto field = [](auto& point) -> auto& {
  return point.*Part.*Member;
};
template <auto Member>
constexpr auto own = [](auto& point) -> auto& {
  return point.*Member;
};

void add_world(Rows& rows) {
  constexpr auto world = &LoopPoint::world;
  rows.push_back(number("scenarios", closed(1, 65536), field<world, &LoopWorld::scenarios>));
  rows.push_back(word<LoopLatent>("latent",
                                  {{"deterministic", LoopLatent::deterministic},
                                   {"beta", LoopLatent::beta},
                                   {"constant", LoopLatent::constant}},
                                  field<world, &LoopWorld::latent>));
  rows.push_back(number("base_rate", share, field<world, &LoopWorld::base_rate>));
  rows.push_back(number("latent_a", closed(1, 1e6), field<world, &LoopWorld::latent_a>));
  rows.push_back(number("latent_b", closed(1, 1e6), field<world, &LoopWorld::latent_b>));
  rows.push_back(number("initial_noise", closed(0, 100), field<world, &LoopWorld::initial_noise>));
  rows.push_back(number("initial_slope", closed(-100, 100), field<world, &LoopWorld::initial_slope>));
  rows.push_back(number("zipf", closed(0, 100), field<world, &LoopWorld::zipf>));
  rows.push_back(number("blocked_share", share, field<world, &LoopWorld::blocked_share>));
  rows.push_back(number("drift", closed(1, max_horizon), field<world, &LoopWorld::drift_episodes>));
  rows.push_back(number("redraw", share, field<world, &LoopWorld::redraw>));
}

void add_operator(Rows& rows) {
  constexpr auto op = &LoopPoint::op;
  rows.push_back(number("look_surfaced", share, field<op, &LoopOperator::look_surfaced>));
  rows.push_back(number("look_withheld", share, field<op, &LoopOperator::look_withheld>));
  rows.push_back(number("neutral_share", share, field<op, &LoopOperator::neutral_share>));
  rows.push_back(number("lambda", share, field<op, &LoopOperator::lambda>));
  rows.push_back(number("swap", share, field<op, &LoopOperator::swap>));
  rows.push_back(number("adversarial", share, field<op, &LoopOperator::adversarial>));
}

void add_learning(Rows& rows) {
  constexpr auto learning = &LoopPoint::learning;
  rows.push_back(word<LoopTarget>("target",
                                  {{"approval", LoopTarget::approval}, {"literal", LoopTarget::literal}},
                                  field<learning, &LoopLearning::target>));
  rows.push_back(
      word<LoopStep>("step", {{"robbins_monro", LoopStep::robbins_monro}, {"constant", LoopStep::constant}},
                     field<learning, &LoopLearning::step>));
  rows.push_back(number("eta", share, field<learning, &LoopLearning::eta>));
  rows.push_back(number("c", open_below(0, 1e6), field<learning, &LoopLearning::c>));
  rows.push_back(number("n0", closed(0, 1e6), field<learning, &LoopLearning::n0>));
  rows.push_back(number("kappa", open_below(0.5, 1), field<learning, &LoopLearning::kappa>));
  rows.push_back(number("delay", closed(0, 65536), field<learning, &LoopLearning::delay>));
}

void add_monitor(Rows& rows) {
  constexpr auto monitor = &LoopPoint::monitor;
  rows.push_back(word<LoopMonitorKind>(
      "monitor",
      {{"window", LoopMonitorKind::window}, {"ewma", LoopMonitorKind::ewma}, {"off", LoopMonitorKind::off}},
      field<monitor, &LoopMonitor::kind>));
  rows.push_back(number("monitor_window", closed(1, 65536), field<monitor, &LoopMonitor::window>));
  rows.push_back(number("half_life", closed(1, 65536), field<monitor, &LoopMonitor::half_life>));
  rows.push_back(word<LoopReference>(
      "reference",
      {{"floor", LoopReference::floor}, {"best", LoopReference::best}, {"absolute", LoopReference::absolute}},
      field<monitor, &LoopMonitor::reference>));
  rows.push_back(number("delta", share, field<monitor, &LoopMonitor::delta>));
  rows.push_back(number("theta", share, field<monitor, &LoopMonitor::theta>));
  rows.push_back(word<LoopOnAlarm>("on_alarm",
                                   {{"retrain", LoopOnAlarm::retrain}, {"watch", LoopOnAlarm::watch}},
                                   field<monitor, &LoopMonitor::on_alarm>));
  rows.push_back(number("min_gap", closed(0, 2147483647.0), field<monitor, &LoopMonitor::min_gap>));
  rows.push_back(number("monitor_noise", share, field<monitor, &LoopMonitor::noise>));
  rows.push_back(number("smooth", open_below(0, 1e6), field<monitor, &LoopMonitor::smooth>));
  rows.push_back(word<LoopRefill>("refill",
                                  {{"silent", LoopRefill::silent}, {"outside", LoopRefill::outside}},
                                  field<monitor, &LoopMonitor::refill>));
}

void add_ablation(Rows& rows) {
  rows.push_back(word<LoopAblation>("ablation",
                                    {{"full", LoopAblation::full},
                                     {"no_override", LoopAblation::no_override},
                                     {"fixed_threshold", LoopAblation::fixed_threshold},
                                     {"no_monitor", LoopAblation::no_monitor},
                                     {"fixed_interval", LoopAblation::fixed_interval},
                                     {"reward_only", LoopAblation::reward_only}},
                                    own<&LoopPoint::ablation>));
  rows.push_back(number("ablated_threshold", open(0, 1), own<&LoopPoint::ablated_threshold>));
  rows.push_back(number("ablated_interval", episode_count, own<&LoopPoint::ablated_interval>));
}

}  // namespace

const std::vector<PointParameter<LoopPoint>>& loop_parameters() {
  static const Rows rows = [] {
    Rows all = study_rows::policy_rows<LoopPoint>();
    all.push_back(number("thresholds", open(0, 1), own<&LoopPoint::thresholds>));
    add_world(all);
    add_operator(all);
    add_learning(all);
    add_monitor(all);
    add_ablation(all);
    return all;
  }();
  return rows;
}

LoopPoint loop_point(const nlohmann::json& values, std::uint32_t episodes) {
  LoopPoint point;
  point.horizon = episodes;
  for (const auto& parameter : loop_parameters()) parameter.set(point, values.at(parameter.name));
  validate(point);
  return point;
}

}  // namespace npo
