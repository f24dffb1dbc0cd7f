// The kernels, once for each instruction set: TARGET is the attribute, NAME(x) the name with its suffix, LANES the doubles
// of a register, and a tile of TM × TN sums is what the registers hold beside its operands.

typedef double NAME(vector) __attribute__((vector_size(LANES * 8), aligned(8)));

// sums[(i * TN + j) * 8 + lane] = Σ a[i][row] · b[j][row] over rows ≡ lane (mod 8). Every `pace` rows the next line from
// `ahead` on is fetched meanwhile.
TARGET static inline void NAME(tile)(const double *const *a, const double *const *b, long rows, double *sums,
                                     const double *ahead, long pace) {
  typedef NAME(vector) vector;
  for (int half = 0; half < 8; half += LANES) {
    vector total[TM][TN];
    for (int i = 0; i < TM; i++)
      for (int j = 0; j < TN; j++) total[i][j] = (vector){0};
    for (long row = half; row < rows; row += 8) {
      if ((row & (pace - 8)) == 0) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += 8;
      }
      vector left[TM];
      _Pragma("unroll") for (int i = 0; i < TM; i++) left[i] = *(const vector *)(a[i] + row);
      _Pragma("unroll") for (int j = 0; j < TN; j++) {
        vector right = *(const vector *)(b[j] + row);
        _Pragma("unroll") for (int i = 0; i < TM; i++) total[i][j] += left[i] * right;
      }
    }
    for (int i = 0; i < TM; i++)
      for (int j = 0; j < TN; j++) *(vector *)(sums + (i * TN + j) * 8 + half) = total[i][j];
  }
}

// c += xᵀ·y, all of it or, with `upper`, what lies on or above the diagonal.
//
// With `next`, the block of x's shape that is read next, each tile asks for a few lines of the rows to come: the next DEPTH
// of x, and at last the first of `next`. They must be asked for evenly, or the processor waits for them as it would without.
TARGET static void NAME(products)(const double *x, long ldx, long columns, const double *y, long ldy, long others,
                                  long rows, double *c, long ldc, int upper, const double *next) {
  double sums[TM * TN * 8] __attribute__((aligned(64)));
  long across = (columns + TM - 1) / TM, down = (others + TN - 1) / TN;
  long tiles = upper ? across * down / 2 : across * down;
  // Rows between two lines asked for: a tile's share of the lines, rounded up to a power of two, in its rounds.
  long pace = DEPTH;
  while (pace > 8 && tiles * (DEPTH / pace) < columns * (DEPTH / 8)) pace /= 2;
  long share = DEPTH / pace * 8;
  for (long from = 0; from < rows; from += DEPTH) {
    long depth = rows - from < DEPTH ? rows - from : DEPTH;
    const double *rest = from + DEPTH < rows ? x + from + DEPTH : next;
    long asked = 0;
    for (long i = 0; i < columns; i += TM) {
      const double *a[TM];
      // Tiles that stick out repeat the last column; those sums are not used.
      for (long m = 0; m < TM; m++) a[m] = x + (i + m < columns ? i + m : columns - 1) * ldx + from;
      for (long j = upper ? i / TN * TN : 0; j < others; j += TN) {
        const double *b[TN];
        for (long m = 0; m < TN; m++) b[m] = y + (j + m < others ? j + m : others - 1) * ldy + from;
        int asks = next && asked < columns * DEPTH;
        NAME(tile)(a, b, depth, sums, asks ? rest + asked / DEPTH * ldx + asked % DEPTH : a[0], asks ? pace : 2 * DEPTH);
        asked += share;
        for (long n = j; n < j + TN && n < others; n++)
          for (long m = i; m < i + TM && m < columns && (!upper || m <= n); m++) {
            const double *s = sums + ((m - i) * TN + n - j) * 8;
            c[m + n * ldc] += ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
          }
      }
    }
  }
}

