/* Fetches the keys on the command line within 300 ms and prints how each of them ended. */
#include <octofetch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *text) {
  fprintf(stderr, "fetch: %s\n", text);
  return EXIT_FAILURE;
}

static void print_results(octo_batch *batch, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    octo_result result;
    if (octo_batch_results(batch, i, &result, sizeof result, 1) != OCTO_OK) continue;
    printf("%.*s: %s, %zu bytes, %s\n", (int)result.key_size, (const char *)result.key, octo_status_name(result.status),
           result.body_size, octo_phase_name(result.phase));
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return fail("usage: fetch URL KEY...");
  const size_t count = (size_t)argc - 2;
  octo_request *requests = calloc(count, sizeof *requests);
  if (requests == NULL) return fail("no memory");
  for (size_t i = 0; i < count; ++i) {
    requests[i].key = argv[i + 2];
    requests[i].key_size = strlen(argv[i + 2]);
  }

  octo_error error = OCTO_ERROR_INIT;
  octo_client *client = NULL;
  octo_batch *batch = NULL;
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_BUDGET;
  options.budget_us = 300000;
  octo_status status = octo_client_open(argv[1], NULL, &client, &error);
  if (status == OCTO_OK) {
    status = octo_submit(client, requests, sizeof *requests, count, &options, &batch, &error);
  }
  free(requests); /* submit has copied them */
  if (status != OCTO_OK) {
    octo_client_close(client);
    return fail(error.text);
  }
  octo_batch_wait(batch, OCTO_WAIT_FOREVER);
  print_results(batch, count);
  octo_batch_free(batch);
  octo_client_close(client);
  return EXIT_SUCCESS;
}
