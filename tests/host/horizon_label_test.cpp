#include "host/horizon_label.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "tests/host/csv_import.hpp"

namespace npo {
namespace {

/// One observation of a drive.
struct Seen {
  std::string id;
  UnixSeconds time;
  int event;  ///< 0, 1, or -1 for unknown
};

/// Spec section 3, word for word.
int expected_label(const std::vector<Seen>& all, const Seen& row, std::int64_t horizon) {
  bool event = false, unknown = false, seen_later = false;
  for (const Seen& other : all) {
    if (other.id != row.id) continue;
    const bool inside = other.time >= row.time && other.time <= row.time + horizon;
    event = event || (inside && other.event == 1);
    unknown = unknown || (inside && other.event == -1);
    seen_later = seen_later || other.time >= row.time + horizon;
  }
  return event ? 1 : unknown ? 255 : seen_later ? 0 : 255;
}

/// Drives that appear late, skip days, fail, come back after a failure, or vanish.
std::vector<Seen> random_drives(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Seen> rows;
  for (int drive = 0; drive < 60; ++drive) {
    const int first = static_cast<int>(random() % 10), last = first + static_cast<int>(random() % 25);
    for (int day = first; day <= last; ++day) {
      if (random() % 5 == 0) continue;
      const int event = random() % 12 == 0 ? 1 : random() % 40 == 0 ? -1 : 0;
      rows.push_back({"drive" + std::to_string(drive),
                      day * seconds_per_day + static_cast<int>(random() % 3) * 3600, event});
    }
  }
  std::shuffle(rows.begin(), rows.end(), random);
  return rows;
}

std::string csv_of(const std::vector<Seen>& rows) {
  std::string text = "id,time,x,failed\n";
  for (const Seen& row : rows)
    text += row.id + "," + std::to_string(row.time) + ",1," +
            (row.event < 0 ? "" : std::to_string(row.event)) + "\n";
  return text;
}

TEST_F(ImportTest, LabelsFollowFromEventsAsTheSpecSays) {
  options_.columns.label = "failed";
  for (const std::int64_t horizon : {std::int64_t{0}, seconds_per_day, 7 * seconds_per_day,
                                     7 * seconds_per_day + 3600, 100 * seconds_per_day})
    for (const unsigned seed : {1u, 2u, 3u}) {
      options_.label_horizon = horizon;
      options_.memory_bytes = seed == 3 ? 20'000 : 1 << 24;
      const auto drives = random_drives(seed);
      const auto rows = imported(csv_of(drives));
      ASSERT_EQ(rows.size(), drives.size());
      std::map<int, int> counts;
      for (const auto& row : rows) {
        ASSERT_EQ(row.label, expected_label(drives, {row.id, row.time, 0}, horizon))
            << row.id << " at " << row.time;
        ASSERT_EQ(row.known_at, row.time + horizon);
        ++counts[row.label];
      }
      EXPECT_EQ(ScenarioFile(options_.output).header().label_horizon, horizon);
      const std::size_t kinds = horizon == 7 * seconds_per_day ? 3 : 1;
      EXPECT_GE(counts.size(), kinds) << "all three labels occur";
    }
}

TEST_F(ImportTest, RowsWithoutFeaturesStillSayWhatHappened) {
  options_.columns.label = "failed";
  options_.label_horizon = 2 * seconds_per_day;
  const std::string text =
      "id,time,x,failed\na,1970-01-01,1,0\na,1970-01-02,,1\nb,1970-01-01,1,0\nb,1970-01-04,oops,0\n";
  options_.skip_bad = true;
  options_.missing = MissingPolicy::drop;
  const auto rows = imported(text);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].label, 1) << "the failure is known from a row without features";
  EXPECT_EQ(rows[1].label, 0) << "the drive was seen alive in a row with a bad feature";
}

TEST(HorizonLabeller, KeepsScenariosApart) {
  HorizonLabeller label(10);
  const auto row = [](const char* id, UnixSeconds time, Label event) {
    ImportRow out;
    out.id = id;
    out.time = time;
    out.label = event;
    return out;
  };
  EXPECT_EQ(label(row("a", 20, Label::yes)), Label::yes);
  EXPECT_EQ(label(row("a", 10, Label::no)), Label::yes) << "both ends are inclusive";
  EXPECT_EQ(label(row("a", 9, Label::no)), Label::no);
  EXPECT_EQ(label(row("ab", 9, Label::no)), Label::unknown);
}

}  // namespace
}  // namespace npo
