// Those of a client's batches that brought the least of late, kept past their own lives for whoever asks afterwards what
// went wrong. Numbers and a line each, no keys and no bodies.
//
// A batch is bad when late or failed requests are in it and its host did not end it: it was complete or came to its
// deadline. One is worse than another when a larger share of it is late or failed; of equal shares, when it was picked
// up later after its freeze; then the newer one. Where there are too many, those older than kFresh go first, then the
// least bad. No clock and no lock: whoever has one for several threads guards it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "batch/view.hpp"

namespace octo {

struct BadBatch {
  Instant frozen_at{};
  BatchSummary summary;
  std::string line;  // as explain_line
};

class WorstBatches {
 public:
  static constexpr std::size_t kCountMax = 32;
  static constexpr Duration kFresh = 10min;

  // Whether it is bad, as far as its counts tell without a look at its requests: true may turn out wrong.
  static bool may_be_bad(const Batch &batch) noexcept;
  static bool is_bad(const BatchSummary &summary) noexcept;

  // Whether add() would keep it.
  bool has_room(const BadBatch &bad, Instant now) const noexcept;
  // May throw std::bad_alloc; then nothing has changed.
  void add(BadBatch bad, Instant now);
  // The worst first.
  std::vector<BadBatch> sorted() const;

 private:
  std::size_t weakest(Instant now) const noexcept;

  std::vector<BadBatch> kept_;
};

}  // namespace octo
