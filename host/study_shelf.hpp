#pragma once
#include <filesystem>
#include <string>
#include <vector>

/// The studies that ship with the program.
namespace npo {

struct ShippedStudy {
  std::string name, title;
  std::filesystem::path path;
};

/// In alphabetical order: the .toml files of $NPO_STUDIES, else of the first folder there is of studies/ and
/// ../studies/ beside the program, ../share/npo/studies/.
std::vector<ShippedStudy> shipped_studies();

/// A path that is there, else the shipped study of that name. Error(environment) for a path that is not
/// there, Error(usage) for an unknown name, with the nearest one.
std::filesystem::path find_study(const std::filesystem::path& given);

}  // namespace npo
