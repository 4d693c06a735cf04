// A connection's life: accepted, perhaps secured, requests in, plans out. step_runner.cpp holds what each step does.
#include "connection.hpp"

#include "connections.hpp"

namespace octo::origin {

namespace {

// More than a head: a client may send the next request early, but not endlessly.
constexpr std::size_t kInputBytesMax = kHeadBytesMax + 4;

// A fatal handshake_failure, as one TLS record.
constexpr std::string_view kAlert("\x15\x03\x03\x00\x02\x02\x28", 7);

}  // namespace

Connection::Connection(int descriptor, const Entrance &entrance, std::uint64_t number, Connections &connections)
    : connections_(connections),
      entrance_(entrance),
      channel_(descriptor, entrance.context),
      timer_([this] { on_timer(); }),
      number_(number),
      is_held_(entrance.manner == Entrance::Manner::kSilent) {}

Connection::~Connection() { connections_.loop().timers().cancel(timer_); }

void Connection::begin() {
  if (entrance_.manner != Entrance::Manner::kServe) return;
  const AcceptFault *fault = connections_.service().accept_fault(entrance_.listener, entrance_.address);
  if (fault == nullptr) return;
  switch (fault->type) {
    case AcceptFault::Type::kReset: drop(); return;
    case AcceptFault::Type::kClose: end(); return;
    case AcceptFault::Type::kStall: is_held_ = true; return;
    case AcceptFault::Type::kDelay:
      is_held_ = true;
      pause(std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(fault->after_ms)));
      return;
    case AcceptFault::Type::kStray:
    case AcceptFault::Type::kBanner:
      // On TLS a banner comes instead of the handshake, stray bytes come after it.
      if (fault->type == AcceptFault::Type::kStray) {
        greeting_ = fault->payload;
      } else {
        channel_.write_raw(fault->payload);
      }
      run();
  }
}

void Connection::drop() {
  if (!channel_.is_open()) return;
  channel_.reset();
  end();
}

void Connection::on_events(std::uint32_t events) {
  if (!channel_.is_open()) return;
  const bool is_gone = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (is_gone || (is_held_ && (events & EPOLLRDHUP) != 0)) {
    end_by_client();
    return;
  }
  if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) is_readable_ = true;
  run();
}

void Connection::on_timer() {
  is_waiting_ = false;
  is_held_ = false;
  run();
}

void Connection::run() {
  do {
    run_once();
  } while (channel_.is_open() && !is_held_ && is_readable_ && input_.size() < kInputBytesMax);
}

void Connection::run_once() {
  read_input();
  if (!channel_.is_open() || is_held_) return;
  if (channel_.is_secure() && !is_secured_) after_handshake();
  if (entrance_.manner != Entrance::Manner::kServe) {
    if (meet_hello()) return;
  } else if (!is_answering_ && !is_mute_ && !input_.empty()) {
    meet_next_request();
  }
  if (is_ended_) {
    // A request that came together with the end is still counted.
    if (!is_answering_ && entrance_.manner == Entrance::Manner::kServe) take_request();
    end_by_client();
    return;
  }
  constexpr int kPiecesPerTurn = 32;
  pieces_left_ = kPiecesPerTurn;
  advance();
}

void Connection::read_input() {
  if (!is_readable_ || is_held_) return;
  is_readable_ = false;
  if (input_.size() >= kInputBytesMax) {
    is_readable_ = true;  // Read when there is room again.
    return;
  }
  switch (channel_.read(input_, kInputBytesMax - input_.size())) {
    case Channel::Read::kMore: is_readable_ = true; break;
    case Channel::Read::kBlocked: break;
    case Channel::Read::kEnd: is_ended_ = true; break;
    case Channel::Read::kFailed:
      channel_.flush();  // The alert, if there is one.
      end_by_client();
      return;
  }
  if (is_mute_) input_.clear();
}

void Connection::after_handshake() {
  is_secured_ = true;
  if (entrance_.context != nullptr) {
    Service &service = connections_.service();
    service.counters().add(service.ids().handshakes);
    if (channel_.was_resumed()) service.counters().add(service.ids().resumed);
  }
  if (!greeting_.empty()) send(greeting_);
  greeting_.clear();
}

// For listeners that only want the ClientHello. True when the connection has ended.
bool Connection::meet_hello() {
  constexpr std::size_t kRecordHeader = 5;
  if (is_mute_ || input_.size() < kRecordHeader) return false;
  const auto high = static_cast<unsigned char>(input_[3]);
  const auto low = static_cast<unsigned char>(input_[4]);
  if (input_.size() < kRecordHeader + high * 256u + low) return false;
  Service &service = connections_.service();
  service.counters().add(service.counters().intern("injected." + entrance_.listener));
  is_mute_ = true;
  if (entrance_.manner == Entrance::Manner::kHelloThenStall) return false;
  if (entrance_.manner == Entrance::Manner::kHelloThenAlert) {
    channel_.write(kAlert);
    channel_.flush();
  }
  channel_.close();
  end();
  return true;
}

// The first bytes of the next request: idle steps are over, and stray bytes that wait for this moment go out.
void Connection::meet_next_request() {
  if (step_ < plan_.size()) {
    connections_.loop().timers().cancel(timer_);
    is_waiting_ = false;
    plan_.clear();
    step_ = 0;
    position_ = 0;
  }
  if (before_next_.empty()) return;
  connections_.service().counters().add(before_next_counter_);
  send(before_next_);
  before_next_.clear();
}

// Turns a complete request of the input into a plan; false when there is none.
bool Connection::take_request() {
  if (is_mute_ || input_.empty() || entrance_.manner != Entrance::Manner::kServe) return false;
  RequestHead head;
  std::size_t size = 0;
  Service &service = connections_.service();
  switch (read_request_head(input_, head, size)) {
    case HeadState::kIncomplete: return false;
    case HeadState::kMalformed: plan_ = service.refuse(400); break;
    case HeadState::kTooLarge: plan_ = service.refuse(431); break;
    case HeadState::kComplete: {
      const Instant now = connections_.loop().now();
      const Arrival arrival{entrance_.listener, entrance_.address, number_, ++requests_, service.since_reset_ms(now)};
      plan_ = service.answer(head, arrival, now);
    }
  }
  input_.erase(0, size == 0 ? input_.size() : size);
  step_ = 0;
  position_ = 0;
  is_answering_ = true;
  return true;
}

void Connection::end_by_client() {
  Service &service = connections_.service();
  service.counters().add(service.ids().closed_by_client);
  if (is_answering_) service.counters().add(service.ids().aborted);
  if (!channel_.is_secure()) service.counters().add(service.ids().handshakes_failed);
  end();
}

void Connection::end() {
  connections_.loop().timers().cancel(timer_);
  channel_.close();
  connections_.remove(*this);
}

}  // namespace octo::origin
