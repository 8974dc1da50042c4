#include "host/outcomes_run.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "host/decision_blocks.hpp"
#include "host/policy.hpp"
#include "io/feedback_file.hpp"
#include "io/scenario_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t label_window = 65536;

struct KnownLabel {
  Label label;
  UnixSeconds known_at;
};

/// Labels of ascending rows of a file, a window at a time.
class LabelWindow {
 public:
  explicit LabelWindow(const ScenarioFile& file) : file_(file) {}
  KnownLabel at(std::uint64_t row) {
    if (row < first_ || row - first_ >= labels_.bytes().size()) {
      const std::uint64_t count = std::min(label_window, file_.rows() - row);
      first_ = row;
      labels_ = file_.labels(row, count);
      known_at_ = file_.label_known_at(row, count);
    }
    const std::size_t i = row - first_;
    return {static_cast<Label>(labels_.as<std::uint8_t>()[i]), known_at_.as<UnixSeconds>()[i]};
  }

 private:
  const ScenarioFile& file_;
  std::uint64_t first_ = 0;
  RowWindow labels_, known_at_;
};

/// What the outcome says to the decision (spec section 3).
FeedbackKind kind_of(Decision decision, Label label) {
  const bool right = (decision == Decision::surfaced) == (label == Label::yes);
  return right ? FeedbackKind::like : FeedbackKind::override_decision;
}

/// Writes the events of one run after the other.
class OutcomeWriter {
 public:
  OutcomeWriter(const OutcomesOptions& options, const RunContext& context)
      : options_(options), context_(context), file_(options.labels), labels_(file_) {
    if (!file_.header().labelled)
      throw Error(ErrorKind::usage, options.labels.string() + " has no labels",
                  "import it with --label, or give a labelled file");
    if (!context.dry_run) writer_.emplace(options.output, context.compression, context.overwrite);
  }

  void write(const DecisionRun& run, std::uint32_t code) {
    const RunIdentity& identity = run.identity();
    if (identity.id.text != file_.header().id.text)
      throw Error(
          ErrorKind::usage,
          options_.labels.string() + " has scenario ids of another type than " + run.folder().string(),
          "give the labels of the same fleet");
    const Night night = file_.night_at(identity.night);
    const std::int64_t skip_after =
        policy_from_json(identity.policy_json, run.folder().string()).loss.skip_after;
    skipped_at_.reset();
    if (skip_after > 0 && identity.night + skip_after <= options_.as_of)
      skipped_at_ = identity.night + skip_after;
    const IdType type = file_.header().id;
    IdJoin join(night.rows, [&](std::uint64_t first, std::uint64_t count) {
      return padded_ids(type, file_.stored_ids(night.first_row + first, count).bytes(), type);
    });
    for_each_block(run, [&](const DecisionBlock& block) {
      context_.check_stop();
      const std::vector<std::uint64_t> rows = join.locate(block.ids);
      events_.clear();
      for (std::size_t i = 0; i < rows.size(); ++i)
        add(code, block.first + i, static_cast<Decision>(block.decisions[i]),
            rows[i] == no_row ? no_row : night.first_row + rows[i]);
      if (writer_) writer_->append(events_);
      context_.report().advance(rows.size());
    });
  }

  OutcomesReport finish(const std::vector<std::string>& run_ids) {
    const nlohmann::json provenance{
        {"command", "outcomes"}, {"labels", options_.labels.filename().string()}, {"as_of", options_.as_of}};
    if (writer_) writer_->finish(run_ids, {"hindsight"}, provenance.dump());
    return report_;
  }

 private:
  void add(std::uint32_t run, std::uint64_t row, Decision decision, std::uint64_t label_row) {
    ++report_.decisions;
    if (decision == Decision::blocked) {
      ++report_.answers.blocked;
      return;
    }
    std::optional<KnownLabel> known;
    if (label_row != no_row) known = labels_.at(label_row);
    if (known && (known->label == Label::unknown || known->known_at > options_.as_of)) known.reset();
    if (!known && !skipped_at_) {
      ++report_.unknown;
      return;
    }
    const FeedbackKind kind = known ? kind_of(decision, known->label) : FeedbackKind::skipped;
    ++report_.answers.count[static_cast<int>(decision)][static_cast<int>(kind)];
    events_.push_back({run, row, kind, known ? known->known_at : *skipped_at_, 0, row});
  }

  const OutcomesOptions& options_;
  const RunContext& context_;
  ScenarioFile file_;
  LabelWindow labels_;
  std::optional<FeedbackWriter> writer_;   ///< none in a dry run
  std::optional<UnixSeconds> skipped_at_;  ///< of the run in hand, when its unknown outcomes count as skipped
  std::vector<FeedbackEvent> events_;
  OutcomesReport report_;
};

}  // namespace

OutcomesReport run_outcomes(const OutcomesOptions& options, const RunContext& context) {
  const std::vector<std::unique_ptr<DecisionRun>> runs = open_runs(options.decisions);
  OutcomeWriter writer(options, context);
  std::uint64_t rows = 0;
  for (const auto& run : runs) rows += run->rows();
  context.report().begin("outcomes", rows, "decisions");
  std::vector<std::string> run_ids;
  for (const auto& run : runs) {
    writer.write(*run, static_cast<std::uint32_t>(run_ids.size()));
    run_ids.push_back(run->run_id());
  }
  const OutcomesReport report = writer.finish(run_ids);
  context.report().end();
  return report;
}

nlohmann::json to_json(const OutcomesReport& report) {
  return {{"decisions", report.decisions},
          {"unknown", report.unknown},
          {"events", report.answers.total()},
          {"answers", to_json(report.answers)}};
}

}  // namespace npo
