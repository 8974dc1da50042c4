#include "io/lock_file.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using test::TemporaryFolder;

/// A child process that holds the lock until it is told to end, or killed.
class Holder {
 public:
  explicit Holder(const std::filesystem::path& path) {
    if (::pipe(ready_) != 0 || ::pipe(end_) != 0) throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ == 0) hold(path);
    char byte;
    if (::read(ready_[0], &byte, 1) != 1) throw std::runtime_error("the child did not start");
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    if (child_ > 0) finish();
    for (const int file : {ready_[0], ready_[1], end_[0], end_[1]}) ::close(file);
  }
  pid_t process() const { return child_; }
  void finish() {
    [[maybe_unused]] const auto told = ::write(end_[1], "x", 1);
    wait();
  }
  void kill() {
    ::kill(child_, SIGKILL);
    wait();
  }

 private:
  [[noreturn]] void hold(const std::filesystem::path& path) {
    {
      const LockFile lock(path, "state.h5");
      char byte = 'x';
      [[maybe_unused]] auto done = ::write(ready_[1], &byte, 1);
      done = ::read(end_[0], &byte, 1);
    }
    ::_exit(0);
  }
  void wait() {
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  int ready_[2], end_[2];
  pid_t child_ = -1;
};

TEST(LockFile, KeepsAnotherProcessOutAndNamesTheHolder) {
  const TemporaryFolder folder;
  Holder holder(folder / "lock");
  const std::string named = "state.h5 is locked by process " + std::to_string(holder.process());
  expect_error(ErrorKind::environment, {named.c_str(), "wait for it"},
               [&] { LockFile(folder / "lock", "state.h5"); });
  holder.finish();
  const LockFile lock(folder / "lock", "state.h5");
}

TEST(LockFile, IsReleasedWhenItsProcessIsKilled) {
  const TemporaryFolder folder;
  Holder holder(folder / "lock");
  holder.kill();
  EXPECT_TRUE(std::filesystem::exists(folder / "lock"));
  const LockFile lock(folder / "lock", "state.h5");
}

TEST(LockFile, IsExclusiveWithinOneProcessToo) {
  const TemporaryFolder folder;
  std::optional<LockFile> lock(std::in_place, folder / "lock", "state.h5");
  expect_error(ErrorKind::environment, {"locked by process"}, [&] { LockFile(folder / "lock", "state.h5"); });
  lock.reset();
  EXPECT_FALSE(std::filesystem::exists(folder / "lock"));
  lock.emplace(folder / "lock", "state.h5");
}

TEST(LockFile, HoldsTheProcessId) {
  const TemporaryFolder folder;
  std::ofstream(folder / "lock") << "123456789 left by a process that was killed";
  const LockFile lock(folder / "lock", "state.h5");
  std::string text;
  std::getline(std::ifstream(folder / "lock") >> std::ws, text);
  EXPECT_EQ(text, std::to_string(::getpid()));
}

/// A forked child that ends must not take its parent's lock with it.
TEST(LockFile, OutlivesAForkedChild) {
  const TemporaryFolder folder;
  auto lock = std::make_unique<LockFile>(folder / "lock", "state.h5");
  if (const pid_t child = ::fork(); child == 0) {
    lock.reset();
    ::_exit(0);
  } else {
    ::waitpid(child, nullptr, 0);
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "lock"));
  expect_error(ErrorKind::environment, {"locked by process"}, [&] { LockFile(folder / "lock", "state.h5"); });
}

/// Owners remove the file when they are done: never may two believe they have the lock, however removal and
/// opening meet.
TEST(LockFile, NeverHasTwoOwners) {
  const TemporaryFolder folder;
  std::atomic<int> owners{0}, most{0}, taken{0};
  const auto compete = [&] {
    for (int i = 0; i < 5000; ++i) {
      try {
        const LockFile lock(folder / "lock", "state.h5");
        const int now = ++owners;
        if (now > most) most = now;
        ++taken;
        std::this_thread::yield();
        --owners;
      } catch (const Error&) {
      }
    }
  };
  std::thread a(compete), b(compete), c(compete);
  a.join();
  b.join();
  c.join();
  EXPECT_EQ(most, 1);
  EXPECT_GT(taken, 0);
}

TEST(LockFile, SaysWhenTheFolderIsMissing) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::environment, {"cannot lock", "no such folder"},
               [&] { LockFile(folder / "no such folder/lock", "state.h5"); });
}

}  // namespace
}  // namespace npo
