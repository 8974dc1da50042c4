#include "io/external_sort.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <optional>
#include <vector>

#include "io/sort_block.hpp"
#include "io/sort_merge.hpp"
#include "io/spill_file.hpp"

namespace npo {
namespace {

constexpr std::size_t blocks_in_memory = 4;
constexpr std::size_t least_read_bytes = std::size_t{64} << 10;
constexpr std::size_t write_bytes = std::size_t{1} << 20;

/// A block and, where it is full, the sorting of it.
struct Sealed {
  std::unique_ptr<SortBlock> block;
  std::future<void> sorted;
};

/// Records in order at a place of the file.
struct SpilledRun {
  std::uint64_t offset, records;
};

}  // namespace

struct ExternalSort::Impl {
  explicit Impl(const SortOptions& given) : options(given) {}

  SortOptions options;
  std::unique_ptr<SortBlock> filling;
  std::deque<Sealed> sealed;
  std::optional<SpillFile> file;
  std::vector<SpilledRun> runs;
  std::uint64_t records = 0;
  bool complete = false;
  std::optional<SortMerge> merge;

  std::unique_ptr<SortBlock> empty_block() {
    if (sealed.size() + 1 >= blocks_in_memory) return spill_oldest();
    const std::size_t share =
        options.budget_bytes / blocks_in_memory / SortBlock::footprint(options.record_bytes);
    const std::size_t capacity = std::clamp<std::size_t>(share, 1, 0xffffffffu);
    return std::make_unique<SortBlock>(options.record_bytes, options.key_bytes, capacity);
  }

  void seal() {
    if (!filling) return;
    SortBlock* block = filling.get();
    const auto policy = options.threads > 1 ? std::launch::async : std::launch::deferred;
    sealed.push_back({std::move(filling), std::async(policy, [block] { block->sort(); })});
  }

  /// Writes the oldest sorted block to the file and returns it, empty.
  std::unique_ptr<SortBlock> spill_oldest() {
    Sealed oldest = std::move(sealed.front());
    sealed.pop_front();
    oldest.sorted.get();
    spill(*run_of(*oldest.block));
    oldest.block->clear();
    return std::move(oldest.block);
  }

  template <class Run>
  void spill(Run&& run) {
    if (!file) file.emplace(options.folder);
    SpilledRun spilled{file->bytes(), 0};
    std::vector<std::byte> buffer;
    buffer.reserve(write_bytes + options.record_bytes);
    while (const std::byte* record = run.next()) {
      buffer.insert(buffer.end(), record, record + options.record_bytes);
      ++spilled.records;
      if (buffer.size() >= write_bytes) {
        file->append(buffer);
        buffer.clear();
      }
    }
    file->append(buffer);
    runs.push_back(spilled);
  }

  SortMerge merge_of_runs(std::size_t first, std::size_t count) const {
    std::vector<std::unique_ptr<SortedRun>> sources;
    for (std::size_t i = first; i < first + count; ++i)
      sources.push_back(
          run_of(*file, runs[i].offset, runs[i].records, options.record_bytes, options.budget_bytes / count));
    return SortMerge(std::move(sources), options.key_bytes);
  }

  /// Merges neighbouring runs until one merge can read all of them in large pieces.
  void reduce_runs() {
    const std::size_t most =
        std::max<std::size_t>(2, options.budget_bytes / std::max(options.record_bytes, least_read_bytes));
    while (runs.size() > most) {
      const std::size_t before = runs.size();
      for (std::size_t first = 0; first < before; first += most) {
        const std::size_t count = std::min(most, before - first);
        spill(merge_of_runs(first, count));
        for (std::size_t i = first; i < first + count; ++i)
          file->release(runs[i].offset, runs[i].records * options.record_bytes);
      }
      runs.erase(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(before));
    }
  }

  void complete_input() {
    seal();
    complete = true;
    if (!file) {
      for (auto& one : sealed) one.sorted.get();
      return;
    }
    while (!sealed.empty()) spill_oldest();
    reduce_runs();
  }

  SortMerge merge_of_blocks() const {
    std::vector<std::unique_ptr<SortedRun>> sources;
    for (const auto& one : sealed) sources.push_back(run_of(*one.block));
    return SortMerge(std::move(sources), options.key_bytes);
  }
};

ExternalSort::ExternalSort(const SortOptions& options) : impl_(std::make_unique<Impl>(options)) {}
ExternalSort::~ExternalSort() = default;
ExternalSort::ExternalSort(ExternalSort&&) noexcept = default;
ExternalSort& ExternalSort::operator=(ExternalSort&&) noexcept = default;

std::byte* ExternalSort::add() {
  if (impl_->filling && impl_->filling->full()) impl_->seal();
  if (!impl_->filling) impl_->filling = impl_->empty_block();
  ++impl_->records;
  return impl_->filling->add();
}

std::uint64_t ExternalSort::records() const {
  return impl_->records;
}
std::uint64_t ExternalSort::spilled_bytes() const {
  return impl_->file ? impl_->file->bytes() : 0;
}

void ExternalSort::rewind() {
  if (!impl_->complete) impl_->complete_input();
  impl_->merge.reset();
  impl_->merge.emplace(impl_->file ? impl_->merge_of_runs(0, impl_->runs.size()) : impl_->merge_of_blocks());
}

const std::byte* ExternalSort::next() {
  return impl_->merge->next();
}

}  // namespace npo
