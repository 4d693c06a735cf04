/*
 * octofetch: hand over the keys of many small objects and a deadline; at the deadline, have every body that
 * arrived and, for every other key, the reason.
 *
 * GENERAL RULES, which hold for every function below unless it says otherwise
 *
 * Words.      A client fetches from one origin. A batch is a list of requests, one key each, that share one
 *             deadline. A batch freezes exactly once: when all requests are settled, at its deadline, or when it
 *             is cancelled or closed. After the freeze nothing about it changes.
 * Status.     A call answers an octo_status; 0 is OCTO_OK. How a single request ended is the status in its
 *             octo_result, never the answer of a call.
 * Errors.     Where a call takes an octo_error (NULL is allowed), a refusal fills it with a sentence that names
 *             the thing, its limit and what to do. Any call may answer OCTO_INVALID_ARGUMENT for a NULL or
 *             foreign handle, OCTO_CLOSED for a handle that was freed or closed, OCTO_NO_MEMORY, and
 *             OCTO_INTERNAL for a defect of the library. "Errors:" lists what comes on top.
 * Handles.    octo_options, octo_client, octo_batch and octo_queue are checked handles: freeing twice, using one
 *             after its end, or freeing it while another thread waits on it gives a status, never a crash. They
 *             may be freed in any order. NULL is fine for every close, free and release.
 *             octo_body is a counted pointer: it may outlive batch and client, and is not checked.
 * Threads.    "any" means: from any thread, also at the same time for the same handle. No call waits for an I/O
 *             thread; only octo_batch_wait, octo_batch_next, octo_client_warm, octo_client_drain and
 *             octo_shutdown block, each for a span that the caller sets.
 * fork.       A client may be opened before fork and used in the child, which starts an engine of its own. A
 *             batch or queue of the parent answers OCTO_FORKED in the child. A fork waits for the library's
 *             threads to come out of other libraries, 20 ms at most.
 * Text.       const char * is UTF-8 that ends in NUL. Keys and bodies are pointer and size: any bytes.
 *             Pointers in results live until their batch is freed.
 * Units.      Names end in their unit: _us microseconds, _ns nanoseconds on the clock of octo_now_ns, _size
 *             bytes, _count pieces, _index from 0.
 * Structs.    Each carries its size in `size` (set by the OCTO_..._INIT macro) or is passed with its size. They
 *             grow at the end. The library writes the smaller of both sizes and zeroes the rest of yours; a
 *             non-zero tail that it does not know is OCTO_UNSUPPORTED. Presence is said by flag bits.
 * Signals,    The library installs no signal handler, never writes to stdout or stderr, reads no environment
 * environment variable of its own and changes none; its threads block all signals.
 *
 * Since: 0.1 for everything below.
 */
#ifndef OCTOFETCH_H
#define OCTOFETCH_H

#include <stddef.h>
#include <stdint.h>

#if defined(OCTO_STATIC)
#define OCTO_API
#elif defined(OCTO_BUILDING)
#define OCTO_API __attribute__((visibility("default")))
#else
#define OCTO_API
#endif

