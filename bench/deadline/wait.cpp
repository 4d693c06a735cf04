// Submitting, waiting and measuring for wait.hpp.
#include "deadline/wait.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <stdexcept>

namespace octo_bench {
namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

// The wait that the library also ends up in, on a word that nobody wakes.
void wait_until(std::int64_t until_ns) noexcept {
  const std::uint32_t word = 0;
  const timespec spec{until_ns / kNsPerS, until_ns % kNsPerS};
  while (now_ns() < until_ns) {
    ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &spec, nullptr, FUTEX_BITSET_MATCH_ANY);
  }
}

void look(octo_batch *batch, const Keys &keys, Findings &findings) {
  std::vector<octo_result> results(keys.count());
  if (octo_batch_results(batch, 0, results.data(), sizeof(octo_result), results.size()) != OCTO_OK) {
    throw std::runtime_error("a frozen batch has no results");
  }
  for (const octo_result &result : results) {
    if ((result.flags & OCTO_RESULT_SETTLED) != 0) {
      ++findings.requests_settled;
    } else {
      ++findings.unsettled.at(static_cast<std::size_t>(result.phase));
    }
  }
}

}  // namespace

std::int64_t now_ns() noexcept {
  timespec spec{};
  ::clock_gettime(CLOCK_MONOTONIC, &spec);
  return spec.tv_sec * kNsPerS + spec.tv_nsec;
}

void Findings::add_all(const Findings &others) {
  for (std::size_t group = 0; group < kGroups; ++group) lateness[group].add_all(others.lateness[group]);
  submit.add_all(others.submit);
  batches_complete += others.batches_complete;
  requests_settled += others.requests_settled;
  for (std::size_t phase = 0; phase < kPhases; ++phase) unsettled[phase] += others.unsettled[phase];
}

std::uint64_t Findings::unsettled_total() const noexcept {
  std::uint64_t total = 0;
  for (const std::uint64_t count : unsettled) total += count;
  return total;
}

Keys::Keys(std::size_t count) : requests_(count) {
  names_.reserve(count);
  for (octo_request &request : requests_) {
    names_.push_back("key" + std::to_string(names_.size()));
    request.key = names_.back().data();
    request.key_size = names_.back().size();
  }
}

std::int64_t bare_wait(std::int64_t budget_us) noexcept {
  const std::int64_t until_ns = now_ns() + budget_us * 1000;
  wait_until(until_ns);
  return now_ns() - until_ns;
}

std::optional<std::int64_t> batch_wait(octo_client *client, const Keys &keys, std::int64_t budget_us,
                                       Findings &findings) {
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_BUDGET;
  options.budget_us = static_cast<std::uint64_t>(budget_us);
  octo_error error = OCTO_ERROR_INIT;
  octo_batch *batch = nullptr;

  const std::int64_t start_ns = now_ns();
  const octo_status submitted =
      octo_submit(client, keys.requests(), sizeof(octo_request), keys.count(), &options, &batch, &error);
  const std::int64_t submitted_ns = now_ns();
  const octo_status waited = octo_batch_wait(batch, OCTO_WAIT_FOREVER);
  const std::int64_t lateness_ns = now_ns() - (start_ns + budget_us * 1000);

  if (submitted != OCTO_OK) throw std::runtime_error(std::string("octo_submit: ") + error.text);
  if (waited != OCTO_OK) throw std::runtime_error(std::string("octo_batch_wait: ") + octo_status_name(waited));
  findings.submit.add(submitted_ns - start_ns);
  if (lateness_ns >= 0) {
    look(batch, keys, findings);
  } else {
    ++findings.batches_complete;
  }
  octo_batch_free(batch);
  if (lateness_ns < 0) return std::nullopt;
  return lateness_ns;
}

void Trio::wait(Group group, octo_client *client, const Keys &keys, Findings &findings) {
  lateness_ns[static_cast<std::size_t>(group)] =
      group == Group::octofetch ? batch_wait(client, keys, budget_us, findings) : bare_wait(budget_us);
}

void Trio::count(Findings &findings) const {
  if (!lateness_ns[static_cast<std::size_t>(Group::octofetch)]) return;
  for (std::size_t group = 0; group < kGroups; ++group) findings.lateness[group].add(*lateness_ns[group]);
}

}  // namespace octo_bench
