#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace npo {

/// Beta parameters of arms, by name.
struct BetaTable {
  std::vector<std::string> arms;
  std::vector<double> a, b;
};

/// Reads Beta parameters, by the ending of the file:
///   .yaml, .yml   alpha: and beta: lists, at the top or under a key each; arms are called 0, 1, 2, ...
///   .json         the same, or {"arm": [a, b], ...}
///   .csv          columns arm, alpha, beta
/// `table` names the key where there are several. Error(bad_data) names file, place and remedy: shapes lie in
/// [1, 1e9].
BetaTable read_beta_table(const std::filesystem::path& path, const std::string& table);

}  // namespace npo
