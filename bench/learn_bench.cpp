// `npo learn` with reading and writing against the same update in vectorised numpy and h5py.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "bench/harness.hpp"
#include "bench/learn_data.hpp"
#include "bench/peer_process.hpp"
#include "host/learn_run.hpp"

namespace {

namespace fs = std::filesystem;
using namespace npo;
using namespace npo::bench;

/// The peer, with the first Python that has numpy and h5py.
std::optional<PeerProcess> start_numpy(const fs::path& folder) {
  for (const char* python : {"python3", "/usr/bin/python3"})
    if (auto peer =
            PeerProcess::start({python, std::string(NPO_BENCH_PEERS) + "/learn_numpy.py", folder.string()}))
      return peer;
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options =
      parse_options(argc, argv, {.n = 10'000'000, .d = 0, .repeat = 3, .json = false, .filter = {}});
  const char* chosen = std::getenv("NPO_BENCH_FOLDER");
  const fs::path folder = fs::path(chosen ? chosen : ".") / "npo-learn-bench";
  fs::remove_all(folder);
  LearnOptions learn;
  learn.decisions = write_learn_data(folder, options.n);
  learn.feedback = {folder / "feedback.h5"};
  learn.state = folder / "state" / "state.h5";
  learn.new_state = true;
  RunContext context;
  context.threads = available_threads();
  context.simd = widest_simd_level();

  Report report(options);
  const std::string name = fmt::format("learn: {:.0e} events, {:.0e} scenarios, {} threads, files included",
                                       static_cast<double>(options.n),
                                       static_cast<double>(options.n / learn_runs), context.threads);
  auto peer = start_numpy(folder);
  if (!peer) report.skip(name, "python3 with numpy and h5py did not start");
  InterleavedRun run(options.repeat);
  const auto ours = run.add_self_timed([&] {
    fs::remove_all(folder / "state");
    fs::create_directories(folder / "state");
    ::sync();  // the peer leaves its file to the page cache; our fsync must not wait for it
    return seconds_of([&] {
      if (run_learn(learn, context).counts.applied != options.n / learn_runs * learn_runs)
        throw std::runtime_error("learn_bench: not every event was applied");
    });
  });
  const auto numpy = run.add_self_timed([&] { return peer ? peer->run() : 1.0; });
  run.measure();
  const double events = static_cast<double>(options.n) * 1e-6;
  report.print({.name = name,
                .ours = rate_of(run.seconds(ours), events),
                .unit = "Mevents/s",
                .peer = "numpy: lexsort, a pass a rank",
                .peer_value = peer ? rate_of(run.seconds(numpy), events) : 0.0,
                .ratio = peer ? ratio_of(run.seconds(numpy), run.seconds(ours)) : Ratio{},
                .goal = 10.0});
  fs::remove_all(folder);
  return 0;
}
