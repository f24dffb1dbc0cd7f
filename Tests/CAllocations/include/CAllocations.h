#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H
// Counts what a thread asks of the heap, for tests that hold code to ask for nothing. Whatever links this has its malloc
// replaced by one that counts and goes on to the C library's.

/// How many pieces of memory of 512 bytes or more the calling thread has asked for since it began; -1 where that cannot be
/// counted. Smaller ones are left out because code that is not optimised asks for boxes of iterators and closures.
long callocations_count(void);

#endif
