#include "io/sort_merge.hpp"

#include <algorithm>

namespace npo {
namespace {

class BlockRun final : public SortedRun {
 public:
  explicit BlockRun(const SortBlock& block) : block_(block) {}
  const std::byte* next() override { return rank_ < block_.count() ? block_.sorted(rank_++) : nullptr; }

 private:
  const SortBlock& block_;
  std::size_t rank_ = 0;
};

class FileRun final : public SortedRun {
 public:
  FileRun(const SpillFile& file, std::uint64_t offset, std::uint64_t count, std::size_t record_bytes,
          std::size_t buffer_bytes)
      : file_(file), offset_(offset), left_(count), record_bytes_(record_bytes) {
    const auto records =
        std::min<std::uint64_t>(std::max<std::size_t>(1, buffer_bytes / record_bytes), count);
    buffer_.resize(static_cast<std::size_t>(records) * record_bytes);
    at_ = end_ = buffer_.size();
  }

  const std::byte* next() override {
    if (at_ == end_ && !refill()) return nullptr;
    const std::byte* record = buffer_.data() + at_;
    at_ += record_bytes_;
    return record;
  }

 private:
  bool refill() {
    if (left_ == 0) return false;
    const std::uint64_t records = std::min<std::uint64_t>(left_, buffer_.size() / record_bytes_);
    end_ = static_cast<std::size_t>(records) * record_bytes_;
    file_.read(offset_, {buffer_.data(), end_});
    offset_ += end_;
    left_ -= records;
    at_ = 0;
    return true;
  }

  const SpillFile& file_;
  std::uint64_t offset_, left_;
  std::size_t record_bytes_;
  std::vector<std::byte> buffer_;
  std::size_t at_ = 0, end_ = 0;
};

}  // namespace

std::unique_ptr<SortedRun> run_of(const SortBlock& block) {
  return std::make_unique<BlockRun>(block);
}

std::unique_ptr<SortedRun> run_of(const SpillFile& file, std::uint64_t offset, std::uint64_t count,
                                  std::size_t record_bytes, std::size_t buffer_bytes) {
  return std::make_unique<FileRun>(file, offset, count, record_bytes, buffer_bytes);
}

SortMerge::SortMerge(std::vector<std::unique_ptr<SortedRun>> runs, std::size_t key_bytes)
    : runs_(std::move(runs)), key_bytes_(key_bytes) {
  for (std::size_t i = 0; i < runs_.size(); ++i)
    if (const std::byte* record = runs_[i]->next())
      heap_.push_back({key_prefix(record, key_bytes_), record, i});
  std::sort(heap_.begin(), heap_.end(), [&](const Head& a, const Head& b) { return before(a, b); });
}

bool SortMerge::before(const Head& a, const Head& b) const {
  const int order = compare_keys(a.prefix, a.record, b.prefix, b.record, key_bytes_);
  return order != 0 ? order < 0 : a.run < b.run;
}

const std::byte* SortMerge::next() {
  if (taken_ && !heap_.empty()) {
    Head& head = heap_.front();
    head.record = runs_[head.run]->next();
    if (head.record) {
      head.prefix = key_prefix(head.record, key_bytes_);
    } else {
      heap_.front() = heap_.back();
      heap_.pop_back();
    }
    sink();
  }
  taken_ = true;
  return heap_.empty() ? nullptr : heap_.front().record;
}

/// Moves the first head down to its place.
void SortMerge::sink() {
  std::size_t at = 0;
  for (;;) {
    std::size_t least = 2 * at + 1;
    if (least >= heap_.size()) return;
    if (least + 1 < heap_.size() && before(heap_[least + 1], heap_[least])) ++least;
    if (!before(heap_[least], heap_[at])) return;
    std::swap(heap_[least], heap_[at]);
    at = least;
  }
}

}  // namespace npo
