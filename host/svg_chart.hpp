#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Charts as inline SVG, styled by the page's classes: line a, b and c, area, grid, axis, mark, note.
namespace npo {

/// Text made safe for HTML.
std::string html_escaped(std::string_view text);

struct ChartPoint {
  double x, y;
};

/// An axis: its range, where it is ticked, and what it shows.
struct ChartAxis {
  double low = 0.0, high = 1.0;
  std::string label;
  std::vector<double> ticks{};            ///< empty: about five round numbers
  std::vector<std::string> tick_names{};  ///< empty: the numbers; else as many as ticks
};

/// About `count` round numbers within [low, high].
std::vector<double> round_ticks(double low, double high, int count);

/// A chart with two linear axes. Things are drawn in the order they are added; what lies outside is cut off.
class SvgChart {
 public:
  /// `summary` is read out in place of the picture.
  SvgChart(ChartAxis x, ChartAxis y, std::string_view summary);

  void line(std::span<const ChartPoint> points, std::string_view style);
  /// Horizontal between points, as a curve of counts is.
  void steps(std::span<const ChartPoint> points, std::string_view style);
  /// A vertical bar from y `low` to `high` with short ends.
  void whisker(double x, double low, double high, std::string_view style);
  /// A filled rectangle from the x-axis up.
  void bar(double left, double right, double y, std::string_view style);
  /// A dot; `title` appears when it is pointed at.
  void dot(ChartPoint at, std::string_view style, std::string_view title);
  /// A vertical line over the whole height.
  void upright(double x, std::string_view style);
  /// Text right of a point, or left of it.
  void note(ChartPoint at, std::string_view text, std::string_view style = "note", bool left = false);
  /// Names a line at the lower or upper edge: a short stroke and its name.
  void legend(std::string_view name, std::string_view style);

  std::string text() const;

 private:
  double across(double x) const;
  double down(double y) const;
  void draw_axes();

  ChartAxis x_, y_;
  std::string summary_, body_;
  int legends_ = 0;
};

}  // namespace npo
