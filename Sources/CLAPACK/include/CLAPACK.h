#ifndef CLAPACK_H
#define CLAPACK_H
// Debian packages LAPACK without a C header: the Fortran prototypes that LinearAlgebra calls.
// Arguments are by reference, matrices column-major, integers 32-bit; hidden character lengths are size_t, last.
#include <stddef.h>

void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
#endif
