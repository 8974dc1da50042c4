#include "io/folder_replacement.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "io/atomic_file.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::TemporaryFolder;

bool is_letter(const std::string& name) {
  return name == "a" || name == "b";
}

class FolderReplacementTest : public testing::Test {
 protected:
  FolderReplacementTest() {
    make_directory(folder_);
    put(folder_ / "a", "old");
    put(folder_ / "b", "old");
  }
  static void put(const fs::path& path, const char* text) { write_text_atomically(path, true, text); }
  /// Names and texts in the folder, and what else stands beside it.
  std::string seen() const {
    std::string text;
    for (const char* name : {"a", "b", "lock"})
      if (fs::exists(folder_ / name))
        text.append(name).append("=").append(read_text(folder_ / name)).append(" ");
    for (const char* name : {"x.new", "x.old"})
      if (fs::exists(temporary_ / name)) text += name;
    return text;
  }

  TemporaryFolder temporary_;
  fs::path folder_ = temporary_ / "x";
};

TEST_F(FolderReplacementTest, TakesThePlaceWhole) {
  const ExchangeNames unable = [](const fs::path&, const fs::path&) { return EINVAL; };
  for (const auto& exchange : {ExchangeNames(exchange_names), unable}) {
    put(folder_ / "b", "old");
    FolderReplacement replacement(folder_, is_letter);
    put(replacement.folder() / "a", "new");
    EXPECT_EQ(read_text(folder_ / "b"), "old");
    replacement.commit(exchange);
    EXPECT_FALSE(fs::exists(folder_ / "b"));
    EXPECT_EQ(read_text(folder_ / "a"), "new");
  }
  EXPECT_EQ(seen(), "a=new ") << "no lock stays";
}

TEST_F(FolderReplacementTest, WithoutACommitNothingHasHappened) {
  {
    FolderReplacement replacement(folder_, is_letter);
    put(replacement.folder() / "a", "new");
  }
  EXPECT_EQ(seen(), "a=old b=old ");
}

TEST_F(FolderReplacementTest, RemovesWhatAKillLeft) {
  make_directory(temporary_ / "x.new");
  put(temporary_ / "x.new" / "b", "half");
  std::ofstream(temporary_ / "x.new" / "lock") << "1\n";
  {
    FolderReplacement replacement(folder_, is_letter);
    put(replacement.folder() / "a", "new");
    replacement.commit();
  }
  EXPECT_EQ(seen(), "a=new ");
}

TEST_F(FolderReplacementTest, RefusesToLoseWhatDoesNotBelong) {
  const auto refused = [&](const fs::path& foreign) {
    expect_error(ErrorKind::environment, {foreign.filename().string(), "would be lost", "move it away"},
                 [&] { FolderReplacement(folder_, is_letter); });
    fs::remove(foreign);
    EXPECT_EQ(fs::exists(folder_ / "lock"), false);
  };
  put(folder_ / "notes", "mine");
  refused(folder_ / "notes");
  make_directory(folder_ / "runs");
  refused(folder_ / "runs");
  make_directory(temporary_ / "x.new");
  put(temporary_ / "x.new" / "notes", "mine");
  refused(temporary_ / "x.new" / "notes");
  EXPECT_EQ(read_text(folder_ / "a"), "old");
}

TEST_F(FolderReplacementTest, KeepsASecondReplacementOut) {
  const FolderReplacement first(folder_, is_letter);
  expect_error(ErrorKind::environment, {"x is locked by process"},
               [&] { FolderReplacement(folder_, is_letter); });
}

}  // namespace
}  // namespace npo
