// The list of open connections; removing one moves the last into its place.
#include "connections.hpp"

#include <unistd.h>

namespace octo::origin {

void Connections::add(int descriptor, const Entrance &entrance) {
  Counters &counters = service_.counters();
  counters.add(service_.ids().accepted);
  counters.add(counters.intern("connections.accepted." + entrance.listener));
  counters.add(counters.intern("connections.accepted_at." + entrance.address));
  auto connection = std::make_unique<Connection>(descriptor, entrance, ++last_number_, *this);
  Connection &added = *connection;
  added.index_ = open_.size();
  open_.push_back(std::move(connection));
  constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  if (!loop_.watch(descriptor, kEvents, added)) {
    added.drop();
    return;
  }
  added.begin();
}

void Connections::remove(Connection &connection) {
  const std::size_t index = connection.index_;
  std::unique_ptr<Connection> removed = std::move(open_[index]);
  if (index + 1 != open_.size()) {
    open_[index] = std::move(open_.back());
    open_[index]->index_ = index;
  }
  open_.pop_back();
  loop_.retire(std::move(removed));
}

void Connections::drop_all() {
  while (!open_.empty()) open_.back()->drop();
}

}  // namespace octo::origin
