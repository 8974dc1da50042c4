#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "io/h5_file.hpp"

/// The folder in which a study that is being computed keeps what is done: OUTPUT.parts/ holds study.json
/// (what is computed), piece files, each whole or absent, and a journal with one checksummed line a piece.
/// It goes away when the study is complete.
namespace npo {

/// Integer sums of one point in a file (kernels/study_tally.hpp): 19 words and 1025 bins a cell.
struct TallyRows {
  std::uint64_t point = 0, replicates = 0;
  std::vector<std::int64_t> words = {};
  std::vector<std::uint32_t> bins = {};
};
inline constexpr std::size_t tally_cell_words = 19, tally_cell_bins = 1025;

/// Which piece of work: its round and its number in it.
struct PieceName {
  std::uint64_t round = 0, piece = 0;
  auto operator<=>(const PieceName&) const = default;
};

class StudyPieces {
 public:
  /// Makes the folder beside `output`, or goes on in it. `identity` is the JSON of everything a resume must
  /// agree with. Error(environment) when the folder holds a run and neither `resume` nor `overwrite` is set;
  /// Error(usage) naming the field that differs.
  StudyPieces(const std::filesystem::path& output, const nlohmann::json& identity,
              h5::Compression compression, bool overwrite, bool resume);
  ~StudyPieces();

  /// Pieces taken over from an interrupted run.
  std::size_t reused() const;
  bool done(PieceName name) const;
  /// Writes a piece under a temporary name, reads it back, renames it and records it. Thread-safe.
  void write(PieceName name, const std::vector<TallyRows>& tallies);
  /// Calls `visit` for every point of a piece, in the order they were written.
  void read(PieceName name, const std::function<void(const TallyRows&)>& visit) const;
  /// One point of a piece.
  TallyRows read_point(PieceName name, std::uint64_t point) const;
  /// Removes the folder: the study is complete, or cannot be completed.
  void remove();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The folder of an output.
std::filesystem::path study_pieces_folder(const std::filesystem::path& output);

/// The first leaf in which two JSON documents differ: "parameters.eta was [0.1] and is now [0.2]"; empty when
/// they are equal.
std::string first_difference(const nlohmann::json& before, const nlohmann::json& now);

}  // namespace npo
