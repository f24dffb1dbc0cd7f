// Kernels that take text apart: where records and cells end, and what number a cell holds.
//
// Only `Tabular` calls them. Pointers to text need 16 readable bytes before
// their start and 64 behind their end. Every kernel gives the same answer
// on every processor; the widest set of instructions that the processor has is picked at the first call.

#ifndef CPARSING_H
#define CPARSING_H

#include <stdint.h>

// The bytes that separate cells and records.
typedef struct {
  uint8_t delimiter;
  // 0 where the format knows no quotes.
  uint8_t quote;
} parsing_dialect;

// What a run of text holds beside plain ASCII in lines that end with LF.
enum {
  PARSING_HAS_QUOTE = 1,
  PARSING_HAS_RETURN = 2,
  PARSING_HAS_HIGH = 4,
  PARSING_HAS_NUL = 8,
  // A quote that neither opens nor closes a cell nor is doubled, space around a quoted cell, or a CR that no LF follows:
  // nothing that is counted or found can be relied on.
  PARSING_IS_IRREGULAR = 16,
};

// A scan of text that comes piece by piece.
typedef struct {
  // All bits set within a quoted cell, else 0.
  uint64_t inside;
  // Bit 0: whether the byte before was a separator; starts as 1.
  uint64_t separator;
  // Bit 0: whether the byte before closed a cell's quotes, or was a CR.
  uint64_t closed, returned;
  // Records that ended so far, and how many had when `cut` was taken.
  int64_t records, cut_records;
  // Line feeds so far, those within quotes included, and up to `cut`.
  int64_t lines, cut_lines;
  // Behind the last record whose number is a multiple of 64.
  int64_t cut;
  // Of these PARSING_HAS_QUOTE, PARSING_IS_IRREGULAR, and PARSING_HAS_RETURN for a CR within quotes.
  uint32_t flags;
} parsing_scan;

// Scans `count` bytes of text that begin `offset` bytes behind the start of the scan. Stops behind record number `limit`,
// a multiple of 64. Returns the bytes scanned.
int64_t parsing_scan_records(const uint8_t *text, int64_t count, int64_t offset, int64_t limit,
                             parsing_dialect dialect, parsing_scan *scan);

// How many bytes from the start are UTF-8 without NUL; `count` where all are. Needs no room around the text.
int64_t parsing_readable(const uint8_t *text, int64_t count);

// Writes the offset of each delimiter and line feed outside quotes to `ends`, which has room for `count` + 64 of them, and
// returns their number. The text begins outside quotes. `flags` takes what the text holds.
int64_t parsing_cell_ends(const uint8_t *text, int64_t count, parsing_dialect dialect, uint32_t *ends,
                          uint32_t *flags);

// Reads numbers from up to 64 cells: cell `row` ends at `ends[row * stride]` and begins one byte behind
// `ends[row * stride - 1]`; `trims` says what may stand around it, PARSING_HAS_QUOTE and PARSING_HAS_RETURN. A bit in `present` is set for each cell that holds a number, which is stored in `out`; an empty
// cell leaves 0 and no bit. Returns the cells that need a closer look: those that hold anything else, a leading zero or
// plus, more than 19 digits, a whole number beyond 2^53, or no double; `fractions` has a bit for each number with a point or an exponent.
uint64_t parsing_numbers(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows, uint32_t trims,
                         uint8_t point, double *out, uint64_t *present, uint64_t *fractions);

// The same for whole numbers of at most 18 digits.
uint64_t parsing_integers(const uint8_t *text, const uint32_t *ends, int64_t stride, int64_t rows, uint32_t trims,
                          int64_t *out, uint64_t *present);

// 10⁰ to 10²², and the rest of `parsing_scale`.
extern const double parsing_powers_of_ten[];
double parsing_scale_far(uint64_t mantissa, int64_t exponent);

// The double nearest to `mantissa` times ten to the power of `exponent`, ties to even, infinite beyond their range; not a
// number in the rare case that 128 bits of the power do not decide.
//
// D. Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51 (8), 2021.
static inline double parsing_scale(uint64_t mantissa, int64_t exponent) {
  // Clinger's case: both exact, rounded once.
  if (mantissa <= 1ull << 53 && exponent >= -22 && exponent <= 0)
    return (double)mantissa / parsing_powers_of_ten[-exponent];
  return parsing_scale_far(mantissa, exponent);
}

// What may stand between two values of a line of JSON, or before the first or behind the last: `length` bytes at `literal`
// of the literals. Length 0 is no edge.
typedef struct {
  uint32_t literal, length;
  // The state it leads to; 0 behind the end of the line.
  int32_t next;
} parsing_json_edge;

enum {
  // Edges of each state.
  PARSING_JSON_EDGES = 4,
  // Texts with escapes that one call notes.
  PARSING_JSON_ESCAPES = 4096,
};

// How lines may be built. State 0 is the start of a line, others are behind a value of `columns[state]`.
typedef struct {
  const parsing_json_edge *edges;
  // Each filled up with zeros to a multiple of eight bytes.
  const uint8_t *literals;
  const int32_t *columns;
  int64_t column_count;
} parsing_json_shapes;

// Two numbers a cell: the byte before its first, and behind its last; quotes belong to a text, whose escapes are valid but
// stand as they are. A cell that is null or not there has no bytes.
typedef struct {
  // Room for as many rows as are asked for.
  uint32_t *cells;
  // Where each row begins.
  uint32_t *starts;
  // The places in `cells` of texts with escapes; room for PARSING_JSON_ESCAPES.
  uint32_t *escaped;
  int64_t rows, escapes;
} parsing_json_rows_found;

// Takes rows apart from `offset` on, up to `limit` of them, and returns where it stopped: there, at the end of the text, or
// at the start of a line that is not built so, has a key twice, or is not sure to be right. The text ends with a line feed.
int64_t parsing_json_rows(const uint8_t *text, int64_t count, int64_t offset, const parsing_json_shapes *shapes,
                          int64_t limit, parsing_json_rows_found *found);

#endif
