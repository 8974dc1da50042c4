#include <algorithm>
#include <numeric>

#include "host/generate_files.hpp"
#include "io/atomic_file.hpp"
#include "io/h5_file.hpp"

namespace npo {
namespace {

constexpr std::uint64_t piece_rows = 64 * tile_rows;

h5::ColumnSpec column(std::string name, h5::Type type, std::string long_name, std::size_t width = 1) {
  return {.name = std::move(name), .type = type, .width = width, .long_name = std::move(long_name)};
}

/// p_s of rows [first, first + rows) in one night.
void fill_approval(const SyntheticPlan& plan, const RunContext& context, std::uint64_t first,
                   std::uint32_t night, std::span<float> approval) {
  const std::uint64_t tiles = (approval.size() + tile_rows - 1) / tile_rows;
  parallel_for(context.threads, tiles, [&](std::uint64_t tile) {
    const std::size_t begin = tile * tile_rows, rows = std::min(tile_rows, approval.size() - begin);
    SyntheticRows out;
    out.approval = approval.subspan(begin, rows);
    make_synthetic_rows(plan, static_cast<std::uint32_t>(first + begin + 1), rows, night, out, context.simd);
  });
}

/// p_s as it changes: a row for each scenario, a value for each night.
void write_by_night(h5::WriteFile& file, const SyntheticPlan& plan, const GenerateOptions& options,
                    const RunContext& context) {
  const std::size_t nights = options.nights;
  file.create(column("truth/night_approval", h5::Type::f32, "probability of the event in each night", nights),
              options.scenarios);
  const std::uint64_t piece = std::max<std::uint64_t>(tile_rows, piece_rows / nights / tile_rows * tile_rows);
  std::vector<float> night_values, values;
  for (std::uint64_t first = 0; first < options.scenarios; first += piece) {
    const std::size_t rows = std::min(piece, options.scenarios - first);
    night_values.resize(rows);
    values.resize(rows * nights);
    for (std::size_t night = 0; night < nights; ++night) {
      fill_approval(plan, context, first, static_cast<std::uint32_t>(night), night_values);
      for (std::size_t row = 0; row < rows; ++row) values[row * nights + night] = night_values[row];
    }
    file.write("truth/night_approval", first, rows, std::as_bytes(std::span(values)));
    context.check_stop();
  }
}

void write_rows(h5::WriteFile& file, const SyntheticPlan& plan, const GenerateOptions& options,
                const RunContext& context) {
  file.create(column("truth/id", h5::Type::u64, "scenario id"), options.scenarios);
  file.create(column("truth/approval", h5::Type::f32, "probability of the event in the first night"),
              options.scenarios);
  std::vector<std::uint64_t> ids;
  std::vector<float> approval;
  context.report().begin("truth", options.scenarios, "scenarios");
  for (std::uint64_t first = 0; first < options.scenarios; first += piece_rows) {
    const std::size_t rows = std::min(piece_rows, options.scenarios - first);
    ids.resize(rows);
    std::iota(ids.begin(), ids.end(), first + 1);
    approval.resize(rows);
    fill_approval(plan, context, first, 0, approval);
    file.write("truth/id", first, rows, std::as_bytes(std::span(ids)));
    file.write("truth/approval", first, rows, std::as_bytes(std::span(approval)));
    context.report().advance(rows);
    context.check_stop();
  }
  context.report().end();
}

}  // namespace

void write_truth(const std::filesystem::path& path, const GenerateOptions& options,
                 const SyntheticWorld& world, const RunContext& context) {
  write_atomically(path, context.overwrite, [&](const std::filesystem::path& temporary) {
    h5::WriteFile file(temporary, context.compression);
    file.format("npo.truth", truth_format_version);
    file.attribute("provenance", generate_provenance(options, context.seed));
    const SyntheticPlan plan = world.plan();
    write_rows(file, plan, options, context);
    if (options.world.drift > 0.0) write_by_night(file, plan, options, context);
    file.text_column(column("features/name", h5::Type::text, "feature"), world.feature_names());
    file.column(column("features/weight", h5::Type::f32, "weight in the log-odds"),
                std::span<const float>(world.weights()));
    file.text_column(column("fleets/name", h5::Type::text, "fleet"), world.fleet_names());
    file.column(column("fleets/shift", h5::Type::f32, "intercept of the fleet in the log-odds"),
                std::span<const float>(world.shifts()));
    file.close();
  });
}

}  // namespace npo
