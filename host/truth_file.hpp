#pragma once
#include <cstdint>
#include <filesystem>

#include "io/digest.hpp"
#include "io/h5_file.hpp"

/// truth.h5, format "npo.truth" (docs/formats/truth.md): what a synthetic fleet's operators want.
namespace npo {

/// Opens it; Error(bad_data) when it is another format or version.
h5::ReadFile open_truth(const std::filesystem::path& path);
std::uint64_t truth_scenarios(const h5::ReadFile& file);
/// Ids ascend without duplicates, probabilities lie in [0, 1].
void validate_truth(const h5::ReadFile& file);
/// Content digest over all its columns.
Digest digest_truth(const h5::ReadFile& file);

}  // namespace npo
