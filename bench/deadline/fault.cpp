// The table behind fault.hpp.
//
// Every request of a stalled batch costs a new connection, since its own is closed at the deadline; so batches are
// small where that is dear (a TLS handshake), and large where nothing is sent at all.
#include "deadline/fault.hpp"

#include <algorithm>

namespace octo_bench {
namespace {

// Enough that no request waits for a slot: else the fault would be that.
constexpr char kConnectionsMax[] = "256";

octo_test::OptionList by_address() { return {{"connections.max", kConnectionsMax}, {"dns.addresses", "127.0.0.1"}}; }

std::vector<Fault> make_faults() {
  std::vector<Fault> list;
  list.push_back({"headers", "stall before the headers", R"({"default": {"fault": {"type": "stall_before_headers"}}})",
                  "http", by_address(), 4, OCTO_PHASE_WAITING});
  list.push_back({"body", "stall in the body",
                  R"({"default": {"size": 20000, "fault": {"type": "stall_in_body", "after_bytes": 1000}}})", "http",
                  by_address(), 4, OCTO_PHASE_RECEIVING});
  list.push_back({"tls", "stall in the TLS handshake", "{}", "tls_stall", by_address(), 2, OCTO_PHASE_SECURING});
  Fault lookup{"dns", "stall in DNS", "{}", "http", {{"connections.max", "4096"}}, 20, OCTO_PHASE_RESOLVING};
  lookup.resolves_slowly = true;
  list.push_back(lookup);
  list.push_back({"connect", "stall in connect", "{}", "black_hole", by_address(), 4, OCTO_PHASE_CONNECTING});
  // The defaults of a client: 64 handshakes and 5000 requests within some 50 ms. One key in a hundred is slow, so that
  // few batches are complete before their deadline.
  Fault spike{
      "spike",
      "cold spike of 50 batches",
      R"({"default": {"size": 2000, "latency": {"type": "fixed", "ms": 5}}, "paths": {"/key99": {"delay_ms": 30000}}})",
      "https",
      {{"dns.addresses", "127.0.0.1"}},
      100};
  spike.is_spike = true;
  list.push_back(spike);
  return list;
}

}  // namespace

const std::vector<Fault> &faults() {
  static const std::vector<Fault> all = make_faults();
  return all;
}

const Fault *find_fault(const std::string &name) {
  const auto found = std::find_if(faults().begin(), faults().end(), [&](const Fault &one) { return one.name == name; });
  return found == faults().end() ? nullptr : &*found;
}

}  // namespace octo_bench
