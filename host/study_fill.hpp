#pragma once
#include "host/study_file.hpp"
#include "host/study_plan.hpp"
#include "io/study_results.hpp"
#include "kernels/study_tally.hpp"

/// From tallies to the results of study.h5.
namespace npo {

/// Results with everything that is known before the first replicate; cells hold NaN and 0. Error(usage) when
/// there are too many cells to hold in memory.
StudyResults empty_results(const Study& study, const StudyShard& shard);

/// Puts a point's statistics into its cells.
void fill_point(StudyResults& results, std::size_t point, const StudyTally& tally);

/// A point's tally for a file whose rows hold the study's metrics: missing metrics are zeros.
TallyRows file_rows(const StudyResults& results, std::uint64_t point, const StudyTally& tally);
/// A piece's rows: the point's own metrics.
TallyRows piece_rows(std::uint64_t point, const StudyTally& tally);
/// Back from a study file's rows. Error(bad_data) when they do not fit.
void restore_tally(StudyTally& tally, const StudyResults& results, const TallyRows& rows);

}  // namespace npo
