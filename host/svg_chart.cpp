#include "host/svg_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace npo {
namespace {

std::string tick_text(const ChartAxis& axis, std::size_t i) {
  if (!axis.tick_names.empty()) return html_escaped(axis.tick_names[i]);
  return fmt::format("{:g}", std::fabs(axis.ticks[i]) < 1e-12 ? 0.0 : axis.ticks[i]);
}

constexpr double width = 440.0, height = 330.0;
constexpr double left = 58.0, right = 424.0, top = 30.0, bottom = 284.0;

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::vector<double> round_ticks(double low, double high, int count) {
  const double wanted = (high - low) / count;
  if (!(wanted > 0.0)) return {low};
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  double step = 10.0 * power;
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= wanted * 0.999) {
      step = factor * power;
      break;
    }
  std::vector<double> ticks;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1.0)
    ticks.push_back(k * step);
  return ticks;
}

SvgChart::SvgChart(ChartAxis x, ChartAxis y, std::string_view summary)
    : x_(std::move(x)), y_(std::move(y)), summary_(summary) {
  if (x_.ticks.empty()) x_.ticks = round_ticks(x_.low, x_.high, 5);
  if (y_.ticks.empty()) y_.ticks = round_ticks(y_.low, y_.high, 5);
  draw_axes();
}

double SvgChart::across(double x) const {
  const double share = (x - x_.low) / (x_.high - x_.low);
  return left + std::clamp(share, 0.0, 1.0) * (right - left);
}

double SvgChart::down(double y) const {
  const double share = (y - y_.low) / (y_.high - y_.low);
  return bottom - std::clamp(share, 0.0, 1.0) * (bottom - top);
}

void SvgChart::draw_axes() {
  for (std::size_t i = 0; i < y_.ticks.size(); ++i)
    body_ += fmt::format(
        R"(<line class="grid" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/><text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>)",
        left, down(y_.ticks[i]), right, down(y_.ticks[i]), left - 7, down(y_.ticks[i]) + 4, tick_text(y_, i));
  for (std::size_t i = 0; i < x_.ticks.size(); ++i)
    body_ += fmt::format(
        R"(<line class="grid" x1="{0:.1f}" y1="{1}" x2="{0:.1f}" y2="{2}"/><text class="tick" x="{0:.1f}" y="{3}" text-anchor="middle">{4}</text>)",
        across(x_.ticks[i]), top, bottom, bottom + 17, tick_text(x_, i));
  body_ += fmt::format(R"(<path class="axis" d="M{} {}V{}H{}"/>)", left, top, bottom, right);
  body_ += fmt::format(R"(<text class="label" x="{}" y="{}" text-anchor="middle">{}</text>)",
                       (left + right) / 2, height - 8, html_escaped(x_.label));
  body_ += fmt::format(
      R"~(<text class="label" transform="translate(15 {}) rotate(-90)" text-anchor="middle">{}</text>)~",
      (top + bottom) / 2, html_escaped(y_.label));
}

void SvgChart::line(std::span<const ChartPoint> points, std::string_view style) {
  if (points.empty()) return;
  body_ += fmt::format(R"(<path class="line {}" d=")", style);
  char move = 'M';
  for (const ChartPoint& point : points) {
    body_ += fmt::format("{}{:.1f} {:.1f}", move, across(point.x), down(point.y));
    move = 'L';
  }
  body_ += "\"/>";
}

void SvgChart::steps(std::span<const ChartPoint> points, std::string_view style) {
  std::vector<ChartPoint> corners;
  for (const ChartPoint& point : points) {
    if (!corners.empty()) corners.push_back({point.x, corners.back().y});
    corners.push_back(point);
  }
  line(corners, style);
}

void SvgChart::whisker(double x, double low, double high, std::string_view style) {
  const double at = across(x);
  body_ += fmt::format(
      R"(<path class="line {0}" d="M{1:.1f} {2:.1f}V{3:.1f}M{4:.1f} {2:.1f}H{5:.1f}M{4:.1f} {3:.1f}H{5:.1f}"/>)",
      style, at, down(low), down(high), at - 3, at + 3);
}

void SvgChart::bar(double from, double to, double y, std::string_view style) {
  body_ +=
      fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)", style,
                  across(from) + 1, down(y), std::max(0.5, across(to) - across(from) - 2), bottom - down(y));
}

void SvgChart::dot(ChartPoint at, std::string_view style, std::string_view title) {
  body_ += fmt::format(R"(<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="4.5"><title>{}</title></circle>)",
                       style, across(at.x), down(at.y), html_escaped(title));
}

void SvgChart::upright(double x, std::string_view style) {
  body_ += fmt::format(R"(<path class="line {}" d="M{:.1f} {}V{}"/>)", style, across(x), top, bottom);
}

void SvgChart::note(ChartPoint at, std::string_view text, std::string_view style, bool to_left) {
  body_ += fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)", style,
                       across(at.x) + (to_left ? -9 : 9), down(at.y) + 4, to_left ? "end" : "start",
                       html_escaped(text));
}

void SvgChart::legend(std::string_view name, std::string_view style) {
  const double at = left + 4 + 120.0 * legends_++;
  body_ += fmt::format(
      R"(<path class="line {}" d="M{:.1f} 15h22"/><text class="note" x="{:.1f}" y="19">{}</text>)", style, at,
      at + 28, html_escaped(name));
}

std::string SvgChart::text() const {
  return fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>)", width, height,
                     html_escaped(summary_), body_);
}

}  // namespace npo
