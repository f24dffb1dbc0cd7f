#define _GNU_SOURCE
#include "CPlatform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static void copy_status(const struct stat *from, cplatform_status *to) {
  to->device = (uint64_t)from->st_dev;
  to->inode = (uint64_t)from->st_ino;
  to->size = (uint64_t)from->st_size;
  to->modified_ns = (int64_t)from->st_mtim.tv_sec * 1000000000 + from->st_mtim.tv_nsec;
  to->changed_ns = (int64_t)from->st_ctim.tv_sec * 1000000000 + from->st_ctim.tv_nsec;
  to->mode = from->st_mode;
}

void cplatform_start_flushing(int descriptor, int64_t offset, int64_t count) {
#ifdef SYNC_FILE_RANGE_WRITE
  sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
#endif
}

int cplatform_status_of(const char *path, int follow, cplatform_status *out) {
  struct stat status;
  if ((follow ? stat(path, &status) : lstat(path, &status)) != 0) return errno;
  copy_status(&status, out);
  return 0;
}

int cplatform_status_of_descriptor(int descriptor, cplatform_status *out) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return errno;
  copy_status(&status, out);
  return 0;
}

int cplatform_free_bytes(const char *path, uint64_t *out) {
  struct statvfs status;
  if (statvfs(path, &status) != 0) return errno;
  *out = (uint64_t)status.f_bavail * status.f_frsize;
  return 0;
}

int cplatform_processor_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

void *cplatform_symbol(const char *name) { return dlsym(RTLD_DEFAULT, name); }

static int64_t now_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t cplatform_wall_ns(void) { return now_ns(CLOCK_REALTIME); }
int64_t cplatform_monotonic_ns(void) { return now_ns(CLOCK_MONOTONIC); }

int cplatform_lock(int descriptor, int exclusive, int try_only) {
  int operation = (exclusive ? LOCK_EX : LOCK_SH) | (try_only ? LOCK_NB : 0);
  while (flock(descriptor, operation) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

int cplatform_unlock(int descriptor) { return flock(descriptor, LOCK_UN) != 0 ? errno : 0; }

int cplatform_exchange(const char *first, const char *second) {
  return renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) != 0 ? errno : 0;
}

void cplatform_crash(void) {
  kill(getpid(), SIGKILL);
  _exit(137);
}

static atomic_int received = 0;

static void on_signal(int number) {
  int expected = 0;
  if (!atomic_compare_exchange_strong(&received, &expected, number)) _exit(128 + number);
}

void cplatform_watch_signals(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, 0);
  sigaction(SIGTERM, &action, 0);
  // Who started us may have them blocked, as threads of a pool have.
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGINT);
  sigaddset(&watched, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &watched, 0);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

int cplatform_received_signal(void) { return atomic_load(&received); }
