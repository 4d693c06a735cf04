/* Compares what the library and the origin say with what a case expects; every difference names its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "case_runner.h"
#include "origin/pattern.h"

#define MESSAGE_SIZE_MAX 400

/* ------------------------------------------------------------------------------------------------- any expectation */

static uint64_t number_at(const void *record, const case_number *number) {
  const char *at = (const char *)record + number->offset;
  uint64_t wide = 0;
  uint32_t narrow = 0;
  if (number->size == sizeof narrow) {
    memcpy(&narrow, at, sizeof narrow);
    return narrow;
  }
  memcpy(&wide, at, sizeof wide);
  return wide;
}

static int check_number(case_run *run, const char *prefix, const case_number *number, uint64_t value) {
  char field[160];
  if (value >= number->min && value <= number->max) return 1;
  snprintf(field, sizeof field, "%s%s", prefix, number->name);
  if (number->max == UINT64_MAX) {
    return case_fail(run, field, "at least %llu was expected, it is %llu", (unsigned long long)number->min,
                     (unsigned long long)value);
  }
  return case_fail(run, field, "%llu to %llu was expected, it is %llu", (unsigned long long)number->min,
                   (unsigned long long)number->max, (unsigned long long)value);
}

int case_check_numbers(case_run *run, const void *record, const case_number *numbers, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!check_number(run, "", &numbers[i], number_at(record, &numbers[i]))) return 0;
  }
  return 1;
}

static const char *filled(const case_run *run, const char *text) {
  static char buffer[CASE_TEXT_MAX];
  case_origin_fill(run->origin, run->table->scheme, text, buffer, sizeof buffer);
  return buffer;
}

/* A sentence for people: one line, without control bytes. */
static int is_sentence(const char *text, size_t size_max) {
  if (*text == '\0' || strlen(text) > size_max) return 0;
  for (; *text != '\0'; ++text) {
    if ((unsigned char)*text < 0x20 || *text == 0x7f) return 0;
  }
  return 1;
}

int case_check_answer(case_run *run, const case_step *step, octo_status status) {
  for (size_t i = 0; i < step->answer_count; ++i) {
    if (status == step->answers[i]) return 1;
  }
  return case_fail(run, "answer", "%s was expected, it is %s", octo_status_name(step->answers[0]),
                   octo_status_name(status));
}

int case_check_refusal(case_run *run, const case_refusal *refusal, octo_status status, const octo_error *error) {
  if (status != refusal->status) {
    return case_fail(run, "refused.status", "%s was expected, it is %s: %s", octo_status_name(refusal->status),
                     octo_status_name(status), error->text);
  }
  if (error->status != status) {
    return case_fail(run, "refused.status", "the error says %s and the call %s", octo_status_name(error->status),
                     octo_status_name(status));
  }
  if (!is_sentence(error->text, sizeof error->text)) {
    return case_fail(run, "refused.text", "'%s' is no sentence", error->text);
  }
  for (size_t i = 0; i < refusal->text_count; ++i) {
    const char *text = filled(run, refusal->texts[i]);
    if (strstr(error->text, text) == NULL) {
      return case_fail(run, "refused.text", "'%s' is not in '%s'", text, error->text);
    }
  }
  return 1;
}

/* ---------------------------------------------------------------------------------------------------------- a result */

/* What holds for every result, whatever the case. */
static int check_invariants(case_run *run, const octo_request *request, const octo_result *result) {
  const int is_settled = (result->flags & OCTO_RESULT_SETTLED) != 0;
  const int is_freeze =
      result->status == OCTO_DEADLINE || result->status == OCTO_CANCELLED || result->status == OCTO_CLOSED;
  const int has_body = result->status == OCTO_OK;
  const int needs_message = result->status != OCTO_OK && result->status != OCTO_NOT_MODIFIED;
  if (is_settled == is_freeze) {
    return case_fail(run, "settled", "%s cannot be %s", octo_status_name(result->status),
                     is_settled ? "settled" : "unsettled");
  }
  if ((result->body != NULL) != has_body || (!has_body && result->body_size != 0)) {
    return case_fail(run, "body", "%s has a body of %zu bytes", octo_status_name(result->status), result->body_size);
  }
  if (has_body && (octo_body_size(result->body_handle) != result->body_size)) {
    return case_fail(run, "body", "the handle and the result differ");
  }
  if (needs_message && !is_sentence(result->message, MESSAGE_SIZE_MAX)) {
    return case_fail(run, "message", "'%s' is no sentence", result->message);
  }
  /* An over-long key is quoted in part. */
  if (result->key_size > request->key_size ||
      (result->key_size > 0 && memcmp(result->key, request->key, result->key_size) != 0)) {
    return case_fail(run, "key", "the result has another key");
  }
  if (result->since_us > result->settled_us) return case_fail(run, "since_us", "is after settled_us");
  return 1;
}

