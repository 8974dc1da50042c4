#include "kernels/ope_terms.hpp"

namespace npo {

std::string_view name_of(OpeEstimator estimator) {
  switch (estimator) {
    case OpeEstimator::replay:
      return "replay";
    case OpeEstimator::ips:
      return "ips";
    case OpeEstimator::clipped_ips:
      return "clipped_ips";
    case OpeEstimator::snips:
      return "snips";
    case OpeEstimator::clipped_snips:
      return "clipped_snips";
    case OpeEstimator::subgaussian_ips:
      return "subgaussian_ips";
    case OpeEstimator::dm:
      return "dm";
    case OpeEstimator::dr:
      return "dr";
    case OpeEstimator::sndr:
      return "sndr";
    case OpeEstimator::switch_dr:
      return "switch_dr";
    case OpeEstimator::dros:
      return "dros";
  }
  return "";
}

bool needs_reward_model(OpeEstimator estimator) {
  return estimator >= OpeEstimator::dm;
}

bool has_parameter(OpeEstimator estimator) {
  switch (estimator) {
    case OpeEstimator::clipped_ips:
    case OpeEstimator::clipped_snips:
    case OpeEstimator::subgaussian_ips:
    case OpeEstimator::switch_dr:
    case OpeEstimator::dros:
      return true;
    default:
      return false;
  }
}

double harmless_parameter(OpeEstimator estimator) {
  return estimator == OpeEstimator::subgaussian_ips ? 0.0 : std::numeric_limits<double>::infinity();
}

void OpeSums::add(const OpeTerm& term) {
  ++rows;
  direct += term.direct;
  numerator += term.numerator;
  denominator += term.denominator;
}

void OpeSums::merge(const OpeSums& later) {
  rows += later.rows;
  direct += later.direct;
  numerator += later.numerator;
  denominator += later.denominator;
}

double OpeSums::estimate() const {
  return direct / static_cast<double>(rows) + numerator / denominator;
}

double OpeSums::influence(const OpeTerm& term) const {
  const double n = static_cast<double>(rows);
  return term.direct - direct / n +
         (term.numerator - numerator / denominator * term.denominator) * (n / denominator);
}

OpeSums sum_terms(const OpeColumns& columns, const OpeTermMaker& term_of, std::size_t first,
                  std::size_t count) {
  OpeSums sums;
  for (std::size_t i = first; i < first + count; ++i) sums.add(term_of(columns.row(i)));
  return sums;
}

OpeSpread spread_terms(const OpeColumns& columns, const OpeTermMaker& term_of, const OpeSums& all,
                       std::size_t first, std::size_t count) {
  OpeSpread spread;
  for (std::size_t i = first; i < first + count; ++i) spread.add(all.influence(term_of(columns.row(i))));
  return spread;
}

}  // namespace npo
