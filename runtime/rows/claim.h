/** @file claim.h
 *  @brief Handing out rows: a shared counter that every rank advances by itself.
 */
#ifndef BF_CLAIM_H
#define BF_CLAIM_H

#include "runtime/session/session.h"

/** A counter on rank 0, reached by one-sided MPI; a plain number when alone. */
typedef struct bf_claim {
    int64_t rows; /**< of the table */
    int ranks;
    int64_t *counter; /**< rank 0's memory, or the window's */
    int64_t alone;    /**< the counter without MPI */
    bool windowed;
    MPI_Win window;
    int64_t seen; /**< last value read */
} bf_claim_t;

/** @brief Create. Collective. */
BF_MUST_USE bf_status_t bf_claim_open(bf_session_t *session, int64_t rows, bf_claim_t *claim);

/** @brief Free. Collective. */
void bf_claim_close(bf_claim_t *claim);

/** @brief Claim the next rows: at most @p wanted, fewer towards the end so that the ranks finish together. Not collective.
 *  @return false when nothing is left */
bool bf_claim_next(bf_claim_t *claim, int64_t wanted, int64_t *first, int64_t *count);

/** @brief Nothing more is to be claimed, by anyone. Not collective. */
void bf_claim_stop(bf_claim_t *claim);

#endif
