// One connection of a data listener: reads requests, asks the service for a plan, executes its steps. Runs on the loop's thread;
// owned by Connections, to which it says when it has ended.
#pragma once

#include <string>
#include <string_view>

#include "channel.hpp"
#include "loop.hpp"
#include "plan.hpp"
#include "service.hpp"

namespace octo::origin {

class Connections;

// What a connection needs to know of the listener that accepted it.
struct Entrance {
  // How far a connection gets: served; or ended right after the ClientHello (or kept waiting there); or never read at all.
  enum class Manner { kServe, kHelloThenStall, kHelloThenClose, kHelloThenAlert, kSilent };

  std::string listener;
  std::string address;
  Manner manner = Manner::kServe;
  SSL_CTX *context = nullptr;  // Null: plain.
};

class Connection : public Watcher {
 public:
  Connection(int descriptor, const Entrance &entrance, std::uint64_t number, Connections &connections);
  ~Connection() override;

  void on_events(std::uint32_t events) override;

  // What the script wants done to a connection as soon as it is accepted. Call once, before the first event.
  void begin();

  // RST now; used by "drop everything".
  void drop();

 private:
  friend class Connections;

  // What executing a step led to: go on with the next one or with the same, wait for an event or the timer, or all is over.
  enum class Outcome { kNext, kAgain, kWait, kGone };

  void run();
  void run_once();
  void on_timer();
  void read_input();
  void after_handshake();
  bool meet_hello();
  bool take_request();
  void meet_next_request();

  Outcome execute(Write &write);
  Outcome execute(Repeat &repeat);
  Outcome execute(Wait &wait);
  Outcome execute(Stall &stall);
  Outcome execute(End &end);
  Outcome execute(Count &count);
  Outcome execute(Ready &ready);
  Outcome execute(BeforeNext &before);
  Outcome execute(KeyUpdate &update);
  Outcome execute(Tickets &tickets);

  void advance();
  Outcome pause(Duration span);
  Outcome after_piece(bool is_complete, Duration every);
  void send(std::string_view piece);
  void end_by_client();
  void end();

  Connections &connections_;
  const Entrance &entrance_;
  Channel channel_;
  Timer timer_;
  const std::uint64_t number_;
  std::size_t index_ = 0;  // Among Connections.

  std::string input_;
  std::uint64_t requests_ = 0;
  std::string greeting_;  // Sent before the first request is read.
  bool is_readable_ = false;
  bool is_ended_ = false;    // The client has closed its half.
  bool is_mute_ = false;     // Our half is closed: what comes in is thrown away.
  bool is_held_ = false;     // Accepted, but not served: what comes in stays unread.
  bool is_secured_ = false;  // The TLS handshake is complete and counted.

  Plan plan_;
  std::size_t step_ = 0;
  std::uint64_t position_ = 0;  // Within the step that writes.
  int pieces_left_ = 0;         // Before others get their turn.
  int delivery_polls_ = 0;
  bool is_answering_ = false;  // From the request to Ready.
  bool is_waiting_ = false;    // For the timer.
  std::string before_next_;
  CounterId before_next_counter_ = 0;
};

}  // namespace octo::origin
