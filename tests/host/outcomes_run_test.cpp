#include "host/outcomes_run.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/host/learn_world.hpp"
#include "tests/io/expect_error.hpp"

namespace npo {
namespace {

constexpr UnixSeconds night_1 = seconds_per_day;

struct LabelRow {
  std::uint64_t id;
  Label label;
  UnixSeconds known_at;
};

/// A labelled file with one night for each list.
void write_labels(const std::filesystem::path& path, const std::vector<std::vector<LabelRow>>& nights) {
  ScenarioHeader header;
  header.features = {"x"};
  header.fleets = {"north"};
  header.labelled = true;
  header.provenance = "{}";
  std::vector<std::uint64_t> ids;
  std::vector<std::uint8_t> label;
  std::vector<UnixSeconds> time, known;
  for (std::size_t n = 0; n < nights.size(); ++n) {
    const UnixSeconds night = static_cast<UnixSeconds>(n + 1) * seconds_per_day;
    header.nights.push_back({night, ids.size(), nights[n].size()});
    for (const LabelRow& row : nights[n]) {
      ids.push_back(row.id);
      label.push_back(static_cast<std::uint8_t>(row.label));
      known.push_back(row.known_at);
      time.push_back(night);
    }
  }
  const std::vector<std::uint32_t> fleet(ids.size(), 0);
  const std::vector<float> features(ids.size(), 0.0f);
  ScenarioWriter writer(path, header, ids.size(), {0, false}, true);
  writer.append({std::as_bytes(std::span(ids)), fleet, time, features, label, known});
  writer.finish(header.nights, header.fleets);
}

std::vector<FeedbackEvent> events_in(const std::filesystem::path& path) {
  const FeedbackFile file(path);
  const FeedbackFile::Columns columns = file.read(0, file.rows());
  std::vector<FeedbackEvent> events;
  for (std::size_t i = 0; i < file.rows(); ++i)
    events.push_back({columns.run.as<std::uint32_t>()[i], columns.row.as<std::uint64_t>()[i],
                      static_cast<FeedbackKind>(columns.kind.as<std::uint8_t>()[i]),
                      columns.time.as<UnixSeconds>()[i], columns.source.as<std::uint16_t>()[i],
                      columns.id.as<std::uint64_t>()[i]});
  return events;
}

/// A run of night 1 over ids 10, 12, .., and how it decided.
struct OneRun {
  explicit OneRun(const Policy& policy = {}) {
    run_id = test::write_run(folder / "run", spec, policy);
    const RunIdentity identity = test::identity_of(spec, policy);
    rows = test::rows_of(spec, identity, 0, spec.ids.size());
  }
  OutcomesOptions options(UnixSeconds as_of) const {
    return {{folder / "run"}, folder / "labels.h5", as_of, folder / "feedback.h5"};
  }
  OutcomesReport run(UnixSeconds as_of) const {
    RunContext context;
    context.overwrite = true;
    return run_outcomes(options(as_of), context);
  }
  Decision decision(std::uint64_t row) const { return static_cast<Decision>(rows.decision[row]); }

