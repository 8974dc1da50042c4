#include "bench/evaluate_data.hpp"

#include <cmath>

namespace npo::bench {
namespace {

/// xorshift64, enough for data of a benchmark.
class Words {
 public:
  std::uint64_t operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }

 private:
  std::uint64_t state_ = 88172645463325252u;
};

constexpr std::uint64_t fleets = 10000;

}  // namespace

EvaluateData::EvaluateData(std::size_t count)
    : rows(count), score(count), weight(count), label(count), fleet(count) {
  Words words;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t word = words();
    const float uniform = (static_cast<float>(word >> 40) + 0.5f) * 0x1p-24f;
    label[i] = (word & 0xff) < 77 ? 1 : 0;
    score[i] = label[i] == 1 ? std::sqrt(uniform) : uniform;
    weight[i] = 0.5f + static_cast<float>(word >> 8 & 0xff) * 0x1p-9f;
    fleet[i] = static_cast<std::uint32_t>((word >> 16 & 0xffffff) * fleets >> 24);
  }
}

RankedRows EvaluateData::ranked(bool by_fleet) const {
  return {score.span(), label.span(), {}, by_fleet ? fleet.span() : std::span<const std::uint32_t>{}};
}

LogData::LogData(std::size_t rows) {
  Words words;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t word = words();
    propensity.push_back(0.05f + static_cast<float>(word & 0xffff) * (0.9f * 0x1p-16f));
    target.push_back(static_cast<float>(word >> 16 & 0xffff) * 0x1p-16f);
    reward.push_back((word >> 32 & 0xff) < 77 ? 1.0f : 0.0f);
    fleet.push_back(static_cast<std::uint32_t>(i * fleets / rows));
  }
}

}  // namespace npo::bench
