/* What a behaviour case is to the C runner: the structs that tools/case_table.py fills, and what the parts of the
 * runner give each other. tests/cases/README.md explains the fields; a field that a case leaves out is 0 or NULL.
 * Everything runs on one thread. */
#ifndef OCTO_CASE_RUNNER_H
#define OCTO_CASE_RUNNER_H

#include <octofetch.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------------------------------------ the tables */

/* A number of a struct, by its place there, and what it may be. Counters of the origin have a name alone. */
typedef struct case_number {
  const char *name;
  size_t offset;
  size_t size;
  uint64_t min;
  uint64_t max;
} case_number;

/* A text of octo_result: contained in it, or the whole. */
typedef struct case_text {
  const char *name;
  size_t offset;
  const char *text;
  int is_exact;
} case_text;

/* A header or an option. As an expectation a NULL value means: must not be there. */
typedef struct case_header {
  const char *name;
  const char *value;
} case_header;

typedef struct case_status_count {
  octo_status status;
  uint64_t min;
  uint64_t max;
} case_status_count;

typedef enum case_body_kind { CASE_BODY_PATTERN, CASE_BODY_TEXT, CASE_BODY_SIZE } case_body_kind;

typedef struct case_result {
  const octo_status *statuses; /* one of them */
  size_t status_count;
  const int32_t *phases; /* one of them; 0: any */
  size_t phase_count;
  uint32_t flags_set;
  uint32_t flags_clear;
  int has_source;
  int32_t source;
  const case_number *numbers;
  size_t number_count;
  const case_text *texts;
  size_t text_count;
  const case_header *headers;
  size_t header_count;
  case_body_kind body_kind; /* of an OK result */
  uint64_t body_size;
  uint64_t body_offset;
  const char *body_text;
  const char *body_of; /* the pattern's object; NULL: the key under the client's base path */
  const char *tried;   /* "first CONNECT_FAILED, next_address OK"; NULL: any */
} case_result;

typedef struct case_request {
  octo_request request;
  size_t count; /* 0: this key; else so many, whose keys end in their number from 0 */
  const case_result *expect;
} case_request;

typedef struct case_refusal {
  octo_status status;
  const char *const *texts; /* all are contained in the error */
  size_t text_count;
} case_refusal;

typedef struct case_frozen {
  const octo_status *states; /* one of them */
  size_t state_count;
  const case_status_count *statuses;
  size_t status_count;
  const case_number *numbers; /* of octo_batch_info */
  size_t number_count;
} case_frozen;

typedef struct case_key {
  const char *data;
  size_t size;
} case_key;

/* The last request of a path, as the origin reports it. Texts are as in its JSON, with their quotes. */
typedef struct case_seen {
  const char *path;
  const char *target;
  const case_header *headers;
  size_t header_count;
} case_seen;

typedef enum case_verb {
  CASE_SUBMIT,
  CASE_FETCH,
  CASE_WAIT,
  CASE_NEXT,
  CASE_CANCEL,
  CASE_CLOSE,
  CASE_DRAIN,
  CASE_SHUTDOWN,
  CASE_WARM,
  CASE_SET,
  CASE_STATS,
  CASE_REPORT,
  CASE_PAUSE,
  CASE_ORIGIN_SCRIPT,
  CASE_ORIGIN_DROP,
  CASE_ORIGIN_CLOSE,
  CASE_ORIGIN_OPEN,
  CASE_ORIGIN_SLOW_DOWN
} case_verb;

typedef struct case_step {
  case_verb verb;
  const char *batch;
  const case_request *requests;
  size_t request_count;
  size_t times;
  uint32_t batch_flags; /* OCTO_BATCH_... */
  uint64_t budget_us;
  int has_deadline_in; /* deadline_in_us from now, else deadline_ns */
  int64_t deadline_in_us;
  uint64_t deadline_ns;
  const octo_header *headers;
  size_t header_count;
  const case_frozen *frozen;
  const case_refusal *refused;
  int has_span;
  uint64_t span_us;
  const octo_status *answers; /* one of them */
  size_t answer_count;
  const case_key *keys;
  size_t key_count;
  uint64_t count; /* next: 0 for all; warm: connections; slow_down: the factor */
  const char *option;
  const char *value;
  const case_number *numbers;
  size_t number_count;
  const case_seen *seen;
  size_t seen_count;
  const char *script;
  int drops;
  const char *listener;
  const char *address;
} case_step;

