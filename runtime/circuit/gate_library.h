/** @file gate_library.h
 *  @brief Every gate the front ends know: one table, and the matrices and decompositions behind it.
 *
 *  Matrices are Qiskit's, row-major, with the FIRST qubit of the call as the more significant bit. They are exact, phases
 * included. Gates on three and more qubits have no matrix here but an exact sequence of gates on one and two qubits.
 */
#ifndef BF_GATE_LIBRARY_H
#define BF_GATE_LIBRARY_H

#include "runtime/circuit/ir.h"
#include "runtime/circuit/names.h"

#ifdef __cplusplus
extern "C" {
#endif

/** ROW(identifier, name, qubits, parameters, controls, build, expand): @c build makes the matrix (of the target's part when there
 * is a control), @c expand the sequence of a gate on three and more qubits. */
#define BF_GATE_LIST(ROW)                                                                                                        \
    ROW(GPHASE, "gphase", 0, 1, 0, NULL, NULL)                                                                                   \
    ROW(ID, "id", 1, 0, 0, build_id, NULL)                                                                                       \
    ROW(U0, "u0", 1, 1, 0, build_id, NULL)                                                                                       \
    ROW(X, "x", 1, 0, 0, build_x, NULL)                                                                                          \
    ROW(Y, "y", 1, 0, 0, build_y, NULL)                                                                                          \
    ROW(Z, "z", 1, 0, 0, build_z, NULL)                                                                                          \
    ROW(H, "h", 1, 0, 0, build_h, NULL)                                                                                          \
    ROW(S, "s", 1, 0, 0, build_s, NULL)                                                                                          \
    ROW(SDG, "sdg", 1, 0, 0, build_sdg, NULL)                                                                                    \
    ROW(T, "t", 1, 0, 0, build_t, NULL)                                                                                          \
    ROW(TDG, "tdg", 1, 0, 0, build_tdg, NULL)                                                                                    \
    ROW(SX, "sx", 1, 0, 0, build_sx, NULL)                                                                                       \
    ROW(SXDG, "sxdg", 1, 0, 0, build_sxdg, NULL)                                                                                 \
    ROW(RX, "rx", 1, 1, 0, build_rx, NULL)                                                                                       \
    ROW(RY, "ry", 1, 1, 0, build_ry, NULL)                                                                                       \
    ROW(RZ, "rz", 1, 1, 0, build_rz, NULL)                                                                                       \
    ROW(R, "r", 1, 2, 0, build_r, NULL)                                                                                          \
    ROW(P, "p", 1, 1, 0, build_p, NULL)                                                                                          \
    ROW(PHASE, "phase", 1, 1, 0, build_p, NULL)                                                                                  \
    ROW(U1, "u1", 1, 1, 0, build_p, NULL)                                                                                        \
    ROW(U2, "u2", 1, 2, 0, build_u2, NULL)                                                                                       \
    ROW(U3, "u3", 1, 3, 0, build_u3, NULL)                                                                                       \
    ROW(U, "u", 1, 3, 0, build_u3, NULL)                                                                                         \
    ROW(U_BUILTIN, "U", 1, 3, 0, build_u3, NULL)                                                                                 \
    ROW(CX, "cx", 2, 0, 1, build_x, NULL)                                                                                        \
    ROW(CX_BUILTIN, "CX", 2, 0, 1, build_x, NULL)                                                                                \
    ROW(CY, "cy", 2, 0, 1, build_y, NULL)                                                                                        \
    ROW(CZ, "cz", 2, 0, 1, build_z, NULL)                                                                                        \
    ROW(CH, "ch", 2, 0, 1, build_h, NULL)                                                                                        \
    ROW(CS, "cs", 2, 0, 1, build_s, NULL)                                                                                        \
    ROW(CSDG, "csdg", 2, 0, 1, build_sdg, NULL)                                                                                  \
    ROW(CSX, "csx", 2, 0, 1, build_sx, NULL)                                                                                     \
    ROW(CRX, "crx", 2, 1, 1, build_rx, NULL)                                                                                     \
    ROW(CRY, "cry", 2, 1, 1, build_ry, NULL)                                                                                     \
    ROW(CRZ, "crz", 2, 1, 1, build_rz, NULL)                                                                                     \
    ROW(CP, "cp", 2, 1, 1, build_p, NULL)                                                                                        \
    ROW(CPHASE, "cphase", 2, 1, 1, build_p, NULL)                                                                                \
    ROW(CU1, "cu1", 2, 1, 1, build_p, NULL)                                                                                      \
    ROW(CU3, "cu3", 2, 3, 1, build_u3, NULL)                                                                                     \
    ROW(CU, "cu", 2, 4, 1, build_u4, NULL)                                                                                       \
    ROW(SWAP, "swap", 2, 0, 0, build_swap, NULL)                                                                                 \
    ROW(ISWAP, "iswap", 2, 0, 0, build_iswap, NULL)                                                                              \
    ROW(DCX, "dcx", 2, 0, 0, build_dcx, NULL)                                                                                    \
    ROW(ECR, "ecr", 2, 0, 0, build_ecr, NULL)                                                                                    \
    ROW(RXX, "rxx", 2, 1, 0, build_rxx, NULL)                                                                                    \
    ROW(RYY, "ryy", 2, 1, 0, build_ryy, NULL)                                                                                    \
    ROW(RZZ, "rzz", 2, 1, 0, build_rzz, NULL)                                                                                    \
    ROW(RZX, "rzx", 2, 1, 0, build_rzx, NULL)                                                                                    \
    ROW(XX_PLUS_YY, "xx_plus_yy", 2, 2, 0, build_xx_plus_yy, NULL)                                                               \
    ROW(XX_MINUS_YY, "xx_minus_yy", 2, 2, 0, build_xx_minus_yy, NULL)                                                            \
    ROW(CCX, "ccx", 3, 0, 0, NULL, bf_expand_controlled_x)                                                                       \
    ROW(CCZ, "ccz", 3, 0, 0, NULL, bf_expand_controlled_z)                                                                       \
    ROW(CSWAP, "cswap", 3, 0, 0, NULL, bf_expand_cswap)                                                                          \
    ROW(RCCX, "rccx", 3, 0, 0, NULL, bf_expand_rccx)                                                                             \
    ROW(C3X, "c3x", 4, 0, 0, NULL, bf_expand_controlled_x)                                                                       \
    ROW(C3SQRTX, "c3sqrtx", 4, 0, 0, NULL, bf_expand_controlled_sx)                                                              \
    ROW(RC3X, "rc3x", 4, 0, 0, NULL, bf_expand_rc3x)                                                                             \
    ROW(C4X, "c4x", 5, 0, 0, NULL, bf_expand_controlled_x)

#define BF_GATE_ENUMERATOR(identifier, name, qubits, parameters, controls, build, expand) BF_KIND_##identifier,
/** Kinds of gates; bf_gate_t::kind holds one. Those up to BF_KIND_KINDS are unitary and called by name; the others are made by
 *  statements of their own. */
typedef enum bf_gate_kind {
    BF_GATE_LIST(BF_GATE_ENUMERATOR) BF_KIND_KINDS,
    BF_KIND_MEASURE = BF_KIND_KINDS, /**< q[0] projectively, outcome q[1] */
    BF_KIND_RESET                    /**< q[0] back to |0>; q[1] is the outcome of the measurement that this takes */
} bf_gate_kind_t;
#undef BF_GATE_ENUMERATOR

/** A row of the table. */
typedef struct bf_gate_info {
    const char *name; /**< as in qelib1.inc, stdgates.inc or Qiskit's exporter */
    int n_qubits;     /**< 0 (a global phase) .. BF_GATE_QUBITS */
    int n_params;     /**< 0 .. BF_GATE_PARAMS, all in radians */
} bf_gate_info_t;

/** @return the row of @p kind; valid for every bf_gate_kind_t. */
const bf_gate_info_t *bf_gate_info(bf_gate_kind_t kind);

/** @return the operator-Schmidt rank of a two-qubit gate, the largest over its angles: 2 or 4. */
int bf_gate_schmidt_rank(bf_gate_kind_t kind);

/** @brief Add the gate names of OpenQASM @p version to @p names with their kinds as values (version 2 has no gphase).
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_gate_names(bf_names_t *names, int version);

/** @brief Matrix of a one- or two-qubit gate, exactly unitary up to rounding.
 *
 *  Angles within four roundings of a multiple of pi/4 give exact entries, so that Clifford gates written as rotations stay exact.
 *  @param[in]  kind    one with n_qubits 1 or 2
 *  @param[in]  params  n_params finite angles
 *  @param[out] u       4 or 16 entries, row-major */
void bf_gate_matrix(bf_gate_kind_t kind, const double *params, bf_z_t *u);

/** Longest sequence bf_gate_expand() writes (c4x: 15 phases, 14 CX, 2 H). */
#define BF_EXPAND_MAX 32

/** @brief The same operator, global phase included, as gates on one and two qubits in time order.
 *  @param[in]  gate  any with n_qubits >= 1; one- and two-qubit gates are copied
 *  @return number of gates written, <= BF_EXPAND_MAX; each carries the line and the condition of @p gate */
int bf_gate_expand(const bf_gate_t *gate, bf_gate_t out[BF_EXPAND_MAX]);

#ifdef __cplusplus
}
#endif
#endif
