#pragma once
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "kernels/irls.hpp"

/// Tables in memory for the tests of the fit.
namespace npo::irls {

/// Calls work on `threads` threads, index i on thread i mod threads.
inline ParallelFor threaded(int threads) {
  return [threads](std::size_t count, const std::function<void(std::size_t)>& work) {
    std::vector<std::thread> pool;
    const auto stride = static_cast<std::size_t>(threads);
    for (std::size_t t = 0; t < stride; ++t)
      pool.emplace_back([&, t] {
        for (std::size_t i = t; i < count; i += stride) work(i);
      });
    for (auto& thread : pool) thread.join();
  };
}

class MemoryTable final : public RowSource {
 public:
  explicit MemoryTable(std::size_t width) : width_(width) {}

  void add(const std::vector<float>& features, bool positive) {
    features_.insert(features_.end(), features.begin(), features.end());
    label_.push_back(positive ? 1 : 0);
  }
  void leave_out(std::size_t row) { label_[row] = static_cast<std::uint8_t>(Label::unknown); }
  float& value(std::size_t row, std::size_t column) { return features_[row * width_ + column]; }
  std::uint8_t label(std::size_t row) const { return label_[row]; }
  std::size_t rows() const { return label_.size(); }
  std::uint64_t positives() const {
    std::uint64_t count = 0;
    for (const auto label : label_) count += label == 1;
    return count;
  }
  std::uint64_t labelled() const {
    std::uint64_t count = 0;
    for (const auto label : label_) count += label <= 1;
    return count;
  }
  std::vector<DesignColumn> all_columns() const {
    std::vector<DesignColumn> columns;
    for (std::uint32_t c = 0; c < width_; ++c) columns.push_back({.column = c});
    return columns;
  }

  std::size_t columns() const override { return width_; }
  std::size_t tiles() const override { return (rows() + tile_rows - 1) / tile_rows; }
  TileRows tile(std::size_t index) const override {
    const std::size_t first = index * tile_rows, count = std::min(tile_rows, rows() - first);
    return {.first_row = first,
            .rows = count,
            .features = std::span(features_).subspan(first * width_, count * width_),
            .label = std::span(label_).subspan(first, count),
            .keep = nullptr};
  }

 private:
  std::size_t width_;
  std::vector<float> features_;
  std::vector<std::uint8_t> label_;
};

/// Rows with skewed features and labels that depend on them.
inline MemoryTable random_table(std::size_t rows, std::size_t width, unsigned seed) {
  MemoryTable table(width);
  std::mt19937 bits(seed);
  std::vector<float> x(width);
  const auto uniform = [&] { return static_cast<float>(bits() >> 8) * 0x1p-24f; };
  for (std::size_t row = 0; row < rows; ++row) {
    float eta = -1.0f;
    for (std::size_t c = 0; c < width; ++c) {
      const float u = uniform() + uniform() - 1.0f;
      x[c] = c % 2 ? u : 10.0f * u * u;
      eta += 0.3f * u * static_cast<float>(c % 5);
    }
    table.add(x, uniform() < 1.0f / (1.0f + std::exp(-eta)));
  }
  return table;
}

/// Standardises the columns in place, then fits them.
inline Fit fit_table(const MemoryTable& table, std::vector<DesignColumn>& columns,
                     const FitSettings& settings, int threads = 1) {
  const auto parallel = threaded(threads);
  const auto moments = measure_columns(table, columns, parallel);
  return fit_logistic(table, columns, moments.rows, moments.positives, settings, parallel);
}
inline Fit fit_table(const MemoryTable& table, std::vector<DesignColumn>&& columns,
                     const FitSettings& settings) {
  return fit_table(table, columns, settings);
}

/// Gradient of the penalised likelihood at a fit, intercept first.
inline std::vector<double> plain_gradient(MemoryTable& table, const std::vector<DesignColumn>& columns,
                                          const Fit& fit, double alpha, double weight_no, double weight_yes) {
  std::vector<double> gradient(columns.size() + 1);
  for (std::size_t row = table.rows(); row-- > 0;) {
    std::vector<double> x{1.0};
    double eta = fit.intercept;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const double raw = static_cast<double>(table.value(row, columns[c].column));
      x.push_back((transformed(columns[c].transform, raw) - columns[c].mean) / columns[c].scale);
      eta += fit.weights[c] * x.back();
    }
    const double p = 1.0 / (1.0 + std::exp(-eta)), y = table.label(row);
    for (std::size_t c = 0; c < x.size(); ++c)
      gradient[c] += (y == 1.0 ? weight_yes : weight_no) * (p - y) * x[c];
  }
  for (std::size_t c = 0; c < columns.size(); ++c) gradient[c + 1] += alpha * fit.weights[c];
  return gradient;
}

}  // namespace npo::irls
