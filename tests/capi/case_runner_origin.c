/* The origin as a child process, and its control port: a blocking request and answer, one connection each. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case_runner.h"

extern char **environ;

struct case_origin {
  pid_t process;
  int input; /* the origin lives until this is closed */
  char ready_line[4096];
};

static int open_pipe(int ends[2]) {
  if (pipe(ends) != 0) return 0;
  /* Other children of the test must not keep the origin alive. */
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 1;
}

static int read_line(int descriptor, char *line, size_t size) {
  size_t used = 0;
  while (used + 1 < size && read(descriptor, line + used, 1) == 1 && line[used] != '\n') ++used;
  line[used] = '\0';
  return used > 0;
}

static int spawn(case_origin *origin, const char *program, int input, int output) {
  char *arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "--address",
                       (char *)(uintptr_t) "127.0.0.1,127.0.0.2", NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  const int is_started = posix_spawn(&origin->process, program, &actions, NULL, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  return is_started;
}

case_origin *case_origin_start(const char *program) {
  int input[2] = {-1, -1};
  int output[2] = {-1, -1};
  case_origin *origin = (case_origin *)calloc(1, sizeof *origin);
  if (origin == NULL) return NULL;
  const int is_started = open_pipe(input) && open_pipe(output) && spawn(origin, program, input[0], output[1]);
  origin->input = input[1];
  close(input[0]);
  close(output[1]);
  const int is_ready = is_started && read_line(output[0], origin->ready_line, sizeof origin->ready_line);
  close(output[0]);
  if (is_ready) return origin;
  case_origin_stop(origin);
  return NULL;
}

void case_origin_stop(case_origin *origin) {
  if (origin == NULL) return;
  close(origin->input);
  if (origin->process > 0) waitpid(origin->process, NULL, 0);
  free(origin);
}

/* ------------------------------------------------------------------------------------------- ports and files */

/* The value of a field of the ready line, a flat JSON object; 0 when there is none. */
static int ready_field(const case_origin *origin, const char *name, char *out, size_t out_size) {
  char wanted[96];
  snprintf(wanted, sizeof wanted, "\"%s\":", name);
  const char *at = strstr(origin->ready_line, wanted);
  if (at == NULL) return 0;
  at += strlen(wanted);
  while (*at == ' ' || *at == '"') ++at;
  const size_t size = strcspn(at, "\",}");
  snprintf(out, out_size, "%.*s", (int)size, at);
  return 1;
}

static int is_secure(const char *listener) {
  return strncmp(listener, "https", 5) == 0 || strncmp(listener, "tls", 3) == 0;
}

/* What {name} stands for. */
static void fill_one(const case_origin *origin, const char *scheme, const char *name, char *out, size_t out_size) {
  char listener[64];
  char port[64];
  const size_t size = strcspn(name, ".");
  if (strcmp(name, "origin") == 0) name = scheme;
  if (strcmp(name, "ca_file") == 0 && ready_field(origin, name, out, out_size)) return;
  snprintf(listener, sizeof listener, "%.*s", (int)(name == scheme ? strlen(scheme) : size), name);
  if (!ready_field(origin, listener, port, sizeof port)) {
    snprintf(out, out_size, "{%s}", name);
  } else if (strcmp(name, listener) != 0) {
    snprintf(out, out_size, "%s", port);
  } else {
    snprintf(out, out_size, "%s://127.0.0.1:%s", is_secure(listener) ? "https" : "http", port);
  }
}

void case_origin_fill(const case_origin *origin, const char *scheme, const char *text, char *out, size_t out_size) {
  size_t used = 0;
  while (*text != '\0' && used + 1 < out_size) {
    const char *end = *text == '{' ? strchr(text, '}') : NULL;
    char name[64];
    if (end == NULL || (size_t)(end - text) >= sizeof name) {
      out[used++] = *text++;
      continue;
    }
    snprintf(name, sizeof name, "%.*s", (int)(end - text - 1), text + 1);
    fill_one(origin, scheme, name, out + used, out_size - used);
    used += strlen(out + used);
    text = end + 1;
  }
  out[used] = '\0';
}

/* ---------------------------------------------------------------------------------------------- control requests */

static int connect_control(const case_origin *origin) {
  char port[64];
  struct sockaddr_in address;
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0 || !ready_field(origin, "control", port, sizeof port)) return -1;
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)atoi(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0) return descriptor;
  close(descriptor);
  return -1;
}

static int send_all(int descriptor, const char *text, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(descriptor, text, size, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    text += sent;
    size -= (size_t)sent;
  }
  return 1;
}

/* The whole answer, until the origin closes. */
static char *receive_all(int descriptor) {
  size_t used = 0;
  size_t room = 65536;
  char *text = (char *)malloc(room);
  while (text != NULL) {
    const ssize_t received = recv(descriptor, text + used, room - used - 1, 0);
    if (received <= 0) break;
    used += (size_t)received;
    if (room - used > 1) continue;
    room *= 2;
    char *larger = (char *)realloc(text, room);
    if (larger == NULL) free(text);
    text = larger;
  }
  if (text != NULL) text[used] = '\0';
  return text;
}

/* The answer with its head, to be freed; NULL when the origin cannot be reached. */
static char *exchange(const case_origin *origin, const char *method, const char *path, const char *body) {
  char head[512];
  char *answer = NULL;
  const int descriptor = connect_control(origin);
  if (descriptor < 0) return NULL;
  snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: control\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
           method, path, strlen(body));
  if (send_all(descriptor, head, strlen(head)) && send_all(descriptor, body, strlen(body))) {
    answer = receive_all(descriptor);
  }
  close(descriptor);
  return answer;
}

static const char *body_of(const char *answer) {
  const char *end = strstr(answer, "\r\n\r\n");
  return end == NULL ? "" : end + 4;
}

const char *case_origin_control(const case_origin *origin, const char *method, const char *path, const char *body) {
  static char complaint[1024];
  char *answer = exchange(origin, method, path, body);
  const int is_done = answer != NULL && strncmp(answer, "HTTP/1.1 200 ", 13) == 0;
  if (!is_done) snprintf(complaint, sizeof complaint, "%s", answer == NULL ? "no answer" : body_of(answer));
  free(answer);
  return is_done ? NULL : complaint;
}

char *case_origin_read(const case_origin *origin, const char *path) {
  char *answer = exchange(origin, "GET", path, "");
  if (answer == NULL) return NULL;
  const char *body = body_of(answer);
  memmove(answer, body, strlen(body) + 1);
  return answer;
}
