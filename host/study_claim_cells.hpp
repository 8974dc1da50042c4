#pragma once
#include <cmath>
#include <limits>
#include <vector>

#include "host/study_file.hpp"
#include "io/study_results.hpp"

/// Private to host/study_claims: what a claim looks at, cell by cell.
namespace npo {

/// An estimate with the half-width of its interval.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN(), half_width = 0.0;
  double low() const { return value - half_width; }
  double high() const { return value + half_width; }
};

/// One thing looked at: its interval and where it should lie.
struct ClaimCell {
  std::uint64_t point = 0;
  std::size_t checkpoint = 0;  ///< position
  double estimate = std::numeric_limits<double>::quiet_NaN(), low = estimate, high = estimate;
  double expected_low = -std::numeric_limits<double>::infinity();
  double expected_high = std::numeric_limits<double>::infinity();
  /// An exact value is expected, and an interval that holds it must not be wider than this either side.
  double resolution = std::numeric_limits<double>::infinity();
  bool exact = false;

  Verdict verdict() const;
  /// Room to the nearer limit in half-widths; the least of a claim's cells decides.
  double room() const;
};

/// Reads statistics for a claim. `cells` is the number of intervals it looks at.
class ClaimView {
 public:
  ClaimView(const Study& study, const StudyResults& results, const StudyClaim& claim, std::size_t intervals);

  bool defined(std::uint64_t point, std::size_t checkpoint) const;
  /// The claim's statistic there.
  Estimate measured(std::uint64_t point, std::size_t checkpoint) const;
  /// measured(a) - measured(b): paired where one is the baseline of the other.
  Estimate difference(std::uint64_t a, std::uint64_t b, std::size_t checkpoint) const;
  /// A formula's value; the half-width is what the uncertainty of the metrics in it amounts to.
  Estimate formula(const Expression& formula, std::uint64_t point, std::size_t checkpoint) const;

 private:
  const Study& study_;
  const StudyResults& results_;
  const StudyClaim& claim_;
  std::size_t metric_;
  double z_;  ///< standard errors of a half-width
};

/// Intervals that the claim needs beside each other, and the cells it comes to.
std::vector<ClaimCell> claim_cells(const Study& study, const StudyResults& results, const StudyClaim& claim);

}  // namespace npo
