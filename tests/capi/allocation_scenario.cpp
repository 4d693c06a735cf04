// The calls of the scenario, without the C++ library, whose allocations count as ours.
#include "capi/allocation_scenario.hpp"

#include <dirent.h>
#include <execinfo.h>
#include <signal.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "origin/pattern.h"

namespace octo_test {
namespace {

constexpr std::size_t kSize = 1024;
constexpr std::uint64_t kBudget_us = 10'000'000;

ScenarioReport *current = nullptr;
Victims current_victims = Victims::ours;

void note_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));
void note_trouble(const char *format, ...) {
  if (current->trouble[0] != '\0') return;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(current->trouble, sizeof current->trouble, format, arguments);
  va_end(arguments);
}

void note_answer(octo_status status) {
  if (current->answer == OCTO_OK) current->answer = status;
}

void on_crash(int signal) {
  current->signal = signal;
  current->frame_count = ::backtrace(current->frames.data(), static_cast<int>(current->frames.size()));
  ::_exit(70);
}

void catch_crashes() {
  // The first backtrace loads what it needs.
  void *frame = nullptr;
  ::backtrace(&frame, 1);
  struct sigaction action {};
  action.sa_handler = on_crash;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) ::sigaction(signal, &action, nullptr);
}

// libcurl before 8.6 says the same for a header line of more than 100 KiB, and the library takes it for that.
bool may_be_taken_for_a_long_header(const octo_result &result) {
  return result.status == OCTO_PROTOCOL_ERROR && result.phase >= OCTO_PHASE_WAITING &&
         std::strstr(result.message, "100 KiB") != nullptr;
}

bool may_a_request_end_so(const octo_result &result) {
  switch (result.status) {
    case OCTO_NO_MEMORY:
    case OCTO_LOCAL_RESOURCE:
    case OCTO_RESOLVE_FAILED:
    case OCTO_CONNECT_FAILED:
    case OCTO_TLS_FAILED:
    case OCTO_CONNECTION_LOST:
    // libcurl before 8.6 says the same of an over-long header line and of a failed allocation while it reads one.
    case OCTO_PROTOCOL_ERROR: return true;
    default: return may_be_taken_for_a_long_header(result);
  }
}

// A refused call says that memory lacks, and nothing else.
bool is_done(const char *call, octo_status status, const octo_error &error) {
  if (status == OCTO_OK) return true;
  note_answer(status);
  const bool is_bundle_unread = current_victims == Victims::openssl && status == OCTO_INVALID_ARGUMENT;
  if (status != OCTO_NO_MEMORY && status != OCTO_LOCAL_RESOURCE && !is_bundle_unread) {
    note_trouble("%s answers %s: %s", call, octo_status_name(status), error.text);
  }
  return false;
}

octo_client *open(const char *url, const char *ca_file) {
  octo_error error = OCTO_ERROR_INIT;
  octo_options *options = nullptr;
  octo_client *client = nullptr;
  if (!is_done("octo_options_create", octo_options_create(&options), error)) return nullptr;
  if (is_done("octo_options_set", octo_options_set(options, "tls.ca_file", ca_file, &error), error)) {
    is_done("octo_client_open", octo_client_open(url, options, &client, &error), error);
  }
  octo_options_free(options);
  return client;
}

octo_batch *submit(octo_client *client, const char *const *keys, std::size_t count) {
  if (client == nullptr) return nullptr;
  octo_request requests[4] = {};
  for (std::size_t i = 0; i < count; ++i) {
    requests[i].key = keys[i];
    requests[i].key_size = std::strlen(keys[i]);
  }
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_BUDGET | OCTO_BATCH_ATTEMPTS;
  options.budget_us = kBudget_us;
  octo_error error = OCTO_ERROR_INIT;
  octo_batch *batch = nullptr;
  is_done("octo_submit", octo_submit(client, requests, sizeof requests[0], count, &options, &batch, &error), error);
  return batch;
}

void check_result(const octo_result &result, bool must_be_ok) {
  note_answer(result.status);
  const auto key_size = static_cast<int>(result.key_size);
  const auto *key = static_cast<const char *>(result.key);
  if (result.status == OCTO_OK) {
    const std::uint64_t seed = octo_pattern_seed(key, result.key_size);
    if (result.body_size == kSize && octo_pattern_is_equal(seed, 0, result.body, kSize) != 0) return;
    note_trouble("%.*s has a wrong body", key_size, key);
  } else if (must_be_ok || !may_a_request_end_so(result)) {
    note_trouble("%.*s%s ends with %s in %s: %s", key_size, key, must_be_ok ? " of the next batch" : "",
                 octo_status_name(result.status), octo_phase_name(result.phase), result.message);
  }
}

