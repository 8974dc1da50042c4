#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "io/atomic_file.hpp"
#include "io/feedback_columns.hpp"
#include "io/feedback_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::size_t written_events = 4 * tile_rows;

h5::ColumnSpec name_table(const char* name, const char* long_name) {
  return {.name = name, .type = h5::Type::text, .long_name = long_name};
}

}  // namespace

struct FeedbackWriter::Impl {
  Impl(const std::filesystem::path& path, h5::Compression compression, bool overwrite)
      : target(path, overwrite) {
    target.attempt([&](const std::filesystem::path& temporary) { create(temporary, compression); });
  }

  void create(const std::filesystem::path& temporary, h5::Compression compression) {
    file.emplace(temporary, compression);
    file->format(feedback_format_name, feedback_format_version);
    for (const FeedbackColumn& column : feedback_columns()) {
      file->create_growing(column.spec);
      digests.emplace_back(h5::size_of(column.spec.type));
    }
    for (const FeedbackColumn& column : feedback_columns())
      if (column.spec.name != "events/id") file->attach_scale(column.spec.name, 0, "events/id");
  }

  /// Appends a few events, column by column.
  void append_piece(std::span<const FeedbackEvent> events) {
    for (std::size_t i = 0; i < feedback_columns().size(); ++i) {
      const FeedbackColumn& column = feedback_columns()[i];
      const std::size_t bytes = h5::size_of(column.spec.type);
      values.resize(events.size() * bytes);
      for (std::size_t row = 0; row < events.size(); ++row)
        column.field(events[row], values.data() + row * bytes);
      file->append(column.spec.name, values);
      digests[i].add(values);
    }
  }

  /// Reads all columns back from the closed file.
  void verify(const std::filesystem::path& temporary) {
    const h5::ReadFile written(temporary);
    for (std::size_t i = 0; i < feedback_columns().size(); ++i) {
      const h5::ColumnSpec& spec = feedback_columns()[i].spec;
      const ColumnReader reader(written, spec.name);
      ColumnDigest digest(h5::size_of(spec.type));
      for (std::uint64_t first = 0; first < reader.rows(); first += written_events)
        digest.add(
            reader.read(first, std::min<std::uint64_t>(written_events, reader.rows() - first)).bytes());
      if (digest.finish() != digests[i].finish())
        throw Error(
            ErrorKind::environment,
            fmt::format("{}: {} reads back differently from what was written", temporary.string(), spec.name),
            "check the disk and run the same command again");
    }
  }

  AtomicFile target;
  std::optional<h5::WriteFile> file;
  std::vector<ColumnDigest> digests;
  std::vector<std::byte> values;
};

FeedbackWriter::FeedbackWriter(const std::filesystem::path& path, h5::Compression compression, bool overwrite)
    : impl_(std::make_unique<Impl>(path, compression, overwrite)) {}

FeedbackWriter::~FeedbackWriter() = default;

void FeedbackWriter::append(std::span<const FeedbackEvent> events) {
  for (; !events.empty(); events = events.subspan(std::min(written_events, events.size())))
    impl_->target.attempt([&](const std::filesystem::path&) {
      impl_->append_piece(events.first(std::min(written_events, events.size())));
    });
}

void FeedbackWriter::finish(const std::vector<std::string>& runs, const std::vector<std::string>& sources,
                            const std::string& provenance) {
  impl_->target.attempt([&](const std::filesystem::path& temporary) {
    impl_->file->attribute("provenance", provenance);
    impl_->file->text_column(name_table("runs/name", "run id by code"), runs);
    impl_->file->text_column(name_table("sources/name", "source of feedback by code"), sources);
    impl_->file->close();
    impl_->verify(temporary);
  });
  impl_->target.commit();
}

}  // namespace npo
