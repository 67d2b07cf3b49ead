/* Reading circuits: one rank reads, so that the file system sees one reader and all ranks one text. */
#include "runtime/io/io.h"

#include "runtime/session/session.h"

#include <limits.h>
#include <stdlib.h>
#include <xxhash.h>

static bf_status_t share_text(bf_session_t *session, char **text, size_t *length)
{
    uint64_t bytes = *length;
    MPI_Bcast(&bytes, 1, MPI_UINT64_T, 0, session->comm);
    if (session->rank != 0)
        *text = malloc(bytes + 1);
    const bf_status_t status = bf_session_agree(
        session,
        *text ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: a circuit file of %llu bytes", (unsigned long long)bytes));
    if (status != BF_OK)
        return status;
    *length = bytes;
    for (size_t at = 0; at <= bytes;) { /* the final 0 as well */
        const size_t left = bytes + 1 - at;
        const int count = left > INT_MAX / 2 ? INT_MAX / 2 : (int)left;
        MPI_Bcast(*text + at, count, MPI_CHAR, 0, session->comm);
        at += (size_t)count;
    }
    return BF_OK;
}

bf_status_t bf_circuit_read(bf_session_t *session, const char *path, bf_site_t sites, bf_circuit_t **circuit,
                            uint64_t *fingerprint, char **source)
{
    char *text = NULL;
    size_t length = 0;
    *circuit = NULL;
    bf_status_t status = session->rank == 0 ? bf_circuit_load(path, &text, &length) : BF_OK;
    status = bf_session_agree(session, status);
    if (status == BF_OK && session->size > 1)
        status = share_text(session, &text, &length);
    if (status == BF_OK && fingerprint)
        *fingerprint = XXH64(text, length, 0);
    if (status == BF_OK)
        status = bf_session_agree(session, bf_circuit_parse(path, text, length, sites, circuit));
    if (source && status == BF_OK)
        *source = text;
    else
        free(text);
    return status;
}