// One for which no memory was left is missing.
void check_attempts(octo_batch *batch) {
  octo_batch_info info{};
  octo_attempt attempts[64];
  if (octo_batch_describe(batch, &info, sizeof info) != OCTO_OK || info.attempt_count > 64) {
    note_trouble("there are %zu attempts", static_cast<std::size_t>(info.attempt_count));
    return;
  }
  const octo_status status = octo_batch_attempts(batch, 0, attempts, sizeof attempts[0], info.attempt_count);
  if (status != OCTO_OK) note_trouble("octo_batch_attempts answers %s", octo_status_name(status));
}

void wait_and_check(octo_batch *batch, std::size_t count, bool must_be_ok) {
  if (batch == nullptr) return;
  const octo_error error = OCTO_ERROR_INIT;
  const octo_status waited = octo_batch_wait(batch, OCTO_WAIT_FOREVER);
  if (waited != OCTO_OK) note_trouble("octo_batch_wait answers %s", octo_status_name(waited));
  octo_result results[4] = {};
  if (!is_done("octo_batch_results", octo_batch_results(batch, 0, results, sizeof results[0], count), error)) return;
  for (std::size_t i = 0; i < count; ++i) check_result(results[i], must_be_ok);
  check_attempts(batch);
  char text[200];
  std::size_t size = 0;
  is_done("octo_batch_explain", octo_batch_explain(batch, OCTO_EXPLAIN_LINE, text, sizeof text, &size), error);
  octo_batch_free(batch);
}

void fetch(octo_client *http, octo_client *https, bool is_second) {
  // What failed before must not be felt any more.
  const bool must_be_ok = is_second && failed_allocation().caller != nullptr;
  const char *const plain[] = {"a", "b", "c"};
  const char *const secure[] = {"d"};
  octo_batch *first = submit(http, plain, 3);
  octo_batch *second = submit(https, secure, 1);
  if (must_be_ok && ((http != nullptr && first == nullptr) || (https != nullptr && second == nullptr))) {
    note_trouble("the next batch was refused");
  }
  wait_and_check(first, 3, must_be_ok);
  wait_and_check(second, 1, must_be_ok && current_victims == Victims::ours);
}

// A thread is counted out of the library before it frees what OpenSSL keeps for it.
void wait_until_alone() {
  for (int i = 0; i < 2000; ++i) {
    std::size_t threads = 0;
    DIR *directory = ::opendir("/proc/self/task");
    while (const dirent *entry = ::readdir(directory)) threads += entry->d_name[0] == '.' ? 0 : 1;
    ::closedir(directory);
    if (threads == 1) return;
    ::usleep(1000);
  }
  note_trouble("threads run on after octo_shutdown");
}

// libuv has a place that aborts without memory: where it enlarges its table of descriptors, the only realloc of its that
// is reached here.
bool is_not_ours(Owner owner, bool is_realloc) noexcept {
  if (owner == Owner::uv) return is_realloc;
  return owner != Owner::library && owner != Owner::curl;
}

bool is_not_openssl(Owner owner, bool) noexcept { return owner != Owner::openssl; }

}  // namespace

void run_scenario(const ScenarioOrigin &origin, Victims victims, std::uint64_t fail_at, ScenarioReport &report) {
  current = &report;
  current_victims = victims;
  catch_crashes();
  track_allocations(fail_at, victims == Victims::openssl ? is_not_openssl : is_not_ours);
  octo_client *http = open(origin.http_url, origin.ca_file);
  octo_client *https = open(origin.https_url, origin.ca_file);
  fetch(http, https, false);
  fetch(http, https, true);
  octo_client_close(http);
  octo_client_close(https);
  const octo_status stopped = octo_shutdown(20'000'000);
  if (stopped != OCTO_OK) note_trouble("octo_shutdown answers %s", octo_status_name(stopped));
  stop_tracking();
  if (stopped == OCTO_OK) wait_until_alone();
  report.made = allocations_made();
  for (std::size_t i = 0; i < kOwners; ++i) report.made_by[i] = allocations_made_by(static_cast<Owner>(i));
  report.failed = failed_allocation();
  report.leak_count = find_leaks(report.leaks.data(), report.leaks.size());
  report.is_over = true;
  ::_exit(0);
}

}  // namespace octo_test
