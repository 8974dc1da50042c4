#include "host/label_join.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/error.hpp"

namespace npo {
LabelJoin::LabelJoin(const DecisionRun& run, const ScenarioFile& labels, std::optional<UnixSeconds> as_of)
    : run_(run), labels_(labels), as_of_(as_of), night_(labels, labels.night_at(run.identity().night)) {
  if (!labels.header().labelled)
    throw Error(ErrorKind::bad_data, fmt::format("{}: there are no labels", labels.path().string()),
                "import it with --label");
  if (labels.header().id.text != run.identity().id.text)
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: scenario ids are {}, those of {} are {}", labels.path().string(),
                            labels.header().id.text ? "text" : "numbers", run.folder().string(),
                            run.identity().id.text ? "text" : "numbers"),
                "give the labels of the scenarios that were decided about");
}

LabelJoin::Block LabelJoin::read(std::uint64_t first, std::uint64_t count, DecisionRun::Want want) const {
  want.ids = want.decision = true;
  Block block{.decisions = run_.read(first, count, want), .row = {}, .outcome = {}};
  block.row.assign(count, absent);
  block.outcome.assign(count, static_cast<std::uint8_t>(Label::unknown));
  if (!find_aligned(first, block)) find_by_merge(block);
  find_outcomes(block);
  return block;
}

bool LabelJoin::find_aligned(std::uint64_t first, Block& block) const {
  const std::uint64_t count = block.row.size();
  if (labels_.header().id != run_.identity().id || first + count > night_.night().rows) return false;
  const RowWindow ids = labels_.stored_ids(night_.night().first_row + first, count);
  const auto& ours = block.decisions.ids;
  if (ids.bytes().size() != ours.size() || std::memcmp(ids.bytes().data(), ours.data(), ours.size()) != 0)
    return false;
  for (std::uint64_t i = 0; i < count; ++i) block.row[i] = night_.night().first_row + first + i;
  return true;
}

void LabelJoin::find_by_merge(Block& block) const {
  const auto ids = id_words(run_.identity().id, block.decisions.ids);
  night_.find(view_of_ids(ids, run_.identity().id), block.row);
}

void LabelJoin::find_outcomes(Block& block) const {
  const auto present = [](std::uint64_t row) { return row != absent; };
  const auto low = std::find_if(block.row.begin(), block.row.end(), present);
  if (low == block.row.end()) return;
  const std::uint64_t first = *low, last = *std::find_if(block.row.rbegin(), block.row.rend(), present);
  const RowWindow labels = labels_.labels(first, last - first + 1);
  const RowWindow known_at = labels_.label_known_at(first, last - first + 1);
  for (std::size_t i = 0; i < block.row.size(); ++i) {
    if (!present(block.row[i])) continue;
    const std::size_t at = block.row[i] - first;
    const std::uint8_t label = labels.as<std::uint8_t>()[at];
    if (label > 1 && label != static_cast<std::uint8_t>(Label::unknown))
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: scenarios/label: row {} is {}, not 0, 1 or 255 (unknown)",
                              labels_.path().string(), block.row[i], label),
                  "import the data again");
    if (!as_of_ || known_at.as<UnixSeconds>()[at] <= *as_of_) block.outcome[i] = label;
  }
}

}  // namespace npo
