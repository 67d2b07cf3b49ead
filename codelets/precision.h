/** @file precision.h
 *  @brief Element precision of a state.
 */
#ifndef BF_PRECISION_H
#define BF_PRECISION_H

/** Element precision of a state. */
typedef enum bf_precision {
    BF_PRECISION_DOUBLE = 0, /**< complex128 (float64 while everything is real) */
    BF_PRECISION_SINGLE,     /**< complex64, with norms and discarded weights in double */
    BF_PRECISION_AUTO        /**< double until the truncation already made hides single's rounding */
} bf_precision_t;

#endif
