// System calls that a library needs to start, made to fail: the executable's own functions stand in front of libc's.
#pragma once

namespace octo_test {

enum class Call { none, pthread_create, eventfd, epoll_create };

// From now on this call fails with `error`, after it has succeeded so often.
void fail_calls(Call call, int error, int successes = 0) noexcept;
void let_calls_succeed() noexcept;
// How many failed since fail_calls.
int failed_calls() noexcept;

}  // namespace octo_test
