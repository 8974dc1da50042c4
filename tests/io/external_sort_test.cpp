#include "io/external_sort.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/error.hpp"

namespace npo {
namespace {

using Record = std::vector<std::byte>;

/// Records over few letters, so that long common prefixes and duplicates are the rule.
std::vector<Record> random_records(std::size_t count, std::size_t bytes, unsigned letters, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Record> records(count, Record(bytes));
  for (auto& record : records)
    for (auto& byte : record)
      byte = static_cast<std::byte>(random() % letters == 0 ? 255 : random() % letters);
  return records;
}

void add_all(ExternalSort& sort, const std::vector<Record>& records) {
  for (const auto& record : records) std::memcpy(sort.add(), record.data(), record.size());
}

std::vector<Record> drain(ExternalSort& sort, std::size_t bytes) {
  std::vector<Record> out;
  sort.rewind();
  while (const std::byte* record = sort.next()) out.emplace_back(record, record + bytes);
  return out;
}

std::vector<Record> stably_sorted(std::vector<Record> records, std::size_t key) {
  std::stable_sort(records.begin(), records.end(), [&](const Record& a, const Record& b) {
    return std::memcmp(a.data(), b.data(), key) < 0;
  });
  return records;
}

SortOptions options(std::size_t record, std::size_t key, std::size_t budget, int threads = 1) {
  SortOptions options;
  options.record_bytes = record;
  options.key_bytes = key;
  options.budget_bytes = budget;
  options.folder = testing::TempDir();
  options.threads = threads;
  return options;
}

TEST(ExternalSort, AgreesWithAStableSortForEveryBudgetAndKey) {
  struct Shape {
    std::size_t record, key;
    unsigned letters;
  };
  for (const auto& [bytes, key, letters] :
       std::vector<Shape>{{1, 1, 200}, {8, 4, 3}, {24, 16, 2}, {40, 33, 2}, {24, 0, 9}}) {
    const auto records = random_records(5000, bytes, letters, 11);
    const auto expected = stably_sorted(records, key);
    for (const std::size_t budget :
         {std::size_t{1}, std::size_t{1000}, std::size_t{20000}, std::size_t{1} << 26})
      for (const int threads : {1, 3}) {
        ExternalSort sort(options(bytes, key, budget, threads));
        add_all(sort, records);
        ASSERT_EQ(drain(sort, bytes), expected) << bytes << " bytes, key " << key << ", budget " << budget;
        ASSERT_EQ(sort.records(), records.size());
      }
  }
}

TEST(ExternalSort, MayBeReadAgain) {
  const auto records = random_records(3000, 16, 50, 5);
  for (const std::size_t budget : {std::size_t{4000}, std::size_t{1} << 24}) {
    ExternalSort sort(options(16, 8, budget));
    add_all(sort, records);
    sort.rewind();
    for (int i = 0; i < 100; ++i) sort.next();
    EXPECT_EQ(drain(sort, 16), stably_sorted(records, 8));
    EXPECT_EQ(drain(sort, 16), stably_sorted(records, 8));
  }
}

TEST(ExternalSort, ReadsNothingFromNothing) {
  ExternalSort sort(options(8, 8, 1000));
  sort.rewind();
  EXPECT_EQ(sort.next(), nullptr);
  EXPECT_EQ(sort.next(), nullptr);
}

TEST(ExternalSort, StaysInMemoryWhileTheBudgetLasts) {
  const auto records = random_records(1000, 32, 50, 5);
  ExternalSort small(options(32, 8, 200'000)), large(options(32, 8, 20'000));
  add_all(small, records);
  add_all(large, records);
  drain(small, 32);
  drain(large, 32);
  EXPECT_EQ(small.spilled_bytes(), 0u);
  EXPECT_GE(large.spilled_bytes(), 32'000u);
}

TEST(ExternalSort, LeavesNoFileBehindEvenWhileItRuns) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("npo_external_sort_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  SortOptions with = options(32, 8, 4000);
  with.folder = folder;
  ExternalSort sort(with);
  add_all(sort, random_records(1000, 32, 50, 5));
  EXPECT_GT(sort.spilled_bytes(), 0u);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

/// Lowers the largest size of a file, which the kernel reports like a disk without room.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = signal(SIGXFSZ, SIG_IGN);
    rlimit lowered = before_;
    lowered.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &lowered);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

std::string failure_of_sort(const SortOptions& with) {
  try {
    ExternalSort sort(with);
    add_all(sort, random_records(4000, 32, 50, 5));
    drain(sort, 32);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::environment);
    return error.what();
  }
  return "no error";
}

TEST(ExternalSort, SaysWhereThereIsNoRoom) {
  for (const int threads : {1, 3}) {
    const FileSizeLimit limit(10'000);
    EXPECT_THAT(failure_of_sort(options(32, 8, 8000, threads)),
                testing::AllOf(testing::HasSubstr("cannot write temporary data in " + testing::TempDir()),
                               testing::HasSubstr("make room there")));
  }
  SortOptions nowhere = options(32, 8, 8000);
  nowhere.folder = "/no/such/folder";
  EXPECT_THAT(failure_of_sort(nowhere), testing::HasSubstr("in /no/such/folder: No such file"));
}

}  // namespace
}  // namespace npo
