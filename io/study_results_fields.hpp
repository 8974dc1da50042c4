#pragma once
#include "io/study_results.hpp"

/// Private to io/: the one list of what study.h5 holds beside shapes, parameters and tallies.
namespace npo::study_fields {

/// visit(name, field) for every text attribute of the root; `Results` may be const.
template <class Results, class Visit>
void text_attributes(Results& results, const Visit& visit) {
  visit("kind", results.kind);
  visit("name", results.name);
  visit("title", results.title);
  visit("description", results.description);
  visit("design", results.design);
  visit("run_id", results.run_id);
  visit("study", results.document);
  visit("swept", results.swept);
  visit("shard", results.shard);
  visit("provenance", results.provenance);
}

/// visit(name, long_name, field) for every dataset of cells with f64 values.
template <class Results, class Visit>
void cell_columns(Results& results, const Visit& visit) {
  visit("mean", "mean over replicates; of a rate the ratio of totals", results.mean);
  visit("variance", "variance over replicates", results.variance);
  visit("standard_error", "standard error of the mean", results.standard_error);
  visit("variance_error", "standard error of the variance", results.variance_error);
  for (std::size_t i = 0; i < study_quantile_names.size(); ++i)
    visit(study_quantile_names[i], "quantile over replicates", results.quantile[i]);
}
template <class Results, class Visit>
void contrast_columns(Results& results, const Visit& visit) {
  visit("difference", "mean difference to the baseline point in the same replicates", results.difference);
  visit("difference_error", "standard error of the difference", results.difference_error);
}

/// visit(name, member) for the columns of the claims, by type.
template <class Visit>
void claim_texts(const Visit& visit) {
  visit("name", &ClaimRow::name);
  visit("statement", &ClaimRow::statement);
  visit("source", &ClaimRow::source);
  visit("kind", &ClaimRow::kind);
  visit("metric", &ClaimRow::metric);
  visit("statistic", &ClaimRow::statistic);
  visit("definition", &ClaimRow::definition);
}
template <class Visit>
void claim_numbers(const Visit& visit) {
  visit("estimate", &ClaimRow::estimate);
  visit("low", &ClaimRow::low);
  visit("high", &ClaimRow::high);
  visit("expected_low", &ClaimRow::expected_low);
  visit("expected_high", &ClaimRow::expected_high);
}
template <class Visit>
void claim_counts(const Visit& visit) {
  visit("point", &ClaimRow::point);
  visit("checkpoint", &ClaimRow::checkpoint);
  visit("cells", &ClaimRow::cells);
}
template <class Visit>
void claim_curves(const Visit& visit) {
  visit("curve_low", &ClaimRow::curve_low);
  visit("curve_high", &ClaimRow::curve_high);
}

}  // namespace npo::study_fields
