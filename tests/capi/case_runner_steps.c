/* Runs one case: opens its client, does its steps, and looks whether all is well again afterwards. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "case_runner.h"

#define CLEAN_KEYS 10

int case_fail(case_run *run, const char *field, const char *format, ...) {
  if (run->has_failed || run->is_trying) return 0;
  run->has_failed = 1;
  snprintf(run->place, sizeof run->place, "%s%s%.100s", run->where, *run->where == '\0' ? "" : ".", field);
  va_list values;
  va_start(values, format);
  vsnprintf(run->failure, sizeof run->failure, format, values);
  va_end(values);
  return 0;
}

void case_pause(uint64_t span_us) {
  struct timespec span;
  span.tv_sec = (time_t)(span_us / 1000000);
  span.tv_nsec = (long)(span_us % 1000000) * 1000;
  while (nanosleep(&span, &span) != 0) {
  }
}

/* --------------------------------------------------------------------------------------------------- the client */

static octo_status open_client(case_run *run, const char *url, octo_client **client, octo_error *error) {
  char text[CASE_TEXT_MAX];
  octo_options *options = NULL;
  octo_status status = octo_options_create(&options);
  for (size_t i = 0; i < run->table->option_count && status == OCTO_OK; ++i) {
    const case_header *option = &run->table->options[i];
    case_origin_fill(run->origin, run->table->scheme, option->value, text, sizeof text);
    status = octo_options_set(options, option->name, text, error);
  }
  case_origin_fill(run->origin, run->table->scheme, url, text, sizeof text);
  if (status == OCTO_OK) status = octo_client_open(text, options, client, error);
  octo_options_free(options);
  return status;
}

/* 1 when the steps can begin. */
static int open_own_client(case_run *run) {
  octo_error error = OCTO_ERROR_INIT;
  snprintf(run->where, sizeof run->where, "open");
  const octo_status status = open_client(run, run->table->url, &run->client, &error);
  if (run->table->open_refused != NULL) {
    case_check_refusal(run, run->table->open_refused, status, &error);
    return 0;
  }
  if (status == OCTO_OK) return 1;
  return case_fail(run, "status", "%s: %s", octo_status_name(status), error.text);
}

/* ---------------------------------------------------------------------------------------------------- the steps */

static int do_submit(case_run *run, const case_step *step) {
  for (size_t i = 0; i < step->times; ++i) {
    if (!case_batch_submit(run, step)) return 0;
  }
  if (step->verb == CASE_SUBMIT || step->refused != NULL) return 1;
  for (case_batch *batch = case_batch_find(run, step->batch, NULL); batch != NULL;
       batch = case_batch_find(run, step->batch, batch)) {
    if (!case_batch_finish(run, batch)) return 0;
  }
  return 1;
}

static int do_wait(case_run *run, const case_step *step) {
  for (case_batch *batch = case_batch_find(run, step->batch, NULL); batch != NULL;
       batch = case_batch_find(run, step->batch, batch)) {
    snprintf(run->where, sizeof run->where, "steps[%zu]", run->step_index);
    const octo_status status = octo_batch_wait(batch->handle, step->has_span ? step->span_us : OCTO_WAIT_FOREVER);
    if (!case_check_answer(run, step, status)) return 0;
    if (status == OCTO_OK && batch->results == NULL && !case_batch_finish(run, batch)) return 0;
  }
  return 1;
}

static int do_set(case_run *run, const case_step *step) {
  octo_error error = OCTO_ERROR_INIT;
  const octo_status status = octo_client_set(run->client, step->option, step->value, &error);
  if (step->refused != NULL) return case_check_refusal(run, step->refused, status, &error);
  if (status == OCTO_OK) return 1;
  return case_fail(run, "do", "%s: %s", octo_status_name(status), error.text);
}

static int check_stats(case_run *run, const case_step *step) {
  octo_stats stats;
  const octo_status status = octo_client_stats(run->client, &stats, sizeof stats);
  if (status != OCTO_OK) return case_fail(run, "do", "octo_client_stats says %s", octo_status_name(status));
  return case_check_numbers(run, &stats, step->numbers, step->number_count);
}

/* Until it holds, or the patience is over: what another thread or process counts comes a little later. */
static int poll_until(case_run *run, const case_step *step, int (*check)(case_run *, const case_step *)) {
  const uint64_t end_ns = octo_now_ns() + step->span_us * 1000;
  run->is_trying = 1;
  while (!check(run, step) && octo_now_ns() < end_ns) case_pause(10000);
  run->is_trying = 0;
  return check(run, step);
}

static int do_control(case_run *run, const char *method, const char *path, const char *body) {
  const char *complaint = case_origin_control(run->origin, method, path, body);
  return complaint == NULL || case_fail(run, "do", "the origin refuses it: %s", complaint);
}

static int do_listener(case_run *run, const case_step *step, const char *verb) {
  char path[256];
  const char *address = step->address == NULL ? "" : step->address;
  snprintf(path, sizeof path, "/%s?name=%s%s%s", verb, step->listener, *address == '\0' ? "" : "&address=", address);
  return do_control(run, "POST", path, "");
}

static int do_slow_down(case_run *run, const case_step *step) {
  char path[64];
  snprintf(path, sizeof path, "/slow_down?factor=%llu", (unsigned long long)step->count);
  return do_control(run, "PUT", path, "");
}

