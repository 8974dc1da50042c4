#include "host/horizon_label.hpp"

#include <algorithm>

namespace npo {

Label HorizonLabeller::operator()(const ImportRow& row) {
  if (row.id != std::string_view(id_.data(), id_bytes_)) {
    std::copy(row.id.begin(), row.id.end(), id_.begin());
    id_bytes_ = row.id.size();
    last_seen_ = row.time;
    next_event_.reset();
    next_unknown_.reset();
  }
  if (row.label == Label::yes) next_event_ = row.time;
  if (row.label == Label::unknown) next_unknown_ = row.time;
  const UnixSeconds end = row.time + horizon_;
  if (next_event_ && *next_event_ <= end) return Label::yes;
  if (next_unknown_ && *next_unknown_ <= end) return Label::unknown;
  return last_seen_ >= end ? Label::no : Label::unknown;
}

}  // namespace npo
