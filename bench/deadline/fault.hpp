// The faults that waits are measured under: what the origin does, how the client is set up, where its time should go.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "support/fetching.hpp"

namespace octo_bench {

struct Fault {
  std::string name;      // as in --faults
  std::string title;     // as in a heading
  std::string script;    // of the origin
  std::string listener;  // of the origin
  octo_test::OptionList options;
  std::size_t keys;  // in a batch
  // The phase that requests are in at their deadline, when the fault works; -1 where several are right.
  int phase = -1;
  bool resolves_slowly = false;
  // Not a steady stream of batches but many at once on a fresh client, again and again.
  bool is_spike = false;
};

const std::vector<Fault> &faults();
// Null for an unknown name.
const Fault *find_fault(const std::string &name);

}  // namespace octo_bench
