/* Says how fast this processor's time stamps count, in kHz: an emulated machine counts with them, and cannot find out. */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define MEASURE_NS 20000000.0

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(void) {
  double start = now();
  unsigned long long first = __rdtsc();
  while (now() - start < MEASURE_NS);
  double end = now();
  unsigned long long last = __rdtsc();
  printf("%.0f\n", (double)(last - first) / ((end - start) / 1e6));
  return 0;
}
