/* The first process of a microVM. README.md says what it does and what it speaks with Kiln. */
#ifndef KILN_INIT_H
#define KILN_INIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* src/sandbox/microvm/agent has the same numbers. */
#define CONTROL_PORT 9000
#define GUEST_ADDRESS "169.254.77.2"
#define HOST_ADDRESS "169.254.77.1"
#define MOST_PAYLOAD (1024 * 1024)
/* The function's tree, in this machine's own. */
#define ROOT "/root"
/* How long the host may take to read the last output. */
#define DRAIN_S 2

struct frame {
  uint32_t type; /* one letter */
  uint32_t length;
};

/* util.c */
void fail(const char *what) __attribute__((noreturn));
void turn_off(void) __attribute__((noreturn));
void check(int result, const char *what);
int write_file(const char *path, const char *text);
int write_all(int fd, const void *data, size_t length);
int read_all(int fd, void *data, size_t length);
/* Ends a connection once the host has read all of it: the machine's end would take along what is on its way. */
void hand_over(int fd);

/* modules.c */
void load_modules(void);
/* What no function needs of the kernel, as far as settings can close it. */
void close_doors(void);

/* network.c */
void set_up_network(void);
void lead_port_out(int port, int root_only);
void set_address(const char *address);
int connect_to_host(void);
/* A listener for the host, on a port that is free. */
int listen_for_host(uint32_t *port);

/* tree.c */
void mount_early(void);
void wait_for(const char *path);
void mount_drive(const char *device, const char *place, const char *type);
void mount_kernel_trees(void);
void mask(const char *path);
void show_resolver(void);
void enter_root(void);
/* Writes what is in memory to the disk. */
void leave_tmp(void);

/* share.c */
/* Makes room for shared directories, and closes it when all are there. */
void provide_sharing(void);
void end_sharing(void);
/* Mounts the directory that the host's file server has under the same path. */
void mount_shared(const char *port, const char *place, int read_only);

/* group.c */
void make_group(void);
void set_limit(const char *file, const char *value);
void join_group(void);
void freeze_group(int frozen);
void kill_group(void);
void set_memory(const char *bytes);
struct memory_use {
  uint64_t current, peak; /* bytes */
  uint64_t kills;         /* for want of memory */
};
/* Ends the group where it has more than it may. */
void look_at_memory(struct memory_use *use);

/* clock.c */
void set_clock(uint64_t nanoseconds);
void add_entropy(const char *hex);
/* As many bytes as there are, at most `size`; how many. */
size_t from_hex(const char *hex, unsigned char *bytes, size_t size);

/* process.c */
struct user {
  uid_t uid;
  gid_t gid;
  unsigned long files, pids;
  char directory[4096]; /* where its processes begin */
};
extern struct user function_user;
/* Which system calls its processes may make: instructions of seccomp(2), 8 bytes each, in hex. */
void set_filter(const char *hex);
/* Starts `strings` (a count, the arguments, the variables; each ends with NUL). The pid; -1 where there are too many. */
pid_t start_process(uint32_t id, char *strings, size_t length);

/* stream.c */
/* Carries what comes from a pipe to the host, as stream 1 or 2 of a process. 0, or -1 where there are too many. */
int carry(int from, uint32_t id, uint32_t stream);
/* A child has ended: whether it was one that carried. */
int stream_ended(pid_t pid);
/* What was said is with the host, and no connection is left. */
void rest_streams(void);
void carry_on(void);
#endif
