#include "host/learn_partitions.hpp"

#include <algorithm>
#include <numeric>

#include "host/run_context.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

bool less(const std::uint64_t* a, const std::uint64_t* b, int width) {
  return std::lexicographical_compare(a, a + width, b, b + width);
}

bool equal(const std::uint64_t* a, const std::uint64_t* b, int width) {
  return std::equal(a, a + width, b);
}

IdList read_ids(const DecisionRun& run, std::uint64_t first, std::uint64_t count, IdType id) {
  DecisionRun::Want want;
  want.ids = true;
  return padded_ids(run.identity().id, run.read(first, count, want).ids, id);
}

/// Every `step`-th id of a run: entry k is the id of row k * step.
IdList sample_ids(const DecisionRun& run, std::uint64_t step, IdType id) {
  IdList samples{id.words(), {}};
  for (std::uint64_t row = 0; row < run.rows(); row += step)
    samples.push_back(read_ids(run, row, 1, id).id(0));
  return samples;
}

/// Indices of `ids` in ascending order of id.
std::vector<std::size_t> sorted_order(const IdList& ids) {
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order,
                    [&](std::size_t a, std::size_t b) { return less(ids.id(a), ids.id(b), ids.width); });
  return order;
}

/// Ids at which as many samples have passed as there are runs, which is a step of rows a run on average.
IdList choose_splitters(const std::vector<IdList>& samples, const IdList& shard_starts, int width) {
  IdList all{width, {}};
  for (const IdList& run : samples) all.words.insert(all.words.end(), run.words.begin(), run.words.end());
  IdList chosen{width, {}};
  std::size_t passed = 0;
  const std::vector<std::size_t> order = sorted_order(all);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint64_t* id = all.id(order[i]);
    ++passed;
    const bool last_of_equals = i + 1 == order.size() || !equal(id, all.id(order[i + 1]), width);
    if (passed < samples.size() || !last_of_equals) continue;
    chosen.push_back(id);
    passed = 0;
  }
  for (std::size_t i = 1; i < shard_starts.size(); ++i) chosen.push_back(shard_starts.id(i));
  IdList splitters{width, {}};
  for (const std::size_t i : sorted_order(chosen))
    if (splitters.size() == 0 || !equal(splitters.id(splitters.size() - 1), chosen.id(i), width))
      splitters.push_back(chosen.id(i));
  return splitters;
}

/// First row of a run whose id is not less than a splitter, for every splitter; the samples bracket each
/// search.
std::vector<std::uint64_t> cut_run(const DecisionRun& run, const IdList& samples, std::uint64_t step,
                                   const IdList& splitters, IdType id) {
  std::vector<std::uint64_t> cuts{0};
  IdList block{splitters.width, {}};
  std::uint64_t block_first = run.rows();
  for (std::size_t j = 0; j < splitters.size(); ++j) {
    const std::size_t k = lower_bound_id(samples.view(), splitters.view(), j);
    if (k == 0 || (k < samples.size() && equal(samples.id(k), splitters.id(j), splitters.width))) {
      cuts.push_back(k * step);
      continue;
    }
    const std::uint64_t first = (k - 1) * step;
    if (block_first != first) {
      block = read_ids(run, first, std::min(step, run.rows() - first), id);
      block_first = first;
    }
    cuts.push_back(first + lower_bound_id(block.view(), splitters.view(), j));
  }
  cuts.push_back(run.rows());
  return cuts;
}

std::vector<std::uint32_t> segments_of(const IdList& splitters, const IdList& shard_starts) {
  std::vector<std::uint32_t> segment{0};
  std::size_t passed = 1;
  for (std::size_t j = 0; j < splitters.size(); ++j) {
    while (passed < shard_starts.size() && !less(splitters.id(j), shard_starts.id(passed), splitters.width))
      ++passed;
    segment.push_back(static_cast<std::uint32_t>(passed - 1));
  }
  return segment;
}

}  // namespace

LearnPartitions cut_partitions(const LearnInputs& inputs, const IdList& shard_starts,
                               std::uint64_t partition_rows, int threads) {
  std::vector<std::size_t> named;
  for (std::size_t r = 0; r < inputs.runs.size(); ++r)
    if (inputs.runs[r].named) named.push_back(r);
  const std::uint64_t tiles = partition_rows / std::max<std::size_t>(1, named.size()) / tile_rows;
  const std::uint64_t step = partition_rows < tile_rows ? std::max<std::uint64_t>(1, partition_rows)
                                                        : std::max<std::uint64_t>(1, tiles) * tile_rows;
  std::vector<IdList> samples(named.size());
  parallel_for(threads, named.size(), [&](std::uint64_t i) {
    samples[i] = sample_ids(*inputs.runs[named[i]].decisions, step, inputs.id);
  });
  LearnPartitions partitions;
  partitions.splitters = choose_splitters(samples, shard_starts, inputs.id.words());
  partitions.segment = segments_of(partitions.splitters, shard_starts);
  partitions.cuts.assign(inputs.runs.size(), std::vector<std::uint64_t>(partitions.size() + 1, 0));
  parallel_for(threads, named.size(), [&](std::uint64_t i) {
    partitions.cuts[named[i]] =
        cut_run(*inputs.runs[named[i]].decisions, samples[i], step, partitions.splitters, inputs.id);
  });
  return partitions;
}

}  // namespace npo
