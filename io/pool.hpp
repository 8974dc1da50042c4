#pragma once
#include <mutex>
#include <utility>
#include <vector>

/// Work areas for any number of threads, each made once and used again.
namespace npo {

template <class T>
class Pool {
 public:
  /// An idle T, or a new one from `make()`, given back when the lease dies.
  class Lease {
   public:
    Lease(Pool& pool, T value) : pool_(pool), value_(std::move(value)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      const std::lock_guard lock(pool_.mutex_);
      pool_.idle_.push_back(std::move(value_));
    }
    T* operator->() { return &value_; }
    T& operator*() { return value_; }

   private:
    Pool& pool_;
    T value_;
  };

  template <class Make>
  Lease borrow(Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        T value = std::move(idle_.back());
        idle_.pop_back();
        return Lease(*this, std::move(value));
      }
    }
    return Lease(*this, make());
  }

 private:
  std::mutex mutex_;
  std::vector<T> idle_;
};

}  // namespace npo
