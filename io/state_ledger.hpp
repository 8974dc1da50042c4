#pragma once
#include <filesystem>

#include "io/state_store.hpp"

/// The ledger of one run and source as a file: what was applied to each decision row, so that nothing is
/// applied twice.
namespace npo {

/// Writes a ledger at `path`, verified by reading it back, and returns its entry but for the file's name.
LedgerEntry write_state_ledger(const std::filesystem::path& path, const std::string& run_id,
                               const std::string& source, UnixSeconds night,
                               std::span<const std::uint8_t> cells);

/// The cells, checked against the entry's digest. Error(bad_data) names the file.
std::vector<std::uint8_t> read_state_ledger(const std::filesystem::path& path, const LedgerEntry& entry);

}  // namespace npo
