/* A host that loads the library by name, has it fetch, unloads it, goes on for a while and returns from main.
 *
 * unload_host LIBRARY URL CA_FILE KEYS FETCH_MS GO_ON_MS; prints how long dlclose took and the time of the return, in
 * nanoseconds. It is not linked to the library. */
#include <dlfcn.h>
#include <octofetch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEY_COUNT 50

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void sleep_ms(long ms) {
  struct timespec span = {ms / 1000, (ms % 1000) * 1000000};
  nanosleep(&span, NULL);
}

static void *library;

/* ISO C does not convert a pointer to an object into one to a function. */
static void find(const char *name, void *function_out) {
  void *symbol = dlsym(library, name);
  if (symbol == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(2);
  }
  memcpy(function_out, &symbol, sizeof symbol);
}

static void start_fetching(const char *url, const char *ca_file, const char *prefix) {
  octo_status (*options_create)(octo_options **);
  octo_status (*options_set)(octo_options *, const char *, const char *, octo_error *);
  octo_status (*client_open)(const char *, const octo_options *, octo_client **, octo_error *);
  octo_status (*submit)(octo_client *, const octo_request *, size_t, size_t, const octo_batch_options *, octo_batch **,
                        octo_error *);
  find("octo_options_create", &options_create);
  find("octo_options_set", &options_set);
  find("octo_client_open", &client_open);
  find("octo_submit", &submit);
  octo_options *options = NULL;
  octo_client *client = NULL;
  octo_batch *batch = NULL;
  octo_error error = OCTO_ERROR_INIT;
  char keys[KEY_COUNT][32];
  octo_request requests[KEY_COUNT];
  memset(requests, 0, sizeof requests);
  for (int i = 0; i < KEY_COUNT; ++i) {
    snprintf(keys[i], sizeof keys[i], "%s%d", prefix, i);
    requests[i].key = keys[i];
    requests[i].key_size = strlen(keys[i]);
  }
  octo_batch_options how = OCTO_BATCH_OPTIONS_INIT;
  how.flags = OCTO_BATCH_BUDGET;
  how.budget_us = 20000000;
  if (options_create(&options) != OCTO_OK ||
      (ca_file[0] != '\0' && options_set(options, "tls.ca_file", ca_file, &error) != OCTO_OK) ||
      client_open(url, options, &client, &error) != OCTO_OK ||
      submit(client, requests, sizeof requests[0], KEY_COUNT, &how, &batch, &error) != OCTO_OK) {
    fprintf(stderr, "%s\n", error.text);
    exit(3);
  }
}

int main(int argument_count, char **arguments) {
  if (argument_count != 7) return 64;
  library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  start_fetching(arguments[2], arguments[3], arguments[4]);
  sleep_ms(atol(arguments[5]));
  const long long unload_at = now_ns();
  if (dlclose(library) != 0) return 4;
  printf("%lld\n", now_ns() - unload_at);
  sleep_ms(atol(arguments[6]));
  printf("%lld\n", now_ns());
  return 0;
}
