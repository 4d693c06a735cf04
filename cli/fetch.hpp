// One batch from submit to its end, driven by the main thread, which hears of every key as it ends.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "handles.hpp"
#include "settings.hpp"

namespace octo::cli {

// How often a waiting fetch looks for Ctrl-C and redraws its progress.
constexpr unsigned kTickUs = 50'000;

class Fetch {
 public:
  // Opens the client and submits. Throws Failure.
  Fetch(const GetArguments &arguments, const std::vector<std::string> &keys, const Settings &settings);

  struct Events {
    std::function<void(std::size_t index, const octo_result &result)> on_result;  // once a key
    std::function<void()> on_idle;                                                // before each wait of a tick
    std::function<bool()> is_over;  // true cancels; on_result goes on for all keys
  };
  void run(const Events &events) const;

  octo_batch *batch() const noexcept { return batch_.get(); }
  octo_batch_info describe() const;

 private:
  Client client_;
  Batch batch_;
};

}  // namespace octo::cli
