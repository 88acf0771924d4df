#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Without ACPI's power button there is only the reset, at which the VMM ends. */
void turn_off(void) {
  reboot(RB_AUTOBOOT);
  for (;;) pause();
}

void fail(const char *what) {
  dprintf(2, "kiln-init: %s: %s\n", what, strerror(errno));
  if (getpid() != 1) _exit(1);
  turn_off();
}

void check(int result, const char *what) {
  if (result < 0) fail(what);
}

int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int result = write_all(fd, text, strlen(text));
  close(fd);
  return result;
}

int write_all(int fd, const void *data, size_t length) {
  const char *at = data;
  while (length > 0) {
    ssize_t written = write(fd, at, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return -1;
    at += written;
    length -= (size_t)written;
  }
  return 0;
}

void hand_over(int fd) {
  char rest[256];
  shutdown(fd, SHUT_WR);
  struct timeval patience = {.tv_sec = DRAIN_S};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  while (read(fd, rest, sizeof rest) > 0);
  close(fd);
}

int read_all(int fd, void *data, size_t length) {
  char *at = data;
  while (length > 0) {
    ssize_t got = read(fd, at, length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -1;
    at += got;
    length -= (size_t)got;
  }
  return 0;
}
