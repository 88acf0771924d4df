/* Kernel modules, named so that each comes after those it needs. */
#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

void load_modules(void) {
  struct dirent **entries;
  int count = scandir("/modules", &entries, visible, alphasort);
  check(count, "/modules");
  for (int i = 0; i < count; i++) {
    char path[300];
    snprintf(path, sizeof path, "/modules/%s", entries[i]->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    check(fd, path);
    if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST) fail(path);
    close(fd);
    unlink(path);
    free(entries[i]);
  }
  free(entries);
}

void close_doors(void) {
  static const char *const doors[][2] = {
      {"kernel/modules_disabled", "1"},
      {"kernel/kexec_load_disabled", "1"},
      {"kernel/unprivileged_bpf_disabled", "1"},
      {"kernel/perf_event_paranoid", "3"},
      {"kernel/unprivileged_userns_clone", "0"},
      {"user/max_user_namespaces", "0"},
      {"vm/unprivileged_userfaultfd", "0"},
      {"kernel/yama/ptrace_scope", "2"},
      {"kernel/dmesg_restrict", "1"},
      {"kernel/kptr_restrict", "2"},
      {"kernel/io_uring_disabled", "2"},
      {"kernel/sysrq", "0"},
      {"fs/protected_symlinks", "1"},
      {"fs/protected_hardlinks", "1"},
  };
  for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
    char path[128];
    snprintf(path, sizeof path, "/proc/sys/%s", doors[i][0]);
    /* Not every kernel has each of them. */
    if (write_file(path, doors[i][1]) < 0 && errno != ENOENT) fail(path);
  }
}
