// The plain numbers of cells one by one, on processors without wide vectors: a sign or none, up to 15 digits, a point among
// them or none, and no leading zero that is not needed.

// How many places there are behind the point, or -1 for anything else.
static inline int read_plain(const uint8_t *p, int length, uint8_t point, int64_t *mantissa, int *has_point) {
  int64_t value = 0;
  int places = 0;
  *has_point = 0;
  if ((unsigned)(length - 1) > 15 || (length > 1 && *p == '0' && is_digit(p[1]))) return -1;
  for (int at = 0; at < length; at++) {
    if (is_digit(p[at])) {
      value = value * 10 + (p[at] - '0');
    } else {
      if (p[at] != point || *has_point || length == 1) return -1;
      *has_point = 1;
      places = length - 1 - at;
    }
  }
  *mantissa = value;
  return value >> 53 ? -1 : places;
}

static uint64_t numbers_scalar(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows,
                               uint32_t trims, uint8_t point, double *out, uint64_t *present, uint64_t *fractions) {
  uint64_t others = 0, points = 0;
  for (int64_t row = 0; row < rows; row++) {
    const uint8_t *p;
    int length = cell_text(text, ends, row * stride, trims, &p);
    const int negative = *p == '-';
    int64_t mantissa;
    int has_point;
    const int places = read_plain(p + negative, length - negative, point, &mantissa, &has_point);
    if (places < 0) {
      others |= 1ull << row;
      continue;
    }
    // Clinger's case: both exact, rounded once.
    const double value = (double)mantissa / parsing_powers_of_ten[places];
    out[row] = negative ? -value : value;
    points |= (uint64_t)has_point << row;
  }
  *fractions = points;
  return rest_of_numbers(text, ends, stride, rows, trims, point, others, out, present, fractions);
}

static uint64_t integers_scalar(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows,
                                uint32_t trims, int64_t *out, uint64_t *present) {
  uint64_t others = 0;
  for (int64_t row = 0; row < rows; row++) {
    const uint8_t *p;
    int length = cell_text(text, ends, row * stride, trims, &p);
    if (!read_integer(p, length, &out[row])) others |= 1ull << row;
  }
  return rest_of_integers(text, ends, stride, rows, trims, others, out, present);
}
