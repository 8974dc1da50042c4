#include "host/study_shelf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "host/policy.hpp"
#include "host/toml_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

fs::path shelf() {
  if (const char* chosen = std::getenv("NPO_STUDIES"); chosen && *chosen) return chosen;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* place : {"studies", "../studies", "../share/npo/studies"})
    if (fs::is_directory(program / place, error)) return program / place;
  return {};
}

}  // namespace

std::vector<ShippedStudy> shipped_studies() {
  std::vector<ShippedStudy> studies;
  const fs::path folder = shelf();
  std::error_code error;
  if (folder.empty() || !fs::is_directory(folder, error)) return studies;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    studies.push_back(
        {entry.path().stem().string(), read_toml(entry.path()).value("title", ""), entry.path()});
  }
  std::ranges::sort(studies, {}, &ShippedStudy::name);
  return studies;
}

fs::path find_study(const fs::path& given) {
  std::error_code error;
  if (fs::is_regular_file(given, error)) return given;
  if (given.has_parent_path() || given.has_extension())
    throw Error(ErrorKind::environment, fmt::format("{}: no such file", given.string()),
                "name a study file, or a study of npo study --list");
  std::vector<std::string> names;
  for (const ShippedStudy& study : shipped_studies()) {
    if (study.name == given) return study.path;
    names.push_back(study.name);
  }
  const std::string nearest = nearest_name(given.string(), names);
  throw Error(ErrorKind::usage, fmt::format("{}: no such file, and no study of that name", given.string()),
              nearest.empty() ? "npo study --list names them" : fmt::format("did you mean {}?", nearest));
}

}  // namespace npo
