#include "host/digest_run.hpp"

#include <fmt/format.h>

#include "host/file_kind.hpp"
#include "host/policy.hpp"
#include "io/model_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

Digest digest_of(const std::filesystem::path& path) {
  const FileKind kind = file_kind(path);
  switch (kind) {
    case FileKind::model:
      return model_digest(read_model(path));
    case FileKind::policy:
      return policy_digest(read_policy(path));
    default:
      throw Error(ErrorKind::usage,
                  fmt::format("{}: {} have no content digest", path.string(), name_of(kind)));
  }
}

}  // namespace

std::vector<PathDigest> digest_run(const std::vector<std::filesystem::path>& paths,
                                   const RunContext& context) {
  std::vector<PathDigest> digests;
  context.report().begin("digest", paths.size(), "files");
  for (const auto& path : paths) {
    context.check_stop();
    digests.push_back({path, digest_of(path)});
    context.report().advance(1);
  }
  context.report().end();
  return digests;
}

}  // namespace npo
