// How long the simulated origin takes: heavy-tailed, seeded, and slower while it browns out.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

#include "base/time.hpp"

namespace octo {

// Log-normal with the median and 95th percentile of a busy S3 bucket, and a few replies that take for ever.
struct LatencyModel {
  Duration median = 27ms;
  Duration p95 = 75ms;
  double stall_share = 0.005;
  Duration stall_min = 2s;
  Duration stall_max = 10s;
  Duration connect = 1ms;
  // While it browns out, every reply takes this many times as long.
  Instant slow_from = kNever;
  Instant slow_until = kNever;
  double slow_factor = 10;
};

class Latency {
 public:
  Latency(const LatencyModel &model, std::uint32_t seed) : model_(model), random_(seed) {}

  // Of an exchange that begins now, without its connect.
  Duration draw(Instant now) {
    constexpr double kP95Deviations = 1.6449;
    const double sigma = std::log(seconds(model_.p95) / seconds(model_.median)) / kP95Deviations;
    double span = seconds(model_.median) * std::exp(sigma * normal_(random_));
    if (uniform_(random_) < model_.stall_share) {
      span = seconds(model_.stall_min) + uniform_(random_) * seconds(model_.stall_max - model_.stall_min);
    }
    if (now >= model_.slow_from && now < model_.slow_until) span *= model_.slow_factor;
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(span));
  }
  // Between two batches that come independently, `mean` apart.
  Duration gap(Duration mean) {
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(-seconds(mean) * std::log(1.0 - uniform_(random_))));
  }
  const LatencyModel &model() const { return model_; }

 private:
  static double seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

  const LatencyModel model_;
  std::mt19937 random_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
};

}  // namespace octo
