/** @file observe.h
 *  @brief The list of observables: from its spelling to features, and the names of their columns. Not collective.
 */
#ifndef BF_OBSERVE_H
#define BF_OBSERVE_H

#include "codelets/feature.h"
#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Parse `xyz,zz:1,xx:2-4,xyzpair:1,entropy,bonddim,logbond,purity`.
 *
 *  xx:k, yy:k, zz:k are <P_q P_{q+k}> for every q; xyzpair:k is all three; a range k-m stands for each distance.
 *  @param      n         qubits, at least 1: distances are checked against it
 *  @param[out] features  to be freed with free()
 *  @return BF_OK; BF_ERR_INPUT naming the item and what exists; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_observables_parse(const char *text, bf_site_t n, bf_feature_t **features, size_t *count);

/** @return the sum of bf_feature_columns(). */
size_t bf_observables_columns(const bf_feature_t *features, size_t count, bf_site_t n);

/** @brief Lay features of one circuit out as a table with a line per qubit.
 *  @param[in]  values   bf_observables_columns() numbers, feature after feature
 *  @param[out] columns  columns of the table: three for xyz, one for each other feature
 *  @param[out] names    columns strings in one allocation, to be freed with free(); "x", "zz:1", "entropy", ...
 *  @param[out] table    n x columns, to be freed with free(); NaN where a feature has nothing for a qubit
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_observables_table(const bf_feature_t *features, size_t count, bf_site_t n, const double *values,
                                             size_t *columns, char ***names, double **table);

/** @brief Name column @p column of @p feature: `x0`, `zz:1:7` (first qubit 7), `entropy3`, ...
 *  @param[out] name  @p size bytes, 0-terminated */
void bf_observables_name(const bf_feature_t *feature, size_t column, char *name, size_t size);

#ifdef __cplusplus
}
#endif
#endif
