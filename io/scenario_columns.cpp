#include "io/scenario_columns.hpp"

namespace npo {

std::vector<ScenarioColumn> scenario_columns(const ScenarioHeader& header) {
  using h5::Type;
  using Rows = const ScenarioRows&;
  const std::size_t dim = header.features.size();
  std::vector<ScenarioColumn> columns{
      {scenario::id,
       header.id.bytes,
       &ScenarioFile::stored_ids,
       [](Rows rows) { return rows.ids; },
       {.name = scenario::id,
        .type = header.id.text ? Type::text : Type::u64,
        .text_bytes = header.id.text ? header.id.bytes : 0,
        .long_name = "scenario id, ascending within a night"}},
      {scenario::fleet,
       4,
       &ScenarioFile::fleets,
       [](Rows rows) { return std::as_bytes(rows.fleet); },
       {.name = scenario::fleet, .type = Type::u32, .long_name = "fleet code, a row of fleets/name"}},
      {scenario::time,
       8,
       &ScenarioFile::times,
       [](Rows rows) { return std::as_bytes(rows.time); },
       {.name = scenario::time,
        .type = Type::i64,
        .units = scenario::time_units,
        .long_name = "time of the row"}},
      {scenario::features,
       4 * dim,
       &ScenarioFile::features,
       [](Rows rows) { return std::as_bytes(rows.features); },
       {.name = scenario::features,
        .type = Type::f32,
        .width = dim,
        .matrix = true,
        .long_name = "features"}}};
  if (!header.labelled) return columns;
  columns.push_back({scenario::label,
                     1,
                     &ScenarioFile::labels,
                     [](Rows rows) { return std::as_bytes(rows.label); },
                     {.name = scenario::label,
                      .type = Type::u8,
                      .long_name = "did it happen within the horizon",
                      .flags = {{0, "no"}, {1, "yes"}, {255, "unknown"}}}});
  columns.push_back({scenario::label_known_at,
                     8,
                     &ScenarioFile::label_known_at,
                     [](Rows rows) { return std::as_bytes(rows.label_known_at); },
                     {.name = scenario::label_known_at,
                      .type = Type::i64,
                      .units = scenario::time_units,
                      .long_name = "when the label is known for certain"}});
  return columns;
}

}  // namespace npo
