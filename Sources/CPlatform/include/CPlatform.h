#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdint.h>

/// What `stat` says of a file, with nanoseconds spelled out.
typedef struct {
  uint64_t device, inode, size;
  int64_t modified_ns, changed_ns;
  uint32_t mode;
} cplatform_status;

/// `lstat` when `follow` is 0, else `stat`. 0 or an errno.
int cplatform_status_of(const char *path, int follow, cplatform_status *out);
int cplatform_status_of_descriptor(int descriptor, cplatform_status *out);

/// Free bytes for unprivileged users on the file system of `path`. 0 or an errno.
int cplatform_free_bytes(const char *path, uint64_t *out);

/// Begins to bring a part of a file to the disk, without waiting for it (Linux).
void cplatform_start_flushing(int descriptor, int64_t offset, int64_t count);

/// Processors that this process may use, at least 1.
int cplatform_processor_count(void);

/// The address of a symbol in any loaded library, or null.
void *cplatform_symbol(const char *name);

/// Wall clock and monotonic clock in nanoseconds.
int64_t cplatform_wall_ns(void);
int64_t cplatform_monotonic_ns(void);

/// Advisory whole-file lock (flock): exclusive when `exclusive`, without waiting when `try_only`. 0 or an errno.
int cplatform_lock(int descriptor, int exclusive, int try_only);
int cplatform_unlock(int descriptor);

/// Swaps what two paths name, in one step. 0 or an errno.
int cplatform_exchange(const char *first, const char *second);

/// Ends this process at once as a crash would: SIGKILL to itself, nothing flushed.
void cplatform_crash(void);

/// Sets an async-signal-safe handler that stores the number of the first signal in a flag; a second signal of either
/// kind ends the process with 128 + its number. A closed pipe or a file-size limit becomes an ordinary error of `write`.
void cplatform_watch_signals(void);
/// The first signal received (SIGINT or SIGTERM), or 0.
int cplatform_received_signal(void);

#endif
