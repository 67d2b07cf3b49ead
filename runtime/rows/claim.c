/* Handing out rows. */
#include "runtime/rows/claim.h"

bf_status_t bf_claim_open(bf_session_t *session, int64_t rows, bf_claim_t *claim)
{
    *claim = (bf_claim_t){.rows = rows, .ranks = session->size, .windowed = session->size > 1};
    if (!claim->windowed)
        return BF_OK;
    const MPI_Aint bytes = session->rank == 0 ? (MPI_Aint)sizeof(int64_t) : 0;
    if (MPI_Win_allocate(bytes, sizeof(int64_t), MPI_INFO_NULL, session->comm, &claim->counter, &claim->window) != MPI_SUCCESS)
        return bf_error_set(BF_ERR_MPI, "MPI could not make a shared counter");
    if (session->rank == 0)
        *claim->counter = 0;
    MPI_Barrier(session->comm);
    MPI_Win_lock_all(0, claim->window);
    return BF_OK;
}

void bf_claim_close(bf_claim_t *claim)
{
    if (!claim->windowed)
        return;
    MPI_Win_unlock_all(claim->window);
    MPI_Win_free(&claim->window);
}

/* Advance the counter; its value before. */
static int64_t advance(bf_claim_t *claim, int64_t by)
{
    int64_t before = claim->alone;
    if (claim->windowed) {
        MPI_Fetch_and_op(&by, &before, MPI_INT64_T, 0, 0, MPI_SUM, claim->window);
        MPI_Win_flush(0, claim->window);
    } else
        claim->alone += by;
    claim->seen = before + by;
    return before;
}

bool bf_claim_next(bf_claim_t *claim, int64_t wanted, int64_t *first, int64_t *count)
{
    /* A quarter of a fair share of what was left when last seen: guided self-scheduling. */
    const int64_t left = claim->rows - claim->seen;
    const int64_t fair = left / (4 * (int64_t)claim->ranks);
    int64_t take = wanted < fair ? wanted : fair;
    take = take > 1 ? take : 1;
    if (claim->seen >= claim->rows)
        return false;
    *first = advance(claim, take);
    if (*first >= claim->rows)
        return false;
    *count = *first + take <= claim->rows ? take : claim->rows - *first;
    return true;
}

void bf_claim_stop(bf_claim_t *claim)
{
    advance(claim, claim->rows);
}
