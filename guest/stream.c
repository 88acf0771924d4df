/*
 * Carries the output of processes to the host. One process for each stream: who does not read one holds up nothing else. The
 * pipes stay open here, so that another process can go on where one has stopped.
 */
#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_STREAMS 256

static struct stream {
  uint32_t id, number;
  int from;
  pid_t pid; /* 0: nobody carries it now */
} streams[MOST_STREAMS];
static int count; /* of the entries that were ever used */

static volatile sig_atomic_t resting;

static void rest(int number) {
  (void)number;
  resting = 1;
}

/* Until the pipe's end, or until it is to rest and nothing is left in the pipe. SIGTERM comes while it waits, and only then. */
static void carry_until_rest(const struct stream *stream) {
  setsid();
  struct sigaction action = {.sa_handler = rest};
  sigaction(SIGTERM, &action, NULL);
  sigset_t while_waiting;
  sigprocmask(SIG_BLOCK, NULL, &while_waiting);
  sigdelset(&while_waiting, SIGTERM);
  int to = connect_to_host();
  struct frame head = {'O', 8};
  uint32_t body[2] = {stream->id, stream->number};
  if (write_all(to, &head, sizeof head) < 0 || write_all(to, body, sizeof body) < 0) _exit(1);
  static char buffer[65536];
  static const struct timespec at_once;
  for (;;) {
    struct pollfd wait = {.fd = stream->from, .events = POLLIN};
    int ready = ppoll(&wait, 1, resting ? &at_once : NULL, &while_waiting);
    if (ready < 0) continue;
    if (ready == 0) break;
    ssize_t got = read(stream->from, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || write_all(to, buffer, (size_t)got) < 0) break;
  }
  hand_over(to);
  _exit(0);
}

static void begin(struct stream *stream) {
  pid_t pid = fork();
  check(pid, "fork");
  if (pid == 0) carry_until_rest(stream);
  stream->pid = pid;
}

int carry(int from, uint32_t id, uint32_t number) {
  int at = 0;
  while (at < count && streams[at].from >= 0) at++;
  if (at == MOST_STREAMS) {
    close(from);
    return -1;
  }
  if (at == count) count++;
  streams[at] = (struct stream){.id = id, .number = number, .from = from};
  begin(&streams[at]);
  return 0;
}

int stream_ended(pid_t pid) {
  for (int i = 0; i < count; i++) {
    if (streams[i].pid != pid) continue;
    streams[i].pid = 0;
    close(streams[i].from);
    streams[i].from = -1;
    return 1;
  }
  return 0;
}

void rest_streams(void) {
  for (int i = 0; i < count; i++) {
    if (streams[i].pid == 0) continue;
    kill(streams[i].pid, SIGTERM);
    while (waitpid(streams[i].pid, NULL, 0) < 0 && errno == EINTR);
    streams[i].pid = 0;
  }
}

/* One whose pipe has ended meanwhile finds that out, and says so. */
void carry_on(void) {
  for (int i = 0; i < count; i++) {
    if (streams[i].from >= 0) begin(&streams[i]);
  }
}
