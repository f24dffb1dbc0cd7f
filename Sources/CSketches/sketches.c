#include "CSketches.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(x) JOIN(x, SUFFIX)

// As `valueHash` in ValueHash.swift.
#define SEED 0x5851F42D4C957F2DULL

static inline uint64_t hash_of(double number) {
  uint64_t hash;
  number += 0.0;
  memcpy(&hash, &number, 8);
  hash ^= SEED;
  hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9ULL;
  hash = (hash ^ hash >> 27) * 0x94D049BB133111EBULL;
  return hash ^ hash >> 31;
}

// Numbers whose hashes are found in one go.
#define BLOCK 512

#if defined(__x86_64__)
#define SUFFIX avx512
#define TARGET __attribute__((target("avx512f,avx512dq,popcnt,lzcnt")))
#define LANES 8
#define MIN(a, b) _mm512_min_pd(a, b)
#define MAX(a, b) _mm512_max_pd(a, b)

typedef uint64_t eight __attribute__((vector_size(64), aligned(8)));

TARGET static inline int64_t keep_avx512(eight hash, eight rest, uint64_t limit, uint64_t *hashes, int64_t found) {
  const __mmask8 kept = _mm512_cmple_epu64_mask((__m512i)rest, _mm512_set1_epi64((long long)limit));
  _mm512_storeu_si512(hashes + found, _mm512_maskz_compress_epi64(kept, (__m512i)hash));
  return found + __builtin_popcount(kept);
}

#include "kernels.h"
#undef SUFFIX
#undef TARGET
#undef LANES
#undef MIN
#undef MAX

#define SUFFIX avx2
#define TARGET __attribute__((target("avx2,lzcnt")))
#define LANES 4
#define MIN(a, b) _mm256_min_pd(a, b)
#define MAX(a, b) _mm256_max_pd(a, b)

typedef uint64_t four __attribute__((vector_size(32), aligned(8)));

TARGET static inline int64_t keep_avx2(four hash, four rest, uint64_t limit, uint64_t *hashes, int64_t found) {
  const __m256i sign = _mm256_set1_epi64x((long long)(1ULL << 63));
  const __m256i above = _mm256_cmpgt_epi64(
      _mm256_xor_si256((__m256i)rest, sign), _mm256_xor_si256(_mm256_set1_epi64x((long long)limit), sign));
  const int beyond = _mm256_movemask_pd((__m256d)above);
  if (beyond == 15) return found;
  for (int lane = 0; lane < 4; lane++) {
    hashes[found] = hash[lane];
    found += !(beyond >> lane & 1);
  }
  return found;
}

#include "kernels.h"
#undef SUFFIX
#undef TARGET
#undef LANES
#undef MIN
#undef MAX
#endif

#define SUFFIX baseline
#define TARGET
#define LANES 2
#define MIN(a, b) __builtin_elementwise_min(a, b)
#define MAX(a, b) __builtin_elementwise_max(a, b)

typedef uint64_t two __attribute__((vector_size(16), aligned(8)));

static inline int64_t keep_baseline(two hash, two rest, uint64_t limit, uint64_t *hashes, int64_t found) {
  for (int lane = 0; lane < 2; lane++) {
    hashes[found] = hash[lane];
    found += rest[lane] <= limit;
  }
  return found;
}

#include "kernels.h"

typedef struct {
  const char *name;
  csketches_extent (*reach)(const double *, int64_t, double);
  double (*squares)(const double *, int64_t, double);
  void (*note)(const double *, int64_t, uint8_t, uint8_t *);
} kernels;

static const kernels sets[] = {
#if defined(__x86_64__)
    {"avx512", reach_avx512, squares_avx512, note_avx512},
    {"avx2", reach_avx2, squares_avx2, note_avx2},
#endif
    {"baseline", reach_baseline, squares_baseline, note_baseline},
};

