/* Starts processes of the function, and carries their output to the host. */
#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct user function_user;

static struct sock_filter instructions[4096];
static struct sock_fprog filter = {.filter = instructions};

void set_filter(const char *hex) {
  size_t length = from_hex(hex, (unsigned char *)instructions, sizeof instructions);
  filter.len = (unsigned short)(length / sizeof *instructions);
}

static void limit(int which, unsigned long value) {
  check(setrlimit(which, &(struct rlimit){.rlim_cur = value, .rlim_max = value}), "setrlimit");
}

static void drop_rights(void) {
  for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++);
  check(setgroups(0, NULL), "setgroups");
  check(setresgid(function_user.gid, function_user.gid, function_user.gid), "setresgid");
  /* RLIMIT_NPROC is looked at when the user changes. */
  limit(RLIMIT_NOFILE, function_user.files);
  limit(RLIMIT_NPROC, function_user.pids);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_MEMLOCK, 64 * 1024);
  limit(RLIMIT_MSGQUEUE, 0);
  limit(RLIMIT_SIGPENDING, 1024);
  check(setresuid(function_user.uid, function_user.uid, function_user.uid), "setresuid");
  check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static void open_output(int ends[2]) {
  check(pipe2(ends, O_CLOEXEC), "pipe");
  /* So that /dev/stdout can be opened. */
  check(fchown(ends[1], function_user.uid, function_user.gid), "fchown");
}

/* The same as a shell's: a program that is not there ends with 127, one that may not be run with 126. */
static void become(char **argv, char **env) {
  int input[2];
  check(pipe(input), "pipe");
  dup2(input[0], 0);
  close(input[0]);
  close(input[1]);
  setsid();
  join_group();
  enter_root();
  umask(022);
  drop_rights();
  /* With the rights of the function. One that is not there shows in what does not start. */
  if (function_user.directory[0] != 0 && chdir(function_user.directory) < 0) {
    dprintf(2, "%s: %s\n", function_user.directory, strerror(errno));
    _exit(127);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  environ = env;
  if (filter.len == 0) fail("no filter of system calls");
  check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), "seccomp");
  execvpe(argv[0], argv, env);
  int status = errno == ENOENT || errno == ENOTDIR ? 127 : 126;
  dprintf(2, "%s: %s\n", argv[0], strerror(errno));
  _exit(status);
}

static char **next_strings(char **at, const char *end, size_t count) {
  char **strings = calloc(count + 1, sizeof *strings);
  if (strings == NULL) fail("memory");
  for (size_t i = 0; i < count && *at < end; i++) {
    strings[i] = *at;
    *at += strlen(*at) + 1;
  }
  return strings;
}

pid_t start_process(uint32_t id, char *strings, size_t length) {
  const char *end = strings + length;
  char *at = strings;
  size_t argc = strtoul(at, NULL, 10);
  at += strlen(at) + 1;
  char **argv = next_strings(&at, end, argc);
  size_t variables = 0;
  for (char *next = at; next < end; next += strlen(next) + 1) variables++;
  char **env = next_strings(&at, end, variables);
  int out[2], err[2];
  open_output(out);
  open_output(err);
  pid_t pid = fork();
  check(pid, "fork");
  if (pid == 0) {
    dup2(out[1], 1);
    dup2(err[1], 2);
    become(argv, env);
  }
  close(out[1]);
  close(err[1]);
  int carried = carry(out[0], id, 1) | carry(err[0], id, 2);
  free(argv);
  free(env);
  if (carried == 0) return pid;
  kill(pid, SIGKILL);
  return -1;
}
