#include "kernels/study_run.hpp"

#include <string>

#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(const std::string& problem) {
  throw Error(ErrorKind::internal, "study: " + problem, "report this as a bug");
}

}  // namespace

void check_replicates(StudySeed seed, ReplicateRange replicates) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 40;
  if (replicates.count == 0 || replicates.count > max_block_replicates)
    refuse("a block of " + std::to_string(replicates.count) + " replicates");
  if (replicates.first > limit || replicates.first + replicates.count > limit)
    refuse("replicates from " + std::to_string(replicates.first) + " reach past 2^40");
  if (seed.stream >= 1u << 24) refuse("stream " + std::to_string(seed.stream) + " is past 2^24");
}

void check_checkpoints(std::span<const std::uint32_t> checkpoints, std::uint32_t horizon) {
  if (checkpoints.empty()) refuse("no checkpoint");
  std::uint32_t before = 0;
  for (const std::uint32_t checkpoint : checkpoints) {
    if (checkpoint <= before || checkpoint > horizon) {
      refuse("checkpoint " + std::to_string(checkpoint) + " after " + std::to_string(before) +
             " at a horizon of " + std::to_string(horizon));
    }
    before = checkpoint;
  }
}

void require_level(SimdLevel level) {
  if (supports(level)) return;
  throw Error(ErrorKind::usage, "this machine cannot run " + std::string(name_of(level)), "use --simd auto");
}

}  // namespace npo
