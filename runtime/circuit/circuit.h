/** @file circuit.h
 *  @brief Circuits: reading them from files, and lowering them to site operations. Nothing here is collective:
 *  every rank calls with the same text and gets the same result.
 */
#ifndef BF_CIRCUIT_H
#define BF_CIRCUIT_H

#include "codelets/program.h"
#include "runtime/circuit/passes.h"
#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A circuit as the user wrote it (opaque). */
typedef struct bf_circuit bf_circuit_t;

/** @brief Parse the text of a circuit file.
 *
 *  The language is chosen by content and name: an `OPENQASM` line means OpenQASM; a name that ends in `.gates` a gate list
 *  (one `code,q0,q1,angle` a line: 0 H, 1 Rx, 2 Rz, 3 XXPhase, 4 ZZPhase, 5 SWAP, 6 T, 7 CZ; angle in half-turns, a number or
 *  an expression of OpenQASM 3 in which `$k` is column k of the table of inputs; q1 = -1 where unused; `#` starts a comment).
 *  @param[in]  name  used in messages and to choose the language
 *  @param[in]  text  @p length bytes, need not end in 0; may hold anything
 *  @param[in]  sites number of qubits to use, 0 = as the file says; an error when the file needs more
 *  @param[out] circuit  to be freed with bf_circuit_destroy(); NULL on error
 *  @return BF_OK; BF_ERR_INPUT with "name:line:column: ..." in the error slot; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_parse(const char *name, const char *text, size_t length, bf_site_t sites,
                                         bf_circuit_t **circuit);

/** @brief Read a whole file into memory (regular files, pipes, "-" for stdin).
 *  @param[out] text  malloc'd, to be freed by the caller; 0-terminated (the 0 is not counted in *length)
 *  @return BF_OK, BF_ERR_INPUT (missing, a directory, unreadable: errno is told), BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_load(const char *path, char **text, size_t *length);

/** @brief Free; NULL is fine. */
void bf_circuit_destroy(bf_circuit_t *circuit);

/** @return number of qubits. */
bf_site_t bf_circuit_qubits(const bf_circuit_t *circuit);

/** @return number of gates as written (gate definitions expanded), without barriers and final measurements. */
size_t bf_circuit_gates(const bf_circuit_t *circuit);

/** @return number of free inputs (`input` variables of OpenQASM 3, arrays element by element; `$k` columns of a gate list). */
size_t bf_circuit_inputs(const bf_circuit_t *circuit);

/** @brief Whether the circuit can run as it is. @return BF_OK; BF_ERR_INPUT naming the inputs without a value */
BF_MUST_USE bf_status_t bf_circuit_check_bound(const bf_circuit_t *circuit);

/** @return the name of input @p i: `x`, `x[3]`, or `$3` for a column of a gate list. Owned by the circuit. */
const char *bf_circuit_input_name(const bf_circuit_t *circuit, size_t i);

/** @brief The same circuit with its inputs known.
 *  @param[in]  values  bf_circuit_inputs() finite numbers
 *  @param[out] bound   has no inputs; to be freed with bf_circuit_destroy(); NULL on error
 *  @return BF_OK; BF_ERR_INPUT when an angle is not finite, or an integer input not whole; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_bind(const bf_circuit_t *circuit, const double *values, bf_circuit_t **bound);

/** A register of classical bits. */
typedef struct bf_bit_register {
    char *name;   /**< owned by the circuit */
    size_t first; /**< its first bit */
    size_t size;  /**< >= 1 */
    bool scalar;  /**< declared without a size (`bit b;`) */
} bf_bit_register_t;

/** The measurement that ends a qubit's part in the circuit: always done, nothing behind it on the qubit, no condition on it. */
typedef struct bf_readout {
    bf_site_t qubit; /**< of the circuit */
    int32_t bit;     /**< the classical bit that receives the outcome; -1: none does */
} bf_readout_t;

/** @return number of classical bits, all registers together, in the order of declaration. */
size_t bf_circuit_bits(const bf_circuit_t *circuit);

/** @return the registers, in the order of declaration; owned by the circuit. */
const bf_bit_register_t *bf_circuit_bit_registers(const bf_circuit_t *circuit, size_t *count);

/** Room for the name of a bit. */
#define BF_BIT_NAME 256

/** @brief The name of bit @p bit, as `c[3]`. */
void bf_circuit_bit_name(const bf_circuit_t *circuit, size_t bit, char name[BF_BIT_NAME]);

/** @return the literal of the logic that bit @p bit holds at the end. */
uint32_t bf_circuit_bit(const bf_circuit_t *circuit, size_t bit);

/** @return outcomes and conditions; owned by the circuit. */
const bf_logic_t *bf_circuit_logic(const bf_circuit_t *circuit);

/** @return the final measurements: those into bits, in the order of bits, then those whose outcome goes nowhere. They are not
 *  among the gates and not performed by bf_state_apply(): a sampler reads them out. Owned by the circuit. */
const bf_readout_t *bf_circuit_readouts(const bf_circuit_t *circuit, size_t *count);

/** @return whether something is measured or reset on the way, or depends on what was measured: then one application is one
 *  trajectory, chosen by the state's seed and shot. */
bool bf_circuit_is_dynamic(const bf_circuit_t *circuit);

/** @return number of notes: what the front end passed over, once for each kind ("name:line: ... is ignored"). */
size_t bf_circuit_notes(const bf_circuit_t *circuit);

/** @return note @p i, owned by the circuit. */
const char *bf_circuit_note(const bf_circuit_t *circuit, size_t i);

/** @brief Lower to operations on neighbouring sites.
 *
 *  Gates that can share a two-site update do; one-qubit gates go into the next update of their qubit, else into the last one
 * before; only a qubit without any two-qubit gate gets one-site operations (one each). Gates that commute do not wait for each
 * other. Long-range gates walk together by swaps; a permutation is tracked, nothing is ever swapped back; an explicit SWAP gate
 * only changes the permutation. Measurements, resets and gates under conditions are operations of their own and keep their order.
 *  @param[in]  n        sites of the state, at least the circuit's qubits; program->n
 *  @param[in]  site_of  n entries: the site that holds qubit q now; NULL: all qubits are in the same state, and start where
 *                       options->order puts them
 *  @param[in]  options  which passes; see passes.h
 *  @param[out] report   what they did; NULL: not wanted
 *  @param[out] program  to be freed with bf_program_destroy(); program->site_of says where the qubits are afterwards
 *  @return BF_OK; BF_ERR_INPUT when the circuit has free inputs (they are named); BF_ERR_ARG; BF_ERR_NOMEM; BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_circuit_lower_with(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of,
                                              const bf_pass_options_t *options, bf_pass_report_t *report, bf_program_t **program);

/** @brief The same with all passes. */
BF_MUST_USE bf_status_t bf_circuit_lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of,
                                         bf_program_t **program);

/** @brief Free; NULL is fine. */
void bf_program_destroy(bf_program_t *program);

#ifdef __cplusplus
}
#endif
#endif
