#include <fmt/format.h>

#include <functional>
#include <optional>

#include "host/evaluation_summary.hpp"

/// The text format of Prometheus, version 0.0.4: each family once, its HELP and TYPE before its samples.
namespace npo {
namespace {

using ValueOf = std::function<std::optional<double>(const SummaryGroup&)>;

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string family(const EvaluationSummary& summary, const std::string& name, const std::string& help,
                   const ValueOf& value_of) {
  std::string samples;
  for (const SummaryGroup& group : summary.groups)
    if (const auto value = value_of(group))
      samples += fmt::format("{}{{kind=\"{}\",name=\"{}\"}} {}\n", name, escaped(group.kind),
                             escaped(group.name), *value);
  if (samples.empty()) return {};
  return fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{2}", name, help, samples);
}

}  // namespace

std::string prometheus_text(const EvaluationSummary& summary) {
  std::string text =
      family(summary, "npo_evaluate_rows", "Rows evaluated, those of unknown outcome included.",
             [](const SummaryGroup& group) { return static_cast<double>(group.rows); });
  const std::string interval = fmt::format("end of the {:g} % interval", 100.0 * summary.level);
  for (const Metric& metric : summary.groups.front().metrics) {
    const auto look = [&](auto take) {
      return [&metric, take](const SummaryGroup& group) -> std::optional<double> {
        const Metric* found = group.find(metric.name);
        return found ? take(*found) : std::nullopt;
      };
    };
    const std::string name = fmt::format("npo_evaluate_{}", metric.name);
    text += family(summary, name, fmt::format("Estimate of {}.", metric.name),
                   look([](const Metric& m) { return m.value; }));
    text += family(
        summary, name + "_low", fmt::format("Lower {} of {}.", interval, metric.name),
        look([](const Metric& m) { return m.interval ? std::optional(m.interval->low) : std::nullopt; }));
    text += family(
        summary, name + "_high", fmt::format("Upper {} of {}.", interval, metric.name),
        look([](const Metric& m) { return m.interval ? std::optional(m.interval->high) : std::nullopt; }));
  }
  return text;
}

}  // namespace npo
