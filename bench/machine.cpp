// Reading /proc and the clocks for machine.hpp.
#include "machine.hpp"

#include <fmt/format.h>
#include <octofetch.h>
#include <sched.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace octo_bench {
namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const std::size_t at = line.find(": ");
    if (at != std::string::npos) return line.substr(at + 2);
  }
  return "an unnamed processor";
}

int core_count() {
  cpu_set_t cores;
  return ::sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

double seconds_of(clockid_t clock) {
  timespec spec{};
  if (::clock_gettime(clock, &spec) != 0) return 0;
  return static_cast<double>(spec.tv_sec) + static_cast<double>(spec.tv_nsec) / 1e9;
}

}  // namespace

std::string conditions() {
  utsname system{};
  ::uname(&system);
  double loads[3] = {};
  ::getloadavg(loads, 3);
  return fmt::format("{}, {} cores, {} {}\n{}\nload before: {:.2f} {:.2f} {:.2f}\n", processor_name(), core_count(),
                     system.sysname, system.release, octo_build_information(), loads[0], loads[1], loads[2]);
}

pid_t only_child() {
  std::ifstream file("/proc/thread-self/children");
  pid_t child = -1;
  pid_t another = -1;
  if (!(file >> child) || file >> another) return -1;
  return child;
}

Usage Usage::now(pid_t origin) {
  Usage usage;
  usage.wall_s = seconds_of(CLOCK_MONOTONIC);
  usage.own_s = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  clockid_t clock = 0;
  if (origin > 0 && ::clock_getcpuclockid(origin, &clock) == 0) usage.origin_s = seconds_of(clock);
  // cpu user nice system idle iowait irq softirq steal
  std::ifstream file("/proc/stat");
  std::string name;
  double user = 0;
  double nice = 0;
  double system = 0;
  double idle = 0;
  double io_wait = 0;
  double irq = 0;
  double soft_irq = 0;
  double steal = 0;
  file >> name >> user >> nice >> system >> idle >> io_wait >> irq >> soft_irq >> steal;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  usage.busy_s = (user + nice + system + irq + soft_irq) / ticks;
  usage.stolen_s = steal / ticks;
  return usage;
}

Usage Usage::since(const Usage &before) const {
  return {wall_s - before.wall_s, own_s - before.own_s, origin_s - before.origin_s, busy_s - before.busy_s,
          stolen_s - before.stolen_s};
}

}  // namespace octo_bench
