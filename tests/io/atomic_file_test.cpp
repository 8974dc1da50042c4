#include "io/atomic_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>

#include "io/h5_file.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/small_disk.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::SmallDisk;
using test::TemporaryFolder;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

TEST(AtomicFile, WritesReadsAndReplaces) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a.txt", false, "one\n");
  EXPECT_EQ(read_text(folder / "a.txt"), "one\n");
  write_text_atomically(folder / "a.txt", true, std::string(3 << 20, 'x'));
  EXPECT_EQ(read_text(folder / "a.txt").size(), 3u << 20);
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AtomicFile, RefusesAnExistingFile) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a.txt", false, "one");
  expect_error(ErrorKind::environment, {"a.txt exists", "--overwrite"},
               [&] { write_text_atomically(folder / "a.txt", false, "two"); });
  EXPECT_EQ(read_text(folder / "a.txt"), "one");
}

TEST(AtomicFile, RefusesAFileThatAppearedWhileWriting) {
  const TemporaryFolder folder;
  const auto write = [&](const fs::path& path) {
    std::ofstream(path) << "mine";
    std::ofstream(folder / "a.txt") << "theirs";
  };
  expect_error(ErrorKind::environment, {"a.txt exists"},
               [&] { write_atomically(folder / "a.txt", false, write); });
  EXPECT_EQ(read_text(folder / "a.txt"), "theirs");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AtomicFile, LeavesNothingBehindWhenWritingOrVerifyingFails) {
  const TemporaryFolder folder;
  const auto fail = [](const fs::path&) { throw std::runtime_error("planned"); };
  const auto half = [](const fs::path& path) {
    std::ofstream(path) << "half";
    throw Error(ErrorKind::internal, "cannot go on with " + path.string());
  };
  EXPECT_THROW(write_atomically(folder / "a.txt", false, fail), std::runtime_error);
  EXPECT_THROW(write_atomically(
                   folder / "a.txt", false, [](const fs::path&) {}, fail),
               std::runtime_error);
  EXPECT_EQ(files_in(folder.path()), 0u);
  std::string message;
  try {
    write_atomically(folder / "a.txt", false, half);
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_EQ(message, "cannot go on with " + (folder / "a.txt").string())
      << "the temporary name is not for users";
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(AtomicFile, KeepsTheOldFileWhenReplacingFails) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a.txt", false, "old");
  EXPECT_THROW(
      write_atomically(folder / "a.txt", true, [](const fs::path&) { throw std::runtime_error("planned"); }),
      std::runtime_error);
  EXPECT_EQ(read_text(folder / "a.txt"), "old");
}

TEST(AtomicFile, NamesAFolderThatIsNotThereOrAFileThatIsNoFolder) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::environment, {"nowhere", "No such file or directory"},
               [&] { write_text_atomically(folder / "nowhere" / "a.txt", false, "x"); });
  write_text_atomically(folder / "a.txt", false, "x");
  expect_error(ErrorKind::environment, {"a.txt"}, [&] { make_directory(folder / "a.txt"); });
  expect_error(ErrorKind::environment, {"missing.txt", "No such file"},
               [&] { read_text(folder / "missing.txt"); });
  make_directory(folder / "b" / "c");
  make_directory(folder / "b" / "c");
  EXPECT_TRUE(fs::is_directory(folder / "b" / "c"));
}

TEST(AtomicFile, NamesAFolderThatCannotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0555);
  expect_error(ErrorKind::environment, {"a.txt", "Permission denied"},
               [&] { write_text_atomically(folder / "a.txt", false, "x"); });
  ::chmod(folder.path().c_str(), 0755);
}

TEST(AtomicFile, WhatCannotBeReadShouldBeMadeReadable) {
  EXPECT_THAT(reading_remedy(EACCES), testing::HasSubstr("readable"));
  EXPECT_EQ(reading_remedy(EIO), "");
}

TEST(AtomicFile, SaysThatTheDiskIsFull) {
  const TemporaryFolder folder;
  const SmallDisk disk(folder / "disk", 1);
  if (!disk.mounted()) GTEST_SKIP() << "this process may not mount a file system";
  const fs::path target = folder / "disk" / "a.h5";
  expect_error(ErrorKind::environment, {"disk/a.h5", "No space left on device"},
               [&] { write_text_atomically(target, false, std::string(2 << 20, 'x')); });
  EXPECT_EQ(files_in(folder / "disk"), 0u);
  for (const int level : {0, 1})
    for (const std::size_t values : {std::size_t{1} << 18, std::size_t{1} << 20}) {
      const auto write = [&](const fs::path& path) {
        h5::WriteFile file(path, {level, false});
        std::vector<std::uint64_t> noise(values);
        for (std::size_t i = 0; i < values; ++i) noise[i] = i * 0x9e3779b97f4a7c15u;
        file.column<std::uint64_t>({.name = "x", .type = h5::Type::u64}, noise);
        file.close();
      };
      expect_error(ErrorKind::environment, {"disk/a.h5", "No space left on device"},
                   [&] { write_atomically(target, false, write); });
      EXPECT_EQ(files_in(folder / "disk"), 0u);
    }
}

}  // namespace
}  // namespace npo