#ifdef __cplusplus
#define OCTO_NOEXCEPT noexcept
extern "C" {
#else
#define OCTO_NOEXCEPT
#endif

#define OCTO_VERSION_MAJOR 0
#define OCTO_VERSION_MINOR 1
#define OCTO_VERSION_PATCH 0

/* Blocks without a bound of the caller's; the deadline of a batch still ends octo_batch_wait. */
#define OCTO_WAIT_FOREVER UINT64_MAX

/* ---------------------------------------------------------------------------------------------------- status */

typedef int32_t octo_status;

enum {
  /* How a request ended; OCTO_OK is also the answer of a call that did what it says. */
  OCTO_OK = 0,                     /* The body is complete and length-checked. */
  OCTO_NOT_MODIFIED = 1,           /* 304 to If-None-Match; there is no body. */
  OCTO_NOT_FOUND = 2,              /* 404 or 410. */
  OCTO_FORBIDDEN = 3,              /* 401 or 403. */
  OCTO_REDIRECTED = 4,             /* A 3xx; redirects are reported, never followed. */
  OCTO_THROTTLED = 5,              /* 429, or 503: the origin asks for less. */
  OCTO_SERVER_ERROR = 6,           /* Any other 5xx. */
  OCTO_CLIENT_ERROR = 7,           /* Any other 4xx. */
  OCTO_RESOLVE_FAILED = 8,         /* The origin's name has no address, and none is remembered. */
  OCTO_CONNECT_FAILED = 9,         /* No address of the origin took a connection. */
  OCTO_TLS_FAILED = 10,            /* The handshake or the certificate check failed. */
  OCTO_CONNECTION_LOST = 11,       /* The connection broke before the response was complete. */
  OCTO_PROTOCOL_ERROR = 12,        /* What came is not the HTTP that was asked for. */
  OCTO_TRUNCATED = 13,             /* Fewer bytes came than were declared. */
  OCTO_CORRUPT = 14,               /* A checksum or pinned ETag does not match. */
  OCTO_RANGE_NOT_SATISFIABLE = 15, /* 416: the object has no such bytes. */
  OCTO_MODIFIED = 16,              /* The object changed between two attempts. */
  OCTO_TOO_LARGE = 17,             /* Larger than object.size_max. */
  OCTO_NO_MEMORY = 18,             /* memory.max was reached, or an allocation failed. */
  OCTO_LOCAL_RESOURCE = 19,        /* This process has no descriptor, port or thread left. */
  OCTO_NO_CREDENTIALS = 20,        /* The origin needs credentials and none are set. */
  OCTO_INVALID_KEY = 21,           /* The key cannot be asked of this origin. */
  OCTO_DEADLINE = 22,              /* Not settled at the deadline; `phase` says where the time went. */
  OCTO_CANCELLED = 23,             /* Not settled when the batch was cancelled. */
  OCTO_SHED = 24,                  /* Not started: it could not have finished, or the queue was full. */
  OCTO_CIRCUIT_OPEN = 25,          /* Not started: the origin's circuit breaker is open. */
  OCTO_CLOSED = 26,                /* The client, batch or queue was closed. */
  OCTO_FORKED = 27,                /* The batch or queue belongs to the parent process. */
  OCTO_INTERNAL = 28,              /* A defect of the library; please report it. */
  /* Answers of calls alone. */
  OCTO_INVALID_ARGUMENT = 64, /* The caller's mistake; the error says which. */
  OCTO_UNSUPPORTED = 65,      /* A flag, field or scheme that this build does not know. */
  OCTO_AGAIN = 66,            /* The wait ended first; the batch runs on. */
  OCTO_END = 67               /* octo_batch_next has handed out every index. */
};

/* Where the time of a request goes, in this order. */
enum {
  OCTO_PHASE_QUEUED = 0,     /* Waiting for a slot (connections.max). */
  OCTO_PHASE_RESOLVING = 1,  /* Waiting for the origin's addresses. */
  OCTO_PHASE_CONNECTING = 2, /* TCP connect. */
  OCTO_PHASE_SECURING = 3,   /* TLS handshake. */
  OCTO_PHASE_WAITING = 4,    /* Request written, no byte of the response yet. */
  OCTO_PHASE_RECEIVING = 5   /* Headers and body. */
};

/* Where an OK or NOT_MODIFIED outcome came from. Only ORIGIN occurs until a cache and coalescing exist. */
enum {
  OCTO_SOURCE_ORIGIN = 0,
  OCTO_SOURCE_CACHE = 1,
  OCTO_SOURCE_REVALIDATED = 2,
  OCTO_SOURCE_STALE = 3,
  OCTO_SOURCE_COALESCED = 4
};

/* "DEADLINE", "waiting", "origin": a constant string; "UNKNOWN" or "unknown" for other numbers.
 * Errors: none. Threads: any. Since: 0.1 */
OCTO_API const char *octo_status_name(octo_status status) OCTO_NOEXCEPT;
/* One sentence on what a status means, as in docs/statuses.md. Errors: none. Threads: any. Since: 0.1 */
OCTO_API const char *octo_status_text(octo_status status) OCTO_NOEXCEPT;
/* As octo_status_name, for a phase. Errors: none. Threads: any. Since: 0.1 */
OCTO_API const char *octo_phase_name(int32_t phase) OCTO_NOEXCEPT;
/* As octo_status_name, for a source. Errors: none. Threads: any. Since: 0.1 */
OCTO_API const char *octo_source_name(int32_t source) OCTO_NOEXCEPT;
/* As octo_status_name, for the cause of an attempt. Errors: none. Threads: any. Since: 0.1 */
OCTO_API const char *octo_attempt_cause_name(int32_t cause) OCTO_NOEXCEPT;

/* Why a call was refused. `text` is one sentence without a line end; bytes of yours that it quotes are escaped. */
typedef struct octo_error {
  uint32_t size;      /* sizeof(octo_error), by OCTO_ERROR_INIT */
  octo_status status; /* what the call answered */
  char text[504];
} octo_error;
#define OCTO_ERROR_INIT                    \
  {                                        \
    (uint32_t)sizeof(octo_error), 0, { 0 } \
  }

/* --------------------------------------------------------------------------------------- version and clock */

/* "0.1.0": the version of the library that runs, which may be newer than this header.
 * Errors: none. Threads: any. Since: 0.1 */
OCTO_API const char *octo_version(void) OCTO_NOEXCEPT;
/* One line that names the versions in use, such as "octofetch 0.1.0 libcurl 7.88.1 OpenSSL 3.0.22 libuv 1.44.2".
 * Errors: none. Threads: any. Since: 0.1 */
OCTO_API const char *octo_build_information(void) OCTO_NOEXCEPT;
/* Now, in nanoseconds on the monotonic clock that deadline_ns is measured on.
 * Errors: none. Threads: any. Since: 0.1 */
OCTO_API uint64_t octo_now_ns(void) OCTO_NOEXCEPT;

/* --------------------------------------------------------------------------------------------------- options */

typedef struct octo_options octo_options;

enum { OCTO_TYPE_TEXT = 0, OCTO_TYPE_BOOL = 1, OCTO_TYPE_COUNT = 2, OCTO_TYPE_SIZE = 3, OCTO_TYPE_DURATION = 4 };

#define OCTO_OPTION_RELOADABLE UINT32_C(1) /* octo_client_set may change it */
#define OCTO_OPTION_SECRET UINT32_C(2)     /* never printed */

/* A row of the option table. Texts are constants; minimum, maximum and default are as a user would write them,
 * "" where there is none. */
typedef struct octo_option_info {
  const char *name;          /* "connections.max" */
  const char *default_value; /* "64" */
  const char *minimum;
  const char *maximum;
  const char *unit; /* "", "bytes" or "time" */
  const char *text; /* one line of documentation */
  int32_t type;     /* OCTO_TYPE_... */
  uint32_t flags;   /* OCTO_OPTION_... */
} octo_option_info;

/* An empty set of options: every option has its default.
 * Ownership: the caller frees it; clients keep a copy. Errors: none more. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_options_create(octo_options **options_out) OCTO_NOEXCEPT;
/* Sets one option: "connections.max" to "128", "budget" to "300ms", "memory.max" to "64MiB", "true".
 * The value is checked at once; on a refusal the set is unchanged.
 * Errors: INVALID_ARGUMENT for an unknown name (the error suggests the nearest) or a value that is not of the
 * option's type and range. Threads: one per set. Since: 0.1 */
OCTO_API octo_status octo_options_set(octo_options *options, const char *name, const char *value,
                                      octo_error *error) OCTO_NOEXCEPT;
/* Row `index` of the table, for bindings and documentation. Ownership: texts are constants.
 * Errors: END behind the last row. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_option_describe(size_t index, octo_option_info *info_out, size_t info_size) OCTO_NOEXCEPT;
/* Ownership: ends the handle. Errors: none more. Threads: any. Since: 0.1 */
OCTO_API void octo_options_free(octo_options *options) OCTO_NOEXCEPT;

/* ---------------------------------------------------------------------------------------------------- client */

typedef struct octo_client octo_client;
typedef struct octo_batch octo_batch;
typedef struct octo_queue octo_queue;
typedef struct octo_body octo_body;

/* Credentials of an s3 origin; texts are copied. */
typedef struct octo_credentials {
  uint32_t size; /* sizeof(octo_credentials) */
  uint32_t flags;
  const char *access_key_id;
  const char *secret_access_key;
  const char *session_token; /* with OCTO_CREDENTIALS_SESSION_TOKEN */
  uint64_t expires_at_s;     /* Unix time, with OCTO_CREDENTIALS_EXPIRES_AT */
} octo_credentials;
#define OCTO_CREDENTIALS_SESSION_TOKEN UINT32_C(1)
#define OCTO_CREDENTIALS_EXPIRES_AT UINT32_C(2)

/* Counts since the client was opened, and gauges of this moment. */
typedef struct octo_stats {
  uint64_t batches;            /* submitted */
  uint64_t batches_complete;   /* frozen with every request settled */
  uint64_t batches_deadline;   /* frozen by their deadline */
  uint64_t requests;           /* submitted */
  uint64_t requests_ok;        /* settled with OCTO_OK before the freeze */
  uint64_t requests_other;     /* settled with any other status before the freeze */
  uint64_t requests_unsettled; /* unsettled at the freeze, counted when the engine lets go of them */
  uint64_t requests_shed;      /* of requests_other: OCTO_SHED */
  uint64_t attempts;           /* exchanges started on the wire */
  uint64_t reruns;             /* of attempts: free re-runs of one whose reused connection was dead or dirty */
  uint64_t connections_opened;
  uint64_t connections_refused_by_guard; /* reused connections that held stray bytes, so were thrown away */
  uint64_t lookups;
  uint64_t lookups_failed;
  uint64_t bytes_received; /* of bodies */
  uint64_t orphans_finished;
  uint64_t orphans_cut;
  uint64_t connections_open; /* gauge */
  uint64_t connections_idle; /* gauge */
  uint64_t slots_busy;       /* gauge */
  uint64_t queued;           /* gauge: requests that wait for a slot */
  uint64_t memory_active;    /* gauge: bytes held for unfrozen batches and orphans, under memory.max */
  uint64_t memory_delivered; /* gauge: bytes of frozen batches and retained bodies */
  uint64_t service_us_p50;   /* of recent exchanges, from start to last byte */
  uint64_t service_us_p90;
  uint64_t service_us_p99;
  uint64_t estimate_us; /* what the scheduler now takes an exchange to need */
  /* Of the process: forks that went on before every thread of the library had come out of libcurl and OpenSSL. */
  uint64_t forks_unawaited;
} octo_stats;

/* Opens a client for `url`: "https://host/base", "http://host:port/base", or "s3://bucket/prefix" with the options
 * that begin with "s3.". It checks the address and the options, and starts nothing: threads, sockets and TLS start at
 * the first submit.
 * Ownership: the caller closes it; `options` (NULL: all defaults) may be freed at once.
 * Errors: INVALID_ARGUMENT for a URL or option, UNSUPPORTED for a scheme or a libcurl that cannot serve.
 * Threads: any. Since: 0.1 */
OCTO_API octo_status octo_client_open(const char *url, const octo_options *options, octo_client **client_out,
                                      octo_error *error) OCTO_NOEXCEPT;
/* Changes a reloadable option of an open client, for batches submitted from now on.
 * Errors: INVALID_ARGUMENT as octo_options_set, or for an option that is fixed at open. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_client_set(octo_client *client, const char *name, const char *value,
                                     octo_error *error) OCTO_NOEXCEPT;
/* The value in force of one option, as text; secrets read "***". *size_out is its length without the NUL; when
 * that is not below buffer_size, the text is cut.
 * Errors: INVALID_ARGUMENT for an unknown name. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_client_get(octo_client *client, const char *name, char *buffer, size_t buffer_size,
                                     size_t *size_out) OCTO_NOEXCEPT;
/* Sets the credentials that attempts are signed with from now on. Those before stay in use where these expire first.
 * Errors: INVALID_ARGUMENT for a text that cannot be signed with (the error never repeats it), UNSUPPORTED for an
 * origin that takes none: http, https, and s3 with s3.unsigned. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_client_credentials_set(octo_client *client, const octo_credentials *credentials,
                                                 octo_error *error) OCTO_NOEXCEPT;
/* Opens up to `connections` connections by HEAD requests for the origin's base, and waits for them at most wait_us:
 * for readiness probes. Any HTTP answer warms.
 * Errors: DEADLINE, or the status of the first connection that could not be opened. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_client_warm(octo_client *client, uint32_t connections, uint64_t wait_us,
                                      octo_error *error) OCTO_NOEXCEPT;
/* Refuses new submits and waits at most wait_us for running batches to freeze.
 * Errors: AGAIN when some still run. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_client_drain(octo_client *client, uint64_t wait_us) OCTO_NOEXCEPT;
/* Freezes the client's batches (cause CLOSED) and lets its threads end by themselves; returns without waiting.
 * Batches and bodies stay readable. Ownership: ends the handle. Errors: none more. Threads: any. Since: 0.1 */
OCTO_API void octo_client_close(octo_client *client) OCTO_NOEXCEPT;
/* Fills `stats_out`. Errors: none more. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_client_stats(octo_client *client, octo_stats *stats_out, size_t stats_size) OCTO_NOEXCEPT;
/* What is inside of a client now, as text; OCTO_EXPLAIN_JSON: one document, "v":1, at most 64 KiB, without keys and
 * secrets. It tells the queue and its limit, the slots by phase, connections, addresses (the first 32, each with its
 * failures to connect in a row and for how long others are taken first), the age of the DNS answer, for how many seconds
 * the credentials given last are good, the estimate, memory, and the worst 32 batches of the last 10 min: those that had
 * late or failed requests and were not cancelled or closed, the largest share of them first, then the longest pickup
 * lag, then the newest. A batch counts once it is frozen, and is remembered past octo_batch_free; older ones stay while
 * there is room. What the I/O thread tells is 100 ms old at most, unless it is held up: engine.written_ago_us.
 * *size_out and a short buffer are as in octo_batch_explain, but the next text may be longer.
 * Errors: UNSUPPORTED for another format. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_client_explain(octo_client *client, int32_t format, char *buffer, size_t buffer_size,
                                         size_t *size_out) OCTO_NOEXCEPT;
/* Stops every thread of the library in this process, cancelling what runs, and waits for them at most wait_us.
 * Clients stay open; the next submit starts threads again. For hosts that fork after preloading, and for leak
 * checks. Errors: AGAIN when a thread still runs, such as one in a name lookup. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_shutdown(uint64_t wait_us) OCTO_NOEXCEPT;

/* ---------------------------------------------------------------------------------------------------- submit */

/* Flags say which fields of a request are present. At most one of the three ranges. */
#define OCTO_REQUEST_QUERY UINT64_C(1)         /* query */
#define OCTO_REQUEST_VERSION_ID UINT64_C(2)    /* version_id, sent as ?versionId= */
#define OCTO_REQUEST_IF_NONE_MATCH UINT64_C(4) /* if_none_match */
#define OCTO_REQUEST_PRIORITY UINT64_C(8)      /* priority */
#define OCTO_REQUEST_RANGE UINT64_C(16)        /* bytes range_first to range_last, both included */
#define OCTO_REQUEST_RANGE_FROM UINT64_C(32)   /* bytes from range_first to the end */
#define OCTO_REQUEST_RANGE_SUFFIX UINT64_C(64) /* the last range_last bytes */

/* Slots go to higher priorities first. */
enum { OCTO_PRIORITY_OPTIONAL = 0, OCTO_PRIORITY_NORMAL = 1, OCTO_PRIORITY_REQUIRED = 2 };

/* One key of a batch. Everything is copied by octo_submit. */
typedef struct octo_request {
  const void *key;
  size_t key_size;           /* 1 to 1024 */
  uint64_t flags;            /* OCTO_REQUEST_... */
  const char *query;         /* "width=80&v=2": characters of a URL query, percent-encoded where needed */
  const char *version_id;    /* any text; it is encoded */
  const char *if_none_match; /* an entity tag as the origin gave it: "\"abc\"" */
  uint64_t range_first;
  uint64_t range_last;
  uint64_t priority; /* OCTO_PRIORITY_..., NORMAL when absent */
} octo_request;

/* An extra request header. Framing, hop-by-hop, conditional and signing headers are refused. */
typedef struct octo_header {
  const char *name;
  const char *value;
  uint64_t flags; /* OCTO_HEADER_NEUTRAL */
} octo_header;
/* The header does not change what the origin answers, so it is no part of a flight's identity (traceparent). */
#define OCTO_HEADER_NEUTRAL UINT64_C(1)

#define OCTO_BATCH_BUDGET UINT32_C(1)    /* budget_us; not with DEADLINE */
#define OCTO_BATCH_DEADLINE UINT32_C(2)  /* deadline_ns */
#define OCTO_BATCH_QUEUE UINT32_C(4)     /* queue: OCTO_EVENT_FROZEN is announced there */
#define OCTO_BATCH_STREAM UINT32_C(8)    /* the queue also announces OCTO_EVENT_SETTLED */
#define OCTO_BATCH_HEADERS UINT32_C(16)  /* headers, header_count */
#define OCTO_BATCH_TAG UINT32_C(32)      /* tag */
#define OCTO_BATCH_ATTEMPTS UINT32_C(64) /* keep a record of every attempt, for octo_batch_attempts */

typedef struct octo_batch_options {
  uint32_t size;        /* sizeof(octo_batch_options), by OCTO_BATCH_OPTIONS_INIT */
  uint32_t flags;       /* OCTO_BATCH_... */
  uint64_t budget_us;   /* counted from inside octo_submit; at most 600 s; 0 freezes at once */
  uint64_t deadline_ns; /* on octo_now_ns; at most 600 s ahead; the past freezes at once */
  octo_queue *queue;
  uint64_t tag; /* yours, handed back in events */
  const octo_header *headers;
  size_t header_count; /* at most 32 */
} octo_batch_options;
#define OCTO_BATCH_OPTIONS_INIT \
  { (uint32_t)sizeof(octo_batch_options), 0, 0, 0, NULL, 0, NULL, 0 }

/* Starts fetching `request_count` keys (request_size is sizeof(octo_request)) and returns at once. Without a budget
 * or deadline the client's `budget` option counts; without that the call is refused. A key that cannot be asked, a
 * full queue or an open breaker is the outcome of that request; the others run. Duplicates are independent. A batch
 * of 0 requests is complete at once.
 * Ownership: the caller frees the batch. Errors: INVALID_ARGUMENT for options, headers, flags or ranges, UNSUPPORTED,
 * CLOSED, FORKED. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_submit(octo_client *client, const octo_request *requests, size_t request_size,
                                 size_t request_count, const octo_batch_options *options, octo_batch **batch_out,
                                 octo_error *error) OCTO_NOEXCEPT;

/* --------------------------------------------------------------------------------------------------- results */

#define OCTO_RESULT_SETTLED UINT32_C(1) /* ended before the freeze; else status, phase and since tell the freeze */
#define OCTO_RESULT_REUSED UINT32_C(2)  /* came over a connection that was open already */
#define OCTO_RESULT_HEDGED UINT32_C(4)  /* a hedge won */
#define OCTO_RESULT_PARTIAL UINT32_C(8) /* 206: the body is a range; object_size is the whole object's */

/* How one request ended. Absent texts are "". */
typedef struct octo_result {
  const void *key;
  size_t key_size;
  const void *body; /* NULL unless status is OCTO_OK; an error's body is not kept */
  size_t body_size;
  octo_body *body_handle; /* borrowed; octo_body_retain keeps it past octo_batch_free */
  octo_status status;
  int32_t source;          /* OCTO_SOURCE_... */
  int32_t phase;           /* where it ended: OCTO_PHASE_... */
  uint32_t flags;          /* OCTO_RESULT_... */
  uint32_t http_status;    /* 0: no response */
  uint32_t attempts;       /* exchanges started for it */
  const char *message;     /* one sentence for people; escaped, of at most 400 bytes */
  const char *address;     /* "192.0.2.7:443", the last one tried */
  const char *error_code;  /* of the origin, such as S3's "NoSuchKey" */
  const char *request_id;  /* of the origin: x-amz-request-id or x-request-id */
  uint64_t bytes_received; /* of the body, also when it did not become complete */
  uint64_t object_size;    /* with OCTO_RESULT_PARTIAL; else body_size */
  uint64_t settled_us;     /* from submit to its end, or to the freeze */
  uint64_t since_us;       /* from submit to the start of `phase` */
  uint64_t queued_us;      /* time in each phase; all but the last are 0 for an unsettled request */
  uint64_t resolving_us;
  uint64_t connecting_us;
  uint64_t securing_us;
  uint64_t waiting_us;
  uint64_t receiving_us;
  const char *extended_request_id; /* of an s3 origin: x-amz-id-2, which its support asks for */
  const char *headers;             /* all kept ones at once, "name NUL value NUL" each, names in lower case */
  size_t headers_size;
} octo_result;

/* A batch as a whole. */
typedef struct octo_batch_info {
  octo_status state; /* OCTO_AGAIN: open; OCTO_OK: all settled; else DEADLINE, CANCELLED or CLOSED */
  uint32_t flags;    /* none yet */
  uint64_t request_count;
  uint64_t settled_count;
  uint64_t ok_count;      /* OK and NOT_MODIFIED */
  uint64_t missing_count; /* NOT_FOUND */
  uint64_t late_count;    /* DEADLINE and SHED */
  uint64_t failed_count;  /* all others; the four counts are filled after the freeze and then add up */
  uint64_t budget_us;     /* from submit to the deadline */
  uint64_t frozen_us;     /* from submit to the freeze */
  uint64_t pickup_lag_us; /* from the freeze to the first call that saw it */
  uint64_t body_size;     /* bytes of all bodies */
  uint64_t tag;
  uint64_t attempt_count; /* with OCTO_BATCH_ATTEMPTS, after the freeze: records for octo_batch_attempts */
} octo_batch_info;

enum {
  OCTO_ATTEMPT_FIRST = 0,        /* of its request */
  OCTO_ATTEMPT_NEXT_ADDRESS = 1, /* of the origin's; the one before failed, or had not connected in time */
  OCTO_ATTEMPT_RERUN = 2         /* over a fresh connection; the reused one was dead or dirty */
};

/* One exchange on the wire. Of one that was cut or overtaken by the freeze only what is known by then is told: no HTTP
 * status, no OCTO_RESULT_REUSED, and the time in its last phase alone. */
typedef struct octo_attempt {
  uint64_t index;     /* of its request in the batch */
  uint32_t number;    /* 1 for the first of its request */
  int32_t cause;      /* OCTO_ATTEMPT_... */
  octo_status status; /* how it ended, CANCELLED where its request ended without it; or how the batch froze */
  int32_t phase;      /* where it ended: OCTO_PHASE_... */
  uint32_t flags;     /* OCTO_RESULT_SETTLED: it ended before the freeze; OCTO_RESULT_REUSED */
  uint32_t http_status;
  const char *address;     /* "192.0.2.7:443" */
  uint64_t bytes_received; /* of the body */
  uint64_t started_us;     /* from submit */
  uint64_t since_us;       /* from submit to the start of `phase` */
  uint64_t ended_us;       /* from submit to its end, or to the freeze */
  uint64_t connecting_us;  /* time in each phase */
  uint64_t securing_us;
  uint64_t waiting_us;
  uint64_t receiving_us;
} octo_attempt;

/* Blocks until the batch is frozen, at the latest until its deadline, or wait_us is over.
 * Errors: AGAIN when wait_us ended first, CLOSED when the batch was freed, FORKED. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_batch_wait(octo_batch *batch, uint64_t wait_us) OCTO_NOEXCEPT;
/* Hands out the index of a request whose result is final, each index once over all threads: settled ones in the
 * order they settle, after the freeze the others by index. Blocks at most wait_us.
 * Errors: AGAIN, END after the last index, CLOSED, FORKED. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_batch_next(octo_batch *batch, uint64_t wait_us, size_t *index_out) OCTO_NOEXCEPT;
/* Fills `count` results from index `first`. Before the freeze every one of them must have settled (octo_batch_next
 * hands out such); else nothing is written.
 * Errors: AGAIN for one that is not final, INVALID_ARGUMENT for an index behind the last. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_batch_results(octo_batch *batch, size_t first, octo_result *results_out, size_t result_size,
                                        size_t count) OCTO_NOEXCEPT;
/* Fills `info_out`; allowed at any time. Ownership: plain numbers. Errors: FORKED. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_batch_describe(octo_batch *batch, octo_batch_info *info_out, size_t info_size) OCTO_NOEXCEPT;
/* Fills `count` records of attempts from position `first` on, counted from 0 in the order they started, of a frozen
 * batch that was submitted with OCTO_BATCH_ATTEMPTS; octo_batch_info says how many there are. A settled result has
 * `attempts` of them, unless there was no memory for one. They take 200 bytes each, which memory.max does not count.
 * Errors: AGAIN before the freeze, INVALID_ARGUMENT for one behind the last and for another batch, FORKED.
 * Threads: any. Since: 0.1 */
OCTO_API octo_status octo_batch_attempts(octo_batch *batch, size_t first, octo_attempt *attempts_out,
                                         size_t attempt_size, size_t count) OCTO_NOEXCEPT;
/* A kept response header of a settled request, its name in any case. Kept are content-*, etag, last-modified,
 * cache-control, expires, location, retry-after, x-amz-version-id and x-amz-meta-*, up to 4 KiB.
 * Errors: NOT_FOUND, AGAIN, INVALID_ARGUMENT. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_result_header(octo_batch *batch, size_t index, const char *name, const char **value_out,
                                        size_t *size_out) OCTO_NOEXCEPT;
/* The kept header at `position`, counted from 0, with its name in lower case.
 * Errors: END behind the last, AGAIN, INVALID_ARGUMENT. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_result_header_at(octo_batch *batch, size_t index, size_t position, const char **name_out,
                                           const char **value_out, size_t *size_out) OCTO_NOEXCEPT;

enum {
  OCTO_EXPLAIN_LINE = 0, /* "97 of 100 in 300 ms; late 3: waiting 2 (127.0.0.1:80), queued 1" */
  OCTO_EXPLAIN_JSON = 1, /* one document, "v":1; keys that are not UTF-8 as key_base64 */
  OCTO_EXPLAIN_SVG = 2   /* a timeline: one bar per key, split in phases */
};
/* Writes what happened to a frozen batch. *size_out is the length without the NUL; when that is not below
 * buffer_size (0 with a NULL buffer is allowed), the text is cut and the call made again with more gives it whole.
 * Errors: AGAIN before the freeze, UNSUPPORTED for another format, FORKED. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_batch_explain(octo_batch *batch, int32_t format, char *buffer, size_t buffer_size,
                                        size_t *size_out) OCTO_NOEXCEPT;
/* Freezes an open batch (cause CANCELLED); what has settled stays. Errors: none more. Threads: any. Since: 0.1 */
OCTO_API void octo_batch_cancel(octo_batch *batch) OCTO_NOEXCEPT;
/* Cancels an open batch and gives its results back; threads that wait on it get OCTO_CLOSED. Memory of batches and
 * bodies is freed by the client's own thread: while that sleeps, until threads.idle at the latest, some 4 MiB may wait.
 * Ownership: ends the handle and every pointer in its results but retained bodies.
 * Errors: none more. Threads: any. Since: 0.1 */
