#include "host/operators_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "host/decision_blocks.hpp"
#include "host/truth_file.hpp"
#include "io/column_reader.hpp"
#include "io/feedback_file.hpp"
#include "kernels/error.hpp"
#include "kernels/philox.hpp"
#include "kernels/uniform.hpp"

namespace npo {
namespace {

constexpr std::uint64_t approval_window = 65536;

/// p_s by scenario.
class Truth {
 public:
  explicit Truth(const std::filesystem::path& path)
      : file_(open_truth(path)), id_(file_, "truth/id"), approval_(file_, "truth/approval") {
    const h5::DatasetInfo &id = id_.info(), &approval = approval_.info();
    if (id.type != h5::Type::u64 || id.dims.size() > 2 || approval.type != h5::Type::f32 ||
        approval.dims.size() != 1 || id_.rows() != approval_.rows())
      throw Error(
          ErrorKind::bad_data,
          path.string() + ": truth/id and truth/approval are not a column of uint64 ids and one of float32",
          "use the truth.h5 that npo generate wrote");
  }
  std::uint64_t rows() const { return id_.rows(); }
  IdList ids(std::uint64_t first, std::uint64_t count) const {
    const RowWindow window = id_.read(first, count);
    const auto words = window.as<std::uint64_t>();
    return {static_cast<int>(id_.row_bytes() / 8), {words.begin(), words.end()}};
  }
  float approval(std::uint64_t row) {
    if (row < first_ || row - first_ >= window_.as<float>().size()) {
      first_ = row;
      window_ = approval_.read(row, std::min(approval_window, rows() - row));
    }
    return window_.as<float>()[row - first_];
  }

 private:
  h5::ReadFile file_;
  ColumnReader id_, approval_;
  std::uint64_t first_ = 0;
  RowWindow window_;
};

/// One operator's answer to a decision about a scenario (spec section 8, steps 5 to 8).
class SimulatedOperator {
 public:
  SimulatedOperator(const OperatorsOptions& options, std::uint64_t seed) : options_(options), key_(seed) {}

  FeedbackKind answer(Decision decision, float approval, std::uint64_t entity, std::uint32_t round) const {
    const PhiloxWords look = philox(philox_counter(RandomPurpose::operator_look, entity, round, 0), key_);
    const PhiloxWords words = philox(philox_counter(RandomPurpose::operator_answer, entity, round, 0), key_);
    const bool surfaced = decision == Decision::surfaced;
    if (!happens(look.word[0], surfaced ? options_.look_surfaced : options_.look_withheld))
      return FeedbackKind::skipped;
    const bool wants_action = happens(words.word[0], static_cast<double>(approval));
    const bool right = surfaced == wants_action;
    if (right && happens(words.word[1], options_.neutral_share)) return FeedbackKind::neutral;
    const bool swapped = happens(words.word[2], options_.swap);
    return right != swapped ? FeedbackKind::like : FeedbackKind::override_decision;
  }

 private:
  /// True with the given probability; never for 0, always for 1.
  static bool happens(std::uint32_t word, double probability) {
    return static_cast<double>(uniform_open<lane::Scalar>(word)) < probability;
  }
  const OperatorsOptions& options_;
  PhiloxKey key_;
};

void check_probability(const char* name, double p) {
  if (p >= 0.0 && p <= 1.0) return;
  throw Error(ErrorKind::usage, fmt::format("{} is {}", name, p), "give a probability from 0 to 1");
}

void check(const OperatorsOptions& options) {
  check_probability("look_surfaced", options.look_surfaced);
  check_probability("look_withheld", options.look_withheld);
  check_probability("neutral_share", options.neutral_share);
  check_probability("swap", options.swap);
}

/// The Philox entity of a scenario: an integer id itself, a longer id's hash.
std::uint64_t entity_of(const IdList& ids, std::size_t i) {
  if (ids.width == 1) return *ids.id(i);
  return hash_name({reinterpret_cast<const char*>(ids.id(i)), static_cast<std::size_t>(ids.width) * 8});
}

}  // namespace

OperatorsReport run_operators(const OperatorsOptions& options, const RunContext& context) {
  check(options);
  const std::vector<std::unique_ptr<DecisionRun>> runs = open_runs(options.decisions);
  Truth truth(options.truth);
  const SimulatedOperator person(options, context.seed);
  std::optional<FeedbackWriter> writer;
  if (!context.dry_run) writer.emplace(options.output, context.compression, context.overwrite);
  OperatorsReport report;
  std::vector<std::string> run_ids;
  std::vector<FeedbackEvent> events;
  for (const auto& opened : runs) {
    const DecisionRun& run = *opened;
    const RunIdentity& identity = run.identity();
    IdJoin join(truth.rows(),
                [&](std::uint64_t first, std::uint64_t count) { return truth.ids(first, count); });
    for_each_block(run, [&](const DecisionBlock& block) {
      context.check_stop();
      const std::vector<std::uint64_t> rows = join.locate(block.ids);
      events.clear();
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto decision = static_cast<Decision>(block.decisions[i]);
        if (rows[i] == no_row)
          throw Error(
              ErrorKind::bad_data,
              fmt::format("{}: truth/id lacks the scenario {} of row {} of {}", options.truth.string(),
                          id_text(identity.id, block.ids.id(i)), block.first + i, run.folder().string()),
              "give the truth of the same fleet");
        if (decision == Decision::blocked) {
          ++report.answers.blocked;
          continue;
        }
        const FeedbackKind kind =
            person.answer(decision, truth.approval(rows[i]), entity_of(block.ids, i), identity.round);
        ++report.answers.count[static_cast<int>(decision)][static_cast<int>(kind)];
        events.push_back({static_cast<std::uint32_t>(run_ids.size()), block.first + i, kind,
                          identity.night + options.answer_delay, 0, block.first + i});
      }
      report.decisions += rows.size();
      if (writer) writer->append(events);
    });
    run_ids.push_back(run.run_id());
  }
  if (writer)
    writer->finish(run_ids, {"operators"},
                   nlohmann::json{{"command", "operators"}, {"seed", context.seed}}.dump());
  return report;
}

nlohmann::json to_json(const OperatorsReport& report) {
  return {{"decisions", report.decisions},
          {"events", report.answers.total()},
          {"answers", to_json(report.answers)}};
}

}  // namespace npo
