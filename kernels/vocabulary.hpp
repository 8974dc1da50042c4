#pragma once
#include <cstddef>
#include <cstdint>

/// The words of the field as types: what a decision is, what an operator can answer (spec sections 1 and 3).
namespace npo {

/// Version of the numeric contract: it changes whenever any result may change in a bit. Stored in every
/// output; a resume across versions is refused.
inline constexpr int numeric_contract_version = 4;

/// Rows of one tile, the unit of digests and of ordered float sums. Shards hold whole tiles.
inline constexpr std::size_t tile_rows = 4096;

inline constexpr int max_arms = 32;
inline constexpr int max_rules =
    63;  ///< guardrail rules of a policy; bit 63 of a mask means "non-finite feature"
inline constexpr int nan_bit = 63;
inline constexpr std::uint32_t nan_score_bits = 0x7fc00000u;  ///< the one NaN a score may be (nan = block)
inline constexpr int max_features = 4096;
inline constexpr std::size_t max_id_bytes = 64;

/// What the engine decided about a scenario. Values are stored in files.
enum class Decision : std::uint8_t { withheld = 0, surfaced = 1, blocked = 2 };
inline constexpr int decision_count = 3;

/// What the operator did. Values are stored in files. `retract` takes back the event of the same decision and
/// source.
enum class FeedbackKind : std::uint8_t {
  override_decision = 0,
  like = 1,
  neutral = 2,
  skipped = 3,
  retract = 4
};
inline constexpr int answer_count = 4;  ///< kinds that are answers, that is all but `retract`
inline constexpr int kind_count = 5;

/// Labels of what really happened. Values are stored in files.
enum class Label : std::uint8_t { no = 0, yes = 1, unknown = 255 };

/// Code of a fleet within one file; files are joined by fleet name, never by code.
enum class FleetCode : std::uint32_t {};

/// Seconds since 1970-01-01T00:00:00Z.
using UnixSeconds = std::int64_t;
inline constexpr UnixSeconds seconds_per_day = 86400;

/// The value of a carried correction that means "this scenario was never updated". Finite, so that no NaN
/// travels.
inline constexpr float no_correction = 1e30f;

/// How learned scores meet new features (spec section 2).
enum class Carry : std::uint8_t { offset = 0, keep = 1, reset = 2 };

/// One guardrail over a column of features or the score: hit iff (lo <= x <= hi) != negate. Both ends are
/// inclusive; strict comparisons are turned into the neighbouring float when the policy is compiled.
struct IntervalRule {
  std::uint32_t column;  ///< feature column, or `score_column`
  float lo, hi;
  bool negate;
  std::uint8_t bit;  ///< 0..62, the rule's position in the policy
};
inline constexpr std::uint32_t score_column = 0xffffffffu;

}  // namespace npo
