// Losses of rows with their derivatives, for each instruction set; see kernels.h for the names.
//
// exp and log are our own, so the C library does not matter for the bits: exp by Taylor's series to the 13th power after
// taking out powers of two (|r| ≤ ln 2 / 2, remainder below 5e-18), logarithms by 2·artanh's series.

typedef long NAME(integers) __attribute__((vector_size(LANES * 8), aligned(8)));

TARGET static inline NAME(vector) NAME(select)(NAME(integers) mask, NAME(vector) yes, NAME(vector) no) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  return (vector)(((integers)yes & mask) | ((integers)no & ~mask));
}

// eˣ, x held within ±708, where it is a normal number.
TARGET static inline NAME(vector) NAME(exp)(NAME(vector) x) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  vector low = (vector){0} - 708, high = (vector){0} + 708;
  x = NAME(select)(x < low, low, x);
  x = NAME(select)(x > high, high, x);
  vector rounder = (vector){0} + 0x1.8p52;
  vector shifted = x * 1.442695040888963387 + rounder;
  vector k = shifted - rounder;
  vector r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  vector sum = (vector){0} + 1.0 / 6227020800;
  static const double factorials[] = {479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2, 1, 1};
  _Pragma("unroll") for (int i = 0; i < 13; i++) sum = sum * r + 1.0 / factorials[i];
  integers power = ((integers)shifted - (integers)rounder + 1023) << 52;
  return sum * (vector)power;
}

// 2·artanh(s) = ln((1 + s)/(1 − s)) for |s| ≤ 1/3: 2s·Σ s²ⁿ/(2n + 1).
TARGET static inline NAME(vector) NAME(twice_artanh)(NAME(vector) s) {
  typedef NAME(vector) vector;
  vector square = s * s;
  vector sum = (vector){0} + 1.0 / 35;
  _Pragma("unroll") for (int n = 33; n >= 1; n -= 2) sum = sum * square + 1.0 / n;
  return (s + s) * sum;
}

// ln x of normal numbers x ≥ 1.
TARGET static inline NAME(vector) NAME(log)(NAME(vector) x) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  // x = 2ᵏ·m with √½ < m < √2.
  integers offset = (integers)x - 0x3FE6A09E667F3BCD;
  integers k = offset >> 52;
  vector f = (vector)((integers)x - (k << 52)) - 1;
  vector exponent = (vector)(k + (integers)((vector){0} + 0x1.8p52)) - 0x1.8p52;
  vector scale = exponent;
  return scale * 6.93147180369123816490e-01 + (scale * 1.90821492927058770002e-10 + NAME(twice_artanh)(f / (2 + f)));
}

// Loads `count` (at most LANES) values, `rest` beyond them.
TARGET static inline NAME(vector) NAME(load)(const double *from, long count, double rest) {
  typedef NAME(vector) vector;
  if (count >= LANES) return *(const vector *)from;
  double values[LANES];
  for (long i = 0; i < LANES; i++) values[i] = i < count ? from[i] : rest;
  return *(const vector *)values;
}

TARGET static inline void NAME(store)(double *to, NAME(vector) values) { *(NAME(vector) *)to = values; }

TARGET static inline NAME(vector) NAME(weights)(const double *weights, long row, long rows) {
  typedef NAME(vector) vector;
  long count = rows - row < LANES ? rows - row : LANES;
  if (weights) return NAME(load)(weights + row, count, 0);
  if (count == LANES) return (vector){0} + 1;
  static const double ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  return NAME(load)(ones, count, 0);
}

TARGET static double NAME(sum_lanes)(const double *s) {
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

TARGET static double NAME(logistic)(double *scores, const double *targets, const double *weights, long rows,
                                    double *curvature, double *margin, double *pearson) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  double sums[8], smallest[8], squares[8];
  for (int half = 0; half < 8; half += LANES) {
    vector total = {0}, least = (vector){0} + __builtin_inf(), odds = {0};
    for (long row = half; row < rows; row += 8) {
      vector weight = NAME(weights)(weights, row, rows);
      vector target = *(const vector *)(targets + row), score = *(const vector *)(scores + row);
      integers positive = target > 0.5;
      vector m = NAME(select)(positive, score, -score);
      vector size = NAME(select)(m < 0, -m, m);
      vector decay = NAME(exp)(-size);
      vector large = 1 / (1 + decay), small = decay * large;
      total += weight * (NAME(select)(m < 0, -m, (vector){0}) + NAME(twice_artanh)(decay / (2 + decay)));
      least = NAME(select)((m < least) & (weight > 0), m, least);
      vector residual = NAME(select)(m < 0, large, small) * weight;
      NAME(store)(scores + row, NAME(select)(positive, -residual, residual));
      if (curvature) NAME(store)(curvature + row, large * small * weight);
      // (p − y)² / (p·(1 − p)) is e^(−m).
      odds += weight * NAME(select)(m < 0, 1 / decay, decay);
    }
    NAME(store)(sums + half, total);
    NAME(store)(smallest + half, least);
    NAME(store)(squares + half, odds);
  }
  *pearson = NAME(sum_lanes)(squares);
  *margin = smallest[0];
  for (int i = 1; i < 8; i++)
    if (smallest[i] < *margin) *margin = smallest[i];
  return NAME(sum_lanes)(sums);
}

