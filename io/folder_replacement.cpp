#include "io/folder_replacement.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

constexpr const char* lock_name = "lock";

/// The entries of `folder` but for its lock. Error(environment) when one does not belong there.
std::vector<fs::path> entries_that_belong(const fs::path& folder, const FolderReplacement::Belongs& belongs) {
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name == lock_name) continue;
    if (!entry.is_regular_file() || !belongs(name))
      throw Error(
          ErrorKind::environment,
          fmt::format("{} holds {}, which would be lost when the folder is replaced", folder.string(), name),
          "move it away, or choose another folder");
    entries.push_back(entry.path());
  }
  return entries;
}

void remove_entries(const fs::path& folder, const FolderReplacement::Belongs& belongs) {
  for (const fs::path& entry : entries_that_belong(folder, belongs)) {
    std::error_code error;
    if (!fs::remove(entry, error) && error)
      throw Error(ErrorKind::environment,
                  fmt::format("cannot remove {}: {}", entry.string(), error.message()),
                  "check the permissions of its folder");
  }
}

}  // namespace

FolderReplacement::FolderReplacement(const fs::path& folder, Belongs belongs)
    : target_(named_folder(folder)), beside_(replacement_of(target_)), belongs_(std::move(belongs)) {
  entries_that_belong(target_, belongs_);
  target_lock_ = std::make_unique<LockFile>(target_ / lock_name, target_.string());
  make_directory(beside_);
  beside_lock_ = std::make_unique<LockFile>(beside_ / lock_name, beside_.string());
  remove_entries(beside_, belongs_);
}

FolderReplacement::~FolderReplacement() {
  try {
    if (beside_lock_) remove_beside();
  } catch (const std::exception&) {  // what is left is removed by the next replacement
  }
}

void FolderReplacement::commit(const ExchangeNames& exchange) {
  exchange_folders(beside_, target_, exchange);
  beside_lock_->moved_to(target_ / lock_name);
  target_lock_->moved_to(beside_ / lock_name);
  std::swap(beside_lock_, target_lock_);
  remove_beside();
}

void FolderReplacement::remove_beside() {
  remove_entries(beside_, belongs_);
  beside_lock_.reset();
  std::error_code not_empty;
  fs::remove(beside_, not_empty);
}

}  // namespace npo
