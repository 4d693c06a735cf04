/* Looks at the attempts of a frozen batch: what holds for all of them, and what the case expects of a request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_runner.h"

/* Appends ", CAUSE STATUS reused" to what stands there already. */
static void tell(char *out, size_t out_size, const octo_attempt *attempt) {
  const size_t size = strlen(out);
  snprintf(out + size, out_size - size, "%s%s %s%s", size == 0 ? "" : ", ", octo_attempt_cause_name(attempt->cause),
           octo_status_name(attempt->status), (attempt->flags & OCTO_RESULT_REUSED) != 0 ? " reused" : "");
}

/* One of a request that has `number` - 1 before it. */
static int check_attempt(case_run *run, const octo_attempt *attempt, uint32_t number, uint64_t frozen_us) {
  const uint64_t spent_us = attempt->connecting_us + attempt->securing_us + attempt->waiting_us + attempt->receiving_us;
  if (attempt->number != number) return case_fail(run, "tried", "number %u comes as %u", attempt->number, number);
  if (attempt->started_us > attempt->ended_us || attempt->ended_us > frozen_us) {
    return case_fail(run, "tried", "number %u does not start, end and freeze in this order", number);
  }
  /* Each phase is cut to whole microseconds, and so are both ends. */
  if (spent_us > attempt->ended_us - attempt->started_us + 1) {
    return case_fail(run, "tried", "number %u spends %llu us in phases, and there are %llu", number,
                     (unsigned long long)spent_us, (unsigned long long)(attempt->ended_us - attempt->started_us));
  }
  if (attempt->address[0] == '\0') return case_fail(run, "tried", "number %u has no address", number);
  return 1;
}

static int check_request(case_run *run, const case_batch *batch, size_t index, const octo_attempt *attempts,
                         size_t count, uint64_t frozen_us) {
  const octo_result *result = &batch->results[index];
  const char *expect = batch->expects[index]->tried;
  int has_ending = 0;
  uint32_t number = 0;
  char told[CASE_TEXT_MAX] = "";
  for (size_t i = 0; i < count; ++i) {
    if (attempts[i].index != index) continue;
    if (!check_attempt(run, &attempts[i], ++number, frozen_us)) return 0;
    /* Of several addresses that all failed, the result names the last one tried. */
    has_ending |= attempts[i].status == result->status &&
                  (result->http_status == 0 || strcmp(attempts[i].address, result->address) == 0);
    tell(told, sizeof told, &attempts[i]);
  }
  if (expect != NULL && strcmp(told, expect) != 0) {
    return case_fail(run, "tried", "'%s' was expected, it is '%s'", expect, told);
  }
  if ((result->flags & OCTO_RESULT_SETTLED) == 0) return 1;
  if (number != result->attempts) {
    return case_fail(run, "tried", "the result says %u, there are %u: %s", result->attempts, number, told);
  }
  if (number > 0 && !has_ending) {
    return case_fail(run, "tried", "none ended with %s at %s: %s", octo_status_name(result->status), result->address,
                     told);
  }
  return 1;
}

int case_check_attempts(case_run *run, const case_batch *batch) {
  octo_batch_info info;
  char place[sizeof run->where];
  octo_batch_describe(batch->handle, &info, sizeof info);
  octo_attempt *attempts = (octo_attempt *)calloc(info.attempt_count + 1, sizeof *attempts);
  if (attempts == NULL) return case_fail(run, "tried", "the runner has no memory");
  const octo_status status = octo_batch_attempts(batch->handle, 0, attempts, sizeof *attempts, info.attempt_count);
  int is_right = status == OCTO_OK || case_fail(run, "tried", "octo_batch_attempts says %s", octo_status_name(status));
  memcpy(place, run->where, sizeof place);
  for (size_t i = 0; i < batch->request_count && is_right; ++i) {
    snprintf(run->where, sizeof run->where, "%.64s.requests[%zu]", place, i);
    is_right = check_request(run, batch, i, attempts, info.attempt_count, info.frozen_us);
  }
  if (is_right) memcpy(run->where, place, sizeof place);
  free(attempts);
  return is_right;
}
