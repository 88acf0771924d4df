/* What follows what, from the kernel's start to the end. */
#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_PROCESSES 64
#define MEMORY_EVERY_MS 50

static struct {
  uint32_t id;
  pid_t pid;
} processes[MOST_PROCESSES];
static int host;
/* The one whose end is the machine's; 0 where there is none. */
static uint32_t first_id;
/* The host is going to save the machine, and wants to be waited for. */
static int to_wait;

static void tell(uint32_t type, const void *payload, uint32_t length) {
  struct frame head = {type, length};
  /* Without Kiln there is nobody to work for. */
  if (write_all(host, &head, sizeof head) < 0 || write_all(host, payload, length) < 0) turn_off();
}

static void tell_memory(int always) {
  static struct memory_use told;
  struct memory_use use;
  look_at_memory(&use);
  if (!always && memcmp(&told, &use, sizeof use) == 0) return;
  told = use;
  tell('M', &use, sizeof use);
}

static void tell_exit(uint32_t id, int status) {
  uint32_t payload[2] = {id, (uint32_t)status};
  tell_memory(1);
  tell('X', payload, sizeof payload);
}

static void drain(void) {
  for (int waited = 0; waited < DRAIN_S * 1000; waited++) {
    pid_t pid = waitpid(-1, NULL, WNOHANG);
    if (pid < 0) return;
    if (pid == 0) usleep(1000);
  }
}

static void end(uint32_t id, int status) {
  kill_group();
  leave_tmp();
  drain();
  tell_exit(id, status);
  hand_over(host);
  turn_off();
}

static void reap(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (stream_ended(pid)) continue;
    for (int i = 0; i < MOST_PROCESSES; i++) {
      if (processes[i].pid != pid) continue;
      uint32_t id = processes[i].id;
      processes[i].pid = 0;
      if (id == first_id) end(id, status);
      tell_exit(id, status);
      break;
    }
  }
}

static void run(uint32_t id, char *strings, size_t length) {
  for (int i = 0; i < MOST_PROCESSES; i++) {
    if (processes[i].pid != 0) continue;
    processes[i].id = id;
    pid_t pid = start_process(id, strings, length);
    if (pid < 0) break;
    processes[i].pid = pid;
    return;
  }
  tell_exit(id, 126 << 8);
}

static void signal_process(uint32_t id, int number) {
  if (id == 0 && first_id == 0) end(0, number);
  for (int i = 0; i < MOST_PROCESSES; i++) {
    if (processes[i].pid == 0 || processes[i].id != (id == 0 ? first_id : id)) continue;
    /* It may not have its own group yet, and its children may have left it. */
    if (id != 0 || kill(-processes[i].pid, number) < 0) kill(processes[i].pid, number);
  }
}

