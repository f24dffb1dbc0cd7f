// The kernels, once for each instruction set: TARGET is the attribute, NAME(x) the name with its suffix, LANES the doubles of a
// register, MIN and MAX those of two registers. REGISTERS of them hold the sixteen lanes of a sum.

#define REGISTERS (16 / LANES)

typedef double NAME(vector) __attribute__((vector_size(LANES * 8), aligned(8)));
typedef int64_t NAME(integers) __attribute__((vector_size(LANES * 8), aligned(8)));
typedef uint64_t NAME(bits) __attribute__((vector_size(LANES * 8), aligned(8)));

TARGET static csketches_extent NAME(reach)(const double *numbers, int64_t count, double shift) {
  typedef NAME(vector) vector;
  typedef NAME(integers) integers;
  vector sum[REGISTERS], low[REGISTERS], high[REGISTERS];
  integers zero[REGISTERS];
  for (int r = 0; r < REGISTERS; r++) {
    sum[r] = (vector){0};
    low[r] = high[r] = numbers[0] - (vector){0};
    zero[r] = (integers){0};
  }
  int64_t row = 0;
  for (; row + 16 <= count; row += 16) {
    _Pragma("unroll") for (int r = 0; r < REGISTERS; r++) {
      const vector x = *(const vector *)(numbers + row + r * LANES);
      sum[r] += x - shift;
      low[r] = MIN(low[r], x);
      high[r] = MAX(high[r], x);
      zero[r] -= x == (vector){0};
    }
  }
  csketches_extent extent = {0, numbers[0], numbers[0], 0};
  for (int r = 0; r < REGISTERS; r++)
    for (int lane = 0; lane < LANES; lane++) {
      extent.sum += sum[r][lane];
      extent.low = low[r][lane] < extent.low ? low[r][lane] : extent.low;
      extent.high = high[r][lane] > extent.high ? high[r][lane] : extent.high;
      extent.zeros += zero[r][lane];
    }
  for (; row < count; row++) {
    const double x = numbers[row];
    extent.sum += x - shift;
    extent.low = x < extent.low ? x : extent.low;
    extent.high = x > extent.high ? x : extent.high;
    extent.zeros += x == 0;
  }
  // 0 and -0 are one.
  extent.low += 0.0;
  extent.high += 0.0;
  return extent;
}

TARGET static double NAME(squares)(const double *numbers, int64_t count, double mean) {
  typedef NAME(vector) vector;
  vector sum[REGISTERS];
  for (int r = 0; r < REGISTERS; r++) sum[r] = (vector){0};
  int64_t row = 0;
  for (; row + 16 <= count; row += 16) {
    _Pragma("unroll") for (int r = 0; r < REGISTERS; r++) {
      const vector gap = *(const vector *)(numbers + row + r * LANES) - mean;
      sum[r] += gap * gap;
    }
  }
  double total = 0;
  for (int r = 0; r < REGISTERS; r++)
    for (int lane = 0; lane < LANES; lane++) total += sum[r][lane];
  for (; row < count; row++) total += (numbers[row] - mean) * (numbers[row] - mean);
  return total;
}

// Writes the hashes whose bits behind the first 13 are at most `limit`, in order, and returns how many they are. There is room
// for `count` + 8 of them.
TARGET static int64_t NAME(hashes)(const double *numbers, int64_t count, uint64_t limit, uint64_t *hashes) {
  typedef NAME(bits) bits;
  int64_t found = 0, row = 0;
  for (; row + LANES <= count; row += LANES) {
    // What is looked at next comes nearer meanwhile, be there anything or not.
    __builtin_prefetch(numbers + row + 2048);
    bits hash = (bits)(*(const NAME(vector) *)(numbers + row) + 0.0) ^ SEED;
    hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9ULL;
    hash = (hash ^ hash >> 27) * 0x94D049BB133111EBULL;
    hash ^= hash >> 31;
    found = NAME(keep)(hash, hash << CSKETCHES_INDEX_BITS, limit, hashes, found);
  }
  for (; row < count; row++) {
    const uint64_t hash = hash_of(numbers[row]);
    hashes[found] = hash;
    found += hash << CSKETCHES_INDEX_BITS <= limit;
  }
  return found;
}

TARGET static void NAME(note)(const double *numbers, int64_t count, uint8_t floor, uint8_t *registers) {
  uint64_t hashes[BLOCK + 8];
  // A rank above the smallest wants that many leading zeros behind the index.
  const uint64_t limit = ~0ULL >> floor;
  for (int64_t from = 0; from < count; from += BLOCK) {
    const int64_t size = count - from < BLOCK ? count - from : BLOCK;
    const int64_t found = NAME(hashes)(numbers + from, size, limit, hashes);
    for (int64_t i = 0; i < found; i++) {
      const uint64_t hash = hashes[i];
      uint8_t *place = registers + (hash >> (64 - CSKETCHES_INDEX_BITS));
      const uint8_t rank =
          (uint8_t)(__builtin_clzll(hash << CSKETCHES_INDEX_BITS | 1ULL << (CSKETCHES_INDEX_BITS - 1)) + 1);
      *place = rank > *place ? rank : *place;
    }
  }
}

#undef REGISTERS
