#include "io/study_pieces.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using nlohmann::json;
using test::expect_error;
using test::TemporaryFolder;

const json identity{{"shard", "1/1"}, {"study", {{"seed", 1}, {"parameters", {{"eta", {0.1}}}}}}};

TallyRows rows_of(std::uint64_t point, std::size_t cells) {
  TallyRows rows{.point = point, .replicates = 1024};
  for (std::size_t i = 0; i < cells * tally_cell_words; ++i)
    rows.words.push_back(static_cast<std::int64_t>(i * point) - 7);
  rows.bins.assign(cells * tally_cell_bins, static_cast<std::uint32_t>(point + 1));
  return rows;
}

StudyPieces open(const TemporaryFolder& folder, bool overwrite, bool resume, const json& what = identity) {
  return {folder / "s.h5", what, {}, overwrite, resume};
}

TEST(StudyPieces, ComeBackAfterAnInterruption) {
  const TemporaryFolder folder;
  {
    StudyPieces pieces = open(folder, false, false);
    pieces.write({0, 0}, {rows_of(0, 3), rows_of(4, 2)});
    pieces.write({1, 5}, {rows_of(2, 1)});
  }
  StudyPieces pieces = open(folder, false, true);
  EXPECT_EQ(pieces.reused(), 2u);
  EXPECT_TRUE(pieces.done({0, 0}));
  EXPECT_FALSE(pieces.done({0, 5}));
  std::vector<std::uint64_t> points;
  pieces.read({0, 0}, [&](const TallyRows& rows) {
    points.push_back(rows.point);
    EXPECT_EQ(rows.words, rows_of(rows.point, rows.point == 0 ? 3 : 2).words);
  });
  EXPECT_EQ(points, (std::vector<std::uint64_t>{0, 4}));
  EXPECT_EQ(pieces.read_point({0, 0}, 4).bins, rows_of(4, 2).bins);
  expect_error(ErrorKind::bad_data, {"point 9"}, [&] { pieces.read_point({0, 0}, 9); });
  pieces.remove();
  EXPECT_FALSE(std::filesystem::exists(study_pieces_folder(folder / "s.h5")));
}

TEST(StudyPieces, DamagedOnesAreDoneAgain) {
  const TemporaryFolder folder;
  const auto parts = study_pieces_folder(folder / "s.h5");
  {
    StudyPieces pieces = open(folder, false, false);
    for (std::uint64_t piece = 0; piece < 3; ++piece) pieces.write({0, piece}, {rows_of(piece, 2)});
  }
  std::filesystem::remove(parts / "piece-00-000000.h5");
  std::filesystem::copy_file(parts / "piece-00-000002.h5", parts / "piece-00-000001.h5",
                             std::filesystem::copy_options::overwrite_existing);
  std::ofstream(parts / "journal", std::ios::app) << "{\"round\": 0, \"pie";  // an append cut short
  StudyPieces pieces = open(folder, false, true);
  EXPECT_EQ(pieces.reused(), 1u);
  EXPECT_TRUE(pieces.done({0, 2}));
}

TEST(StudyPieces, AnInterruptedStudyIsNeitherReplacedNorMixedUnasked) {
  const TemporaryFolder folder;
  { open(folder, false, false).write({0, 0}, {rows_of(0, 1)}); }
  expect_error(ErrorKind::environment, {"s.h5.parts", "--resume", "--overwrite"},
               [&] { open(folder, false, false); });
  json other = identity;
  other["study"]["parameters"]["eta"] = {0.2};
  expect_error(ErrorKind::usage, {"study.parameters.eta was [0.1] and is now [0.2]"},
               [&] { open(folder, false, true, other); });
  EXPECT_EQ(open(folder, false, true).reused(), 1u);
  EXPECT_EQ(open(folder, true, false, other).reused(), 0u);
}

TEST(StudyPieces, ForeignFilesStay) {
  const TemporaryFolder folder;
  const auto parts = study_pieces_folder(folder / "s.h5");
  std::filesystem::create_directory(parts);
  std::ofstream(parts / "thesis.tex") << "years of work";
  expect_error(ErrorKind::environment, {"thesis.tex", "no part of a study"},
               [&] { open(folder, true, false); });
  EXPECT_TRUE(std::filesystem::exists(parts / "thesis.tex"));
}

TEST(StudyPieces, DifferencesAreNamedByTheirPath) {
  EXPECT_EQ(first_difference(identity, identity), "");
  json other = identity;
  other["study"]["seed"] = 2;
  EXPECT_EQ(first_difference(identity, other), "study.seed was 1 and is now 2");
  other = identity;
  other["study"].erase("seed");
  EXPECT_EQ(first_difference(identity, other), "study.seed was 1 and is now null");
}

}  // namespace
}  // namespace npo
