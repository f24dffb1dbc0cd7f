// Rows of JSON Lines whose lines are built as lines before them were: what stands between two values is compared with what
// stood there, and the values are stepped over.

typedef struct {
  const uint8_t *end;
  int escaped;
} json_text;

#if defined(__SSE2__)

// The first quote, backslash or control character.
static inline const uint8_t *json_text_stop(const uint8_t *p) {
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
  for (;; p += 16) {
    const __m128i bytes = _mm_loadu_si128((const __m128i *)p);
    const __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
                                       _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    const int mask = _mm_movemask_epi8(found);
    if (mask) return p + __builtin_ctz((unsigned)mask);
  }
}

// Behind a number of digits, with a minus before and a point between or without, of up to 15 bytes; nil for any other.
static inline const uint8_t *json_plain_number_end(const uint8_t *p) {
  const __m128i bytes = _mm_loadu_si128((const __m128i *)p);
  const __m128i shifted = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const unsigned digits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(shifted, _mm_set1_epi8(9)), shifted));
  const unsigned points = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
  const unsigned minus = *p == '-';
  // The first byte that is neither, but for the minus.
  const unsigned others = ~(digits | points | minus);
  const int length = __builtin_ctz(others | 0x10000);
  if (length > 15) return 0;
  const unsigned inside = (1u << length) - 1, point = points & inside;
  // A digit stands before and behind a point, which is one alone; the last byte is a digit, and no zero leads another digit.
  if (point & (point - 1) || point & ~((digits << 1) & (digits >> 1)) || !(digits >> minus & 1) ||
      (p[minus] == '0' && digits >> (minus + 1) & 1))
    return 0;
  return (p[length] | 0x20) == 'e' ? 0 : p + length;
}

#else

static inline const uint8_t *json_text_stop(const uint8_t *p) {
  while (*p != '"' && *p != '\\' && *p >= 0x20) p++;
  return p;
}

static inline const uint8_t *json_plain_number_end(const uint8_t *p) {
  (void)p;
  return 0;
}

#endif

// Behind any number of JSON that surely is in the range of doubles; nil for any other text.
static const uint8_t *json_number_end(const uint8_t *p) {
  const uint8_t *start = p;
  p += *p == '-';
  const uint8_t *first = p;
  while (is_digit(*p)) p++;
  if (p == first || (*first == '0' && p - first > 1)) return 0;
  if (*p == '.') {
    const uint8_t *fraction = ++p;
    while (is_digit(*p)) p++;
    if (p == fraction) return 0;
  }
  if (p - start > 200) return 0;
  if ((*p | 0x20) == 'e') {
    p++;
    if (*p == '-' || *p == '+') p++;
    const uint8_t *exponent = p;
    while (is_digit(*p)) p++;
    if (p == exponent || p - exponent > 2) return 0;
  }
  return p;
}

static inline int is_hex(uint8_t byte) { return is_digit(byte) || (uint8_t)((byte | 0x20) - 'a') < 6; }

// Behind the escape at `p`; nil where it is none, or half of a surrogate pair.
static const uint8_t *json_escape_end(const uint8_t *p) {
  switch (p[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': return p + 2;
    case 'u': break;
    default: return 0;
  }
  for (int at = 2; at < 6; at++)
    if (!is_hex(p[at])) return 0;
  const int is_surrogate = (p[2] | 0x20) == 'd' && (p[3] >= 'a' || (p[3] >= '8' && p[3] <= '9') || (p[3] >= 'A' && p[3] <= 'F'));
  return is_surrogate ? 0 : p + 6;
}

// Behind the text whose opening quote stands at `p`; nil where it does not end in its line or holds what it must not.
static inline json_text json_text_end(const uint8_t *p) {
  json_text text = {json_text_stop(p + 1), 0};
  while (__builtin_expect(*text.end == '\\', 0)) {
    text.escaped = 1;
    const uint8_t *behind = json_escape_end(text.end);
    if (!behind) return (json_text){0, 0};
    text.end = json_text_stop(behind);
  }
  text.end = *text.end == '"' ? text.end + 1 : 0;
  return text;
}

static inline uint64_t json_word(const uint8_t *p) {
  uint64_t word;
  memcpy(&word, p, 8);
  return word;
}

// Whether `p` begins with a literal, whose bytes are followed by zeros up to a multiple of eight.
static inline int json_matches(const uint8_t *p, const uint8_t *literal, uint32_t length) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  for (; length > 8; length -= 8, p += 8, literal += 8)
    if (json_word(p) != json_word(literal)) return 0;
  return ((json_word(p) ^ json_word(literal)) << (64 - 8 * length)) == 0;
#else
  while (length--)
    if (*p++ != *literal++) return 0;
  return 1;
#endif
}

// Behind the value at `p`; nil where there is none of one piece.
static inline const uint8_t *json_value_end(const uint8_t *p, int *escaped) {
  if (*p == '"') {
    const json_text text = json_text_end(p);
    *escaped = text.escaped;
    return text.end;
  }
  if (is_digit(*p) || *p == '-') {
    const uint8_t *end = json_plain_number_end(p);
    return end ? end : json_number_end(p);
  }
  if (json_matches(p, (const uint8_t *)"true\0\0\0", 4) || json_matches(p, (const uint8_t *)"null\0\0\0", 4)) return p + 4;
  return json_matches(p, (const uint8_t *)"false\0\0", 5) ? p + 5 : 0;
}

int64_t parsing_json_rows(const uint8_t *text, int64_t count, int64_t offset, const parsing_json_shapes *shapes,
                          int64_t limit, parsing_json_rows_found *found) {
  const int64_t width = 2 * shapes->column_count;
  found->rows = 0;
  found->escapes = 0;
  while (offset < count && found->rows < limit) {
    const uint32_t line = (uint32_t)offset;
    uint32_t *cells = found->cells + found->rows * width;
    for (int64_t at = 0; at < width; at += 2) {
      cells[at] = line;
      cells[at + 1] = line + 1;
    }
    int64_t escapes = found->escapes;
    const uint8_t *p = text + offset;
    int32_t state = 0;
    for (;;) {
      const parsing_json_edge *edge = shapes->edges + state * PARSING_JSON_EDGES;
      const parsing_json_edge *last = edge + PARSING_JSON_EDGES;
      while (edge < last && (edge->length == 0 || !json_matches(p, shapes->literals + edge->literal, edge->length))) edge++;
      if (edge == last) return offset;
      p += edge->length;
      state = edge->next;
      if (state == 0) break;
      const int32_t column = shapes->columns[state];
      uint32_t *cell = cells + 2 * column;
      // The key came before.
      if (cell[0] != line) return offset;
      int escaped = 0;
      const uint8_t *end = json_value_end(p, &escaped);
      if (!end) return offset;
      if (__builtin_expect(escaped, 0)) {
        if (escapes == PARSING_JSON_ESCAPES) return offset;
        found->escaped[escapes++] = (uint32_t)(found->rows * width + 2 * column);
      }
      cell[0] = (uint32_t)(p - text) - 1;
      cell[1] = *p == 'n' ? cell[0] + 1 : (uint32_t)(end - text);
      p = end;
    }
    found->starts[found->rows++] = line;
    found->escapes = escapes;
    offset = p - text;
  }
  return offset;
}
