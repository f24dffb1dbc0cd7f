// Columns of numbers, for each instruction set; see kernels.h for the names.

// to[i] = ((x or stand_in where x is NaN) − offset)·factor, x = from[i], or that of the i-th pick. A subtraction and a product, each
// rounded, so that all instruction sets give the same bits.
TARGET static int NAME(encode)(const double *from, const ckernels_picks *picks, long count, ckernels_change change, double *to,
                               const double *next) {
  const double stand_in = change.stand_in, offset = change.offset, factor = change.factor;
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  integers finite = (integers){0} - 1;
  long i = 0;
#if LANES == 8
  // Picks are moved together after the arithmetic: no number waits for its address.
  if (picks) {
    const unsigned char *mask = picks->mask;
    double *at = to, *end = to + picks->count;
    for (; i + LANES <= count; i += LANES) {
      if (next) __builtin_prefetch(next + i, 0, 3);
      vector x = *(const vector *)(from + i);
      vector encoded = (NAME(select)(x == x, x, (vector){0} + stand_in) - offset) * factor;
      __mmask8 picked = mask[i / 8];
      vector packed = (vector)_mm512_maskz_compress_pd(picked, (__m512d)encoded);
      // Where nothing was picked there are zeros, which are finite.
      finite &= packed * 0 == 0;
      if (at + LANES <= end) {
        *(vector *)at = packed;
      } else {
        _mm512_mask_compressstoreu_pd(at, picked, (__m512d)encoded);
      }
      at += __builtin_popcount(picked);
    }
    int all = 1;
    for (int lane = 0; lane < LANES; lane++) all &= finite[lane] != 0;
    for (; i < count; i++) {
      if (!(mask[i / 8] >> i % 8 & 1)) continue;
      double encoded = ((from[i] == from[i] ? from[i] : stand_in) - offset) * factor;
      all &= encoded * 0 == 0;
      *at++ = encoded;
    }
    return all;
  }
#else
  if (picks) {
    for (long pick = 0; pick < picks->count; pick++) {
      if (next && pick % LANES == 0) __builtin_prefetch(next + picks->rows[pick] - picks->first, 0, 3);
      to[pick] = from[picks->rows[pick] - picks->first];
    }
    (from = to), (count = picks->count), (next = 0);
  }
#endif
  for (; i + LANES <= count; i += LANES) {
    if (next) __builtin_prefetch(next + i, 0, 3);
    vector x = *(const vector *)(from + i);
    vector encoded = (NAME(select)(x == x, x, (vector){0} + stand_in) - offset) * factor;
    // A number times 0 is 0 unless it is infinite or NaN.
    finite &= encoded * 0 == 0;
    *(vector *)(to + i) = encoded;
  }
  int all = 1;
  for (int lane = 0; lane < LANES; lane++) all &= finite[lane] != 0;
  for (; i < count; i++) {
    double encoded = ((from[i] == from[i] ? from[i] : stand_in) - offset) * factor;
    all &= encoded * 0 == 0;
    to[i] = encoded;
  }
  return all;
}

// Moves the picked numbers of a window together. `to` may be `from`: none is read after its place is written.
TARGET static long NAME(pick)(const double *from, const unsigned char *mask, long count, double *to) {
  long found = 0, i = 0;
#if LANES == 8
  for (; i + LANES <= count; i += LANES) {
    // The processor's own fetching ahead stops at every page.
    __builtin_prefetch(from + i + 256, 0, 3);
    __m512d x = _mm512_loadu_pd(from + i);
    _mm512_storeu_pd(to + found, _mm512_maskz_compress_pd(mask[i / 8], x));
    found += __builtin_popcount(mask[i / 8]);
  }
#endif
  for (; i < count; i += 8) {
    __builtin_prefetch(from + i + 256, 0, 3);
    unsigned here = count - i < 8 ? (1u << (count - i)) - 1 : 255;
    for (unsigned bits = mask[i / 8] & here; bits; bits &= bits - 1) to[found++] = from[i + __builtin_ctz(bits)];
  }
  return found;
}

