#include "host/study_claims.hpp"

#include <algorithm>

#include "host/study_claim_cells.hpp"

namespace npo {
namespace {

/// fails before undecided before holds: what one cell says of a claim about several.
int severity(Verdict verdict) {
  return verdict == Verdict::fails ? 0 : verdict == Verdict::undecided ? 1 : 2;
}

bool decides_before(const ClaimCell& a, const ClaimCell& b) {
  const int left = severity(a.verdict()), right = severity(b.verdict());
  return left != right ? left < right : a.room() < b.room();
}

ClaimRow row_of(const Study& study, const StudyClaim& claim) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  ClaimRow row{.name = claim.name,
               .statement = claim.statement,
               .source = claim.source,
               .kind = std::string(name_of(claim.kind)),
               .metric = claim.metric,
               .statistic = claim.variance ? "variance" : "mean",
               .definition = claim.definition.dump(),
               .estimate = nan,
               .low = nan,
               .high = nan,
               .expected_low = nan,
               .expected_high = nan,
               .curve_low = {},
               .curve_high = {}};
  row.curve_low.assign(study.points() * study.checkpoints.size(), nan);
  row.curve_high = row.curve_low;
  return row;
}

bool draws_curve(ClaimKind kind) {
  return kind == ClaimKind::equals || kind == ClaimKind::below || kind == ClaimKind::above ||
         kind == ClaimKind::within;
}

}  // namespace

std::vector<ClaimRow> judge_claims(const Study& study, const StudyResults& results) {
  std::vector<ClaimRow> rows;
  for (const StudyClaim& claim : study.claims) {
    ClaimRow row = row_of(study, claim);
    const std::vector<ClaimCell> cells = claim_cells(study, results, claim);
    row.cells = cells.size();
    if (!cells.empty()) {
      const ClaimCell& decisive = *std::ranges::min_element(cells, decides_before);
      row.verdict = decisive.verdict();
      row.estimate = decisive.estimate;
      row.low = decisive.low;
      row.high = decisive.high;
      row.expected_low = decisive.expected_low;
      row.expected_high = decisive.expected_high;
      row.point = decisive.point;
      row.checkpoint = study.checkpoints[decisive.checkpoint];
    }
    if (draws_curve(claim.kind))
      for (const ClaimCell& cell : cells) {
        const std::size_t place = cell.point * study.checkpoints.size() + cell.checkpoint;
        row.curve_low[place] = cell.expected_low;
        row.curve_high[place] = cell.expected_high;
      }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace npo
