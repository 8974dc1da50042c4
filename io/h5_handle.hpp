#pragma once
#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

/// Private to io/: owned HDF5 identifiers, the lock around the library, and what the library says when a call
/// fails.
namespace npo::h5 {

/// Held around every HDF5 call: the library's objects are shared by all threads. Also keeps the library from
/// printing.
class LibraryLock {
 public:
  LibraryLock();

 private:
  std::lock_guard<std::recursive_mutex> lock_;
};

/// The cause of the last failed call on this thread, as the library recorded it.
struct Cause {
  std::string
      text;  ///< the operating system's message when there is one, else the innermost complaint; may be empty
  bool system = false;  ///< the operating system refused: a full disk, a permission, an I/O error
};
Cause take_cause();

/// One owned identifier. Destruction closes it and ignores failure; close() reports it.
class Handle {
 public:
  using Closer = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  ~Handle() { close(); }

  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  /// Gives the identifier up without closing it.
  hid_t release() { return std::exchange(id_, -1); }
  /// False when the library reports a failure; closing twice is harmless.
  bool close();

 private:
  hid_t id_ = -1;
  Closer closer_ = nullptr;
};

}  // namespace npo::h5
