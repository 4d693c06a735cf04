/* Batches of a case: built from a step, submitted, waited for, and looked at as the case expects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_runner.h"

#define NUMBER_DIGITS_MAX 8

static size_t count_requests(const case_step *step) {
  size_t count = 0;
  for (size_t i = 0; i < step->request_count; ++i) count += step->requests[i].count == 0 ? 1 : step->requests[i].count;
  return count;
}

static size_t count_key_bytes(const case_step *step) {
  size_t size = 0;
  for (size_t i = 0; i < step->request_count; ++i) {
    size += step->requests[i].count * (step->requests[i].request.key_size + NUMBER_DIGITS_MAX);
  }
  return size;
}

/* Lists the requests of a step one by one, numbered keys written out. */
static int build(case_batch *batch, const case_step *step) {
  const size_t count = count_requests(step);
  batch->step = step;
  batch->requests = (octo_request *)calloc(count + 1, sizeof *batch->requests);
  batch->expects = (const case_result **)calloc(count + 1, sizeof *batch->expects);
  batch->keys = (char *)calloc(count_key_bytes(step) + 1, 1);
  batch->handed_out = (char *)calloc(count + 1, 1);
  if (batch->requests == NULL || batch->expects == NULL || batch->keys == NULL || batch->handed_out == NULL) return 0;
  char *key = batch->keys;
  for (size_t i = 0; i < step->request_count; ++i) {
    const case_request *item = &step->requests[i];
    for (size_t number = 0; number == 0 || number < item->count; ++number) {
      octo_request *request = &batch->requests[batch->request_count];
      *request = item->request;
      if (item->count != 0) {
        memcpy(key, item->request.key, item->request.key_size);
        request->key = key;
        request->key_size = item->request.key_size;
        request->key_size += (size_t)snprintf(key + request->key_size, NUMBER_DIGITS_MAX, "%zu", number);
        key += request->key_size;
      }
      batch->expects[batch->request_count++] = item->expect;
    }
  }
  return 1;
}

/* now + deadline_in_us, never below 1 nor beyond the clock. */
static uint64_t deadline_in(int64_t span_us, uint64_t now_ns) {
  const uint64_t size_us = span_us < 0 ? (uint64_t)0 - (uint64_t)span_us : (uint64_t)span_us;
  const uint64_t size_ns = size_us > UINT64_MAX / 1000 ? UINT64_MAX : size_us * 1000;
  if (span_us < 0) return size_ns >= now_ns ? 1 : now_ns - size_ns;
  return size_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + size_ns;
}

static octo_status submit(case_run *run, case_batch *batch, octo_error *error) {
  const case_step *step = batch->step;
  const uint64_t now_ns = octo_now_ns();
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = step->batch_flags | OCTO_BATCH_TAG | OCTO_BATCH_ATTEMPTS;
  options.budget_us = step->budget_us;
  options.deadline_ns = step->has_deadline_in ? deadline_in(step->deadline_in_us, now_ns) : step->deadline_ns;
  options.headers = step->headers;
  options.header_count = step->header_count;
  options.tag = run->batch_count + 1;
  batch->deadline_ns = now_ns + deadline_in((int64_t)(step->budget_us < INT64_MAX ? step->budget_us : INT64_MAX), 0);
  if ((step->batch_flags & OCTO_BATCH_DEADLINE) != 0) {
    batch->deadline_ns = options.deadline_ns > now_ns ? options.deadline_ns : now_ns;
  } else if ((step->batch_flags & OCTO_BATCH_BUDGET) == 0) {
    batch->deadline_ns = UINT64_MAX; /* the client's budget; what it is, only the library knows */
  }
  return octo_submit(run->client, batch->requests, sizeof(octo_request), batch->request_count, &options, &batch->handle,
                     error);
}

int case_batch_submit(case_run *run, const case_step *step) {
  octo_error error = OCTO_ERROR_INIT;
  if (run->batch_count == CASE_BATCHES_MAX) return case_fail(run, "times", "the runner holds no more batches");
  case_batch *batch = &run->batches[run->batch_count];
  memset(batch, 0, sizeof *batch);
  if (!build(batch, step)) return case_fail(run, "requests", "the runner has no memory");
  batch->step_index = run->step_index;
  ++run->batch_count;
  const uint64_t begun_ns = octo_now_ns();
  const octo_status status = submit(run, batch, &error);
  if (octo_now_ns() - begun_ns > CASE_PATIENCE_US * 1000) return case_fail(run, "do", "submit blocked");
  if (step->refused != NULL) {
    if (batch->handle != NULL) return case_fail(run, "refused.status", "a batch was made");
    return case_check_refusal(run, step->refused, status, &error);
  }
  if (status == OCTO_OK) return 1;
  return case_fail(run, "do", "%s: %s", octo_status_name(status), error.text);
}

