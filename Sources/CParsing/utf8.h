// Bytes of the character that `p` begins with, of at most `left`; 0 where there is none, or NUL (RFC 3629: no overlong forms,
// no surrogates, nothing beyond U+10FFFF).
static inline int utf8_length(const uint8_t *p, int64_t left) {
  const uint8_t first = p[0];
  if (first < 0x80) return first != 0;
  const int length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length > left) return 0;
  for (int at = 1; at < length; at++)
    if ((p[at] & 0xC0) != 0x80) return 0;
  if ((first == 0xE0 && p[1] < 0xA0) || (first == 0xED && p[1] > 0x9F) || (first == 0xF0 && p[1] < 0x90) ||
      (first == 0xF4 && p[1] > 0x8F))
    return 0;
  return length;
}