OCTO_API void octo_batch_free(octo_batch *batch) OCTO_NOEXCEPT;

/* ---------------------------------------------------------------------------------------------------- bodies */

/* Keeps a body beyond its batch. Ownership: one octo_body_release for each retain. Answers `body`.
 * Errors: none. Threads: any. Since: 0.1 */
OCTO_API octo_body *octo_body_retain(octo_body *body) OCTO_NOEXCEPT;
/* Ownership: gives back one retain; the last one frees the bytes. Errors: none. Threads: any. Since: 0.1 */
OCTO_API void octo_body_release(octo_body *body) OCTO_NOEXCEPT;
/* The bytes of a retained body, which never change; NULL for NULL. Ownership: borrowed.
 * Errors: none. Threads: any. Since: 0.1 */
OCTO_API const void *octo_body_data(const octo_body *body) OCTO_NOEXCEPT;
/* How many they are; 0 for NULL. Errors: none. Threads: any. Since: 0.1 */
OCTO_API size_t octo_body_size(const octo_body *body) OCTO_NOEXCEPT;

/* ---------------------------------------------------------------------------------------------------- queues */

enum {
  OCTO_EVENT_FROZEN = 1,  /* the batch is frozen; once per batch */
  OCTO_EVENT_SETTLED = 2, /* more of the batch has settled: call octo_batch_next until AGAIN; coalesced */
  OCTO_EVENT_LOG = 3      /* a log record; none are written yet */
};

