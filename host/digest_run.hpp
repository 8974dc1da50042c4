#pragma once
#include <filesystem>
#include <vector>

#include "host/run_context.hpp"
#include "io/digest.hpp"

namespace npo {

struct PathDigest {
  std::filesystem::path path;
  Digest digest;
};

/// The content digest of each of our files and folders: the same whatever shards, threads, chunks or
/// compression made it.
std::vector<PathDigest> digest_run(const std::vector<std::filesystem::path>& paths,
                                   const RunContext& context);

}  // namespace npo
