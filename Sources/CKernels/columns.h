// Columns of numbers, for each instruction set; see kernels.h for the names.

// to[i] = ((x or stand_in where x is NaN) − offset)·factor, x = from[rows[i] − first], or from[i] without rows. A subtraction and a
// product, each rounded, so that all instruction sets give the same bits.
TARGET static int NAME(encode)(const double *from, const long *rows, long first, long count, double stand_in, double offset,
                               double factor, double *to, const double *next) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  integers finite = (integers){0} - 1;
  long i = 0;
  for (; i + LANES <= count; i += LANES) {
    vector x;
    if (next) __builtin_prefetch(next + (rows ? rows[i] - first : i), 0, 3);
    if (rows) {
      for (int lane = 0; lane < LANES; lane++) x[lane] = from[rows[i + lane] - first];
    } else {
      x = *(const vector *)(from + i);
    }
    vector encoded = (NAME(select)(x == x, x, (vector){0} + stand_in) - offset) * factor;
    // A number times 0 is 0 unless it is infinite or NaN.
    finite &= encoded * 0 == 0;
    *(vector *)(to + i) = encoded;
  }
  int all = 1;
  for (int lane = 0; lane < LANES; lane++) all &= finite[lane] != 0;
  for (; i < count; i++) {
    double x = from[rows ? rows[i] - first : i];
    double encoded = ((x == x ? x : stand_in) - offset) * factor;
    all &= encoded * 0 == 0;
    to[i] = encoded;
  }
  return all;
}

// Counts what lies below, at and above the ends of a bracket, and copies what lies inside, in order.
TARGET static long NAME(bracket)(const double *values, long count, double low, double high, double *inside, long counts[4]) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  integers below = {0}, at_low = {0}, at_high = {0}, above = {0};
  long found = 0, i = 0;
  for (; i + LANES <= count; i += LANES) {
    vector x = *(const vector *)(values + i);
    // A mask is −1 where it holds.
    below -= x < low;
    at_low -= x == low;
    at_high -= x == high;
    above -= x > high;
    if (__builtin_reduce_or((integers)((x > low) & (x < high)))) {
      for (long lane = i; lane < i + LANES; lane++) {
        inside[found] = values[lane];
        found += (values[lane] > low) & (values[lane] < high);
      }
    }
  }
  for (int lane = 0; lane < LANES; lane++) {
    counts[0] += below[lane];
    counts[1] += at_low[lane];
    counts[2] += at_high[lane];
    counts[3] += above[lane];
  }
  for (; i < count; i++) {
    counts[0] += values[i] < low;
    counts[1] += values[i] == low;
    counts[2] += values[i] == high;
    counts[3] += values[i] > high;
    inside[found] = values[i];
    found += (values[i] > low) & (values[i] < high);
  }
  return found;
}
