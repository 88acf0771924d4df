/* File systems: the runtime's image is the root, and what Kiln names comes on top. */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static void attach(const char *source, const char *place, const char *type, unsigned long flags, const char *data) {
  check(mount(source, place, type, flags, data), place);
}

void mount_early(void) {
  attach("proc", "/proc", "proc", 0, NULL);
  attach("dev", "/dev", "devtmpfs", 0, NULL);
  attach("cgroup", "/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* Devices show up a moment after their driver. */
void wait_for(const char *path) {
  for (int tries = 0; access(path, F_OK) < 0; tries++) {
    if (tries == 10000) fail(path);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
}

/* Where the function's tree has a place; a link there must not lead out of it. */
static void inside(char *path, size_t size, const char *place) {
  struct stat found;
  snprintf(path, size, ROOT "%s", place);
  check(lstat(path, &found), path);
  if (S_ISLNK(found.st_mode)) {
    errno = ELOOP;
    fail(path);
  }
}

void mount_drive(const char *device, const char *place, const char *type) {
  char path[512];
  wait_for(device);
  inside(path, sizeof path, strcmp(place, "/") == 0 ? "" : place);
  int disk = strcmp(type, "ext4") == 0;
  attach(device, path, type, MS_NOSUID | MS_NODEV | (disk ? 0 : MS_RDONLY), disk ? "noinit_itable" : NULL);
  if (disk) {
    check(chown(path, function_user.uid, function_user.gid), path);
    check(chmod(path, 0700), path);
    strncat(path, "/lost+found", sizeof path - strlen(path) - 1);
    rmdir(path);
  }
}

static void make_device(const char *name, int number) {
  char path[64];
  snprintf(path, sizeof path, ROOT "/dev/%s", name);
  int major = strcmp(name, "tty") == 0 ? 5 : 1;
  check(mknod(path, S_IFCHR | 0666, makedev(major, number)), path);
  check(chmod(path, 0666), path);
}

static void make_devices(void) {
  attach("tmpfs", ROOT "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k,nr_inodes=64");
  make_device("null", 3);
  make_device("zero", 5);
  make_device("full", 7);
  make_device("random", 8);
  make_device("urandom", 9);
  make_device("tty", 0);
  check(symlink("/proc/self/fd", ROOT "/dev/fd"), "fd");
  check(symlink("/proc/self/fd/0", ROOT "/dev/stdin"), "stdin");
  check(symlink("/proc/self/fd/1", ROOT "/dev/stdout"), "stdout");
  check(symlink("/proc/self/fd/2", ROOT "/dev/stderr"), "stderr");
  attach(NULL, ROOT "/dev", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC, "size=64k,nr_inodes=64,mode=755");
}

void mount_kernel_trees(void) {
  make_devices();
  /* A function sees its own processes, and none of this machine's. */
  attach("proc", ROOT "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2");
  attach(ROOT "/proc/sys", ROOT "/proc/sys", NULL, MS_BIND, NULL);
  attach(NULL, ROOT "/proc/sys", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

void mask(const char *place) {
  char path[512];
  struct stat found;
  snprintf(path, sizeof path, ROOT "%s", place);
  if (lstat(path, &found) < 0) return;
  if (S_ISDIR(found.st_mode)) attach("tmpfs", path, "tmpfs", MS_RDONLY, "size=0,nr_inodes=1");
  else attach(ROOT "/dev/null", path, NULL, MS_BIND, NULL);
}

/* The resolver of the host's side, where the image has a file that says whom to ask. */
void show_resolver(void) {
  static const char text[] = "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n";
  struct stat found;
  if (lstat(ROOT "/etc", &found) < 0 || !S_ISDIR(found.st_mode)) return;
  if (lstat(ROOT "/etc/resolv.conf", &found) < 0 || !S_ISREG(found.st_mode)) return;
  int fd = open("/resolv.conf", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  check(fd, "resolv.conf");
  check(write_all(fd, text, sizeof text - 1), "resolv.conf");
  close(fd);
  attach("/resolv.conf", ROOT "/etc/resolv.conf", NULL, MS_BIND, NULL);
  unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  attach(NULL, ROOT "/etc/resolv.conf", NULL, flags, NULL);
}

void enter_root(void) {
  check(chroot(ROOT), "chroot");
  check(chdir("/"), "chdir");
}

void leave_tmp(void) {
  if (umount2(ROOT "/tmp", 0) < 0) sync();
}
