#include "host/decision_blocks.hpp"

#include <algorithm>
#include <tuple>

#include "kernels/error.hpp"

namespace npo {

std::vector<std::unique_ptr<DecisionRun>> open_runs(const std::vector<std::filesystem::path>& folders) {
  if (folders.empty())
    throw Error(ErrorKind::usage, "no decisions are given", "name the folders of the runs");
  std::vector<std::unique_ptr<DecisionRun>> runs;
  for (const auto& folder : folders) runs.push_back(std::make_unique<DecisionRun>(folder));
  std::ranges::sort(runs, [](const auto& a, const auto& b) {
    const RunIdentity &x = a->identity(), &y = b->identity();
    return std::tie(x.round, x.night, a->run_id()) < std::tie(y.round, y.night, b->run_id());
  });
  for (std::size_t i = 1; i < runs.size(); ++i)
    if (runs[i - 1]->run_id() == runs[i]->run_id())
      throw Error(ErrorKind::usage,
                  runs[i - 1]->folder().string() + " and " + runs[i]->folder().string() +
                      " hold the same run " + runs[i]->run_id(),
                  "give each run once");
  return runs;
}

}  // namespace npo
