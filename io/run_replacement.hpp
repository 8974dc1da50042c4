#pragma once
#include <filesystem>
#include <functional>

/// How a run takes the place of another: it is written into a folder beside, and once it is complete the two
/// folders change names. Whatever happens on the way, the name leads to one complete run: the old or the new.
namespace npo {

/// `folder` by the name it has in its parent: no link, no dots, no slash at its end.
std::filesystem::path named_folder(const std::filesystem::path& folder);

/// Where the run that is to replace the one in `folder` is written: "`folder`.new".
std::filesystem::path replacement_of(const std::filesystem::path& folder);

/// Exchanges two names in one step. Returns 0, or the errno that says why not.
using ExchangeNames = std::function<int(const std::filesystem::path&, const std::filesystem::path&)>;
int exchange_names(const std::filesystem::path& a, const std::filesystem::path& b);

/// Puts the folder `replacement` in the place of `folder`, which gets the name `replacement`. One step where
/// `exchange` knows how; where it says EINVAL or ENOSYS the old run stands aside as "`folder`.old" for a
/// moment, and `recover_replacement` mends what a crash in this moment leaves. Error(environment) when the
/// file system refuses; `folder` then is what it was.
void exchange_folders(const std::filesystem::path& replacement, const std::filesystem::path& folder,
                      const ExchangeNames& exchange = exchange_names);

/// Gives a run that stands aside its name back. Does nothing where none does.
void recover_replacement(const std::filesystem::path& folder);

}  // namespace npo
