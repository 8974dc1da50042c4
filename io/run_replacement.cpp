#include "io/run_replacement.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>

#include <cerrno>
#include <cstring>

#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

fs::path with_suffix(fs::path folder, const char* suffix) {
  folder += suffix;
  return folder;
}

fs::path parent_of(const fs::path& folder) {
  return folder.has_parent_path() ? folder.parent_path() : fs::path(".");
}

fs::path set_aside(const fs::path& folder) {
  return with_suffix(folder, ".old");
}

[[noreturn]] void refuse_rename(const fs::path& from, const fs::path& to, int code) {
  throw Error(ErrorKind::environment,
              fmt::format("cannot rename {} to {}: {}", from.string(), to.string(), std::strerror(code)),
              "the folder that holds both must be writable, and neither may be a mount point");
}

void rename_folder(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) refuse_rename(from, to, errno);
  sync_path(parent_of(to));
}

}  // namespace

fs::path named_folder(const fs::path& folder) {
  const fs::path named = folder.has_filename() ? folder : folder.parent_path();
  const bool by_other_name = fs::is_symlink(named) || named.filename() == "." || named.filename() == "..";
  return by_other_name ? fs::canonical(named) : named;
}

fs::path replacement_of(const fs::path& folder) {
  return with_suffix(folder, ".new");
}

int exchange_names(const fs::path& a, const fs::path& b) {
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0 ? 0 : errno;
}

void exchange_folders(const fs::path& replacement, const fs::path& folder, const ExchangeNames& exchange) {
  const int code = exchange(replacement, folder);
  if (code == 0) {
    sync_path(parent_of(folder));
    return;
  }
  if (code != EINVAL && code != ENOSYS) refuse_rename(replacement, folder, code);
  rename_folder(folder, set_aside(folder));
  if (::rename(replacement.c_str(), folder.c_str()) != 0) {
    const int why = errno;
    rename_folder(set_aside(folder), folder);
    refuse_rename(replacement, folder, why);
  }
  sync_path(parent_of(folder));
  rename_folder(set_aside(folder), replacement);
}

void recover_replacement(const fs::path& folder) {
  const fs::path aside = set_aside(folder);
  if (!fs::exists(aside)) return;
  rename_folder(aside, fs::exists(folder) ? replacement_of(folder) : folder);
}

}  // namespace npo
