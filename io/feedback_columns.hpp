#pragma once
#include <array>
#include <cstddef>
#include <string>

#include "io/feedback_file.hpp"

/// Private to the feedback file: its columns, each named once for writing, reading and digests.
namespace npo {

inline constexpr const char* feedback_format_name = "npo.feedback";
inline constexpr std::size_t feedback_column_count = 6;

/// The columns as they are stored. `field` copies one event's value to `out`.
struct FeedbackColumn {
  h5::ColumnSpec spec;
  RowWindow FeedbackFile::Columns::*window;
  void (*field)(const FeedbackEvent& event, std::byte* out);
};
/// In the order of their digests.
const std::array<FeedbackColumn, feedback_column_count>& feedback_columns();

}  // namespace npo