static int check_pattern(case_run *run, const octo_request *request, const case_result *expect,
                         const octo_result *result) {
  char name[CASE_TEXT_MAX];
  size_t size = 0;
  if (expect->body_of != NULL) {
    size = (size_t)snprintf(name, sizeof name, "%s", expect->body_of);
  } else {
    size = (size_t)snprintf(name, sizeof name, "%s", run->table->base);
    if (size + request->key_size > sizeof name) return case_fail(run, "body", "the key is too long for the runner");
    memcpy(name + size, request->key, request->key_size);
    size += request->key_size;
  }
  if (octo_pattern_is_equal(octo_pattern_seed(name, size), expect->body_offset, result->body, result->body_size)) {
    return 1;
  }
  return case_fail(run, "body", "%zu bytes are not those of the object", result->body_size);
}

static int check_body(case_run *run, const octo_request *request, const case_result *expect,
                      const octo_result *result) {
  if (result->body_size != expect->body_size) {
    return case_fail(run, "body", "%llu bytes were expected, they are %zu", (unsigned long long)expect->body_size,
                     result->body_size);
  }
  switch (expect->body_kind) {
    case CASE_BODY_PATTERN: return check_pattern(run, request, expect, result);
    case CASE_BODY_TEXT:
      if (memcmp(result->body, expect->body_text, result->body_size) == 0) return 1;
      return case_fail(run, "body", "'%s' was expected, it is '%.*s'", expect->body_text, (int)result->body_size,
                       (const char *)result->body);
    case CASE_BODY_SIZE: break;
  }
  return 1;
}

static int check_texts(case_run *run, const case_result *expect, const octo_result *result) {
  for (size_t i = 0; i < expect->text_count; ++i) {
    const case_text *wanted = &expect->texts[i];
    const char *text = NULL;
    memcpy(&text, (const char *)result + wanted->offset, sizeof text);
    const char *value = filled(run, wanted->text);
    const int is_right = wanted->is_exact ? strcmp(text, value) == 0 : strstr(text, value) != NULL;
    if (!is_right) return case_fail(run, wanted->name, "'%s' was expected, it is '%s'", value, text);
  }
  return 1;
}

static int check_headers(case_run *run, const case_result *expect, octo_batch *batch, size_t index) {
  for (size_t i = 0; i < expect->header_count; ++i) {
    const case_header *header = &expect->headers[i];
    const char *value = NULL;
    size_t size = 0;
    char field[160];
    snprintf(field, sizeof field, "headers.%s", header->name);
    const octo_status status = octo_result_header(batch, index, header->name, &value, &size);
    if (header->value == NULL && status == OCTO_NOT_FOUND) continue;
    if (header->value == NULL) return case_fail(run, field, "is there");
    if (status != OCTO_OK) return case_fail(run, field, "%s", octo_status_name(status));
    const char *wanted = filled(run, header->value);
    if (size != strlen(value) || strcmp(value, wanted) != 0) {
      return case_fail(run, field, "'%s' was expected, it is '%s'", wanted, value);
    }
  }
  return 1;
}

static int has_status(const case_result *expect, octo_status status) {
  for (size_t i = 0; i < expect->status_count; ++i) {
    if (expect->statuses[i] == status) return 1;
  }
  return 0;
}

static int has_phase(const case_result *expect, int32_t phase) {
  for (size_t i = 0; i < expect->phase_count; ++i) {
    if (expect->phases[i] == phase) return 1;
  }
  return expect->phase_count == 0;
}

static int check_flags(case_run *run, const case_result *expect, const octo_result *result) {
  static const struct {
    uint32_t flag;
    const char *name;
  } kFlags[] = {{OCTO_RESULT_REUSED, "reused"}, {OCTO_RESULT_PARTIAL, "partial"}, {OCTO_RESULT_HEDGED, "hedged"}};
  for (size_t i = 0; i < sizeof kFlags / sizeof kFlags[0]; ++i) {
    const uint32_t flag = kFlags[i].flag;
    if ((expect->flags_set & flag & ~result->flags) != 0) return case_fail(run, kFlags[i].name, "is not set");
    if ((expect->flags_clear & flag & result->flags) != 0) return case_fail(run, kFlags[i].name, "is set");
  }
  return 1;
}

