// Finding the ends of records and cells, 64 bytes at a time. Included once for each set of instructions, which gives
// MASK(p, byte), the bytes of 64 that equal `byte`; HIGH(p), those beyond ASCII; EMIT(ends, base, bits), which writes the
// offset of each bit.

// Bit i is the parity of bits 0 to i.
TARGET static inline uint64_t NAME(parity)(uint64_t bits) {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  return bits ^ bits << 32;
}

TARGET static int64_t NAME(readable)(const uint8_t *text, int64_t count) {
  int64_t at = 0;
  while (at < count) {
    if (count - at >= 64) {
      const uint64_t high = HIGH(text + at);
      if (MASK(text + at, 0)) return at;
      if (!high) {
        at += 64;
        continue;
      }
      at += __builtin_ctzll(high);
    }
    do {
      const int length = utf8_length(text + at, count - at);
      if (length == 0) return at;
      at += length;
    } while (at < count && text[at] >= 0x80);
  }
  return count;
}

TARGET static int64_t NAME(scan)(const uint8_t *text, int64_t count, int64_t offset, int64_t limit,
                                 parsing_dialect dialect, parsing_scan *scan) {
  parsing_scan now = *scan;
  int64_t at = 0;
  while (at < count) {
    const uint64_t valid = count - at >= 64 ? ~0ull : (1ull << (count - at)) - 1;
    const uint8_t *p = text + at;
    const uint64_t feeds = MASK(p, '\n') & valid;
    const uint64_t returns = MASK(p, '\r') & valid;
    const uint64_t quotes = dialect.quote ? MASK(p, dialect.quote) & valid : 0;
    uint64_t ends = feeds;
    if (quotes | returns | now.inside | now.closed | now.returned) {
      const uint64_t inside = NAME(parity)(quotes) ^ now.inside;
      const uint64_t separators = (feeds | (MASK(p, dialect.delimiter) & valid)) & ~inside;
      const uint64_t opens = quotes & inside, closes = quotes & ~inside, free_returns = returns & ~inside;
      const uint64_t after_separator = separators << 1 | now.separator;
      const uint64_t after_close = (closes << 1 | now.closed) & valid;
      const uint64_t after_return = (free_returns << 1 | now.returned) & valid;
      if ((opens & ~(after_separator | after_close)) | (after_close & ~(separators | opens | free_returns)) |
          (after_return & ~feeds))
        now.flags |= PARSING_IS_IRREGULAR;
      if (returns & inside) now.flags |= PARSING_HAS_RETURN;
      ends &= ~inside;
      const int last = valid == ~0ull ? 63 : (int)(count - at) - 1;
      now.inside = 0 - (inside >> last & 1);
      now.separator = separators >> last & 1;
      now.closed = closes >> last & 1;
      now.returned = free_returns >> last & 1;
    } else {
      const int last = valid == ~0ull ? 63 : (int)(count - at) - 1;
      now.separator = (feeds | MASK(p, dialect.delimiter)) >> last & 1;
    }
    if (quotes) now.flags |= PARSING_HAS_QUOTE;
    const int64_t found = __builtin_popcountll(ends);
    const int64_t needed = 64 - (now.records & 63);
    if (found >= needed) {
      uint64_t rest = ends;
      for (int64_t skip = 1; skip < needed; skip++) rest &= rest - 1;
      const int bit = __builtin_ctzll(rest);
      now.cut = offset + at + bit + 1;
      now.cut_records = now.records + needed;
      now.cut_lines = now.lines + __builtin_popcountll(feeds & ((2ull << bit) - 1));
      if (now.cut_records >= limit) {
        now.lines = now.cut_lines;
        now.records = now.cut_records;
        *scan = now;
        return at + bit + 1;
      }
    }
    now.records += found;
    now.lines += __builtin_popcountll(feeds);
    at += 64;
  }
  *scan = now;
  return count;
}

TARGET static int64_t NAME(cell_ends)(const uint8_t *text, int64_t count, parsing_dialect dialect, uint32_t *ends,
                                      uint32_t *flags) {
  uint32_t *next = ends;
  uint64_t inside = 0, high = 0, nul = 0, any_quotes = 0, any_returns = 0;
  for (int64_t at = 0; at < count; at += 64) {
    const uint64_t valid = count - at >= 64 ? ~0ull : (1ull << (count - at)) - 1;
    const uint8_t *p = text + at;
    uint64_t separators = MASK(p, dialect.delimiter) | MASK(p, '\n');
    high |= HIGH(p) & valid;
    nul |= MASK(p, 0) & valid;
    any_returns |= MASK(p, '\r') & valid;
    const uint64_t quotes = dialect.quote ? MASK(p, dialect.quote) & valid : 0;
    if (quotes | inside) {
      any_quotes = 1;
      const uint64_t mask = NAME(parity)(quotes) ^ inside;
      separators &= ~mask;
      inside = 0 - (mask >> 63);
    }
    separators &= valid;
    EMIT(next, (uint32_t)at, separators);
    next += __builtin_popcountll(separators);
  }
  *flags |= (any_quotes ? PARSING_HAS_QUOTE : 0) | (any_returns ? PARSING_HAS_RETURN : 0) |
            (high ? PARSING_HAS_HIGH : 0) | (nul ? PARSING_HAS_NUL : 0);
  return next - ends;
}
