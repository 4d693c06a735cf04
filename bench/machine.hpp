// The conditions a measurement was made under: the machine, the versions, and who used how much processor time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace octo_bench {

// Several lines: processor, cores, kernel, versions, load.
std::string conditions();

// The only child of this thread; -1 when that cannot be told.
pid_t only_child();

// Processor time used so far, in seconds.
struct Usage {
  double wall_s = 0;
  double own_s = 0;     // this process: bench and library
  double origin_s = 0;  // 0 without the origin's process id
  double busy_s = 0;    // all cores of the machine, whoever it was
  double stolen_s = 0;  // wanted, and not given by the hypervisor

  static Usage now(pid_t origin);
  Usage since(const Usage &before) const;
};

}  // namespace octo_bench
