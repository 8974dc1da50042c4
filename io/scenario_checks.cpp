#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

#include "io/scenario_schema.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// What is wrong with a row.
struct BadRow {
  std::uint64_t row = 0;
  const char* dataset = nullptr;
  std::string problem, remedy;
};

/// Finds the first bad row of a file, a piece of one night at a time.
class RowChecker {
 public:
  explicit RowChecker(const ScenarioFile& file) : file_(file), header_(file.header()) {}

  /// Rows [first, first + count) of `night`.
  void check(const Night& night, std::uint64_t first, std::uint64_t count) {
    bad_.reset();
    first_ = first;
    count_ = count;
    check_ids(first == night.first_row);
    check_fleets();
    check_times(night);
    check_features();
    if (header_.labelled) check_labels();
    if (!bad_) return;
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: dataset {}: row {} {}", file_.path().string(), bad_->dataset, bad_->row,
                            bad_->problem),
                bad_->remedy);
  }

 private:
  /// Keeps the earliest row; the first complaint about it.
  void report(std::size_t i, const char* dataset, std::string problem, std::string remedy) {
    if (!bad_ || first_ + i < bad_->row)
      bad_ = BadRow{first_ + i, dataset, std::move(problem), std::move(remedy)};
  }

  void check_ids(bool night_begins) {
    const auto window = file_.stored_ids(first_, count_);
    const auto words = id_words(header_.id, window.bytes());
    const auto width = static_cast<std::size_t>(header_.id.words());
    if (night_begins) before_.clear();
    for (std::size_t i = 0; i < count_; ++i) {
      const std::span<const std::uint64_t> id(words.data() + i * width, width);
      if (header_.id.text && !check_text(i, window.bytes().subspan(i * header_.id.bytes, header_.id.bytes)))
        break;
      const bool ascends = before_.empty() || std::ranges::lexicographical_compare(before_, id);
      if (!ascends) {
        const std::string name = id_text(header_.id, id.data());
        if (std::ranges::equal(before_, id))
          report(i, scenario::id, fmt::format("repeats id {} of the row before", name),
                 "a night names each scenario once");
        else
          report(i, scenario::id,
                 fmt::format("has id {}, which sorts before {} of the row above", name,
                             id_text(header_.id, before_.data())),
                 "sort each night by id (text by its bytes)");
        break;
      }
      before_.assign(id.begin(), id.end());
    }
  }

  bool check_text(std::size_t i, std::span<const std::byte> text) {
    const auto end = std::ranges::find(text, std::byte{0});
    if (end == text.begin())
      report(i, scenario::id, "has an empty id", "give every scenario an id");
    else if (std::any_of(end, text.end(), [](std::byte byte) { return byte != std::byte{0}; }))
      report(i, scenario::id, "has bytes after the end of its text", "pad text with zero bytes");
    else
      return true;
    return false;
  }

  void check_fleets() {
    const auto window = file_.fleets(first_, count_);
    const auto codes = window.as<std::uint32_t>();
    const auto bad = std::ranges::find_if(codes, [&](auto code) { return code >= header_.fleets.size(); });
    if (bad != codes.end())
      report(static_cast<std::size_t>(bad - codes.begin()), scenario::fleet,
             fmt::format("has fleet code {}, but {} names {} fleets", *bad, scenario::fleet_name,
                         header_.fleets.size()),
             "codes are rows of that table");
  }

  void check_times(const Night& night) {
    const auto window = file_.times(first_, count_);
    const auto times = window.as<UnixSeconds>();
    const auto bad = std::ranges::find_if(
        times, [&](auto time) { return time < night.time || time >= night.time + seconds_per_day; });
    if (bad != times.end())
      report(static_cast<std::size_t>(bad - times.begin()), scenario::time,
             fmt::format("has time {}, outside of its night {}", *bad, scenario::date_text(night.time)),
             "a night holds the rows of one UTC day");
  }

  void check_features() {
    const auto window = file_.features(first_, count_);
    const auto values = window.as<float>();
    const auto finite = [](float value) {
      return (std::bit_cast<std::uint32_t>(value) & 0x7f800000u) != 0x7f800000u;
    };
    std::size_t non_finite = 0;
    for (const float value : values) non_finite += !finite(value);
    if (non_finite == 0) return;
    const auto at = static_cast<std::size_t>(std::ranges::find_if_not(values, finite) - values.begin());
    report(at / file_.dim(), scenario::features,
           fmt::format("has {} in feature {}", values[at], header_.features[at % file_.dim()]),
           "every feature must be finite; policy `nan = \"block\"` blocks such rows instead");
  }

  void check_labels() {
    const auto label_window = file_.labels(first_, count_),
               known_window = file_.label_known_at(first_, count_);
    const auto time_window = file_.times(first_, count_);
    const auto labels = label_window.as<std::uint8_t>();
    const auto known = known_window.as<UnixSeconds>(), times = time_window.as<UnixSeconds>();
    for (std::size_t i = 0; i < count_; ++i) {
      if (labels[i] > 1 && labels[i] != static_cast<std::uint8_t>(Label::unknown))
        return report(i, scenario::label, fmt::format("has label {}", labels[i]),
                      "labels are 0, 1 or 255 (unknown)");
      if (labels[i] <= 1 && known[i] < times[i])
        return report(
            i, scenario::label_known_at,
            fmt::format("says the label was known at {}, before the row's own time {}", known[i], times[i]),
            "an outcome is known at the row's time or later");
    }
  }

  const ScenarioFile& file_;
  const ScenarioHeader& header_;
  std::uint64_t first_ = 0, count_ = 0;
  std::vector<std::uint64_t> before_;  ///< id of the row before, empty at the start of a night
  std::optional<BadRow> bad_;
};

}  // namespace

void validate_scenarios(const ScenarioFile& file) {
  RowChecker checker(file);
  const std::uint64_t piece = scenario::piece_rows(4 * file.dim());
  for (const auto& night : file.header().nights)
    for (std::uint64_t row = 0; row < night.rows; row += piece)
      checker.check(night, night.first_row + row, std::min(piece, night.rows - row));
}

}  // namespace npo