case_batch *case_batch_find(case_run *run, const char *name, const case_batch *after) {
  const size_t first = after == NULL ? 0 : (size_t)(after - run->batches) + 1;
  const case_step *latest = after == NULL ? NULL : after->step;
  /* A name may be used again once its batch is done: the latest submit counts. */
  for (size_t i = run->batch_count; latest == NULL && i > 0; --i) {
    case_batch *batch = &run->batches[i - 1];
    if (batch->handle != NULL && strcmp(batch->step->batch, name) == 0) latest = batch->step;
  }
  for (size_t i = first; i < run->batch_count; ++i) {
    if (run->batches[i].step == latest && run->batches[i].handle != NULL) return &run->batches[i];
  }
  return NULL;
}

void case_batch_end(case_batch *batch) {
  octo_batch_free(batch->handle);
  free(batch->requests);
  free((void *)(uintptr_t)batch->expects);
  free(batch->keys);
  free(batch->results);
  free(batch->handed_out);
  memset(batch, 0, sizeof *batch);
}

/* ----------------------------------------------------------------------------------------------- after the freeze */

static int read_results(case_run *run, const case_batch *batch, octo_result *results) {
  if (batch->request_count == 0) return 1;
  const octo_status status = octo_batch_results(batch->handle, 0, results, sizeof(octo_result), batch->request_count);
  return status == OCTO_OK || case_fail(run, "requests", "octo_batch_results says %s", octo_status_name(status));
}

/* What holds for every frozen batch, whatever the case. */
static int check_sums(case_run *run, const case_batch *batch, const octo_batch_info *info) {
  const uint64_t sum = info->ok_count + info->missing_count + info->late_count + info->failed_count;
  uint64_t settled = 0;
  uint64_t body_size = 0;
  for (size_t i = 0; i < batch->request_count; ++i) {
    settled += (batch->results[i].flags & OCTO_RESULT_SETTLED) != 0;
    body_size += batch->results[i].body_size;
  }
  if (info->request_count != batch->request_count || sum != info->request_count) {
    return case_fail(run, "frozen.request_count", "the counts do not add up to %zu", batch->request_count);
  }
  if (info->settled_count != settled || (info->state == OCTO_OK) != (settled == batch->request_count)) {
    return case_fail(run, "frozen.settled_count", "%llu of %llu settled, and the state is %s",
                     (unsigned long long)settled, (unsigned long long)info->settled_count,
                     octo_status_name(info->state));
  }
  if (info->body_size != body_size) return case_fail(run, "frozen.body_size", "is not the sum of the bodies");
  for (int32_t format = OCTO_EXPLAIN_LINE; format <= OCTO_EXPLAIN_SVG; ++format) {
    size_t size = 0;
    const octo_status status = octo_batch_explain(batch->handle, format, NULL, 0, &size);
    if (status != OCTO_OK || size == 0) return case_fail(run, "explain", "format %d: nothing", (int)format);
  }
  return 1;
}

static int has_state(const case_frozen *frozen, octo_status state) {
  for (size_t i = 0; i < frozen->state_count; ++i) {
    if (frozen->states[i] == state) return 1;
  }
  return 0;
}

static int check_frozen(case_run *run, const case_batch *batch) {
  const case_frozen *frozen = batch->step->frozen;
  octo_batch_info info;
  const octo_status status = octo_batch_describe(batch->handle, &info, sizeof info);
  if (status != OCTO_OK) return case_fail(run, "frozen", "octo_batch_describe says %s", octo_status_name(status));
  if (!has_state(frozen, info.state)) {
    char line[512] = "";
    octo_batch_explain(batch->handle, OCTO_EXPLAIN_LINE, line, sizeof line, NULL);
    return case_fail(run, "frozen.state", "%s was expected, it is %s: %s", octo_status_name(frozen->states[0]),
                     octo_status_name(info.state), line);
  }
  for (size_t i = 0; i < frozen->status_count; ++i) {
    const case_status_count *wanted = &frozen->statuses[i];
    uint64_t count = 0;
    char field[96];
    for (size_t at = 0; at < batch->request_count; ++at) count += batch->results[at].status == wanted->status;
    if (count >= wanted->min && count <= wanted->max) continue;
    snprintf(field, sizeof field, "frozen.statuses.%s", octo_status_name(wanted->status));
    return case_fail(run, field, "%llu to %llu were expected, they are %llu", (unsigned long long)wanted->min,
                     (unsigned long long)wanted->max, (unsigned long long)count);
  }
  char place[sizeof run->where];
  memcpy(place, run->where, sizeof place);
  snprintf(run->where, sizeof run->where, "%.64s.frozen", place);
  const int is_right = case_check_numbers(run, &info, frozen->numbers, frozen->number_count);
  memcpy(run->where, place, sizeof place);
  return is_right && check_sums(run, batch, &info);
}

