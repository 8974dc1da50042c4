#pragma once
#include <filesystem>
#include <string_view>

namespace npo {

/// What our files and folders are.
enum class FileKind {
  scenarios,
  feedback,
  decisions,
  state,
  truth,
  model,
  policy,
  night,
  log,
  study,
  study_file
};

/// "scenarios", "decisions", ...
std::string_view name_of(FileKind kind);

/// Says what `path` is by its content: a folder with run.json, the `format` attribute of an HDF5 file, the
/// `format` of a JSON document, else TOML,
/// which is a night.toml when it names its scenarios, a study file when it has a kind, and a policy
/// otherwise. Error(environment) when it is
/// missing, Error(bad_data) when it is none of ours.
FileKind file_kind(const std::filesystem::path& path);

}  // namespace npo