/* One setting, `name=value`. */
static void set(char *setting) {
  char *value = strchr(setting, '=');
  if (value == NULL) return;
  *value++ = 0;
  if (strcmp(setting, "time") == 0) set_clock(strtoull(value, NULL, 10));
  else if (strcmp(setting, "seed") == 0) add_entropy(value);
  else if (strcmp(setting, "hostname") == 0) check(sethostname(value, strlen(value)), "hostname");
  else if (strcmp(setting, "address") == 0) set_address(value);
  else if (strcmp(setting, "port") == 0) lead_port_out(atoi(value), 0);
  else if (strcmp(setting, "uid") == 0) function_user.uid = (uid_t)atol(value);
  else if (strcmp(setting, "gid") == 0) function_user.gid = (gid_t)atol(value);
  else if (strcmp(setting, "directory") == 0)
    snprintf(function_user.directory, sizeof function_user.directory, "%s", value);
  else if (strcmp(setting, "files") == 0) function_user.files = strtoul(value, NULL, 10);
  else if (strcmp(setting, "pids") == 0) {
    function_user.pids = strtoul(value, NULL, 10);
    set_limit("pids.max", value);
  } else if (strcmp(setting, "memory") == 0) set_memory(value);
  else if (strcmp(setting, "filter") == 0) set_filter(value);
  else if (strcmp(setting, "mask") == 0) mask(value);
  else if (strcmp(setting, "resolver") == 0) show_resolver();
  else if (strcmp(setting, "first") == 0) first_id = (uint32_t)strtoul(value, NULL, 10);
  else if (strcmp(setting, "frozen") == 0) freeze_group(atoi(value));
  else if (strcmp(setting, "rest") == 0) {
    freeze_group(1);
    rest_streams();
  } else if (strcmp(setting, "wait") == 0) to_wait = 1;
  else if (strcmp(setting, "go") == 0) {
    carry_on();
    freeze_group(0);
  } else if (strcmp(setting, "leave") == 0) {
    kill_group();
    leave_tmp();
  } else if (strcmp(setting, "drive") == 0) {
    /* DEVICE PLACE TYPE */
    char *rest = value;
    char *device = strsep(&rest, " ");
    char *place = strsep(&rest, " ");
    mount_drive(device, place, rest);
  } else if (strcmp(setting, "sharing") == 0) {
    if (atoi(value)) provide_sharing();
    else end_sharing();
  } else if (strcmp(setting, "share") == 0) {
    /* PORT MODE PLACE */
    char *place = value;
    char *port = strsep(&place, " ");
    char *mode = strsep(&place, " ");
    mount_shared(port, place, strcmp(mode, "ro") == 0);
  } else if (strcmp(setting, "trees") == 0) mount_kernel_trees();
}

/*
 * The machine is saved while this process waits, and each machine that starts from it is a host's that comes here. Nothing of
 * the function runs meanwhile; the port is open that long.
 */
static void wait_for_host(void) {
  to_wait = 0;
  uint32_t port;
  int listener = listen_for_host(&port);
  tell('W', &port, sizeof port);
  close(host);
  do host = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  while (host < 0 && errno == EINTR);
  check(host, "accept");
  int one = 1;
  setsockopt(host, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  close(listener);
  tell('H', NULL, 0);
  tell_memory(1);
}

static void hear(struct frame head, char *payload) {
  uint32_t words[2] = {0};
  memcpy(words, payload, head.length < sizeof words ? head.length : sizeof words);
  if (head.type == 'S') {
    for (char *at = payload; at < payload + head.length;) {
      char *next = at + strlen(at) + 1;
      set(at);
      at = next;
    }
    tell('S', NULL, 0);
    if (to_wait) wait_for_host();
  } else if (head.type == 'R' && head.length > 4) run(words[0], payload + 4, head.length - 4);
  else if (head.type == 'K') signal_process(words[0], (int)words[1]);
}

static void read_frame(void) {
  static char payload[MOST_PAYLOAD + 1];
  struct frame head;
  if (read_all(host, &head, sizeof head) < 0 || head.length > MOST_PAYLOAD) turn_off();
  if (read_all(host, payload, head.length) < 0) turn_off();
  payload[head.length] = 0;
  hear(head, payload);
}

int main(void) {
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, NULL);
  /* Those who carry output are asked by it to stop, at a time of their own. */
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, NULL);
  signal(SIGPIPE, SIG_IGN);
  mount_early();
  load_modules();
  close_doors();
  set_up_network();
  make_group();
  int ended = signalfd(-1, &children, SFD_CLOEXEC);
  check(ended, "signalfd");
  host = connect_to_host();
  tell('H', NULL, 0);
  for (;;) {
    struct pollfd waits[] = {{.fd = host, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
    int ready = poll(waits, 2, MEMORY_EVERY_MS);
    if (ready < 0 && errno != EINTR) fail("poll");
    if (ready <= 0) {
      tell_memory(0);
      continue;
    }
    if (waits[1].revents != 0) {
      struct signalfd_siginfo info;
      if (read(ended, &info, sizeof info) > 0) reap();
    }
    if (waits[0].revents != 0) read_frame();
  }
}