// Of the numbers that are not NaN: how many, the least and the greatest (infinite and its negative for none), and the sum in eight
// lanes that are added by pairs. The same bits on every processor.
TARGET static long NAME(survey)(const double *values, long count, double *sum, double *least, double *greatest) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  enum { PARTS = 8 / LANES };
  vector sums[PARTS], low[PARTS], high[PARTS];
  integers present = {0};
  for (int part = 0; part < PARTS; part++) {
    sums[part] = (vector){0};
    low[part] = (vector){0} + __builtin_inf();
    high[part] = -low[part];
  }
  long i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int part = 0; part < PARTS; part++) {
      vector x = *(const vector *)(values + i + part * LANES);
      integers is_there = x == x;
      present -= is_there;
      sums[part] += NAME(select)(is_there, x, (vector){0});
      low[part] = NAME(select)(x < low[part], x, low[part]);
      high[part] = NAME(select)(x > high[part], x, high[part]);
    }
  }
  double lanes[8];
  memcpy(lanes, sums, sizeof lanes);
  double smallest = __builtin_inf(), largest = -__builtin_inf();
  long found = 0;
  for (int lane = 0; lane < LANES; lane++) found += present[lane];
  for (int lane = 0; lane < 8; lane++) {
    double x = low[lane / LANES][lane % LANES], y = high[lane / LANES][lane % LANES];
    smallest = x < smallest ? x : smallest;
    largest = y > largest ? y : largest;
  }
  for (int lane = 0; i < count; i++, lane++) {
    double x = values[i];
    if (x != x) continue;
    found++;
    lanes[lane] += x;
    smallest = x < smallest ? x : smallest;
    largest = x > largest ? x : largest;
  }
  *sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  *least = smallest;
  *greatest = largest;
  return found;
}

// Σ (((x or stand_in where x is NaN) − centre)/span)², in eight lanes that are added by pairs. Products and sums are rounded each, so
// that all instruction sets give the same bits.
TARGET static double NAME(deviations)(const double *values, long count, double stand_in, double centre, double span) {
  typedef NAME(vector) vector;
  enum { PARTS = 8 / LANES };
  vector sums[PARTS];
  for (int part = 0; part < PARTS; part++) sums[part] = (vector){0};
  long i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int part = 0; part < PARTS; part++) {
      vector x = *(const vector *)(values + i + part * LANES);
      vector share = (NAME(select)(x == x, x, (vector){0} + stand_in) - centre) / span;
      vector square = share * share;
      sums[part] += square;
    }
  }
  double lanes[8];
  memcpy(lanes, sums, sizeof lanes);
  for (int lane = 0; i < count; i++, lane++) {
    double share = ((values[i] == values[i] ? values[i] : stand_in) - centre) / span;
    double square = share * share;
    lanes[lane] += square;
  }
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

// Counts what lies below, at and above the ends of a bracket, and copies what lies inside, in order.
TARGET static long NAME(bracket)(const double *values, long count, double low, double high, double *inside, long counts[4]) {
  long found = 0, i = 0;
#if LANES == 8
  const __m512d lower = _mm512_set1_pd(low), upper = _mm512_set1_pd(high);
  long before = 0, first = 0, last = 0, behind = 0;
  for (; i + LANES <= count; i += LANES) {
    __m512d x = _mm512_loadu_pd(values + i);
    __mmask8 below = _mm512_cmp_pd_mask(x, lower, _CMP_LT_OQ), at_low = _mm512_cmp_pd_mask(x, lower, _CMP_EQ_OQ);
    __mmask8 at_high = _mm512_cmp_pd_mask(x, upper, _CMP_EQ_OQ), above = _mm512_cmp_pd_mask(x, upper, _CMP_GT_OQ);
    __mmask8 within = _mm512_cmp_pd_mask(x, x, _CMP_ORD_Q) & ~(below | at_low | at_high | above);
    before += __builtin_popcount(below);
    first += __builtin_popcount(at_low);
    last += __builtin_popcount(at_high);
    behind += __builtin_popcount(above);
    _mm512_storeu_pd(inside + found, _mm512_maskz_compress_pd(within, x));
    found += __builtin_popcount(within);
  }
  counts[0] += before;
  counts[1] += first;
  counts[2] += last;
  counts[3] += behind;
#else
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  integers below = {0}, at_low = {0}, at_high = {0}, above = {0};
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
#endif
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
