#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "io/lock_file.hpp"
#include "io/run_replacement.hpp"

namespace npo {

/// A folder of known files that is written anew beside the old one and takes its place whole: until `commit`
/// the old files stay as they are, and without it, or after a kill, nothing has happened to them.
class FolderReplacement {
 public:
  /// Whether a file of this name belongs to such a folder, and goes with it.
  using Belongs = std::function<bool(const std::string& name)>;

  /// Prepares the folder beside `folder`, which exists. Error(environment) when one of the two holds
  /// something that does not belong, or another process replaces it.
  FolderReplacement(const std::filesystem::path& folder, Belongs belongs);
  /// Removes what was written and not committed.
  ~FolderReplacement();
  FolderReplacement(const FolderReplacement&) = delete;

  /// Where to write.
  const std::filesystem::path& folder() const { return beside_; }
  /// Gives what was written the name of the old folder, and removes the old files.
  void commit(const ExchangeNames& exchange = exchange_names);

 private:
  void remove_beside();

  std::filesystem::path target_, beside_;
  Belongs belongs_;
  std::unique_ptr<LockFile> target_lock_, beside_lock_;
};

}  // namespace npo