  test::TemporaryFolder folder;
  test::RunSpec spec{1, test::every(2, 300)};
  std::string run_id;
  DecisionRows rows;
};

std::vector<LabelRow> labels_for(const std::vector<std::uint64_t>& ids, UnixSeconds known_at) {
  std::vector<LabelRow> labels;
  for (const std::uint64_t id : ids) labels.push_back({id, id % 3 == 0 ? Label::yes : Label::no, known_at});
  return labels;
}

FeedbackKind expected_kind(Decision decision, Label label) {
  if (decision == Decision::surfaced)
    return label == Label::yes ? FeedbackKind::like : FeedbackKind::override_decision;
  return label == Label::yes ? FeedbackKind::override_decision : FeedbackKind::like;
}

TEST(OutcomesRun, SpeaksInAllFourKinds) {
  const OneRun world;
  const UnixSeconds known_at = night_1 + 7 * seconds_per_day;
  write_labels(world.folder / "labels.h5", {labels_for(world.spec.ids, known_at)});
  const OutcomesReport report = world.run(known_at);
  const std::vector<FeedbackEvent> events = events_in(world.folder / "feedback.h5");
  EXPECT_EQ(report.decisions, 300u);
  EXPECT_EQ(report.unknown, 0u);
  EXPECT_EQ(events.size(), 300u - report.answers.blocked);
  std::map<std::pair<int, int>, std::uint64_t> seen;
  for (const FeedbackEvent& event : events) {
    const Decision decision = world.decision(event.row);
    ASSERT_NE(decision, Decision::blocked);
    const Label label = world.spec.ids[event.row] % 3 == 0 ? Label::yes : Label::no;
    EXPECT_EQ(event.kind, expected_kind(decision, label));
    EXPECT_EQ(event.time, known_at);
    EXPECT_EQ(event.event_id, event.row);
    ++seen[{static_cast<int>(decision), static_cast<int>(event.kind)}];
  }
  EXPECT_EQ(seen.size(), 4u);
  for (const auto& [cell, count] : seen) EXPECT_EQ(report.answers.count[cell.first][cell.second], count);
  const FeedbackFile file(world.folder / "feedback.h5");
  EXPECT_EQ(file.sources(), std::vector<std::string>{"hindsight"});
  EXPECT_EQ(file.runs(), std::vector<std::string>{world.run_id});
}

TEST(OutcomesRun, UsesNothingBeforeItIsKnown) {
  const OneRun world;
  std::vector<LabelRow> labels = labels_for(world.spec.ids, night_1 + 100);
  for (std::size_t i = 0; i < labels.size(); i += 2) labels[i].known_at = night_1 + 200;
  write_labels(world.folder / "labels.h5", {labels});
  EXPECT_EQ(world.run(night_1 + 99).answers.total(), 0u);
  world.run(night_1 + 199);
  const std::vector<FeedbackEvent> early = events_in(world.folder / "feedback.h5");
  for (const FeedbackEvent& event : early) EXPECT_EQ(event.row % 2, 1u);
  // A label that is known later may change without any earlier event noticing.
  for (std::size_t i = 0; i < labels.size(); i += 2)
    labels[i].label = labels[i].label == Label::yes ? Label::unknown : Label::yes;
  write_labels(world.folder / "labels.h5", {labels});
  world.run(night_1 + 199);
  const std::vector<FeedbackEvent> again = events_in(world.folder / "feedback.h5");
  ASSERT_EQ(early.size(), again.size());
  for (std::size_t i = 0; i < early.size(); ++i) EXPECT_EQ(early[i].kind, again[i].kind);
  EXPECT_GT(world.run(night_1 + 200).answers.total(), early.size());
}

TEST(OutcomesRun, UnknownIsNoEventUntilItCountsAsSkipped) {
  Policy policy;
  policy.loss.skip_after = 1000;
  const OneRun world(policy);
  std::vector<LabelRow> labels = labels_for(world.spec.ids, night_1 + 10);
  labels.erase(labels.begin(), labels.begin() + 100);  // not in the file
  for (std::size_t i = 0; i < 100; ++i) labels[i].label = Label::unknown;
  write_labels(world.folder / "labels.h5", {labels});
  const OutcomesReport before = world.run(night_1 + 999);
  EXPECT_GT(before.unknown, 100u);
  EXPECT_EQ(before.answers.count[0][3] + before.answers.count[1][3], 0u);
  const OutcomesReport after = world.run(night_1 + 1000);
  EXPECT_EQ(after.unknown, 0u);
  EXPECT_EQ(after.answers.count[0][3] + after.answers.count[1][3], before.unknown);
  for (const FeedbackEvent& event : events_in(world.folder / "feedback.h5"))
    EXPECT_EQ(event.time, event.kind == FeedbackKind::skipped ? night_1 + 1000 : night_1 + 10);
}

TEST(OutcomesRun, LabelsAreOfTheSameNight) {
  const OneRun world;
  std::vector<LabelRow> night_2 = labels_for(world.spec.ids, night_1);
  for (LabelRow& row : night_2) row.label = Label::yes;
  std::vector<LabelRow> night_1_rows = night_2;
  for (LabelRow& row : night_1_rows) row.label = Label::no;
  write_labels(world.folder / "labels.h5", {night_1_rows, night_2});
  const OutcomesReport report = world.run(night_1 + 5 * seconds_per_day);
  EXPECT_EQ(report.answers.count[0][0] + report.answers.count[1][1], 0u);  // nothing happened in night 1
}

TEST(OutcomesRun, RefusesAFileWithoutLabelsOrNight) {
  const OneRun world;
  write_labels(world.folder / "labels.h5", {labels_for(world.spec.ids, night_1)});
  test::write_run(world.folder / "late", {9, world.spec.ids}, Policy{});
  OutcomesOptions options = world.options(night_1);
  options.decisions = {world.folder / "late"};
  test::expect_error(ErrorKind::usage, {"labels.h5"}, [&] { run_outcomes(options, {}); });
  EXPECT_FALSE(std::filesystem::exists(options.output));
}

}  // namespace
}  // namespace npo
