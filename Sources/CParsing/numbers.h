// Numbers that are not plain, one cell at a time.

static const double not_a_number = __builtin_nan("");

// 10^0 to 10^22, all exact.
const double parsing_powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline int is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

// The text of a cell, without the CR of a line end and without quotes where `trims` says that there may be any.
static inline int cell_text(const uint8_t *text, const uint32_t *ends, int64_t at, uint32_t trims,
                            const uint8_t **start) {
  const uint32_t from = ends[at - 1] + 1;
  int length = (int)(ends[at] - from);
  const uint8_t *p = text + from;
  if (trims & PARSING_HAS_RETURN && length > 0 && p[length - 1] == '\r') length--;
  if (trims & PARSING_HAS_QUOTE && length > 1 && p[0] == '"' && p[length - 1] == '"') {
    p++;
    length -= 2;
  }
  *start = p;
  return length;
}

double parsing_scale_far(uint64_t mantissa, int64_t exponent) {
  if (mantissa == 0 || exponent < -342) return 0;
  if (exponent > 308) return __builtin_inf();

  const int zeros = __builtin_clzll(mantissa);
  const uint64_t *power = powers_of_five[exponent + 342];
  mantissa <<= zeros;
  unsigned __int128 product = (unsigned __int128)mantissa * power[0];
  uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
  if ((high & 0x1FF) == 0x1FF) {
    const uint64_t more = (uint64_t)((unsigned __int128)mantissa * power[1] >> 64);
    low += more;
    if (low < more) high++;
    // The product lies so near to a boundary that more of the power would be needed.
    if (low == ~0ull && (exponent < -27 || exponent > 55)) return not_a_number;
  }
  const int upper = (int)(high >> 63);
  uint64_t bits = high >> (upper + 64 - 52 - 3);
  // ⌊exponent · log2(10)⌋, then the bias.
  int64_t binary = ((217706 * exponent) >> 16) + 63 + upper - zeros + 1023;
  if (binary <= 0) {
    if (binary < -62) return 0;
    bits >>= 1 - binary;
    bits += bits & 1;
    bits >>= 1;
    binary = bits < 1ull << 52 ? 0 : 1;
  } else {
    // Exactly half way between two doubles: to the even one.
    if (low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 &&
        bits << (upper + 64 - 52 - 3) == high)
      bits &= ~1ull;
    bits += bits & 1;
    bits >>= 1;
    if (bits >= 2ull << 52) {
      bits = 1ull << 52;
      binary++;
    }
    if (binary >= 2047) return __builtin_inf();
  }
  bits = (bits & ~(1ull << 52)) | (uint64_t)binary << 52;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Any number of at most 19 significant digits that has a nearest double and neither a leading plus nor a leading zero
// that it does not need.
static int read_number(const uint8_t *p, int length, uint8_t point, double *out, int *whole) {
  const uint8_t *end = p + length;
  const int negative = *p == '-';
  p += negative;
  const uint8_t *first = p;
  uint64_t mantissa = 0;
  int digits = 0;
  int64_t exponent = 0;
  for (; p < end && is_digit(*p); p++) {
    if (digits > 0 || *p != '0') digits++;
    mantissa = mantissa * 10 + (*p - '0');
  }
  const int64_t whole_digits = p - first;
  if (whole_digits > 1 && *first == '0') return 0;
  int64_t places = 0;
  *whole = 1;
  if (p < end && *p == point) {
    const uint8_t *start = ++p;
    for (; p < end && is_digit(*p); p++) {
      if (digits > 0 || *p != '0') digits++;
      mantissa = mantissa * 10 + (*p - '0');
    }
    places = p - start;
    *whole = 0;
  }
  if (whole_digits + places == 0 || digits > 19) return 0;
  if (p < end && (*p | 0x20) == 'e') {
    *whole = 0;
    p++;
    const int down = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (p == end) return 0;
    for (; p < end && is_digit(*p); p++)
      if (exponent < 1000000) exponent = exponent * 10 + (*p - '0');
    if (down) exponent = -exponent;
  }
  // A whole number beyond 2^53 may be none that a double holds.
  if (p != end || (*whole && mantissa > 1ull << 53)) return 0;
  const double value = parsing_scale(mantissa, exponent - places);
  if (!(value <= 1.7976931348623157e308)) return 0;
  *out = negative ? -value : value;
  return 1;
}

// A whole number of at most 18 digits, without a leading plus or a leading zero that it does not need.
static int read_integer(const uint8_t *p, int length, int64_t *out) {
  const int negative = *p == '-';
  p += negative;
  length -= negative;
  if (length < 1 || length > 18 || (length > 1 && *p == '0')) return 0;
  int64_t value = 0;
  for (int at = 0; at < length; at++) {
    if (!is_digit(p[at])) return 0;
    value = value * 10 + (p[at] - '0');
  }
  *out = negative ? -value : value;
  return 1;
}

// The cells of `others`, which are not plain: what is a number all the same is stored, and the rest is returned.
static uint64_t rest_of_numbers(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows,
                                uint32_t trims, uint8_t point, uint64_t others, double *out, uint64_t *present,
                                uint64_t *fractions) {
  const uint64_t all = rows == 64 ? ~0ull : (1ull << rows) - 1;
  others &= all;
  *fractions &= ~others;
  *present = all & ~others;
  uint64_t look = 0;
  for (; others; others &= others - 1) {
    const int row = __builtin_ctzll(others);
    const uint64_t bit = 1ull << row;
    const uint8_t *p;
    const int length = cell_text(text, ends, row * stride, trims, &p);
    int whole;
    out[row] = 0;
    if (length == 0) continue;
    if (read_number(p, length, point, &out[row], &whole)) {
      *present |= bit;
      if (!whole) *fractions |= bit;
    } else {
      look |= bit;
    }
  }
  return look;
}

static uint64_t rest_of_integers(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows,
                                 uint32_t trims, uint64_t others, int64_t *out, uint64_t *present) {
  const uint64_t all = rows == 64 ? ~0ull : (1ull << rows) - 1;
  others &= all;
  *present = all & ~others;
  uint64_t look = 0;
  for (; others; others &= others - 1) {
    const int row = __builtin_ctzll(others);
    const uint8_t *p;
    const int length = cell_text(text, ends, row * stride, trims, &p);
    out[row] = 0;
    if (length == 0) continue;
    if (read_integer(p, length, &out[row])) *present |= 1ull << row;
    else look |= 1ull << row;
  }
  return look;
}
