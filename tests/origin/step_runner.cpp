// What each step of a plan does to a connection.
#include "connections.hpp"

namespace octo::origin {

// Executes steps and takes requests until something has to be waited for.
void Connection::advance() {
  for (;;) {
    const Channel::Flush flushed = channel_.flush();
    if (flushed == Channel::Flush::kFailed) {
      end_by_client();
      return;
    }
    if (flushed == Channel::Flush::kBlocked || is_waiting_) return;
    if (step_ >= plan_.size()) {
      if (is_answering_ || is_mute_ || input_.empty()) return;
      if (!before_next_.empty()) {
        meet_next_request();
        continue;  // The stray bytes go out on their own, before the answer.
      }
      if (!take_request()) return;
      continue;
    }
    switch (std::visit([this](auto &step) { return execute(step); }, plan_[step_])) {
      case Outcome::kNext:
        ++step_;
        position_ = 0;
        break;
      case Outcome::kAgain: break;
      case Outcome::kWait:
      case Outcome::kGone: return;
    }
  }
}

Connection::Outcome Connection::execute(Write &write) {
  std::string &piece = connections_.piece();
  std::uint64_t skip = position_;
  for (const Span &span : write.spans) {
    const std::uint64_t size = span.bytes();
    if (skip >= size) {
      skip -= size;
      continue;
    }
    const std::uint64_t taken = std::min<std::uint64_t>(size - skip, write.piece_bytes - piece.size());
    span.append_to(piece, skip, taken);
    skip = 0;
    if (piece.size() == write.piece_bytes) break;
  }
  if (piece.empty()) return Outcome::kNext;
  position_ += piece.size();
  send(piece);
  return after_piece(piece.size() < write.piece_bytes, write.every);
}

Connection::Outcome Connection::execute(Repeat &repeat) {
  std::string &piece = connections_.piece();
  const bool is_paced = repeat.every > Duration::zero();
  do {
    if (repeat.times != 0 && position_ == repeat.times) break;
    piece += repeat.unit;
    ++position_;
  } while (!is_paced && piece.size() + repeat.unit.size() <= kPieceBytes);
  if (piece.empty()) return Outcome::kNext;
  send(piece);
  return after_piece(repeat.times != 0 && position_ == repeat.times, repeat.every);
}

// Paced writing waits after every piece but the last; long writing lets other connections have their turn.
Connection::Outcome Connection::after_piece(bool is_complete, Duration every) {
  if (is_complete) return Outcome::kNext;
  if (every > Duration::zero()) return pause(every);
  if (--pieces_left_ > 0) return Outcome::kAgain;
  channel_.flush();
  return pause(Duration(1));
}

Connection::Outcome Connection::execute(Wait &wait) {
  if (!is_answering_ && !is_mute_ && !input_.empty()) {
    meet_next_request();  // It is here already: the connection is not idle.
    return Outcome::kAgain;
  }
  ++step_;
  position_ = 0;
  return pause(wait.span);
}

Connection::Outcome Connection::execute(Stall &) { return Outcome::kWait; }

Connection::Outcome Connection::execute(End &ending) {
  constexpr int kDeliveryPollsMax = 1'000;
  switch (ending.ending) {
    case Ending::kReset:
      // RST throws away what is still on its way; the bytes before it are part of the script.
      if (!channel_.is_delivered() && delivery_polls_++ < kDeliveryPollsMax) {
        return pause(std::chrono::milliseconds(1));
      }
      drop();
      return Outcome::kGone;
    case Ending::kCloseAfterNotify:
      if (position_++ == 0) {
        channel_.write_close_notify();
        return Outcome::kAgain;
      }
      end();
      return Outcome::kGone;
    case Ending::kClose: end(); return Outcome::kGone;
    case Ending::kHalfClose:
      channel_.shut_writing();
      is_mute_ = true;
      return Outcome::kNext;
    case Ending::kCloseNotify:
      is_mute_ = true;
      if (entrance_.context != nullptr) {
        channel_.write_close_notify();
      } else {
        channel_.shut_writing();
      }
      return Outcome::kNext;
  }
  return Outcome::kNext;
}

Connection::Outcome Connection::execute(Count &count) {
  connections_.service().counters().add(count.counter);
  return Outcome::kNext;
}

Connection::Outcome Connection::execute(Ready &) {
  is_answering_ = false;
  Service &service = connections_.service();
  service.counters().add(service.ids().completed);
  return Outcome::kNext;
}

Connection::Outcome Connection::execute(BeforeNext &before) {
  before_next_ = std::move(before.payload);
  before_next_counter_ = before.counter;
  return Outcome::kNext;
}

Connection::Outcome Connection::execute(KeyUpdate &) {
  channel_.write_key_update();
  return Outcome::kNext;
}

Connection::Outcome Connection::execute(Tickets &tickets) {
  if (position_++ == tickets.count) return Outcome::kNext;
  channel_.write_ticket();
  return Outcome::kAgain;
}

Connection::Outcome Connection::pause(Duration span) {
  is_waiting_ = true;
  // Never due within the pass that armed it: other connections come first.
  const Duration least(1);
  connections_.loop().timers().arm(timer_, connections_.loop().now() + std::max(span, least));
  return Outcome::kWait;
}

void Connection::send(std::string_view piece) {
  Service &service = connections_.service();
  service.counters().add(service.ids().bytes_sent, piece.size());
  channel_.write(piece);
}

}  // namespace octo::origin
