#include "CParsing.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "powers.h"

#include "numbers.h"
#include "plain_scalar.h"
#include "utf8.h"
#include "json.h"

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(x) JOIN(x, SUFFIX)

#if defined(__x86_64__)
#define SUFFIX avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,bmi,bmi2,popcnt,lzcnt")))
#define MASK(p, byte) _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p), _mm512_set1_epi8((char)(byte)))
#define HIGH(p) _mm512_movepi8_mask(_mm512_loadu_si512(p))
#define EMIT(ends, base, bits) emit_avx512(ends, base, bits)

// Writes whole vectors of sixteen offsets: more than `bits` has, within the 64 that the caller has to spare.
TARGET static inline void emit_avx512(uint32_t *ends, uint32_t base, uint64_t bits) {
  const __m512i numbers = _mm512_set_epi8(
      63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35,
      34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
      4, 3, 2, 1, 0);
  const __m512i packed = _mm512_maskz_compress_epi8(bits, numbers);
  const __m512i start = _mm512_set1_epi32((int)base);
  const int count = __builtin_popcountll(bits);
  _mm512_storeu_si512(ends, _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
  if (__builtin_expect(count > 16, 0)) {
    _mm512_storeu_si512(ends + 16, _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1))));
    _mm512_storeu_si512(ends + 32, _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2))));
    _mm512_storeu_si512(ends + 48, _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3))));
  }
}

#include "scan.h"
#include "plain_avx512.h"
#undef SUFFIX
#undef TARGET
#undef MASK
#undef HIGH
#undef EMIT

#define SUFFIX avx2
#define TARGET __attribute__((target("avx2,bmi,bmi2,popcnt,lzcnt")))
#define MASK(p, byte) mask_avx2(p, byte)
#define HIGH(p) high_avx2(p)
TARGET static inline uint64_t halves_avx2(__m256i low, __m256i high) {
  return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}
TARGET static inline uint64_t mask_avx2(const uint8_t *p, uint8_t byte) {
  const __m256i wanted = _mm256_set1_epi8((char)byte);
  return halves_avx2(_mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)p), wanted),
                     _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(p + 32)), wanted));
}
TARGET static inline uint64_t high_avx2(const uint8_t *p) {
  return halves_avx2(_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 32)));
}
#define EMIT(ends, base, bits) emit_bits(ends, base, bits)
#endif

static inline void emit_bits(uint32_t *ends, uint32_t base, uint64_t bits) {
  for (; bits; bits &= bits - 1) *ends++ = base + (uint32_t)__builtin_ctzll(bits);
}

#if defined(__x86_64__)
#include "scan.h"
#undef SUFFIX
#undef TARGET
#undef MASK
#undef HIGH
#undef EMIT
#endif

#define SUFFIX baseline
#define TARGET
#define MASK(p, byte) mask_baseline(p, byte)
#define HIGH(p) high_baseline(p)
#define EMIT(ends, base, bits) emit_bits(ends, base, bits)
// Compilers turn these loops into what vectors the processor is sure to have.
static inline uint64_t mask_baseline(const uint8_t *p, uint8_t byte) {
  uint64_t bits = 0;
  for (int at = 0; at < 64; at++) bits |= (uint64_t)(p[at] == byte) << at;
  return bits;
}
static inline uint64_t high_baseline(const uint8_t *p) {
  uint64_t bits = 0;
  for (int at = 0; at < 64; at++) bits |= (uint64_t)(p[at] >> 7) << at;
  return bits;
}
#include "scan.h"

typedef struct {
  int64_t (*scan)(const uint8_t *, int64_t, int64_t, int64_t, parsing_dialect, parsing_scan *);
  int64_t (*readable)(const uint8_t *, int64_t);
  int64_t (*cell_ends)(const uint8_t *, int64_t, parsing_dialect, uint32_t *, uint32_t *);
  uint64_t (*numbers)(const uint8_t *, const uint32_t *, int64_t, int64_t, uint32_t, uint8_t, double *, uint64_t *, uint64_t *);
  uint64_t (*integers)(const uint8_t *, const uint32_t *, int64_t, int64_t, uint32_t, int64_t *, uint64_t *);
} kernels;

#define SET(suffix, plain) {scan_##suffix, readable_##suffix, cell_ends_##suffix, numbers_##plain, integers_##plain}

static const kernels sets[] = {
#if defined(__x86_64__)
    SET(avx512, avx512),
    SET(avx2, scalar),
#endif
    SET(baseline, scalar),
};

static const kernels *pick(void) {
  static const kernels *picked;
  const kernels *set = __atomic_load_n(&picked, __ATOMIC_RELAXED);
  if (set) return set;
  set = &sets[sizeof sets / sizeof *sets - 1];
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bitalg") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2"))
    set = &sets[0];
  else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
    set = &sets[1];
#endif
  __atomic_store_n(&picked, set, __ATOMIC_RELAXED);
  return set;
}

int64_t parsing_scan_records(const uint8_t *text, int64_t count, int64_t offset, int64_t limit,
                             parsing_dialect dialect, parsing_scan *scan) {
  return pick()->scan(text, count, offset, limit, dialect, scan);
}

int64_t parsing_readable(const uint8_t *text, int64_t count) { return pick()->readable(text, count); }

int64_t parsing_cell_ends(const uint8_t *text, int64_t count, parsing_dialect dialect, uint32_t *ends,
                          uint32_t *flags) {
  return pick()->cell_ends(text, count, dialect, ends, flags);
}

uint64_t parsing_numbers(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows, uint32_t trims,
                         uint8_t point, double *out, uint64_t *present, uint64_t *fractions) {
  return pick()->numbers(text, ends, stride, rows, trims, point, out, present, fractions);
}

uint64_t parsing_integers(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows, uint32_t trims,
                          int64_t *out, uint64_t *present) {
  return pick()->integers(text, ends, stride, rows, trims, out, present);
}
