// Kernels that look at many numbers at once: how far they reach, how they spread, their hashes, their order.
//
// Only `Statistics` calls them. Numbers are neither NaN nor infinite. Sums are of sixteen lanes that are added in one order,
// and never fused, so that every kernel gives the same bits on every processor; the widest set of instructions that the
// processor has is picked at the first call.

#ifndef CSKETCHES_H
#define CSKETCHES_H

#include <stdint.h>

typedef struct {
  // Of the numbers less what they are shifted by.
  double sum;
  double low, high;
  int64_t zeros;
} csketches_extent;

// How far `count` numbers, at least one, reach, and the sum of each less `shift`.
csketches_extent csketches_reach(const double *numbers, int64_t count, double shift);

// The sum of the squares of each number less `mean`.
double csketches_squares(const double *numbers, int64_t count, double mean);

// Registers of a HyperLogLog: 2^13 of them.
enum { CSKETCHES_INDEX_BITS = 13 };

// Raises the registers by the hashes (`valueHash` of the bits, 0 and -0 being one) of numbers: the register that the first 13
// bits name, to the place of the first bit set behind them. Every register is at least `floor` already.
void csketches_note(const double *numbers, int64_t count, uint8_t floor, uint8_t *registers);

// The smallest register.
uint8_t csketches_floor(const uint8_t *registers);

// Puts numbers into ascending order, -0 before 0. `spare` has room for twice as many keys.
void csketches_sort(double *numbers, int64_t count, uint64_t *spare);

// The set of instructions in use: avx512, avx2 or baseline.
const char *csketches_instructions(void);

// Makes the calling thread use a set, or the best again where it is null; 0 where the processor does not have it.
int csketches_use(const char *instructions);

#endif
