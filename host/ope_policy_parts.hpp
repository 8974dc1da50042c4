#pragma once
#include "host/ope_policy.hpp"

/// Private to the target policies: one maker for each kind, each given what stands behind the colon.
namespace npo {

std::unique_ptr<TargetPolicy> make_uniform(const OpeLog& log);
std::unique_ptr<TargetPolicy> make_fixed(const std::string& action, const OpeLog& log);
std::unique_ptr<TargetPolicy> make_threshold(const std::string& threshold, const std::string& score,
                                             const OpeLog& log);
std::unique_ptr<TargetPolicy> make_epsilon_greedy(const std::string& what, double epsilon, const OpeLog& log);
std::unique_ptr<TargetPolicy> make_from_columns(const std::string& name, const OpeLog& log);
/// From a table of Beta parameters, or from a state where the log is of our own decisions.
std::unique_ptr<TargetPolicy> make_thompson(const std::filesystem::path& file, const std::string& table,
                                            const OpeLog& log);

/// Code of an action; Error(usage) names the nearest.
std::uint32_t action_code(const OpeLog& log, const std::string& name);
/// Place among the log's columns of numbers; Error(usage) names the nearest.
std::size_t value_column(const OpeLog& log, const std::string& name);
/// For each action its column, `pattern` having a star; Error(usage) names an action without one.
std::vector<std::size_t> action_columns(const OpeLog& log, const std::string& pattern);

}  // namespace npo
