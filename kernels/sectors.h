/** @file sectors.h
 *  @brief Matrices that fall apart: the connected components of the pattern of exact zeros, and products along them. Private to
 *  kernels/.
 *
 *  Rows and columns are the two sides of a graph, every entry other than an exact zero joins its row and its column. The
 * components with at least one entry are the sectors: up to the order of rows and columns the matrix is block-diagonal, one block
 * a sector. A conserved quantity shows as sectors whose zeros come from zeros, without anyone having said what is conserved.
 */
#ifndef BF_SECTORS_H
#define BF_SECTORS_H

#include "kernels/blas.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The sectors of an m x n matrix, numbered by their first rows; all arrays lie in the caller's memory. */
typedef struct bf_sectors {
    bf_dim_t m, n;         /**< shape of the matrix */
    bf_dim_t count;        /**< sectors; 1 with @c whole, 0 when everything is zero */
    bool whole;            /**< one sector has every row and every column: the arrays are not filled in */
    int32_t *row;          /**< rows, sector after sector, ascending within each */
    int32_t *column;       /**< columns likewise */
    int32_t *row_first;    /**< count + 1: where the rows of each sector begin */
    int32_t *column_first; /**< count + 1: where its columns begin */
} bf_sectors_t;

/** @return bytes of the arrays of any m x n matrix. */
size_t bf_sectors_bytes(bf_dim_t m, bf_dim_t n);

/** @return bytes of workspace of bf_sectors_find(). */
size_t bf_sectors_worksize(bf_dim_t m, bf_dim_t n);

/** @brief Find the sectors of a (m x n without gaps). NaN is not zero.
 *  @param b     NULL, or another m x n matrix: sectors that both fall into
 *  @param room  bf_sectors_bytes() that the answer keeps
 *  @param work  bf_sectors_worksize() bytes; may not overlap @p room
 *  @cost O(m + n) when the first row and the first column have no zeros, else one pass over each matrix at most */
void bf_sectors_find(bf_type_t type, bf_dim_t m, bf_dim_t n, const void *a, const void *b, bf_sectors_t *sectors, void *room,
                     void *work);

/** @brief dst (rows x columns without gaps) <- entries [row[i], column[j]] of src with leading dimension @p ld. */
void bf_gather(bf_type_t type, bf_dim_t rows, const int32_t *row, bf_dim_t columns, const int32_t *column, const void *src,
               bf_dim_t ld, void *dst);

/** @brief The reverse: entries [row[i], column[j]] of dst <- src. */
void bf_scatter(bf_type_t type, bf_dim_t rows, const int32_t *row, bf_dim_t columns, const int32_t *column, const void *src,
                void *dst, bf_dim_t ld);

/** @return bytes of workspace of bf_gemm_sectors(). */
size_t bf_gemm_sectors_worksize(bf_type_t type, bf_dim_t m, bf_dim_t n, bf_dim_t k);

/** @brief c (m x n) <- a b, the inner dimension is k, all without gaps, sector by sector of @p a where that saves half of the
 * product or more. Columns of @p b that are zero in a sector's rows are left out too. Entries that no sector reaches become exact
 * zeros, as in the full product.
 *  @param work  bf_gemm_sectors_worksize() bytes, BF_ALIGN-aligned */
void bf_gemm_sectors(bf_type_t type, bf_dim_t m, bf_dim_t n, bf_dim_t k, const void *a, const void *b, void *c, void *work);

/** @return bytes of workspace of bf_gemm_hermitian_sectors(). */
size_t bf_gemm_hermitian_sectors_worksize(bf_type_t type, bf_dim_t n, bf_dim_t k);

/** @brief c (n x n) <- a^H b with a, b k x n (@p form BF_H), or a b^H with a, b n x k (BF_N), a product known to be Hermitian;
 * sector by sector of what @p a and @p b fall into together. Double precision, all without gaps.
 *  @param work  bf_gemm_hermitian_sectors_worksize() bytes, BF_ALIGN-aligned */
void bf_gemm_hermitian_sectors(bf_type_t type, bf_op_form_t form, bf_dim_t n, bf_dim_t k, const void *a, const void *b, void *c,
                               void *work);

#ifdef __cplusplus
}
#endif
#endif