typedef struct case_table {
  const char *name;
  const char *skip;   /* why C does not run it */
  const char *scheme; /* what {origin} means */
  const char *url;
  const char *base; /* what stands before a key in the name of its object */
  const char *script;
  const case_header *options;
  size_t option_count;
  const case_refusal *open_refused;
  const case_step *steps;
  size_t step_count;
  const char *next_batch_url; /* "{origin}": the case's own client */
  const char *must_fail;      /* the place that must fail, for the self-test */
} case_table;

typedef struct case_folder {
  const char *name;
  const case_table *cases;
  size_t case_count;
} case_folder;

extern const case_folder case_folders[];
extern const size_t case_folder_count;

/* ------------------------------------------------------------------------------ the origin (case_runner_origin.c) */

typedef struct case_origin case_origin;

/* Starts octo-origin at 127.0.0.1 and 127.0.0.2; NULL when it cannot. */
case_origin *case_origin_start(const char *program);
/* Ends the process and waits for it. */
void case_origin_stop(case_origin *origin);
/* Sends a control request. NULL when it is done, else the complaint, which the next call overwrites. */
const char *case_origin_control(const case_origin *origin, const char *method, const char *path, const char *body);
/* The body of "/report" or "/report.txt", to be freed; NULL when there is none. */
char *case_origin_read(const case_origin *origin, const char *path);
/* Replaces {origin}, {ca_file}, {http}, {http.port} ... `scheme` says what {origin} means. */
void case_origin_fill(const case_origin *origin, const char *scheme, const char *text, char *out, size_t out_size);

/* ---------------------------------------------------------------------------------------------- a case that runs */

#define CASE_BATCHES_MAX 512
#define CASE_TEXT_MAX 8192
/* Margins, not moments: how late may be what has to come at once. */
#define CASE_PATIENCE_US UINT64_C(5000000)

/* A batch under way or done. */
typedef struct case_batch {
  const case_step *step; /* what submitted it */
  size_t step_index;
  octo_batch *handle;
  octo_request *requests;
  const case_result **expects;
  char *keys; /* the bytes of numbered keys */
  size_t request_count;
  octo_result *results; /* as read at the freeze; NULL before */
  char *handed_out;     /* which indices octo_batch_next gave */
  uint64_t deadline_ns;
} case_batch;

typedef struct case_run {
  const case_origin *origin;
  const case_table *table;
  octo_client *client;
  case_batch batches[CASE_BATCHES_MAX];
  size_t batch_count;
  size_t step_index;
  char where[128]; /* the step or request that is looked at */
  int is_trying;   /* a failure does not count yet */
  int has_failed;
  char place[256]; /* of the first failure, such as "steps[0].requests[1].status" */
  char failure[1024];
} case_run;

/* Notes a failure; the first one counts. `field` ends the place. Always 0, for a caller to return. */
int case_fail(case_run *run, const char *field, const char *format, ...);
/* Runs a case from opening its client to the end; what went wrong stands in `run`. */
void case_run_table(case_run *run, const case_origin *origin, const case_table *table);
void case_pause(uint64_t span_us);

/* ------------------------------------------------------------------------------- batches (case_runner_batches.c) */

/* Submits the requests of a step once, and keeps the batch in `run`. 1, or 0 for a failure. */
int case_batch_submit(case_run *run, const case_step *step);
/* Waits until the batch is frozen and checks what is expected of it. */
int case_batch_finish(case_run *run, case_batch *batch);
/* Takes what octo_batch_next hands out, as the step wants it. */
int case_batch_next(case_run *run, case_batch *batch, const case_step *step);
/* What was read at the freeze must still be what the library says. */
int case_batch_check_final(case_run *run, const case_batch *batch);
void case_batch_end(case_batch *batch);
/* The first batch of this name, or the first after `after`; NULL for none. */
case_batch *case_batch_find(case_run *run, const char *name, const case_batch *after);

/* ----------------------------------------------------------------------------- attempts (case_runner_attempts.c) */

/* What a frozen batch, whose results have been read, tells of its attempts. */
int case_check_attempts(case_run *run, const case_batch *batch);

/* -------------------------------------------------------------------- expectations (case_runner_expectations.c) */

/* The result at `index` of a frozen batch; run->where names the request. */
int case_check_result(case_run *run, case_batch *batch, size_t index);
int case_check_numbers(case_run *run, const void *record, const case_number *numbers, size_t count);
int case_check_refusal(case_run *run, const case_refusal *refusal, octo_status status, const octo_error *error);
int case_check_answer(case_run *run, const case_step *step, octo_status status);
/* What the origin says it saw. */
int case_check_report(case_run *run, const case_step *step);

#endif