typedef struct octo_event {
  octo_batch *batch; /* borrowed: still owned by whoever submitted it, NULL if it was freed meanwhile */
  uint64_t tag;      /* of the batch */
  int32_t type;      /* OCTO_EVENT_... */
  uint32_t flags;    /* none yet */
} octo_event;

/* Called when the queue turns from empty to non-empty, once per turn: from any thread, also inside octo_submit, with
 * no lock of the library held. It must not block, throw or call octo_*; it should wake your event loop. */
typedef void (*octo_wake_fn)(void *context);

/* A queue that announces batches to an event loop: through `wake`, or, where that is NULL, through octo_queue_fd.
 * Ownership: the caller frees it. Errors: LOCAL_RESOURCE without a descriptor. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_queue_create(octo_wake_fn wake, void *context, octo_queue **queue_out) OCTO_NOEXCEPT;
/* A descriptor that is readable while the queue is not empty, to be polled and never read or closed; -1 with a hook.
 * Ownership: the queue's. Errors: -1 for a bad handle. Threads: any. Since: 0.1 */
OCTO_API int octo_queue_fd(const octo_queue *queue) OCTO_NOEXCEPT;
/* Takes up to count_max events (event_size is sizeof(octo_event)); never blocks. Fewer than count_max mean that the
 * queue was empty, so that what comes next wakes again; with a hook, take until then.
 * Errors: FORKED. Threads: any. Since: 0.1 */
OCTO_API octo_status octo_queue_take(octo_queue *queue, octo_event *events_out, size_t event_size, size_t count_max,
                                     size_t *count_out) OCTO_NOEXCEPT;
/* Ends the queue; batches that announce there run on. When it returns, the hook neither runs nor will run.
 * Ownership: ends the handle and its descriptor. Errors: none more. Threads: any, not from the hook. Since: 0.1 */
OCTO_API void octo_queue_free(octo_queue *queue) OCTO_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* OCTOFETCH_H */