TARGET static double NAME(poisson)(double *scores, const double *targets, const double *weights, const double *offsets,
                                   long rows, double *curvature) {
  typedef NAME(vector) vector;
  double sums[8];
  for (int half = 0; half < 8; half += LANES) {
    vector total = {0};
    for (long row = half; row < rows; row += 8) {
      long count = rows - row < LANES ? rows - row : LANES;
      vector weight = NAME(weights)(weights, row, rows);
      vector target = *(const vector *)(targets + row), score = *(const vector *)(scores + row);
      if (offsets) score += NAME(load)(offsets + row, count, 0);
      vector mean = NAME(exp)(score);
      total += weight * (mean - target * score);
      NAME(store)(scores + row, (mean - target) * weight);
      if (curvature) NAME(store)(curvature + row, mean * weight);
    }
    NAME(store)(sums + half, total);
  }
  return NAME(sum_lanes)(sums);
}

// Leaves probabilities in place of scores, a class a column.
TARGET static double NAME(softmax)(double *scores, long stride, long classes, const double *targets,
                                   const double *weights, long rows, double *margin) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  double sums[8], smallest[8];
  for (int half = 0; half < 8; half += LANES) {
    vector total = {0}, least = (vector){0} + __builtin_inf();
    for (long row = half; row < rows; row += 8) {
      vector weight = NAME(weights)(weights, row, rows);
      vector target = *(const vector *)(targets + row);
      vector largest = (vector){0} - __builtin_inf(), own = {0};
      for (long k = 0; k < classes; k++) {
        vector score = *(const vector *)(scores + row + k * stride);
        largest = NAME(select)(score > largest, score, largest);
        own = NAME(select)(target == (double)k, score, own);
      }
      vector sum = {0}, other = (vector){0} - __builtin_inf();
      for (long k = 0; k < classes; k++) {
        vector score = *(const vector *)(scores + row + k * stride);
        other = NAME(select)((score > other) & (target != (double)k), score, other);
        vector value = NAME(exp)(score - largest);
        NAME(store)(scores + row + k * stride, value);
        sum += value;
      }
      vector inverse = 1 / sum;
      for (long k = 0; k < classes; k++) {
        vector value = *(const vector *)(scores + row + k * stride);
        NAME(store)(scores + row + k * stride, value * inverse);
      }
      total += weight * ((largest - own) + NAME(log)(sum));
      vector lead = own - other;
      least = NAME(select)((lead < least) & (weight > 0), lead, least);
    }
    NAME(store)(sums + half, total);
    NAME(store)(smallest + half, least);
  }
  *margin = smallest[0];
  for (int i = 1; i < 8; i++)
    if (smallest[i] < *margin) *margin = smallest[i];
  return NAME(sum_lanes)(sums);
}

// Takes the indicator of the class off probabilities and multiplies by weights: residuals, 0 beyond the last row.
TARGET static void NAME(softmax_residuals)(double *scores, long stride, long classes, const double *targets,
                                           const double *weights, long rows) {
  typedef NAME(vector) vector;
  for (long k = 0; k < classes; k++) {
    double *values = scores + k * stride;
    for (long row = 0; row < rows; row += LANES) {
      vector weight = NAME(weights)(weights, row, rows);
      vector target = *(const vector *)(targets + row);
      vector share = *(const vector *)(values + row);
      NAME(store)(values + row, NAME(select)(target == (double)k, share - 1, share) * weight);
    }
    // A register may be shorter than what a block is padded to.
    for (long row = (rows + LANES - 1) / LANES * LANES; row < (rows + 7) / 8 * 8; row++) values[row] = 0;
  }
}

// to = a·b·weights, 0 beyond the last row.
TARGET static void NAME(multiply)(const double *a, const double *b, const double *weights, long rows, double *to) {
  typedef NAME(vector) vector;
  for (long row = 0; row < rows; row += LANES)
    NAME(store)(to + row, *(const vector *)(a + row) * *(const vector *)(b + row) * NAME(weights)(weights, row, rows));
  for (long row = (rows + LANES - 1) / LANES * LANES; row < (rows + 7) / 8 * 8; row++) to[row] = 0;
}
