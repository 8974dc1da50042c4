#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/evaluation_charts.hpp"
#include "host/svg_chart.hpp"

namespace npo {
namespace {

constexpr double row_height = 20.0, head = 26.0, foot = 40.0;
constexpr double name_end = 190.0, left = 200.0, right = 720.0, width = 900.0;

/// The groups of a kind in which the ranking metric is defined, the best first; the middle is cut out.
struct Shown {
  std::vector<const SummaryGroup*> groups;
  std::size_t cut_after = 0, left_out = 0;  ///< `left_out` groups are missing behind the first `cut_after`
};

bool better(const SummaryGroup* a, const SummaryGroup* b, const std::string& metric) {
  const double x = *a->find(metric)->value, y = *b->find(metric)->value;
  return larger_is_better(metric) ? x > y : x < y;
}

/// Orders groups by how surely they are the best, or the worst.
void order_by_certainty(std::vector<const SummaryGroup*>& groups, const std::string& metric, bool worst) {
  const auto end = [&](const SummaryGroup* group) {
    const auto value = interval_end(*group->find(metric), worst);
    return value ? (worst ? *value : -*value) : std::numeric_limits<double>::infinity();
  };
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const auto* a, const auto* b) { return end(a) < end(b); });
}

Shown choose(const EvaluationSummary& summary, const std::string& kind, std::size_t most) {
  const std::string& ranked_by = summary.ranked_by;
  std::vector<const SummaryGroup*> groups;
  for (const SummaryGroup& group : summary.groups) {
    const Metric* metric = group.find(ranked_by);
    if (group.kind == kind && metric && metric->value) groups.push_back(&group);
  }
  const auto in_order = [&](auto first, auto last) {
    std::stable_sort(first, last, [&](const auto* a, const auto* b) { return better(a, b, ranked_by); });
  };
  Shown shown;
  if (groups.size() <= most) {
    in_order(groups.begin(), groups.end());
    shown.groups = std::move(groups);
    return shown;
  }
  shown.cut_after = most / 2;
  shown.left_out = groups.size() - 2 * shown.cut_after;
  const auto half = static_cast<std::ptrdiff_t>(shown.cut_after);
  order_by_certainty(groups, ranked_by, false);
  shown.groups.assign(groups.begin(), groups.begin() + half);
  groups.erase(groups.begin(), groups.begin() + half);
  order_by_certainty(groups, ranked_by, true);
  shown.groups.insert(shown.groups.end(), groups.begin(), groups.begin() + half);
  in_order(shown.groups.begin(), shown.groups.begin() + half);
  in_order(shown.groups.begin() + half, shown.groups.end());
  return shown;
}

/// The x-axis: a range that holds all intervals.
struct Scale {
  double low, high;
  double at(double value) const {
    return left + std::clamp((value - low) / (high - low), 0.0, 1.0) * (right - left);
  }
};

Scale scale_of(const Shown& shown, const std::string& metric) {
  Scale scale{1e300, -1e300};
  for (const SummaryGroup* group : shown.groups) {
    const Metric& m = *group->find(metric);
    const Interval ends = m.interval.value_or(Interval{*m.value, *m.value});
    scale.low = std::min({scale.low, ends.low, *m.value});
    scale.high = std::max({scale.high, ends.high, *m.value});
  }
  const double margin = 0.05 * std::max(scale.high - scale.low, 1e-6);
  return {scale.low >= 0.0 ? std::max(0.0, scale.low - margin) : scale.low - margin, scale.high + margin};
}

std::string shortened(const std::string& name) {
  if (name.size() <= 26) return name;
  std::size_t end = 24;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;  // whole UTF-8 characters
  return fmt::format("{}…", name.substr(0, end));
}

std::string row(const SummaryGroup& group, const std::string& name, const Scale& scale, double y) {
  const Metric& metric = *group.find(name);
  std::string text =
      fmt::format(R"(<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}<title>{}</title></text>)",
                  name_end, y + 4, html_escaped(shortened(group.name)), html_escaped(group.name));
  std::string value = fmt::format("{:.3f}", *metric.value);
  if (metric.interval) {
    text += fmt::format(R"(<path class="line a" d="M{:.1f} {:.1f}H{:.1f}"/>)", scale.at(metric.interval->low),
                        y, scale.at(metric.interval->high));
    value += fmt::format(" ({:.3f} to {:.3f})", metric.interval->low, metric.interval->high);
  }
  text += fmt::format(
      R"(<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}: {}, {} rows</title></circle>)",
      scale.at(*metric.value), y, html_escaped(group.name), value, group.rows);
  return text + fmt::format(R"(<text class="tick" x="{}" y="{:.1f}">{}</text>)", right + 12, y + 4, value);
}

}  // namespace

std::string forest_chart(const EvaluationSummary& summary, const std::string& kind, std::size_t most) {
  const Shown shown = choose(summary, kind, most);
  if (shown.groups.empty()) return {};
  const Scale scale = scale_of(shown, summary.ranked_by);
  const std::size_t rows = shown.groups.size() + (shown.left_out > 0 ? 1 : 0);
  const double bottom = head + row_height * static_cast<double>(rows);
  std::string body;
  for (const double tick : round_ticks(scale.low, scale.high, 6))
    body += fmt::format(
        R"(<line class="grid" x1="{0:.1f}" y1="{1}" x2="{0:.1f}" y2="{2}"/><text class="tick" x="{0:.1f}" y="{3}" text-anchor="middle">{4:g}</text>)",
        scale.at(tick), head - 8, bottom, bottom + 16, std::fabs(tick) < 1e-12 ? 0.0 : tick);
  if (const Metric* total = summary.groups.front().find(summary.ranked_by); total && total->value)
    body += fmt::format(
        R"(<path class="line reference" d="M{:.1f} {}V{}"/><text class="note" x="{:.1f}" y="{}" text-anchor="middle">all</text>)",
        scale.at(*total->value), head - 8, bottom, scale.at(*total->value), head - 12);
  double y = head + row_height / 2;
  for (std::size_t g = 0; g < shown.groups.size(); ++g) {
    if (shown.left_out > 0 && g == shown.cut_after) {
      body += fmt::format(R"(<text class="note" x="{}" y="{:.1f}">... {} more in between</text>)", left + 8,
                          y + 4, shown.left_out);
      y += row_height;
    }
    body += row(*shown.groups[g], summary.ranked_by, scale, y);
    y += row_height;
  }
  body += fmt::format(R"(<text class="label" x="{}" y="{}" text-anchor="middle">{}</text>)",
                      (left + right) / 2, bottom + 34, html_escaped(summary.ranked_by));
  return fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{} by {} with intervals">{}</svg>)",
                     width, bottom + foot, html_escaped(summary.ranked_by), html_escaped(kind), body);
}

}  // namespace npo
