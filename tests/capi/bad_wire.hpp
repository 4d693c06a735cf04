// A wire that loses, doubles, delays and so reorders packets, or swallows the large ones, between this process and an origin of the same process's
// network namespace.
//
// Traffic control has to be built into the kernel and needs a tool; a TUN device needs neither. Packets to kFarAddress come
// out of it, their two addresses are exchanged, which leaves every checksum as it was, and they go in again: to an origin
// on 127.0.0.1 as if from kFarAddress. Both directions pass through here.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace octo_test {

struct Weather {
  double lost = 0;     // share of the packets
  double doubled = 0;  // share
  std::chrono::milliseconds late_min{0};
  std::chrono::milliseconds late_max{0};  // each packet anew, so that they overtake each other
  std::size_t size_max = SIZE_MAX;        // larger packets vanish without a word
};

class BadWire {
 public:
  static constexpr char kFarAddress[] = "127.0.0.2";

  // Moves the calling thread, and the threads and processes that it starts from here on, into a namespace of their own.
  // Null, and a sentence, where the system does not let it.
  static std::unique_ptr<BadWire> lay(std::string &why);
  ~BadWire();
  BadWire(const BadWire &) = delete;
  BadWire &operator=(const BadWire &) = delete;

  void set(const Weather &weather);
  std::uint64_t carried() const { return carried_; }
  std::uint64_t lost() const { return lost_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Packet = std::vector<char>;

  explicit BadWire(int tunnel);
  Weather weather();
  void run();
  void take(Packet packet);
  void deliver_due();
  int wait_ms() const;

  const int tunnel_;
  std::mutex mutex_;
  Weather weather_;  // any thread, under mutex_
  std::atomic<std::uint64_t> carried_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<bool> is_over_{false};

  // The thread's own.
  std::mt19937 random_{1};
  std::multimap<Clock::time_point, Packet> under_way_;

  std::thread thread_;
};

}  // namespace octo_test
