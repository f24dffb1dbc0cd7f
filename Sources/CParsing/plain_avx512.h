// The plain numbers of eight cells at once: a sign or none, up to 16 characters, a point among them or none, and no leading
// zero that is not needed.
//
// The 16 bytes that end with a cell are one lane of a vector, and what the bytes are is one 16-bit lane of a mask, so that
// everything about a cell is decided without a branch.

typedef struct {
  // The digits as whole numbers; anything where `others` has the cell's bit.
  __m512i mantissas;
  // Digits behind the point, 16 bits a cell.
  __m128i places;
  __mmask8 others, negatives, points;
} plain8;

// Four lanes of digits without their points and signs → whole numbers in the low halves of the lanes.
TARGET static inline __m512i whole_numbers(__m512i digits) {
  const __m512i tens = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
  const __m512i hundreds = _mm512_madd_epi16(tens, _mm512_set1_epi32(0x00010064));
  const __m512i narrow = _mm512_packus_epi32(hundreds, hundreds);
  const __m512i halves = _mm512_madd_epi16(narrow, _mm512_set1_epi32(0x00012710));
  return _mm512_add_epi64(_mm512_mul_epu32(halves, _mm512_set1_epi64(100000000)), _mm512_srli_epi64(halves, 32));
}

// The 16 bytes before each of four offsets.
TARGET static inline __m512i four_cells(const uint8_t *text, const uint32_t *ends) {
  const uint8_t *base = text - 16;
  __m512i four = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(base + ends[0])));
  four = _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)(base + ends[1])), 1);
  four = _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)(base + ends[2])), 2);
  return _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)(base + ends[3])), 3);
}

TARGET static inline __m128i masks(uint64_t low, uint64_t high) {
  return _mm_set_epi64x((long long)high, (long long)low);
}

// Eight cells that end at `ends` and have so many bytes.
TARGET static inline plain8 read_plain8(const uint8_t *text, const uint32_t *ends, __m256i lengths, uint8_t point) {
  const __m512i raw[2] = {four_cells(text, ends), four_cells(text, ends + 4)};
  const __m512i zero = _mm512_set1_epi8('0'), nine = _mm512_set1_epi8(9), dot = _mm512_set1_epi8((char)point);
  const __m512i minus = _mm512_set1_epi8('-');
  const __m512i digits[2] = {_mm512_sub_epi8(raw[0], zero), _mm512_sub_epi8(raw[1], zero)};
  const __m128i are_digits =
      masks(_mm512_cmple_epu8_mask(digits[0], nine), _mm512_cmple_epu8_mask(digits[1], nine));
  const __m128i are_zeros = masks(_mm512_testn_epi8_mask(digits[0], digits[0]), _mm512_testn_epi8_mask(digits[1], digits[1]));
  const __m128i are_points = masks(_mm512_cmpeq_epi8_mask(raw[0], dot), _mm512_cmpeq_epi8_mask(raw[1], dot));
  const __m128i are_signs = masks(_mm512_cmpeq_epi8_mask(raw[0], minus), _mm512_cmpeq_epi8_mask(raw[1], minus));

  const __m128i none = _mm_setzero_si128(), one = _mm_set1_epi16(1);
  // A cell that is too long has no bytes at all, so that nothing in it is a digit.
  const __m128i counts = _mm256_cvtepi32_epi16(_mm256_min_epu32(lengths, _mm256_set1_epi32(17)));
  const __m128i cell = _mm_sllv_epi16(_mm_set1_epi16(-1), _mm_sub_epi16(_mm_set1_epi16(16), counts));
  const __m128i first = _mm_and_si128(cell, _mm_sub_epi16(none, cell));
  const __m128i sign = _mm_and_si128(are_signs, first);
  const __m128i body = _mm_andnot_si128(sign, cell);
  const __m128i begin = _mm_and_si128(body, _mm_sub_epi16(none, body));
  const __m128i number = _mm_and_si128(are_digits, body), points = _mm_and_si128(are_points, body);
  const __m128i strange = _mm_andnot_si128(_mm_or_si128(are_digits, are_points), body);
  const __m128i zero_led = _mm_and_si128(_mm_slli_epi16(_mm_and_si128(are_zeros, begin), 1), are_digits);
  const __m128i below = _mm_sub_epi16(points, one);
  const __m128i flaws = _mm_or_si128(_mm_or_si128(strange, zero_led), _mm_and_si128(points, below));

  // The bytes up to the point move up by one, over the point.
  const __m128i has_point = _mm_cmpeq_epi16(points, none);
  const __m128i moved = _mm_andnot_si128(has_point, _mm_xor_si128(points, below));
  const __m128i behind = _mm_andnot_si128(moved, number);
  const __m128i kept = _mm_or_si128(_mm_slli_epi16(_mm_and_si128(number, moved), 1), behind);

  __m512i whole[2];
  for (int half = 0; half < 2; half++) {
    const __mmask64 move = (__mmask64)(half ? _mm_extract_epi64(moved, 1) : _mm_cvtsi128_si64(moved));
    const __mmask64 keep = (__mmask64)(half ? _mm_extract_epi64(kept, 1) : _mm_cvtsi128_si64(kept));
    const __m512i joined = _mm512_mask_blend_epi8(move, digits[half], _mm512_bslli_epi128(digits[half], 1));
    whole[half] = whole_numbers(_mm512_maskz_mov_epi8(keep, joined));
  }
  const __m512i evens = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
  plain8 out;
  out.mantissas = _mm512_permutex2var_epi64(whole[0], evens, whole[1]);
  out.places = _mm_andnot_si128(has_point, _mm_popcnt_epi16(behind));
  out.others = _mm_test_epi16_mask(flaws, flaws) | _mm_testn_epi16_mask(number, number);
  out.negatives = _mm_test_epi16_mask(sign, sign);
  out.points = _mm_test_epi16_mask(points, points);
  return out;
}

