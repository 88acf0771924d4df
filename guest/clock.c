/* What no two machines may have in common: the time goes on while a machine is stopped, and its numbers must be its own. */
#include "init.h"

#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

void set_clock(uint64_t nanoseconds) {
  struct timespec now = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
  check(clock_settime(CLOCK_REALTIME, &now), "clock");
}

static int digit(char letter) { return letter <= '9' ? letter - '0' : letter - 'a' + 10; }

size_t from_hex(const char *hex, unsigned char *bytes, size_t size) {
  size_t length = strlen(hex) / 2;
  if (length > size) length = size;
  for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  return length;
}

/* Credited, and used at once: the generator goes on from it alone. */
void add_entropy(const char *hex) {
  struct {
    struct rand_pool_info head;
    unsigned char bytes[64];
  } pool = {0};
  size_t length = from_hex(hex, pool.bytes, sizeof pool.bytes);
  pool.head.entropy_count = (int)length * 8;
  pool.head.buf_size = (int)length;
  int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
  check(fd, "/dev/urandom");
  check(ioctl(fd, RNDADDENTROPY, &pool), "RNDADDENTROPY");
  check(ioctl(fd, RNDRESEEDCRNG), "RNDRESEEDCRNG");
  close(fd);
}