static int do_origin_step(case_run *run, const case_step *step) {
  switch (step->verb) {
    case CASE_REPORT: return poll_until(run, step, case_check_report);
    case CASE_ORIGIN_SCRIPT: return do_control(run, "PUT", step->drops ? "/script?drop=1" : "/script", step->script);
    case CASE_ORIGIN_DROP: return do_control(run, "POST", "/drop", "");
    case CASE_ORIGIN_CLOSE: return do_listener(run, step, "close");
    case CASE_ORIGIN_OPEN: return do_listener(run, step, "open");
    case CASE_ORIGIN_SLOW_DOWN: return do_slow_down(run, step);
    default: break;
  }
  return case_fail(run, "do", "the runner does not know this verb");
}

static int do_step(case_run *run, const case_step *step) {
  case_batch *batch = step->batch == NULL ? NULL : case_batch_find(run, step->batch, NULL);
  switch (step->verb) {
    case CASE_SUBMIT:
    case CASE_FETCH: return do_submit(run, step);
    case CASE_WAIT: return do_wait(run, step);
    case CASE_NEXT: return case_batch_next(run, batch, step);
    case CASE_CANCEL: octo_batch_cancel(batch->handle); return 1;
    case CASE_CLOSE: octo_client_close(run->client); return 1;
    case CASE_DRAIN: return case_check_answer(run, step, octo_client_drain(run->client, step->span_us));
    case CASE_SHUTDOWN: return case_check_answer(run, step, octo_shutdown(step->span_us));
    case CASE_WARM:
      return case_check_answer(run, step, octo_client_warm(run->client, (uint32_t)step->count, step->span_us, NULL));
    case CASE_SET: return do_set(run, step);
    case CASE_STATS: return poll_until(run, step, check_stats);
    case CASE_PAUSE: case_pause(step->span_us); return 1;
    default: return do_origin_step(run, step);
  }
}

/* ----------------------------------------------------------------------------------------------------- afterwards */

static void reopen_listeners(case_run *run) {
  for (size_t i = 0; i < run->table->step_count; ++i) {
    if (run->table->steps[i].verb == CASE_ORIGIN_CLOSE) do_listener(run, &run->table->steps[i], "open");
  }
}

/* The fault is over: a batch of clean keys must come whole, over the connections that the client has. */
static int check_next_batch(case_run *run) {
  static const octo_status kOk = OCTO_OK;
  static const case_result kExpect = {.statuses = &kOk, .status_count = 1, .body_size = 1024};
  static const case_request kRequests = {{.key = "clean", .key_size = 5}, CLEAN_KEYS, &kExpect};
  static const case_frozen kFrozen = {.states = &kOk, .state_count = 1};
  static const case_step kStep = {.verb = CASE_FETCH,
                                  .batch = "",
                                  .requests = &kRequests,
                                  .request_count = 1,
                                  .times = 1,
                                  .batch_flags = OCTO_BATCH_BUDGET,
                                  .budget_us = 10000000,
                                  .frozen = &kFrozen};
  octo_error error = OCTO_ERROR_INIT;
  octo_client *own = run->client;
  octo_client *another = NULL;
  snprintf(run->where, sizeof run->where, "next_batch_complete");
  reopen_listeners(run);
  if (!do_control(run, "PUT", "/script", "{}")) return 0;
  if (strcmp(run->table->next_batch_url, "{origin}") != 0) {
    const octo_status status = open_client(run, run->table->next_batch_url, &another, &error);
    if (status != OCTO_OK) return case_fail(run, "do", "%s: %s", octo_status_name(status), error.text);
    run->client = another;
  }
  const int is_right = do_submit(run, &kStep);
  if (!is_right) snprintf(run->place, sizeof run->place, "next_batch_complete");
  octo_client_close(another);
  run->client = own;
  return is_right;
}

static int is_idle(case_run *run, const case_step *step) {
  octo_stats stats;
  (void)step;
  if (octo_client_stats(run->client, &stats, sizeof stats) != OCTO_OK) return 1; /* closed by the case */
  if (stats.memory_active + stats.memory_delivered + stats.slots_busy + stats.queued == 0) return 1;
  return case_fail(run, "resources", "%llu + %llu bytes, %llu slots and %llu queued requests are left",
                   (unsigned long long)stats.memory_active, (unsigned long long)stats.memory_delivered,
                   (unsigned long long)stats.slots_busy, (unsigned long long)stats.queued);
}

static void end_run(case_run *run) {
  static const case_step kPatient = {.span_us = CASE_PATIENCE_US};
  for (size_t i = 0; i < run->batch_count; ++i) case_batch_end(&run->batches[i]);
  run->where[0] = '\0';
  if (run->client != NULL && !run->has_failed) poll_until(run, &kPatient, is_idle);
  octo_client_close(run->client);
  const octo_status status = octo_shutdown(CASE_PATIENCE_US);
  if (status != OCTO_OK) case_fail(run, "resources", "octo_shutdown says %s", octo_status_name(status));
  reopen_listeners(run);
}

static int run_steps(case_run *run) {
  for (size_t i = 0; i < run->table->step_count; ++i) {
    run->step_index = i;
    snprintf(run->where, sizeof run->where, "steps[%zu]", i);
    if (!do_step(run, &run->table->steps[i])) return 0;
  }
  for (size_t i = 0; i < run->batch_count; ++i) {
    if (!case_batch_check_final(run, &run->batches[i])) return 0;
  }
  return run->table->next_batch_url == NULL || check_next_batch(run);
}

void case_run_table(case_run *run, const case_origin *origin, const case_table *table) {
  memset(run, 0, sizeof *run);
  run->origin = origin;
  run->table = table;
  snprintf(run->where, sizeof run->where, "origin");
  const char *complaint = case_origin_control(origin, "PUT", "/script?drop=1", table->script);
  if (complaint != NULL) {
    case_fail(run, "script", "%s", complaint);
  } else if (open_own_client(run)) {
    run_steps(run);
  }
  end_run(run);
}
