#include "io/feedback_columns.hpp"

#include <cstring>

#include "io/h5_types.hpp"

namespace npo {
namespace {

/// The stored type of a field: kinds are stored as their codes.
template <class T>
struct StoredAs {
  using Type = T;
};
template <>
struct StoredAs<FeedbackKind> {
  using Type = std::uint8_t;
};

template <auto Member>
FeedbackColumn column(const char* name, RowWindow FeedbackFile::Columns::*window, const char* long_name,
                      const char* units = "") {
  using T = typename StoredAs<std::decay_t<decltype(FeedbackEvent{}.*Member)>>::Type;
  FeedbackColumn made{{}, window, [](const FeedbackEvent& event, std::byte* out) {
                        const auto value = static_cast<T>(event.*Member);
                        std::memcpy(out, &value, sizeof value);
                      }};
  made.spec.name = name;
  made.spec.type = h5::type_for<T>();
  made.spec.units = std::string(units);
  made.spec.long_name = std::string(long_name);
  return made;
}

std::array<FeedbackColumn, feedback_column_count> make_columns() {
  using Columns = FeedbackFile::Columns;
  std::array<FeedbackColumn, feedback_column_count> columns{
      column<&FeedbackEvent::run>("events/run", &Columns::run, "row of runs/name"),
      column<&FeedbackEvent::row>("events/row", &Columns::row, "row of the run"),
      column<&FeedbackEvent::kind>("events/kind", &Columns::kind, "what the operator did"),
      column<&FeedbackEvent::time>("events/time", &Columns::time,
                                   "when the answer was given, or the outcome known",
                                   "seconds since 1970-01-01T00:00:00Z"),
      column<&FeedbackEvent::source>("events/source", &Columns::source, "row of sources/name"),
      column<&FeedbackEvent::event_id>("events/id", &Columns::id, "event id")};
  columns[2].spec.flags = {{0, "override"}, {1, "like"}, {2, "neutral"}, {3, "skipped"}, {4, "retract"}};
  return columns;
}

}  // namespace

const std::array<FeedbackColumn, feedback_column_count>& feedback_columns() {
  static const auto columns = make_columns();
  return columns;
}

}  // namespace npo
