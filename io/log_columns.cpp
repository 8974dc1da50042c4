#include "io/log_columns.hpp"

#include "io/h5_types.hpp"

namespace npo {
namespace {

template <auto Member>
LogColumn column(const char* name, const char* long_name, const char* units = "") {
  using T = typename std::decay_t<decltype(LogRows{}.*Member)>::value_type;
  LogColumn made{{},
                 [](const LogRows& rows) { return std::as_bytes(std::span(rows.*Member)); },
                 [](LogRows& rows, std::size_t values) {
                   (rows.*Member).resize(values);
                   return std::as_writable_bytes(std::span(rows.*Member));
                 }};
  made.spec.name = name;
  made.spec.type = h5::type_for<T>();
  made.spec.units = std::string(units);
  made.spec.long_name = std::string(long_name);
  return made;
}

/// A column with several values a row.
LogColumn matrix(LogColumn column, std::size_t width, const char* scale) {
  column.spec.width = width;
  column.spec.matrix = true;
  column.scale = scale;
  return column;
}

}  // namespace

std::vector<LogColumn> log_columns(const LogHeader& header) {
  std::vector<LogColumn> columns;
  columns.push_back(column<&LogRows::action>("log/action", "row of actions/name"));
  columns.push_back(column<&LogRows::reward>("log/reward", "what came of the action"));
  columns.push_back(
      column<&LogRows::propensity>("log/propensity", "probability with which the action was taken", "1"));
  if (header.has_position)
    columns.push_back(column<&LogRows::position>("log/position", "place in the ranking, from 1"));
  if (header.has_time)
    columns.push_back(column<&LogRows::time>("log/time", "when the action was taken",
                                             "seconds since 1970-01-01T00:00:00Z"));
  if (header.has_cluster)
    columns.push_back(column<&LogRows::cluster>("log/cluster", "rows that are not independent share it"));
  if (!header.values.empty())
    columns.push_back(matrix(column<&LogRows::values>("log/values", "numbers that stand beside the action"),
                             header.values.size(), "log/value"));
  if (!header.categories.empty())
    columns.push_back(matrix(column<&LogRows::category>("log/categories", "row of the category's values"),
                             header.categories.size(), "log/category"));
  return columns;
}

}  // namespace npo
