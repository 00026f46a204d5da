/* codebook.h - few numbers for many. SPDX-License-Identifier: Apache-2.0
 *
 * A codebook of 2^bits values: first spread as the cube root of the density of
 * the numbers asks for (P. Panter, W. Dite, "Quantization distortion in
 * pulse-count modulation with nonuniform spacing of levels", Proc. IRE 39(1),
 * 1951), then moved a few times to the means of what is nearest to them (S.
 * Lloyd, "Least squares quantization in PCM", IEEE Trans. IT 28(2), 1982). If
 * there are no more different numbers than places, all are there exactly. */
#ifndef HEED_LM_CODEBOOK_H
#define HEED_LM_CODEBOOK_H
#include <stddef.h>
#include <stdint.h>

/* Fills `book` [2^bits], rising, for the finite `values`, which are sorted on
 * the way. */
void heed_codebook_make(float *book, unsigned bits, float *values,
                        size_t n_values);

/* Moves the nearest entry to exactly 0. */
void heed_codebook_include_zero(float *book, unsigned bits);

/* Returns the index of the entry nearest to `value`. */
uint32_t heed_codebook_find(const float *book, unsigned bits, float value);

#endif /* HEED_LM_CODEBOOK_H */
