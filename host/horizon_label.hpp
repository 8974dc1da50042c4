#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "host/import_record.hpp"

namespace npo {

/// Labels from events (spec section 3): 1 iff the scenario has an event in [t, t + horizon]; 0 only if it has
/// none there and is still seen at t + horizon or later; else unknown. A row whose event is unknown makes the
/// labels unknown that a zero there would have made 0.
class HorizonLabeller {
 public:
  explicit HorizonLabeller(std::int64_t horizon) : horizon_(horizon) {}
  /// The label of a row. Rows must come by id, the latest first, of one time events first, then unknown ones.
  Label operator()(const ImportRow& row);

 private:
  std::int64_t horizon_;
  std::array<char, max_id_bytes> id_{};
  std::size_t id_bytes_ = 0;
  UnixSeconds last_seen_ = 0;
  std::optional<UnixSeconds> next_event_, next_unknown_;
};

}  // namespace npo
