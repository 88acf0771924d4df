/*
 * The control group of all that is the function's. Its memory is what it has allocated; pages of the runtime's files, which
 * the kernel counts as the group's as well, have room of their own, and are not what a function uses.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "/cgroup/function"
#define CACHE_BYTES (64ull << 20)

void make_group(void) {
  check(write_file("/cgroup/cgroup.subtree_control", "+memory +pids"), "cgroup.subtree_control");
  if (mkdir(GROUP, 0755) < 0 && errno != EEXIST) fail(GROUP);
}

void set_limit(const char *file, const char *value) {
  char path[128];
  snprintf(path, sizeof path, GROUP "/%s", file);
  check(write_file(path, value), path);
}

void join_group(void) { check(write_file(GROUP "/cgroup.procs", "0"), "cgroup.procs"); }

static int holds(const char *file, const char *line) {
  char text[256] = {0};
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  check(fd, file);
  if (read(fd, text, sizeof text - 1) < 0) fail(file);
  close(fd);
  return strstr(text, line) != NULL;
}

void freeze_group(int frozen) {
  set_limit("cgroup.freeze", frozen ? "1" : "0");
  while (frozen && !holds(GROUP "/cgroup.events", "frozen 1")) usleep(500);
}

void kill_group(void) {
  set_limit("cgroup.kill", "1");
  while (!holds(GROUP "/cgroup.events", "populated 0")) usleep(500);
}

static uint64_t limit_bytes;
static uint64_t own_peak;
static uint64_t own_kills;

void set_memory(const char *bytes) {
  char most[32];
  limit_bytes = strtoull(bytes, NULL, 10);
  snprintf(most, sizeof most, "%llu", (unsigned long long)(limit_bytes + CACHE_BYTES));
  set_limit("memory.max", most);
}

static char text[8192];

static const char *read_group(const char *file) {
  char path[128];
  snprintf(path, sizeof path, GROUP "/%s", file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[length < 0 ? 0 : length] = 0;
  return text;
}

/* The number behind a key at a line's start; 0 where there is none. */
static uint64_t number(const char *in, const char *key) {
  size_t length = strlen(key);
  for (const char *line = in; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, key, length) == 0) return strtoull(line + length, NULL, 10);
  }
  return 0;
}

void look_at_memory(struct memory_use *use) {
  const char *stat = read_group("memory.stat");
  uint64_t own = number(stat, "anon ") + number(stat, "shmem ") + number(stat, "kernel ");
  uint64_t given_back = number(stat, "slab_reclaimable ");
  own = own > given_back ? own - given_back : 0;
  if (own > own_peak) own_peak = own;
  /* While nothing but pages of files can be given back the kernel goes on looking for some, for minutes. */
  if (limit_bytes > 0 && own > limit_bytes) {
    own_kills++;
    set_limit("cgroup.kill", "1");
  }
  use->current = own;
  use->peak = own_peak;
  use->kills = own_kills + number(read_group("memory.events"), "oom_kill ");
}
