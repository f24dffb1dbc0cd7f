#include "CKernels.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Rows that one tile sums before its lanes are added: few enough for a tile's columns to stay in the nearest cache.
#define DEPTH 512

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(x) JOIN(x, SUFFIX)

#if defined(__x86_64__)
#define SUFFIX avx512
#define TARGET __attribute__((target("avx512f,avx512dq,fma")))
#define LANES 8
#define TM 5
#define TN 5
#define GROUPS 4
#define OUTPUTS 5
#include "kernels.h"
#include "losses.h"
#include "columns.h"
#undef SUFFIX
#undef TARGET
#undef LANES
#undef TM
#undef TN
#undef GROUPS
#undef OUTPUTS

#define SUFFIX avx2
#define TARGET __attribute__((target("avx2,fma")))
#define LANES 4
#define TM 3
#define TN 4
#define GROUPS 2
#define OUTPUTS 5
#include "kernels.h"
#include "losses.h"
#include "columns.h"
#undef SUFFIX
#undef TARGET
#undef LANES
#undef TM
#undef TN
#undef GROUPS
#undef OUTPUTS
#endif

#define SUFFIX baseline
#define TARGET
#define LANES 2
#define TM 2
#define TN 4
#define GROUPS 2
#define OUTPUTS 4
#include "kernels.h"
#include "losses.h"
#include "columns.h"

typedef struct {
  const char *name;
  void (*products)(const double *, long, long, const double *, long, long, long, double *, long, int,
                   const double *);
  void (*scores)(const double *, long, long, long, const double *, long, long, double *, long);
  void (*scale_rows)(const double *, long, long, long, const double *, double *, long);
  void (*squares)(const double *, long, long, long, const double *, double *);
  double (*logistic)(double *, const double *, const double *, long, double *, double *, double *);
  double (*poisson)(double *, const double *, const double *, const double *, long, double *);
  double (*softmax)(double *, long, long, const double *, const double *, long, double *);
  void (*softmax_residuals)(double *, long, long, const double *, const double *, long);
  void (*multiply)(const double *, const double *, const double *, long, double *);
  int (*encode)(const double *, const ckernels_picks *, long, ckernels_change, double *, const double *);
  long (*pick)(const double *, const unsigned char *, long, double *);
  long (*survey)(const double *, long, double *, double *, double *);
  double (*deviations)(const double *, long, double, double, double);
  long (*bracket)(const double *, long, double, double, double *, long[4]);
} kernels;

#define SET(suffix)                                                                                       \
  {#suffix, products_##suffix, scores_##suffix, scale_rows_##suffix, squares_##suffix, logistic_##suffix, \
   poisson_##suffix, softmax_##suffix, softmax_residuals_##suffix, multiply_##suffix, \
   encode_##suffix, pick_##suffix, survey_##suffix, deviations_##suffix, bracket_##suffix}

static const kernels sets[] = {
#if defined(__x86_64__)
    SET(avx512),
    SET(avx2),
#endif
    SET(baseline),
};

static int is_available(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
  if (strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
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

const char *ckernels_instructions(void) { return current()->name; }

int ckernels_use(const char *instructions) {
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

void ckernels_gram(const double *x, long ldx, long rows, long columns, double *c, long ldc, const double *next) {
  current()->products(x, ldx, columns, x, ldx, columns, rows, c, ldc, 1, next);
}

void ckernels_cross_upper(const double *x, long ldx, const double *y, long ldy, long rows, long columns, double *c,
                          long ldc) {
  current()->products(x, ldx, columns, y, ldy, columns, rows, c, ldc, 1, 0);
}

void ckernels_cross(const double *x, long ldx, long columns, const double *y, long ldy, long others, long rows,
                    double *c, long ldc) {
  current()->products(x, ldx, columns, y, ldy, others, rows, c, ldc, 0, 0);
}

void ckernels_scores(const double *x, long ldx, long rows, long columns, const double *w, long ldw, long outputs,
                     double *z, long ldz) {
  current()->scores(x, ldx, rows, columns, w, ldw, outputs, z, ldz);
}

void ckernels_scale_rows(const double *x, long ldx, long rows, long columns, const double *d, double *y, long ldy) {
  current()->scale_rows(x, ldx, rows, columns, d, y, ldy);
}

void ckernels_squares(const double *x, long ldx, long rows, long columns, const double *d, double *sums) {
  current()->squares(x, ldx, rows, columns, d, sums);
}

double ckernels_logistic(double *scores, const double *targets, const double *weights, long rows, double *curvature,
                         double *margin, double *pearson) {
  return current()->logistic(scores, targets, weights, rows, curvature, margin, pearson);
}

double ckernels_poisson(double *scores, const double *targets, const double *weights, const double *offsets, long rows,
                        double *curvature) {
  return current()->poisson(scores, targets, weights, offsets, rows, curvature);
}

double ckernels_softmax(double *scores, long stride, long classes, const double *targets, const double *weights,
                        long rows, double *margin) {
  return current()->softmax(scores, stride, classes, targets, weights, rows, margin);
}

void ckernels_softmax_residuals(double *scores, long stride, long classes, const double *targets,
                                const double *weights, long rows) {
  current()->softmax_residuals(scores, stride, classes, targets, weights, rows);
}

void ckernels_multiply(const double *a, const double *b, const double *weights, long rows, double *to) {
  current()->multiply(a, b, weights, rows, to);
}

void ckernels_mask(const long *rows, long first, long count, unsigned char *mask, long bytes) {
  memset(mask, 0, bytes);
  // A word at a time in a register: what is written is not read again.
  for (long i = 0; i < count;) {
    long word = (rows[i] - first) / 8;
    unsigned bits = 0;
    for (; i < count && (rows[i] - first) / 8 == word; i++) bits |= 1u << (rows[i] - first) % 8;
    mask[word] = (unsigned char)bits;
  }
}

int ckernels_encode(const double *from, const ckernels_picks *picks, long count, ckernels_change change, double *to,
                    const double *next) {
  return current()->encode(from, picks, count, change, to, next);
}

long ckernels_encode_columns(const double *const *starts, const ckernels_change *changes, long columns, long place,
                             const ckernels_picks *picks, long count, double *to, long stride, int *finite) {
  const kernels *kernels = current();
  *finite = 1;
  long column = 0;
  while (*finite && column < columns && starts[column]) {
    const double *next = column + 1 < columns && starts[column + 1] ? starts[column + 1] + place : 0;
    *finite = kernels->encode(starts[column] + place, picks, count, changes[column], to + column * stride, next);
    column++;
  }
  return column;
}

long ckernels_pick(const double *from, const unsigned char *mask, long count, double *to) {
  return current()->pick(from, mask, count, to);
}

long ckernels_survey(const double *values, long count, double *sum, double *least, double *greatest) {
  return current()->survey(values, count, sum, least, greatest);
}

double ckernels_deviations(const double *values, long count, double stand_in, double centre, double span) {
  return current()->deviations(values, count, stand_in, centre, span);
}

long ckernels_bracket(const double *values, long count, double low, double high, double *inside, long counts[4]) {
  return current()->bracket(values, count, low, high, inside, counts);
}