static int is_available(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx512") == 0) return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
  if (strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2");
#endif
  return strcmp(name, "baseline") == 0;
}

static const kernels *chosen;
static _Thread_local const kernels *chosen_here;

static const kernels *current(void) {
  if (chosen_here) return chosen_here;
  const kernels *found = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
  if (found) return found;
  found = sets;
  while (!is_available(found->name)) found++;
  __atomic_store_n(&chosen, found, __ATOMIC_RELAXED);
  return found;
}

const char *csketches_instructions(void) { return current()->name; }

int csketches_use(const char *instructions) {
  chosen_here = 0;
  if (!instructions) return 1;
  for (unsigned i = 0; i < sizeof sets / sizeof *sets; i++) {
    if (strcmp(sets[i].name, instructions) == 0 && is_available(instructions)) {
      chosen_here = sets + i;
      return 1;
    }
  }
  return 0;
}

csketches_extent csketches_reach(const double *numbers, int64_t count, double shift) {
  return current()->reach(numbers, count, shift);
}

double csketches_squares(const double *numbers, int64_t count, double mean) {
  return current()->squares(numbers, count, mean);
}

void csketches_note(const double *numbers, int64_t count, uint8_t floor, uint8_t *registers) {
  current()->note(numbers, count, floor, registers);
}

uint8_t csketches_floor(const uint8_t *registers) {
  uint8_t least = 255;
  for (int i = 0; i < 1 << CSKETCHES_INDEX_BITS; i++) least = registers[i] < least ? registers[i] : least;
  return least;
}

// Keys that are ordered as integers as the numbers are.
static inline uint64_t key_of(double number) {
  uint64_t bits;
  memcpy(&bits, &number, 8);
  return bits ^ ((uint64_t)-(int64_t)(bits >> 63) | 1ULL << 63);
}

static inline double number_of(uint64_t key) {
  double number;
  key ^= (key >> 63) - 1 | 1ULL << 63;
  memcpy(&number, &key, 8);
  return number;
}

// Orders keys by `digits` digits of `width` bits, at most eight of 8 or two of 11, from bit `low` on; returns which of the two
// holds them then.
static uint64_t *order(uint64_t *from, uint64_t *to, int64_t count, int low, int digits, int width) {
  uint32_t starts[2 << 11];
  const uint64_t mask = (1ULL << width) - 1;
  memset(starts, 0, sizeof *starts * ((size_t)digits << width));
  for (int64_t i = 0; i < count; i++) {
    uint64_t rest = from[i] >> low;
    for (int digit = 0; digit < digits; digit++, rest >>= width) starts[((uint64_t)digit << width) + (rest & mask)]++;
  }
  for (int digit = 0; digit < digits; digit++, low += width) {
    uint32_t *start = starts + ((uint64_t)digit << width);
    // Nothing to do where all have the same.
    if (start[from[0] >> low & mask] == (uint64_t)count) continue;
    uint32_t sum = 0;
    for (uint64_t value = 0; value <= mask; value++) {
      const uint32_t size = start[value];
      start[value] = sum;
      sum += size;
    }
    for (int64_t i = 0; i < count; i++) to[start[from[i] >> low & mask]++] = from[i];
    uint64_t *other = from;
    from = to;
    to = other;
  }
  return from;
}

// Puts neighbours into order, which is soon done when few are out of it; 0 when it is not.
static int settle(uint64_t *keys, int64_t count) {
  int64_t moves = 0;
  for (int64_t i = 1; i < count; i++) {
    const uint64_t key = keys[i];
    int64_t at = i;
    for (; at > 0 && keys[at - 1] > key; at--) keys[at] = keys[at - 1];
    keys[at] = key;
    moves += i - at;
    if (moves > 4 * count) return 0;
  }
  return 1;
}

void csketches_sort(double *numbers, int64_t count, uint64_t *spare) {
  if (count < 2) return;
  uint64_t *keys = spare, differing = 0;
  const uint64_t first = key_of(numbers[0]);
  for (int64_t i = 0; i < count; i++) {
    keys[i] = key_of(numbers[i]);
    differing |= keys[i] ^ first;
  }
  // By the highest bits in which they differ, then by comparing neighbours, and by all bits where that does not do.
  const int bits = differing ? 64 - __builtin_clzll(differing) : 0;
  const int width = count < 2048 ? 8 : 11, most = width == 8 ? 3 : 2;
  if (bits > 0) {
    const int low = bits > most * width ? bits - most * width : 0;
    keys = order(keys, spare + count, count, low, (bits - low + width - 1) / width, width);
    if (low > 0 && !settle(keys, count)) keys = order(keys, keys == spare ? spare + count : spare, count, 0, 8, 8);
  }
  for (int64_t i = 0; i < count; i++) numbers[i] = number_of(keys[i]);
}
