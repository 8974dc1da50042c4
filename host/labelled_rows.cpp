#include "host/labelled_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t kept_bytes = std::uint64_t{512} << 20;
constexpr auto unknown = static_cast<std::uint8_t>(Label::unknown);
constexpr UnixSeconds never = std::numeric_limits<UnixSeconds>::max();

std::uint64_t tile_count(std::uint64_t rows) {
  return (rows + tile_rows - 1) / tile_rows;
}

}  // namespace

LabelledRows::LabelledRows(const ScenarioFile& file, std::optional<UnixSeconds> as_of,
                           const RunContext& context)
    : file_(file), as_of_(as_of) {
  if (!file.header().labelled)
    throw Error(ErrorKind::bad_data, fmt::format("{}: there are no labels", file.path().string()),
                "import it with --label");
  for (const Night& night : file.header().nights)
    if (!as_of || night.time <= *as_of) end_row_ = night.first_row + night.rows;

  struct Found {
    bool usable = false;
    UnixSeconds first_known = never;
  };
  std::vector<Found> found(tile_count(file.rows()));
  parallel_for(context.threads, found.size(), [&](std::uint64_t t) {
    const std::uint64_t first = t * tile_rows;
    const auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(tile_rows, file.rows() - first));
    const auto labels = known_labels(first, rows);
    found[t].usable =
        std::any_of(labels.begin(), labels.end(), [](std::uint8_t label) { return label != unknown; });
    const RowWindow stored = file.labels(first, rows), known = file.label_known_at(first, rows);
    for (std::size_t row = 0; row < rows; ++row)
      if (stored.as<std::uint8_t>()[row] != unknown)
        found[t].first_known = std::min(found[t].first_known, known.as<UnixSeconds>()[row]);
  });
  for (std::uint64_t t = 0; t < found.size(); ++t) {
    if (found[t].usable) tiles_.push_back(t);
    if (found[t].first_known != never)
      first_known_ = std::min(first_known_.value_or(never), found[t].first_known);
  }
  if (tiles_.size() * tile_rows * file.dim() * sizeof(float) > kept_bytes) return;
  std::vector<irls::TileRows> kept(tiles_.size());
  parallel_for(context.threads, kept.size(), [&](std::uint64_t i) { kept[i] = read(tiles_[i]); });
  kept_ = std::move(kept);
}

/// Labels of rows [first, first + rows), unknown where they were not known by as_of.
std::vector<std::uint8_t> LabelledRows::known_labels(std::uint64_t first, std::size_t rows) const {
  const RowWindow stored = file_.labels(first, rows), known = file_.label_known_at(first, rows);
  std::vector<std::uint8_t> labels(rows, unknown);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint8_t label = stored.as<std::uint8_t>()[row];
    if (label > 1 && label != unknown)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: scenarios/label: row {} is {}, not 0, 1 or 255 (unknown)",
                              file_.path().string(), first + row, label),
                  "import the data again");
    const bool in_time = !as_of_ || known.as<UnixSeconds>()[row] <= *as_of_;
    if (first + row < end_row_ && in_time) labels[row] = label;
  }
  return labels;
}

irls::TileRows LabelledRows::read(std::uint64_t tile) const {
  const std::uint64_t first = tile * tile_rows;
  const auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(tile_rows, file_.rows() - first));
  auto kept = std::make_shared<Kept>();
  kept->label = known_labels(first, rows);
  const RowWindow window = file_.features(first, rows);
  const auto features = window.as<float>();
  kept->features.assign(features.begin(), features.end());
  return {.first_row = first, .rows = rows, .features = kept->features, .label = kept->label, .keep = kept};
}

irls::TileRows LabelledRows::tile(std::size_t index) const {
  return kept_.empty() ? read(tiles_[index]) : kept_[index];
}

}  // namespace npo
