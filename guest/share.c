/*
 * Directories that functions share: a file server on the host has them, and this kernel is its client (9P2000.L over TCP).
 * Only root's connections are led out to it, so a function comes to its files through this kernel and in no other way.
 */
#include "init.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define SHARED ROOT "/mnt"

static void attach(const char *source, const char *place, const char *type, unsigned long flags, const char *data) {
  check(mount(source, place, type, flags, data), place);
}

void provide_sharing(void) {
  struct stat found;
  /* An image without the place, or with a link there, gets it from a skeleton that lies over it. */
  if (lstat(SHARED, &found) < 0 || !S_ISDIR(found.st_mode))
    attach("overlay", ROOT, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, "lowerdir=/skeleton:" ROOT);
  attach("tmpfs", SHARED, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=64k,nr_inodes=16");
}

/*
 * Nothing is kept here of what the server has: who else uses the directory sees what is written, and is seen. Pages of files
 * that are mapped into memory are the exception (cache=mmap). One identity serves all of this machine: the server has no
 * other. It is asked again every second for a lock that somebody else holds.
 */
void mount_shared(const char *port, const char *place, int read_only) {
  char path[512], options[1024];
  lead_port_out(atoi(port), 1);
  snprintf(path, sizeof path, ROOT "%s", place);
  check(mkdir(path, 0755), path);
  snprintf(options, sizeof options,
           "trans=tcp,port=%s,version=9p2000.L,aname=%s,uname=function,access=any,dfltuid=%u,dfltgid=%u,cache=mmap,locktimeout=1", port,
           place, function_user.uid, function_user.gid);
  attach("127.0.0.1", path, "9p", MS_NOSUID | MS_NODEV | (read_only ? MS_RDONLY : 0), options);
}

void end_sharing(void) {
  attach(NULL, SHARED, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=64k,nr_inodes=16");
}
