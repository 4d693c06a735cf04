/* Runs the behaviour cases of one folder as cmocka tests, one each, against one origin of its own:
 * octo-cases FOLDER [PATTERN], where PATTERN (with *) chooses by name. For the folder "self" a test passes when its
 * case fails, at the place that the case names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_runner.h"

static case_origin *origin;
static case_run run;
static size_t descriptors_before;
static size_t threads_before;

static size_t count_entries(const char *path) {
  size_t count = 0;
  DIR *directory = opendir(path);
  if (directory == NULL) return 0;
  while (readdir(directory) != NULL) ++count;
  closedir(directory);
  return count;
}

/* After octo_shutdown; a thread that has ended may take a moment to vanish. */
static void check_resources(void) {
  const uint64_t end_ns = octo_now_ns() + CASE_PATIENCE_US * 1000;
  size_t descriptors = 0;
  size_t threads = 0;
  do {
    descriptors = count_entries("/proc/self/fd");
    threads = count_entries("/proc/self/task");
    if (descriptors == descriptors_before && threads <= threads_before) return;
    case_pause(10000);
  } while (octo_now_ns() < end_ns);
  run.where[0] = '\0';
  case_fail(&run, "resources", "there were %zu descriptors and %zu threads, now there are %zu and %zu",
            descriptors_before, threads_before, descriptors, threads);
}

/* A sanitizer has a thread of its own from the first pthread_create on. */
static void *do_nothing(void *context) { return context; }

/* Loads what loads once, so that the first case does not pay for it. */
static void warm_up(void) {
  static const octo_status kOk = OCTO_OK;
  static const case_result kExpect = {.statuses = &kOk, .status_count = 1, .body_size = 1024};
  static const case_request kRequest = {{.key = "warm", .key_size = 4}, 0, &kExpect};
  static const case_frozen kFrozen = {.states = &kOk, .state_count = 1};
  static const case_step kStep = {.verb = CASE_FETCH,
                                  .batch = "warm",
                                  .requests = &kRequest,
                                  .request_count = 1,
                                  .times = 1,
                                  .batch_flags = OCTO_BATCH_BUDGET,
                                  .budget_us = 10000000,
                                  .frozen = &kFrozen};
  static const case_header kOption = {"tls.ca_file", "{ca_file}"};
  static const case_table kTable = {.name = "warm_up",
                                    .scheme = "https",
                                    .url = "https://localhost:{https.port}",
                                    .base = "",
                                    .script = "{}",
                                    .options = &kOption,
                                    .option_count = 1,
                                    .steps = &kStep,
                                    .step_count = 1};
  pthread_t thread;
  if (pthread_create(&thread, NULL, do_nothing, NULL) == 0) pthread_join(thread, NULL);
  case_pause(100000);
  threads_before = count_entries("/proc/self/task");
  case_run_table(&run, origin, &kTable);
  descriptors_before = count_entries("/proc/self/fd");
  check_resources();
}

static void test_case(void **state) {
  const case_table *table = (const case_table *)*state;
  if (table->skip != NULL) {
    print_message("skipped: %s\n", table->skip);
    skip();
  }
  case_run_table(&run, origin, table);
  check_resources();
  if (run.has_failed) fail_msg("%s: %s: %s", table->name, run.place, run.failure);
}

static void test_case_that_must_fail(void **state) {
  const case_table *table = (const case_table *)*state;
  case_run_table(&run, origin, table);
  if (!run.has_failed) fail_msg("%s: passed, and must fail at %s", table->name, table->must_fail);
  if (strcmp(run.place, table->must_fail) != 0) {
    fail_msg("%s: must fail at %s, and failed at %s: %s", table->name, table->must_fail, run.place, run.failure);
  }
}

static const case_folder *find_folder(const char *name) {
  for (size_t i = 0; i < case_folder_count; ++i) {
    if (strcmp(case_folders[i].name, name) == 0) return &case_folders[i];
  }
  return NULL;
}

static int run_folder(const case_folder *folder) {
  struct CMUnitTest *tests = (struct CMUnitTest *)calloc(folder->case_count, sizeof *tests);
  if (tests == NULL) return 1;
  for (size_t i = 0; i < folder->case_count; ++i) {
    tests[i].name = folder->cases[i].name;
    tests[i].test_func = folder->cases[i].must_fail == NULL ? test_case : test_case_that_must_fail;
    tests[i].initial_state = (void *)(uintptr_t)&folder->cases[i];
  }
  const int failures = _cmocka_run_group_tests(folder->name, tests, folder->case_count, NULL, NULL);
  free(tests);
  return failures;
}

int main(int count, char **arguments) {
  const case_folder *folder = count < 2 ? NULL : find_folder(arguments[1]);
  if (folder == NULL) {
    fprintf(stderr, "usage: octo-cases FOLDER [PATTERN]; the folders are");
    for (size_t i = 0; i < case_folder_count; ++i) fprintf(stderr, " %s", case_folders[i].name);
    fprintf(stderr, "\n");
    return 64;
  }
  if (count > 2) cmocka_set_test_filter(arguments[2]);
  origin = case_origin_start(OCTO_ORIGIN_PROGRAM);
  if (origin == NULL) {
    fprintf(stderr, "octo-cases: cannot start %s\n", OCTO_ORIGIN_PROGRAM);
    return 1;
  }
  warm_up();
  if (run.has_failed) fprintf(stderr, "octo-cases: %s: %s\n", run.place, run.failure);
  const int failures = run.has_failed ? 1 : run_folder(folder);
  case_origin_stop(origin);
  return failures == 0 ? 0 : 1;
}