// z = x·w for `count` outputs, at most OUTPUTS, in 8·GROUPS rows at a time; sums go in the order of the columns.
TARGET static inline void NAME(scores_tile)(const double *x, long ldx, long columns, const double *w, long ldw,
                                            long count, double *z, long ldz, long vectors) {
  typedef NAME(vector) vector;
  vector total[GROUPS][OUTPUTS];
  for (int g = 0; g < GROUPS; g++)
    for (int k = 0; k < OUTPUTS; k++) total[g][k] = (vector){0};
  if (count == OUTPUTS && vectors == GROUPS) {
    for (long column = 0; column < columns; column++) {
      const double *values = x + column * ldx;
      _Pragma("unroll") for (int g = 0; g < GROUPS; g++) {
        vector v = *(const vector *)(values + g * LANES);
        _Pragma("unroll") for (int k = 0; k < OUTPUTS; k++) total[g][k] += v * w[column + k * ldw];
      }
    }
  } else {
    for (long column = 0; column < columns; column++) {
      const double *values = x + column * ldx;
      for (int g = 0; g < vectors; g++) {
        vector v = *(const vector *)(values + g * LANES);
        for (int k = 0; k < count; k++) total[g][k] += v * w[column + k * ldw];
      }
    }
  }
  for (int g = 0; g < vectors; g++)
    for (int k = 0; k < count; k++) *(vector *)(z + k * ldz + g * LANES) = total[g][k];
}

// One output: eight registers of rows at once.
TARGET static inline void NAME(score_tile)(const double *x, long ldx, long columns, const double *w, double *z) {
  typedef NAME(vector) vector;
  vector total[8];
  for (int g = 0; g < 8; g++) total[g] = (vector){0};
  for (long column = 0; column < columns; column++) {
    const double *values = x + column * ldx;
    _Pragma("unroll") for (int g = 0; g < 8; g++) total[g] += *(const vector *)(values + g * LANES) * w[column];
  }
  for (int g = 0; g < 8; g++) *(vector *)(z + g * LANES) = total[g];
}

TARGET static void NAME(scores)(const double *x, long ldx, long rows, long columns, const double *w, long ldw,
                                long outputs, double *z, long ldz) {
  if (outputs == 1) {
    long row = 0;
    for (; row + 8 * LANES <= rows; row += 8 * LANES) NAME(score_tile)(x + row, ldx, columns, w, z + row);
    for (; row < rows; row += LANES)
      NAME(scores_tile)(x + row, ldx, columns, w, ldw, 1, z + row, ldz, 1);
    return;
  }
  for (long row = 0; row < rows; row += GROUPS * LANES) {
    long vectors = (rows - row) / LANES < GROUPS ? (rows - row) / LANES : GROUPS;
    for (long k = 0; k < outputs; k += OUTPUTS) {
      long count = outputs - k < OUTPUTS ? outputs - k : OUTPUTS;
      NAME(scores_tile)(x + row, ldx, columns, w + k * ldw, ldw, count, z + row + k * ldz, ldz, vectors);
    }
  }
}

TARGET static void NAME(scale_rows)(const double *x, long ldx, long rows, long columns, const double *d, double *y,
                                    long ldy) {
  typedef NAME(vector) vector;
  for (long column = 0; column < columns; column++) {
    const double *from = x + column * ldx;
    double *to = y + column * ldy;
    for (long row = 0; row < rows; row += LANES)
      *(vector *)(to + row) = *(const vector *)(from + row) * *(const vector *)(d + row);
  }
}

TARGET static void NAME(squares)(const double *x, long ldx, long rows, long columns, const double *d, double *sums) {
  typedef NAME(vector) vector;
  for (long column = 0; column < columns; column++) {
    const double *values = x + column * ldx;
    double lanes[8];
    for (int half = 0; half < 8; half += LANES) {
      vector total = {0};
      for (long row = half; row < rows; row += 8) {
        vector v = *(const vector *)(values + row);
        total += v * *(const vector *)(d + row) * v;
      }
      *(vector *)(lanes + half) = total;
    }
    sums[column] += ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  }
}
