#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "host/run_context.hpp"
#include "io/scenario_file.hpp"
#include "kernels/irls_rows.hpp"

namespace npo {

/// The rows of a scenario file that a fit may learn from: those of nights up to `as_of` whose label was known
/// by then. Where their tiles fit in 512 MB they are read once and kept; otherwise they are read on every
/// pass.
class LabelledRows final : public irls::RowSource {
 public:
  /// Reads the labels. Error(bad_data) when the file has none or a value is no label.
  LabelledRows(const ScenarioFile& file, std::optional<UnixSeconds> as_of, const RunContext& context);

  std::size_t columns() const override { return file_.dim(); }
  std::size_t tiles() const override { return tiles_.size(); }
  irls::TileRows tile(std::size_t index) const override;

  /// When the first label of the file became known, whatever `as_of` is; nothing when no label is known at
  /// all.
  std::optional<UnixSeconds> first_known() const { return first_known_; }

 private:
  struct Kept {
    std::vector<float> features;
    std::vector<std::uint8_t> label;
  };
  std::vector<std::uint8_t> known_labels(std::uint64_t first, std::size_t rows) const;
  irls::TileRows read(std::uint64_t tile) const;

  const ScenarioFile& file_;
  std::optional<UnixSeconds> as_of_, first_known_;
  std::uint64_t end_row_ = 0;         ///< rows of nights up to as_of
  std::vector<std::uint64_t> tiles_;  ///< that hold a row to learn from
  std::vector<irls::TileRows> kept_;  ///< by index into tiles_, or empty
};

}  // namespace npo
