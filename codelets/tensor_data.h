/** @file tensor_data.h
 *  @brief The StarPU data interface for tensors whose shape changes at run time, alone and over MPI.
 *
 *  Registered without a home, allocated by the task that first writes it ("lazy"): a receive that has only been posted owns
 *  no memory. A message is a header (shape, status, error) and the payload; its size is the true one. A failed task
 *  still writes its outputs, poisoned with a status that travels with the data, so that no rank waits for ever.
 */
#ifndef BF_TENSOR_DATA_H
#define BF_TENSOR_DATA_H

#include "codelets/compat.h"
#include "kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One replicate of a tensor; what a task body gets in its buffers[]. */
typedef struct bf_tensor_data {
    enum starpu_data_interface_id id;
    uintptr_t ptr;      /**< payload, BF_ALIGN-aligned, 0 when nothing is allocated; owned by this replicate */
    size_t capacity;    /**< bytes allocated at ptr */
    bf_type_t type;     /**< element type */
    bf_weight_t weight; /**< storage of the weight */
    bf_dim_t chi_l;
    bf_dim_t d;
    bf_dim_t chi_r;
    bf_dim_t chi_m;   /**< of a contracted pair: the bond between its sites before the gate; 0 elsewhere */
    int32_t status;   /**< BF_OK, or the bf_status_t of the failure that poisoned this tensor */
    double loss;      /**< accumulated discarded weight along the heaviest path of gates that led to this tensor */
    uint32_t number;  /**< of the handle, in the order of registration, from 1; 0: StarPU does not know this tensor */
    uint32_t version; /**< counted up by every traced task that writes; only traces look at it */
} bf_tensor_data_t;

/** Largest message in bytes: StarPU-MPI counts bytes in an int (StarPU issue 43). */
#define BF_TENSOR_MAX_MESSAGE ((size_t)INT32_MAX)

/** @brief Register a handle without contents. Not collective; over MPI follow with starpu_mpi_data_register(), and register the
 * same handles in the same order on every rank. */
void bf_tensor_register(starpu_data_handle_t *handle);

/** @return the tensor behind a task's buffer, or NULL when its handle is of another kind. */
bf_tensor_data_t *bf_tensor_of(void *buffer);

/** @return the number that traces know @p handle by. */
uint32_t bf_tensor_number(starpu_data_handle_t handle);

/** @return a view of the payload, valid until the next bf_tensor_reserve() on it. */
bf_tensor_t bf_tensor_view(const bf_tensor_data_t *data);

/** @brief Give @p data the type and shape of @p shape and memory for it; contents undefined afterwards when it had to grow.
 *  Only on a replicate that the caller may write. Status and loss are reset.
 *  @return a view of the new payload. Running out of memory ends the process with a message: other ranks must not wait. */
bf_tensor_t bf_tensor_reserve(bf_tensor_data_t *data, const bf_tensor_t *shape);

/** @brief Make @p data a copy of @p source: shape, payload, status, loss. */
void bf_tensor_assign(bf_tensor_data_t *data, const bf_tensor_data_t *source);

/** @brief Make @p data the smallest valid tensor that carries @p status. */
void bf_tensor_poison(bf_tensor_data_t *data, bf_status_t status);

/** @brief Make @p data the site tensor of |0>: 1 x 2 x 1, weight 1, real until a gate makes it complex. */
void bf_tensor_set_zero_state(bf_tensor_data_t *data, bool single);

/** @brief Give back the memory of a tensor that StarPU does not know (a worker's own). */
void bf_tensor_release(bf_tensor_data_t *data);

/** @return the bytes a tensor of @p shape takes as a message, header included. */
size_t bf_tensor_message_bytes(const bf_tensor_t *shape);

#ifdef __cplusplus
}
#endif
#endif
