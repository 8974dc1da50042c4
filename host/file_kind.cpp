#include "host/file_kind.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host/toml_file.hpp"
#include "io/atomic_file.hpp"
#include "io/h5_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::array<std::pair<std::string_view, FileKind>, 11> kinds{{{"scenarios", FileKind::scenarios},
                                                                       {"feedback", FileKind::feedback},
                                                                       {"decisions", FileKind::decisions},
                                                                       {"state", FileKind::state},
                                                                       {"truth", FileKind::truth},
                                                                       {"model", FileKind::model},
                                                                       {"policy", FileKind::policy},
                                                                       {"night", FileKind::night},
                                                                       {"log", FileKind::log},
                                                                       {"study", FileKind::study},
                                                                       {"study file", FileKind::study_file}}};

[[noreturn]] void not_ours(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: {}", path.string(), what),
              "npo reads scenario, feedback, log, state, study and truth files (.h5), decision folders, "
              "model.json and "
              "policy.toml");
}

FileKind kind_of_format(const std::filesystem::path& path, const std::string& format) {
  for (const auto& [name, kind] : kinds)
    if (format == fmt::format("npo.{}", name)) return kind;
  not_ours(path, fmt::format("format \"{}\" is none of npo's", format));
}

bool starts_like_hdf5(const std::filesystem::path& path) {
  std::array<char, 4> head{};
  std::ifstream(path, std::ios::binary).read(head.data(), head.size());
  return std::string_view(head.data(), head.size()) == "\x89HDF";
}

}  // namespace

std::string_view name_of(FileKind kind) {
  for (const auto& [name, entry] : kinds)
    if (entry == kind) return name;
  return "unknown";
}

FileKind file_kind(const std::filesystem::path& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status))
    throw Error(ErrorKind::environment, fmt::format("{}: no such file", path.string()), "check the path");
  if (std::filesystem::is_directory(status)) {
    if (std::filesystem::exists(path / "run.json")) return FileKind::decisions;
    not_ours(path, "the folder has no run.json");
  }
  if (starts_like_hdf5(path)) return kind_of_format(path, h5::ReadFile(path).text_attribute("format"));
  const std::string text = read_text(path);
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_object() && document.contains("format") && document["format"].is_string())
    return kind_of_format(path, document["format"]);
  if (path.extension() == ".toml") {
    const nlohmann::json toml = toml_to_json(text, path.string());
    return toml.contains("scenarios") ? FileKind::night
           : toml.contains("kind")    ? FileKind::study_file
                                      : FileKind::policy;
  }
  if (text.empty()) not_ours(path, "the file is empty");
  not_ours(path, "the file is neither HDF5 nor an npo model nor TOML");
}

}  // namespace npo