// Where up to eight cells of a column end, without a CR and quotes, and how many bytes they have; those behind the last
// row are empty.
TARGET static inline __m256i eight_cells(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows,
                                         uint32_t trims, uint32_t *out) {
  if (trims || rows < 8) {
    int32_t lengths[8] = {0};
    for (int row = 0; row < 8; row++) {
      out[row] = 16;
      if (row >= rows) continue;
      const uint8_t *p;
      lengths[row] = cell_text(text, ends, row * stride, trims, &p);
      out[row] = (uint32_t)(p + lengths[row] - text);
    }
    return _mm256_loadu_si256((const __m256i *)lengths);
  }
  const __m256i steps = _mm256_mullo_epi32(_mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0), _mm256_set1_epi32((int)stride));
  const __m256i to = _mm256_i32gather_epi32((const int *)ends, steps, 4);
  const __m256i from = _mm256_i32gather_epi32((const int *)ends - 1, steps, 4);
  _mm256_storeu_si256((__m256i *)out, to);
  return _mm256_sub_epi32(_mm256_sub_epi32(to, from), _mm256_set1_epi32(1));
}

TARGET static uint64_t numbers_avx512(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows,
                                      uint32_t trims, uint8_t point, double *out, uint64_t *present,
                                      uint64_t *fractions) {
  const __m512d low_powers = _mm512_loadu_pd(parsing_powers_of_ten), high_powers = _mm512_loadu_pd(parsing_powers_of_ten + 8);
  uint64_t others = 0, points = 0;
  for (int64_t row = 0; row < rows; row += 8) {
    const int64_t count = rows - row < 8 ? rows - row : 8;
    uint32_t to[8];
    const __m256i lengths = eight_cells(text, ends + row * stride, stride, count, trims, to);
    const plain8 cells = read_plain8(text, to, lengths, point);
    // Clinger's case: both exact, rounded once. Beyond 2^53 a double does not hold the digits.
    const __m512d power = _mm512_permutex2var_pd(low_powers, _mm512_cvtepu16_epi64(cells.places), high_powers);
    const __m512d value = _mm512_div_pd(_mm512_cvtepi64_pd(cells.mantissas), power);
    const __mmask8 large = _mm512_cmpgt_epu64_mask(cells.mantissas, _mm512_set1_epi64(1ll << 53));
    const __m512d signs = _mm512_castsi512_pd(_mm512_maskz_set1_epi64(cells.negatives, (long long)(1ull << 63)));
    _mm512_mask_storeu_pd(out + row, (__mmask8)((1u << count) - 1), _mm512_xor_pd(value, signs));
    others |= (uint64_t)(uint8_t)(cells.others | large) << row;
    points |= (uint64_t)cells.points << row;
  }
  *fractions = points;
  return rest_of_numbers(text, ends, stride, rows, trims, point, others, out, present, fractions);
}

TARGET static uint64_t integers_avx512(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows,
                                       uint32_t trims, int64_t *out, uint64_t *present) {
  uint64_t others = 0;
  for (int64_t row = 0; row < rows; row += 8) {
    const int64_t count = rows - row < 8 ? rows - row : 8;
    uint32_t to[8];
    const __m256i lengths = eight_cells(text, ends + row * stride, stride, count, trims, to);
    // A point of NUL stands in no text that is read.
    const plain8 cells = read_plain8(text, to, lengths, 0);
    const __m512i value =
        _mm512_mask_sub_epi64(cells.mantissas, cells.negatives, _mm512_setzero_si512(), cells.mantissas);
    _mm512_mask_storeu_epi64(out + row, (__mmask8)((1u << count) - 1), value);
    others |= (uint64_t)(uint8_t)(cells.others | cells.points) << row;
  }
  return rest_of_integers(text, ends, stride, rows, trims, others, out, present);
}