int case_check_result(case_run *run, case_batch *batch, size_t index) {
  const octo_request *request = &batch->requests[index];
  const octo_result *result = &batch->results[index];
  const case_result *expect = batch->expects[index];
  if (!has_status(expect, result->status)) {
    return case_fail(run, "status", "%s was expected, it is %s (phase %s, HTTP %u, %u attempts): %s",
                     octo_status_name(expect->statuses[0]), octo_status_name(result->status),
                     octo_phase_name(result->phase), result->http_status, result->attempts, result->message);
  }
  if (!check_invariants(run, request, result)) return 0;
  if (!has_phase(expect, result->phase)) {
    return case_fail(run, "phase", "%s was expected, it is %s: %s", octo_phase_name(expect->phases[0]),
                     octo_phase_name(result->phase), result->message);
  }
  if (expect->has_source && result->source != expect->source) {
    return case_fail(run, "source", "%s was expected, it is %s", octo_source_name(expect->source),
                     octo_source_name(result->source));
  }
  if (result->status == OCTO_OK && !check_body(run, request, expect, result)) return 0;
  return check_flags(run, expect, result) && case_check_numbers(run, result, expect->numbers, expect->number_count) &&
         check_texts(run, expect, result) && check_headers(run, expect, batch->handle, index);
}

/* --------------------------------------------------------------------------------------------- what the origin saw */

/* The number behind `name` at the beginning of a line; 0 when it is not there, as the origin shows only what counted. */
static uint64_t counter_of(const char *report, const char *name) {
  const size_t size = strlen(name);
  for (const char *line = report; *line != '\0';) {
    if (strncmp(line, name, size) == 0 && line[size] == ' ') return strtoull(line + size + 1, NULL, 10);
    line += strcspn(line, "\n");
    line += *line == '\n';
  }
  return 0;
}

static const char *find_ignoring_case(const char *text, const char *wanted) {
  const size_t size = strlen(wanted);
  for (; *text != '\0'; ++text) {
    if (strncasecmp(text, wanted, size) == 0) return text;
  }
  return NULL;
}

/* Headers stand in the report as ["Name","value"]. */
static int check_seen_header(case_run *run, const char *request, const case_header *header) {
  char field[160];
  char opening[160];
  snprintf(field, sizeof field, "headers.%s", header->name);
  snprintf(opening, sizeof opening, "[\"%s\",", header->name);
  const char *at = find_ignoring_case(request, opening);
  if (header->value == NULL) return at == NULL || case_fail(run, field, "the origin saw it");
  if (at == NULL) return case_fail(run, field, "the origin did not see it");
  const char *wanted = filled(run, header->value);
  at += strlen(opening);
  if (strncmp(at, wanted, strlen(wanted)) == 0 && at[strlen(wanted)] == ']') return 1;
  return case_fail(run, field, "%s was expected, it is %.*s", wanted, (int)strcspn(at, "]"), at);
}

/* `request` is one object of last_requests, whose members stand in the order of their names. */
static int check_seen(case_run *run, const char *request, const case_seen *seen) {
  if (seen->target != NULL) {
    const char *at = strstr(request, "\"target\":");
    at = at == NULL ? "" : at + strlen("\"target\":");
    if (strncmp(at, seen->target, strlen(seen->target)) != 0) {
      return case_fail(run, "target", "%s was expected, it is %.*s", seen->target, (int)strcspn(at, ",}"), at);
    }
  }
  for (size_t i = 0; i < seen->header_count; ++i) {
    if (!check_seen_header(run, request, &seen->headers[i])) return 0;
  }
  return 1;
}

/* The object of last_requests with this path, cut out of the report, which it changes; NULL for none. */
static char *find_seen(char *report, const char *path) {
  static const char kBegin[] = "{\"address\":";
  char wanted[CASE_TEXT_MAX];
  snprintf(wanted, sizeof wanted, "\"path\":%s", path);
  for (char *at = strstr(report, kBegin); at != NULL;) {
    char *next = strstr(at + 1, kBegin);
    if (next != NULL) *next = '\0';
    if (strstr(at, wanted) != NULL) return at;
    if (next != NULL) *next = '{';
    at = next;
  }
  return NULL;
}

static int check_counters(case_run *run, const case_step *step) {
  char *report = case_origin_read(run->origin, "/report.txt");
  if (report == NULL) return case_fail(run, "counters", "the origin does not answer");
  int is_right = 1;
  for (size_t i = 0; i < step->number_count && is_right; ++i) {
    is_right = check_number(run, "counters.", &step->numbers[i], counter_of(report, step->numbers[i].name));
  }
  free(report);
  return is_right;
}

int case_check_report(case_run *run, const case_step *step) {
  char place[sizeof run->where];
  if (step->number_count > 0 && !check_counters(run, step)) return 0;
  int is_right = 1;
  memcpy(place, run->where, sizeof place);
  for (size_t i = 0; i < step->seen_count && is_right; ++i) {
    snprintf(run->where, sizeof run->where, "%.64s.requests[%zu]", place, i);
    char *report = case_origin_read(run->origin, "/report");
    const char *request = report == NULL ? NULL : find_seen(report, step->seen[i].path);
    is_right = request == NULL ? case_fail(run, "path", "the origin saw no request of %s", step->seen[i].path)
                               : check_seen(run, request, &step->seen[i]);
    free(report);
  }
  memcpy(run->where, place, sizeof place);
  return is_right;
}
