#include "kernels/ranked_curve.hpp"

#include "kernels/ranked_walk.hpp"

namespace npo {
namespace {

__extension__ using Wide = unsigned __int128;

/// Drops points between which neither rate moves far. The last point seen is held back, so that a step that
/// is too wide begins where it really began.
class CurveThinner {
 public:
  CurveThinner(std::uint64_t positives, std::uint64_t negatives, std::size_t most)
      : positives_(positives), negatives_(negatives), most_(most) {}

  void add(const CurvePoint& point) {
    if (most_ == 0 || curve_.empty()) {
      curve_.push_back(point);
      return;
    }
    if (far(curve_.back(), point)) {
      if (held_) curve_.push_back(*held_);
      held_.reset();
      if (far(curve_.back(), point)) {
        curve_.push_back(point);
        return;
      }
    }
    held_ = point;
  }
  std::vector<CurvePoint> finish() {
    if (held_) curve_.push_back(*held_);
    return std::move(curve_);
  }

 private:
  /// Whether a rate moves by more than 2 / most.
  bool far(const CurvePoint& from, const CurvePoint& to) const {
    return Wide{to.true_positive - from.true_positive} * most_ > Wide{2} * positives_ ||
           Wide{to.false_positive - from.false_positive} * most_ > Wide{2} * negatives_;
  }

  std::uint64_t positives_, negatives_;
  std::size_t most_;
  std::vector<CurvePoint> curve_;
  std::optional<CurvePoint> held_;
};

template <class Record>
std::vector<CurvePoint> curve_of(const RankedRows& rows, const RankedFacts& facts, std::size_t max_points) {
  RankedBuckets<Record> table = bucket_rows<Record>(rows, facts, serial_for);
  std::uint64_t positives = 0, negatives = 0;
  for (const RankedBucket& bucket : table.buckets)
    for (const Record& record : table.of(bucket)) (record.yes() ? positives : negatives) += record.weight();
  CurveThinner thinner(positives, negatives, max_points);
  CurvePoint point;
  for (std::size_t b = table.buckets.size(); b-- > 0;)
    walk_ties(table.of(table.buckets[b]), [&](const RankedTies& ties) {
      point.threshold = score_of_key(ties.rank + facts.least_key);
      point.true_positive += ties.positive;
      point.false_positive += ties.negative;
      thinner.add(point);
    });
  return thinner.finish();
}

}  // namespace

std::vector<CurvePoint> ranked_curve(const RankedRows& rows, std::size_t max_points) {
  RankedRows one = rows;
  one.segment = {};
  const RankedFacts facts = check_ranked_rows(one, 1, serial_for);
  return rows_are_narrow(one, facts) ? curve_of<NarrowRecord>(one, facts, max_points)
                                     : curve_of<WideRecord>(one, facts, max_points);
}

}  // namespace npo
