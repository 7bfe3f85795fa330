// SPDX-License-Identifier: Apache-2.0
// Runs a program to its end and tells what it took, as one line of JSON: {"status", "wall_ms", "cpu_ms", "peak_kib"}.
//
//     run_once PROGRAM ARGUMENT...
//
// A script cannot measure this itself: until execve a child has its parent's memory, and Linux counts that into the
// child's peak (getrusage(2), ru_maxrss); this parent is smaller than anything it measures. The program's output is
// dropped, its errors are not.
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double Now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double Milliseconds(struct timeval time) { return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3; }

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: run_once PROGRAM ARGUMENT...\n");
    return 2;
  }
  const double start = Now();
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) dup2(null, STDOUT_FILENO);
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
    perror("run_once");
    return 1;
  }
  const double wall = Now() - start;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  printf("{\"status\": %d, \"wall_ms\": %.3f, \"cpu_ms\": %.3f, \"peak_kib\": %ld}\n", code, wall,
         Milliseconds(usage.ru_utime) + Milliseconds(usage.ru_stime), usage.ru_maxrss);
  return 0;
}
