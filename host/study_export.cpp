#include "host/study_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "io/atomic_file.hpp"
#include "io/study_results.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

std::string number(double value) {
  return std::isnan(value) ? std::string() : fmt::format("{}", value);
}

/// Quoted where CSV needs it.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  quoted += '"';
  return quoted;
}

std::string value_text(const StudyColumn& column, std::size_t point) {
  return std::visit(
      [&](const auto& values) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(values)>, std::vector<std::string>>)
          return field(values[point]);
        else
          return fmt::format("{}", values[point]);
      },
      column.values);
}

/// The columns of numbers, by name.
std::vector<std::pair<std::string, const std::vector<double>*>> number_columns(const StudyResults& results) {
  std::vector<std::pair<std::string, const std::vector<double>*>> columns{
      {"mean", &results.mean},
      {"standard_error", &results.standard_error},
      {"variance", &results.variance},
      {"variance_error", &results.variance_error}};
  for (std::size_t q = 0; q < study_quantile_names.size(); ++q)
    columns.emplace_back(study_quantile_names[q], &results.quantile[q]);
  if (!results.difference.empty()) {
    columns.emplace_back("difference", &results.difference);
    columns.emplace_back("difference_error", &results.difference_error);
  }
  return columns;
}

std::vector<const StudyColumn*> swept_columns(const StudyResults& results) {
  std::vector<std::string> swept;
  for (const auto& name : nlohmann::json::parse(results.swept, nullptr, false))
    if (name.is_string()) swept.push_back(name.get<std::string>());
  std::vector<const StudyColumn*> columns;
  for (const StudyColumn& column : results.parameters)
    if (std::ranges::find(swept, column.name) != swept.end()) columns.push_back(&column);
  return columns;
}

void write_csv(std::ostream& out, const StudyResults& results, const RunContext& context) {
  const auto swept = swept_columns(results);
  const auto numbers = number_columns(results);
  out << "point";
  for (const StudyColumn* column : swept) out << ',' << column->name;
  out << ",checkpoint,metric,count";
  for (const auto& [name, values] : numbers) out << ',' << name;
  out << '\n';
  for (std::size_t point = 0; point < results.points(); ++point) {
    context.check_stop();
    std::string prefix = fmt::format("{}", point);
    for (const StudyColumn* column : swept) prefix.append(",").append(value_text(*column, point));
    for (std::size_t c = 0; c < results.checkpoints.size(); ++c)
      for (std::size_t m = 0; m < results.metrics.size(); ++m) {
        const std::size_t cell = results.cell(point, c, m);
        out << prefix << ',' << results.checkpoints[c] << ',' << results.metrics[m] << ','
            << results.count[cell];
        for (const auto& [name, values] : numbers) out << ',' << number((*values)[cell]);
        out << '\n';
      }
    context.report().advance(1);
  }
}

}  // namespace

std::uint64_t export_study(const std::filesystem::path& study, const std::filesystem::path& output,
                           const RunContext& context) {
  refuse_existing(output, context.overwrite);
  const StudyResultFile file(study);
  const StudyResults& results = file.results();
  const std::uint64_t rows = results.points() * results.cells_of_point();
  if (context.dry_run) return rows;
  context.report().begin("export", results.points(), "points");
  write_atomically(output, context.overwrite, [&](const std::filesystem::path& temporary) {
    std::ofstream out(temporary);
    write_csv(out, results, context);
    out.close();
    if (!out)
      throw Error(ErrorKind::environment, fmt::format("cannot write {}", temporary.string()),
                  "see that the disk has space");
  });
  context.report().end();
  return rows;
}

}  // namespace npo
