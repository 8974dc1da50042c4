#include "io/run_replacement.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "io/atomic_file.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::TemporaryFolder;

/// A file system that answers `code` when it shall exchange two names.
ExchangeNames refusing(int code) {
  return [code](const fs::path&, const fs::path&) { return code; };
}

/// A folder "run" that holds the text "old" and its replacement with the text "new".
class RunReplacement : public testing::Test {
 protected:
  RunReplacement() {
    put(run_, "old");
    put(replacement_of(run_), "new");
  }
  static void put(const fs::path& folder, const char* text) {
    make_directory(folder);
    write_text_atomically(folder / "file", true, text);
  }
  static std::string text(const fs::path& folder) { return read_text(folder / "file"); }
  fs::path aside() const { return temporary_ / "run.old"; }

  TemporaryFolder temporary_;
  fs::path run_ = temporary_ / "run";
};

TEST_F(RunReplacement, ExchangesInOneStep) {
  exchange_folders(replacement_of(run_), run_);
  EXPECT_EQ(text(run_), "new");
  EXPECT_EQ(text(replacement_of(run_)), "old");
  EXPECT_FALSE(fs::exists(aside()));
}

TEST_F(RunReplacement, RenamesThreeTimesWhereNamesCannotBeExchanged) {
  for (const int code : {EINVAL, ENOSYS}) {
    put(run_, "old");
    put(replacement_of(run_), "new");
    exchange_folders(replacement_of(run_), run_, refusing(code));
    EXPECT_EQ(text(run_), "new");
    EXPECT_EQ(text(replacement_of(run_)), "old");
    EXPECT_FALSE(fs::exists(aside()));
  }
}

TEST_F(RunReplacement, AnyOtherRefusalIsAnErrorAndMovesNothing) {
  expect_error(ErrorKind::environment, {"cannot rename", "run.new", "Permission denied"},
               [&] { exchange_folders(replacement_of(run_), run_, refusing(EACCES)); });
  EXPECT_EQ(text(run_), "old");
  EXPECT_EQ(text(replacement_of(run_)), "new");
  EXPECT_FALSE(fs::exists(aside()));
}

TEST_F(RunReplacement, TheOldRunGetsItsNameBackWhenTheNewOneCannotTakeIt) {
  fs::remove_all(replacement_of(run_));
  expect_error(ErrorKind::environment, {"cannot rename", "run.new", "No such file"},
               [&] { exchange_folders(replacement_of(run_), run_, refusing(EINVAL)); });
  EXPECT_EQ(text(run_), "old");
  EXPECT_FALSE(fs::exists(aside()));
}

TEST_F(RunReplacement, ACrashBetweenRenamesIsMended) {
  // After the first rename nothing has the name.
  fs::rename(run_, aside());
  recover_replacement(run_);
  EXPECT_EQ(text(run_), "old");
  EXPECT_EQ(text(replacement_of(run_)), "new");

  // After the second the new run has it.
  fs::rename(run_, aside());
  fs::rename(replacement_of(run_), run_);
  recover_replacement(run_);
  EXPECT_EQ(text(run_), "new");
  EXPECT_EQ(text(replacement_of(run_)), "old");

  recover_replacement(run_);
  EXPECT_EQ(text(run_), "new");
}

}  // namespace
}  // namespace npo
