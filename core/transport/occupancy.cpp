// The tallies of occupancy.hpp.
#include "transport/occupancy.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace octo {

// A shard knows a handful of addresses: a scan beats a map.
Occupancy::Row *Occupancy::find(const Endpoint &endpoint) noexcept {
  const auto is_it = [&](const Row &row) { return row.endpoint.get() == &endpoint; };
  const auto found = std::find_if(rows_.begin(), rows_.end(), is_it);
  return found == rows_.end() ? nullptr : &*found;
}

void Occupancy::open(const EndpointRef &endpoint) {
  Row *row = find(*endpoint);
  if (row == nullptr) row = &rows_.emplace_back(Row{endpoint});
  ++row->open;
  ++row->taken;
  ++open_count_;
  ++row->endpoint->connections_open;
  tell(*row);
}

void Occupancy::close(const Endpoint &endpoint, bool was_taken) noexcept {
  Row *row = find(endpoint);
  OCTO_ASSERT(row != nullptr && row->open > 0);
  if (row == nullptr) return;
  --row->open;
  if (was_taken) --row->taken;
  --open_count_;
  // First what is busy, as nobody may see more busy connections than open ones.
  tell(*row);
  --row->endpoint->connections_open;
  if (row->open != 0 || row->promised != 0) return;
  std::swap(*row, rows_.back());
  rows_.pop_back();
}

void Occupancy::take(const Endpoint &endpoint) noexcept {
  Row *row = find(endpoint);
  OCTO_ASSERT(row != nullptr && row->taken < row->open);
  if (row == nullptr) return;
  ++row->taken;
  tell(*row);
}

void Occupancy::give_back(const Endpoint &endpoint) noexcept {
  Row *row = find(endpoint);
  OCTO_ASSERT(row != nullptr && row->taken > 0);
  if (row == nullptr) return;
  --row->taken;
  tell(*row);
}

void Occupancy::promise(const Endpoint &endpoint) noexcept {
  Row *row = find(endpoint);
  OCTO_ASSERT(row != nullptr && row->busy < row->open);
  if (row == nullptr) return;
  ++row->promised;
  tell(*row);
}

void Occupancy::withdraw(const Endpoint &endpoint) noexcept {
  Row *row = find(endpoint);
  OCTO_ASSERT(row != nullptr && row->promised > 0);
  if (row == nullptr) return;
  --row->promised;
  tell(*row);
  if (row->open != 0 || row->promised != 0) return;
  std::swap(*row, rows_.back());
  rows_.pop_back();
}

std::uint32_t Occupancy::idle(const Endpoint &endpoint) const noexcept {
  for (const Row &row : rows_) {
    if (row.endpoint.get() == &endpoint) return row.open - row.busy;
  }
  return 0;
}

// A promise is void when the idle connection it meant has closed.
void Occupancy::tell(Row &row) noexcept {
  const std::uint32_t busy = std::min(row.open, row.taken + row.promised);
  row.endpoint->connections_busy += busy - row.busy;
  busy_count_ += busy - row.busy;
  row.busy = busy;
}

}  // namespace octo
