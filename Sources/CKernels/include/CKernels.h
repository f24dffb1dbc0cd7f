#ifndef CKERNELS_H
#define CKERNELS_H
// Products of tall column-major matrices, the inner loops of training. Element (i, j) is at i + j * leading dimension.
//
// Row counts are multiples of 8: whoever makes a block pads it with rows of zeros. Sums run over eight lanes (row number
// modulo 8) with fused multiply-adds, 512 rows at a time, and lanes are added in one fixed order. So every processor
// with fused multiply-add, of either vector width, gives the same bits; those without give others.

/// Upper triangle of c += xᵀ·x; x is rows × columns. `next` is the block of the same shape that will be read next, to be
/// fetched from memory meanwhile, or null.
void ckernels_gram(const double *x, long ldx, long rows, long columns, double *c, long ldc, const double *next);

/// Upper triangle of c += xᵀ·y, which must be symmetric; both are rows × columns.
void ckernels_cross_upper(const double *x, long ldx, const double *y, long ldy, long rows, long columns, double *c,
                          long ldc);

/// c += xᵀ·y; x is rows × columns, y rows × others, c columns × others.
void ckernels_cross(const double *x, long ldx, long columns, const double *y, long ldy, long others, long rows,
                    double *c, long ldc);

/// z = x·w; x is rows × columns, w columns × outputs, z rows × outputs.
void ckernels_scores(const double *x, long ldx, long rows, long columns, const double *w, long ldw, long outputs,
                     double *z, long ldz);

/// y = diag(d)·x; x and y are rows × columns.
void ckernels_scale_rows(const double *x, long ldx, long rows, long columns, const double *d, double *y, long ldy);

/// sums[j] += Σ d[row]·x[row, j]², one a column.
void ckernels_squares(const double *x, long ldx, long rows, long columns, const double *d, double *sums);

// Losses. Arrays have room for rows rounded up to a multiple of 8; what is written beyond the last row is 0. Weights and
// offsets may be null.

/// Σ v·ln(1 + e^(−m)), m = ±score by the target (0 or 1). Scores become v·(p − y), `curvature` (or null) v·p·(1 − p), and
/// `margin` the least m of rows with a weight, `pearson` Σ v·(p − y)²/(p·(1 − p)).
double ckernels_logistic(double *scores, const double *targets, const double *weights, long rows, double *curvature,
                         double *margin, double *pearson);

/// Σ v·(e^s − y·s), s = score + offset. Scores become v·(e^s − y), `curvature` (or null) v·e^s.
double ckernels_poisson(double *scores, const double *targets, const double *weights, const double *offsets, long rows,
                        double *curvature);

/// Σ v·(ln Σ e^s − s_y) for scores of `classes` columns `stride` apart, which become probabilities; `margin` is the least
/// lead of the right class.
double ckernels_softmax(double *scores, long stride, long classes, const double *targets, const double *weights,
                        long rows, double *margin);

/// Turns probabilities into v·(p − [class = target]).
void ckernels_softmax_residuals(double *scores, long stride, long classes, const double *targets,
                                const double *weights, long rows);

/// to = v·a·b.
void ckernels_multiply(const double *a, const double *b, const double *weights, long rows, double *to);

// Columns.

/// Some of the numbers of a window, ascending: those of `rows`, of which the window begins with row `first`, and the same as bits.
typedef struct {
  const long *rows;
  long first, count;
  /// Bit i % 8 of byte i / 8 is set where the i-th number of the window is picked; see ckernels_mask.
  const unsigned char *mask;
} ckernels_picks;

/// Fills the `bytes` bytes of a mask.
void ckernels_mask(const long *rows, long first, long count, unsigned char *mask, long bytes);

/// ((x or `stand_in` where x is NaN) − offset)·factor.
typedef struct {
  double stand_in, offset, factor;
} ckernels_change;

/// to[i] = the change of x, x = from[i] of a window of `count`, or the i-th number picked of it where
/// `picks` is not null; 1 when all of it is finite, else 0. The same bits on every processor. `to` may be `from` where `picks`
/// is null. `next` is the window that will be read next in the same way, to be fetched from memory meanwhile, or null.
int ckernels_encode(const double *from, const ckernels_picks *picks, long count, ckernels_change change, double *to,
                    const double *next);

/// The same for columns that stand `stride` apart in `to`; the window of column i begins at starts[i] + place. Stops where starts[i] is
/// null, and behind a column that is not finite everywhere, which `finite` tells; returns how many columns there are by then.
long ckernels_encode_columns(const double *const *starts, const ckernels_change *changes, long columns, long place,
                             const ckernels_picks *picks, long count, double *to, long stride, int *finite);

/// Copies the numbers of a window of `count` whose bits are set in `mask`, one after the other; how many they are. `to` has room for the window and may be `from`.
long ckernels_pick(const double *from, const unsigned char *mask, long count, double *to);

/// How many of the numbers are not NaN, their sum, the least and the greatest: infinite and its negative for none. The same bits on
/// every processor.
long ckernels_survey(const double *values, long count, double *sum, double *least, double *greatest);

/// Σ (((x or `stand_in` where x is NaN) − centre)/span)². The same bits on every processor.
double ckernels_deviations(const double *values, long count, double stand_in, double centre, double span);

/// Copies the values strictly between `low` and `high` to `inside`, which has room for `count` + 1, and returns how many; adds to
/// `counts` those below `low`, at `low`, at `high` and above it. NaN are none of these.
long ckernels_bracket(const double *values, long count, double low, double high, double *inside, long counts[4]);

/// Which instructions are in use: `avx512`, `avx2` or `baseline`.
const char *ckernels_instructions(void);

/// Uses another set than the processor's best in the calling thread, by name, for tests and benchmarks, or again the best for
/// null; 0 where it is not to be had.
int ckernels_use(const char *instructions);
#endif