int case_batch_finish(case_run *run, case_batch *batch) {
  const size_t step = batch->step_index;
  const octo_status status = octo_batch_wait(batch->handle, OCTO_WAIT_FOREVER);
  const uint64_t now_ns = octo_now_ns();
  if (status != OCTO_OK) return case_fail(run, "answer", "octo_batch_wait says %s", octo_status_name(status));
  if (now_ns > batch->deadline_ns && now_ns - batch->deadline_ns > CASE_PATIENCE_US * 1000) {
    return case_fail(run, "budget", "the batch froze %llu ms after its deadline",
                     (unsigned long long)((now_ns - batch->deadline_ns) / 1000000));
  }
  batch->results = (octo_result *)calloc(batch->request_count + 1, sizeof(octo_result));
  if (batch->results == NULL) return case_fail(run, "requests", "the runner has no memory");
  snprintf(run->where, sizeof run->where, "steps[%zu]", step);
  if (!read_results(run, batch, batch->results)) return 0;
  for (size_t i = 0; i < batch->request_count; ++i) {
    snprintf(run->where, sizeof run->where, "steps[%zu].requests[%zu]", step, i);
    if (!case_check_result(run, batch, i)) return 0;
  }
  snprintf(run->where, sizeof run->where, "steps[%zu]", step);
  return case_check_attempts(run, batch) && check_frozen(run, batch);
}

int case_batch_check_final(case_run *run, const case_batch *batch) {
  if (batch->results == NULL) return 1;
  snprintf(run->where, sizeof run->where, "steps[%zu]", batch->step_index);
  octo_result *again = (octo_result *)calloc(batch->request_count + 1, sizeof(octo_result));
  if (again == NULL || !read_results(run, batch, again)) return case_fail(run, "final", "it cannot be read again");
  int is_right = 1;
  for (size_t i = 0; i < batch->request_count && is_right; ++i) {
    if (memcmp(&again[i], &batch->results[i], sizeof again[i]) == 0) continue;
    is_right = case_fail(run, "final", "the result of request %zu changed after the freeze", i);
  }
  free(again);
  return is_right;
}

/* -------------------------------------------------------------------------------------------------------- next */

static int check_handed_out(case_run *run, case_batch *batch, const case_key *key, size_t index) {
  octo_result result;
  if (index >= batch->request_count) return case_fail(run, "keys", "index %zu is behind the last", index);
  if (batch->handed_out[index]) return case_fail(run, "keys", "index %zu came twice", index);
  batch->handed_out[index] = 1;
  const octo_status status = octo_batch_results(batch->handle, index, &result, sizeof result, 1);
  if (status != OCTO_OK) return case_fail(run, "keys", "its result is %s", octo_status_name(status));
  if (key == NULL) return 1;
  if (key->size == result.key_size && memcmp(key->data, result.key, key->size) == 0) return 1;
  return case_fail(run, "keys", "'%s' was expected, it is '%.*s'", key->data, (int)result.key_size,
                   (const char *)result.key);
}

int case_batch_next(case_run *run, case_batch *batch, const case_step *step) {
  const uint64_t patience_us = 2 * CASE_PATIENCE_US;
  for (size_t taken = 0; step->count == 0 || taken < step->count; ++taken) {
    size_t index = 0;
    const octo_status status = octo_batch_next(batch->handle, patience_us, &index);
    if (status == OCTO_END && step->count == 0) break;
    if (status != OCTO_OK) return case_fail(run, "count", "octo_batch_next says %s", octo_status_name(status));
    if (!check_handed_out(run, batch, taken < step->key_count ? &step->keys[taken] : NULL, index)) return 0;
  }
  for (size_t i = 0; step->count == 0 && i < batch->request_count; ++i) {
    if (!batch->handed_out[i]) return case_fail(run, "keys", "index %zu did not come", i);
  }
  return 1;
}
