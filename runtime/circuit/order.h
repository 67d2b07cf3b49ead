/** @file order.h
 *  @brief Where the qubits start on the line: partners near each other.
 */
#ifndef BF_ORDER_H
#define BF_ORDER_H

#include "runtime/circuit/circuit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Place the qubits by the graph whose edges are weighted by the number of gates that two qubits share.
 *
 *  Spectral: by the second eigenvector of its Laplacian, which keeps heavily connected qubits near each other on average (Juvan,
 *  Mohar, Discrete Appl. Math. 36, 1992). RCM: reverse Cuthill-McKee, which keeps the largest distance small. Parts that share no
 *  gate follow each other; each is turned so that its qubits stay as near to their numbers as they can.
 *  @param[in]  order    SPECTRAL or RCM
 *  @param[in]  n        sites, at least the circuit's qubits
 *  @param[out] site_of  n entries, a permutation; the same bits on every machine
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_order_sites(const bf_circuit_t *circuit, bf_order_t order, bf_site_t n, bf_site_t *site_of);

#ifdef __cplusplus
}
#endif
#endif
