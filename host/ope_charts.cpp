#include "host/ope_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace npo {
namespace {

constexpr double row_height = 30.0, chart_width = 860.0, left_edge = 150.0, right_edge = 625.0;

/// A linear axis with round ticks.
struct Axis {
  double low, high, step;

  Axis(double least, double most) {
    const double span = most > least ? most - least : std::max(1e-12, std::fabs(most));
    const double rough = span / 5.0, power = std::pow(10.0, std::floor(std::log10(rough)));
    const double share = rough / power;
    step = power * (share < 1.5 ? 1.0 : share < 3.5 ? 2.0 : share < 7.5 ? 5.0 : 10.0);
    low = step * std::floor(least / step);
    high = step * std::ceil(most / step);
    if (high <= low) high = low + step;
  }
  double at(double value) const {
    return left_edge + (right_edge - left_edge) * (value - low) / (high - low);
  }
};

std::string line(double x1, double y1, double x2, double y2, const char* rest) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2,
                     rest);
}

std::string label(double x, double y, const char* anchor, const std::string& text, bool soft = false) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor,
                     soft ? " class=\"soft\"" : "", text);
}

std::string svg(double height, const std::string& title, const std::string& content) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n",
                     chart_width, height, title, content);
}

std::string ticks(const Axis& axis, double bottom) {
  std::string text;
  const int count = static_cast<int>(std::lround((axis.high - axis.low) / axis.step));
  for (int i = 0; i <= count; ++i) {
    const double value = axis.low + i * axis.step;
    text += line(axis.at(value), 8.0, axis.at(value), bottom, "stroke=\"var(--line)\"");
    text += label(axis.at(value), bottom + 18.0, "middle",
                  fmt::format("{:.4g}", std::fabs(value) < 1e-9 * axis.step ? 0.0 : value), true);
  }
  return text;
}

/// Ends of the interval, or the estimate itself.
Interval ends_of(const OpeEstimate& estimate) {
  return estimate.bootstrap.ends.value_or(Interval{*estimate.value, *estimate.value});
}

}  // namespace

std::string estimate_chart(const OpeReport& report) {
  double least = report.logged, most = report.logged;
  for (const OpeEstimate& estimate : report.estimates) {
    if (!estimate.value) continue;
    least = std::min(least, ends_of(estimate).low);
    most = std::max(most, ends_of(estimate).high);
  }
  const Axis axis(least, most);
  const double bottom = 12.0 + row_height * static_cast<double>(report.estimates.size());
  std::string text = ticks(axis, bottom);
  text += line(axis.at(report.logged), 8.0, axis.at(report.logged), bottom,
               "stroke=\"var(--soft)\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\"");
  double y = 12.0 + 0.5 * row_height;
  for (const OpeEstimate& estimate : report.estimates) {
    text +=
        label(left_edge - 12.0, y + 4.0, "end", std::string(name_of(estimate.estimator)), !estimate.value);
    if (!estimate.value) {
      text += label(right_edge + 14.0, y + 4.0, "start", "no estimate", true);
    } else {
      const Interval ends = ends_of(estimate);
      text += line(axis.at(ends.low), y, axis.at(ends.high), y,
                   "stroke=\"var(--mark)\" stroke-width=\"3\" stroke-linecap=\"round\"");
      text += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" fill=\"var(--mark)\"/>\n",
                          axis.at(*estimate.value), y);
      text += label(right_edge + 14.0, y + 4.0, "start",
                    fmt::format("{:.4g} [{:.4g}, {:.4g}]", *estimate.value, ends.low, ends.high));
    }
    y += row_height;
  }
  return svg(bottom + 26.0, "estimates with intervals", text);
}

std::string weight_chart(const WeightHistogram& histogram) {
  const double middle = 0.5 * chart_width, half = 230.0, gap = 70.0;
  const double weight = std::accumulate(histogram.weight.begin(), histogram.weight.end(), 0.0);
  const std::uint64_t most_rows =
      std::max(histogram.zero,
               histogram.rows.empty() ? 0 : *std::max_element(histogram.rows.begin(), histogram.rows.end()));
  const double most_weight =
      histogram.weight.empty() ? 0.0 : *std::max_element(histogram.weight.begin(), histogram.weight.end());
  std::string text = label(middle - gap, 14.0, "end", "rows", true) +
                     label(middle, 14.0, "middle", "weight", true) +
                     label(middle + gap, 14.0, "start", "share of the weight", true);
  double y = 24.0;
  const auto add = [&](const std::string& name, std::uint64_t rows, double share_of_most, double share) {
    const double left = most_rows ? half * static_cast<double>(rows) / static_cast<double>(most_rows) : 0.0;
    const double right = half * share_of_most;
    text += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" rx=\"2\" fill=\"var(--mark)\"/>\n",
        middle - gap - left, y, left);
    text += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" rx=\"2\" fill=\"var(--weight)\"/>\n",
        middle + gap, y, right);
    text += label(middle, y + 13.0, "middle", name);
    text += label(middle - gap - left - 6.0, y + 13.0, "end", fmt::format("{}", rows), true);
    text +=
        label(middle + gap + right + 6.0, y + 13.0, "start", fmt::format("{:.1f} %", 100.0 * share), true);
    y += 22.0;
  };
  if (histogram.zero > 0) add("0", histogram.zero, 0.0, 0.0);
  for (std::size_t k = 0; k < histogram.rows.size(); ++k) {
    const int power = histogram.first + static_cast<int>(k);
    add(fmt::format("{:.3g} to {:.3g}", std::ldexp(1.0, power), std::ldexp(1.0, power + 1)),
        histogram.rows[k], most_weight > 0.0 ? histogram.weight[k] / most_weight : 0.0,
        weight > 0.0 ? histogram.weight[k] / weight : 0.0);
  }
  return svg(y + 6.0, "rows and weight by size of the weight", text);
}

}  // namespace npo
