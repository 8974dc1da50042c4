#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "io/csv/byte_source.hpp"

namespace npo::csv {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t blocks_ahead = 4;

class ReadAhead final : public ByteSource {
 public:
  explicit ReadAhead(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), reader_([this] { fill(); }) {}
  ~ReadAhead() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    reader_.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  std::uint64_t bytes_taken() const override { return taken_.load(std::memory_order_relaxed); }

  std::size_t read(std::span<char> out) override {
    if (given_ == current_.size() && !take_block()) return 0;
    const std::size_t count = std::min(out.size(), current_.size() - given_);
    std::memcpy(out.data(), current_.data() + given_, count);
    given_ += count;
    return count;
  }

 private:
  bool take_block() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || ended_; });
    if (ready_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return false;
    }
    current_ = std::move(ready_.front());
    ready_.pop_front();
    given_ = 0;
    lock.unlock();
    changed_.notify_all();
    return true;
  }

  void fill() {
    try {
      while (read_block()) {
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
  }

  bool read_block() {
    std::vector<char> block(block_bytes);
    std::size_t filled = 0;
    while (filled < block.size()) {
      const std::size_t came = source_->read({block.data() + filled, block.size() - filled});
      if (came == 0) break;
      filled += came;
    }
    taken_.store(source_->bytes_taken(), std::memory_order_relaxed);
    block.resize(filled);
    if (filled == 0) return false;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_.size() < blocks_ahead || stop_; });
    if (stop_) return false;
    ready_.push_back(std::move(block));
    lock.unlock();
    changed_.notify_all();
    return true;
  }

  std::unique_ptr<ByteSource> source_;
  std::vector<char> current_;
  std::size_t given_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<char>> ready_;
  bool ended_ = false, stop_ = false;
  std::exception_ptr failure_;
  std::atomic<std::uint64_t> taken_{0};
  std::thread reader_;
};

}  // namespace

std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source) {
  return std::make_unique<ReadAhead>(std::move(source));
}

}  // namespace npo::csv
