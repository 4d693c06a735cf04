// The signal handler, which does nothing but note the number; blocking calls of the main thread then end with EINTR.
#include "interrupt.hpp"

#include <csignal>

namespace octo::cli {
namespace {

volatile std::sig_atomic_t noted_signal = 0;

void note_signal(int number) { noted_signal = number; }

void catch_signal(int number) noexcept {
  struct sigaction before {};
  if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;  // nohup, or a shell's "&"
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

}  // namespace

void catch_interrupts() noexcept {
  catch_signal(SIGINT);
  catch_signal(SIGTERM);
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

int interrupt_signal() noexcept { return noted_signal; }

}  // namespace octo::cli
