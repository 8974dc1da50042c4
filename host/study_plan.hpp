#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host/study_file.hpp"

/// How a study is cut into work. Nothing here changes a result: tallies add up to the same integers however
/// replicates were cut.
namespace npo {

/// Part `index` of `count` of a study, index from 0.
struct StudyShard {
  std::uint64_t index = 0, count = 1;
  /// As people write it, from 1: "2/4".
  std::string text() const;
  /// Error(usage) for anything but i/n with 1 <= i <= n.
  static StudyShard parse(const std::string& text);
  /// From Slurm's array variables; the whole study without them.
  static StudyShard from_environment();
};

/// Points that are simulated block by block together: one point, or a baseline point followed by those that
/// are compared with it.
struct PointGroup {
  std::vector<std::uint64_t> points;
};
std::vector<PointGroup> point_groups(const Study& study);

/// Replicates [first, last) of the groups named, cut into units (one group, one block of replicates), units
/// into pieces. A piece is what is written down at once: some seconds of one core's work.
class StudyRound {
 public:
  /// `cut` takes part `index` of `count` of the units; {0, 1} takes all.
  StudyRound(const Study& study, const std::vector<PointGroup>& groups, std::vector<std::size_t> active,
             std::uint64_t first, std::uint64_t last, StudyShard cut);

  struct Unit {
    std::size_t group;
    std::uint64_t first;
    std::size_t count;
  };
  std::uint64_t units() const { return end_ - begin_; }
  Unit unit(std::uint64_t number) const;
  std::uint64_t pieces() const { return (units() + piece_units_ - 1) / piece_units_; }
  std::uint64_t piece_of(std::uint64_t unit) const { return unit / piece_units_; }
  /// Units [first, last) of a piece.
  std::uint64_t first_unit(std::uint64_t piece) const { return piece * piece_units_; }
  std::uint64_t last_unit(std::uint64_t piece) const;
  /// Replicates of one group in this round and cut, [first, last); equal where there are none.
  std::pair<std::uint64_t, std::uint64_t> replicates_of(std::size_t group) const;
  /// Pieces that hold replicates of a group, in order.
  std::vector<std::uint64_t> pieces_of(std::size_t group) const;

 private:
  /// The group's units, numbered as in `unit`, [first, last).
  std::pair<std::uint64_t, std::uint64_t> units_of(std::size_t group) const;

  std::vector<std::size_t> active_;
  std::uint64_t first_, last_, block_, blocks_, begin_, end_, piece_units_;
};

/// Replicates after which precision is looked at for the first time.
inline constexpr std::uint64_t first_look = 1024;

}  // namespace npo
