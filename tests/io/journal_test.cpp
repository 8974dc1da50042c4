#include "io/journal.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "io/atomic_file.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using test::expect_error;
using test::TemporaryFolder;

void append_numbers(const std::filesystem::path& path, int first, int last) {
  JournalWriter journal(path, read_journal(path).whole_bytes);
  for (int i = first; i < last; ++i) journal.append({{"number", i}});
}

TEST(Journal, ReadsBackWhatWasAppendedAcrossReopening) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_journal(folder / "journal").records.empty());
  append_numbers(folder / "journal", 0, 3);
  append_numbers(folder / "journal", 3, 5);
  const Journal journal = read_journal(folder / "journal");
  ASSERT_EQ(journal.records.size(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(journal.records[static_cast<std::size_t>(i)]["number"], i);
  EXPECT_EQ(journal.whole_bytes, std::filesystem::file_size(folder / "journal"));
}

/// A crash can end the file after any byte: whole lines count, the torn one does not, and appending goes on.
TEST(Journal, SurvivesATornAppendAtEveryByte) {
  const TemporaryFolder folder;
  append_numbers(folder / "whole", 0, 3);
  const std::string text = read_text(folder / "whole");
  for (std::size_t bytes = 0; bytes <= text.size(); ++bytes) {
    const auto path = folder / "torn";
    std::ofstream(path, std::ios::trunc) << text.substr(0, bytes);
    const auto lines =
        static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bytes), '\n'));
    ASSERT_EQ(static_cast<int>(read_journal(path).records.size()), lines) << bytes;
    append_numbers(path, lines, 3);
    ASSERT_EQ(read_text(path), text) << bytes;
  }
}

/// Any changed byte of a whole line is found, except one that joins it to the next line or cuts the last
/// line's end: the joined line is found, the cut one is a torn append.
TEST(Journal, FindsEveryDamagedByte) {
  const TemporaryFolder folder;
  append_numbers(folder / "whole", 0, 3);
  const std::string text = read_text(folder / "whole");
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    std::ofstream(folder / "damaged", std::ios::trunc) << damaged;
    expect_error(ErrorKind::bad_data, {"damaged", "line ", "checksum"},
                 [&] { read_journal(folder / "damaged"); });
  }
}

TEST(Journal, NamesTheDamagedLine) {
  const TemporaryFolder folder;
  append_numbers(folder / "journal", 0, 3);
  std::string text = read_text(folder / "journal");
  text[text.find('\n') + 3] = '?';
  std::ofstream(folder / "journal", std::ios::trunc) << text;
  expect_error(ErrorKind::bad_data, {"line 2"}, [&] { read_journal(folder / "journal"); });
}

/// The file may grow no further, as on a full disk: the append fails and the journal stays as it was.
TEST(Journal, AFailedAppendLeavesTheJournalWhole) {
  const TemporaryFolder folder;
  JournalWriter journal(folder / "journal", 0);
  journal.append({{"number", 0}});
  const auto before = read_text(folder / "journal");
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{before.size() + 10, limit.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_error(ErrorKind::environment, {"cannot append to", "journal", "free space"}, [&] {
    journal.append({{"number", 1}});
  });
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(read_text(folder / "journal"), before);
  journal.append({{"number", 1}});
  EXPECT_EQ(read_journal(folder / "journal").records.size(), 2u);
}

TEST(Journal, SaysWhenItCannotBeOpened) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::environment, {"cannot open", "journal"},
               [&] { JournalWriter(folder / "no such folder/journal", 0); });
}

}  // namespace
}  // namespace npo
