#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/ranked_metrics.hpp"

namespace npo::test {

/// Rows that tests/oracles/metrics_sklearn.py makes alike.
struct MetricTable {
  std::vector<float> score, weight;
  std::vector<std::uint8_t> label;
  std::vector<std::uint64_t> cluster;
  std::vector<std::uint32_t> eighths;  ///< the weight in eighths

  MetricTable(std::size_t rows, std::uint64_t levels, bool weighted, std::uint64_t seed) {
    std::uint64_t state = seed;
    const auto word = [&] { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 40; };
    for (std::size_t i = 0; i < rows; ++i) {
      score.push_back(
          static_cast<float>((static_cast<double>(word() % levels) + 0.5) / static_cast<double>(levels)));
      label.push_back(static_cast<double>(word()) * 0x1p-24 < score.back() ? 1 : 0);
      const std::uint64_t draw = word() % 7;
      eighths.push_back(weighted ? static_cast<std::uint32_t>(1 + draw) : 8);
      weight.push_back(static_cast<float>(eighths.back()) / 8.0f);
      cluster.push_back(word() % (rows / 5));
    }
  }
  RankedRows rows(bool weighted) const {
    RankedRows rows{score, label, {}, {}};
    if (weighted) rows.weight = eighths;
    return rows;
  }
};

/// One line of metrics_known_answers.txt.
struct MetricCase {
  std::string name;
  std::size_t rows = 0;
  std::uint64_t levels = 0, seed = 0;
  bool weighted = false;
  std::map<std::string, double> answer;
  MetricTable table() const { return {rows, levels, weighted, seed}; }
};

/// The committed cases; `source` is the root of the source tree.
inline std::vector<MetricCase> metric_cases(const std::string& source) {
  std::ifstream file(source + "/tests/kernels/metrics_known_answers.txt");
  std::vector<MetricCase> cases;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    MetricCase one;
    words >> one.name >> one.rows >> one.levels >> one.weighted >> one.seed;
    double value = 0.0;
    for (std::string key; words >> key >> value;) one.answer[key] = value;
    cases.push_back(one);
  }
  return cases;
}

/// AUROC by comparing every positive with every negative.
inline double naive_auroc(const RankedRows& rows) {
  double sum = 0.0, pairs = 0.0;
  const auto weight = [&](std::size_t i) { return rows.weight.empty() ? 1.0 : rows.weight[i]; };
  for (std::size_t i = 0; i < rows.score.size(); ++i)
    for (std::size_t j = 0; j < rows.score.size(); ++j) {
      if (rows.label[i] != 1 || rows.label[j] != 0) continue;
      const double w = weight(i) * weight(j);
      pairs += w;
      sum += w * (rows.score[i] > rows.score[j] ? 1.0 : rows.score[i] == rows.score[j] ? 0.5 : 0.0);
    }
  return sum / pairs;
}

/// Average precision threshold by threshold.
inline double naive_average_precision(const RankedRows& rows) {
  std::vector<float> thresholds(rows.score.begin(), rows.score.end());
  std::ranges::sort(thresholds, std::greater{});
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  double positives = 0.0, sum = 0.0, caught = 0.0;
  const auto weight = [&](std::size_t i) { return rows.weight.empty() ? 1.0 : rows.weight[i]; };
  for (std::size_t i = 0; i < rows.score.size(); ++i) positives += rows.label[i] == 1 ? weight(i) : 0.0;
  for (const float threshold : thresholds) {
    double yes = 0.0, no = 0.0;
    for (std::size_t i = 0; i < rows.score.size(); ++i) {
      if (rows.score[i] < threshold || rows.label[i] > 1) continue;
      (rows.label[i] == 1 ? yes : no) += weight(i);
    }
    if (yes > caught) sum += (yes - caught) * yes / (yes + no);
    caught = yes;
  }
  return sum / positives;
}

}  // namespace npo::test
