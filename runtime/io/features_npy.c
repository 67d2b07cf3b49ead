/* FILE.partial as NumPy's .npy 1.0: rows of doubles; a status, where wanted, is the last number of a row. */
#include "runtime/io/features_store.h"

#include "runtime/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEADER_BYTES 128 /* a multiple of 64, as NumPy asks, with room for two sizes of 19 digits */

static bf_status_t lay_out(const bf_job_t *job, bf_features_layout_t *layout, int64_t *end)
{
    const int64_t columns = job->columns + (job->with_status ? 1 : 0);
    *layout = (bf_features_layout_t){.values = HEADER_BYTES, .status = -1};
    if (__builtin_mul_overflow(columns, (int64_t)sizeof(double), &layout->stride) ||
        __builtin_mul_overflow(layout->stride, job->rows, end) || __builtin_add_overflow(*end, HEADER_BYTES, end))
        return bf_error_set(BF_ERR_TOO_LARGE, "a result of %" PRId64 " rows and %" PRId64 " columns is larger than any file",
                            job->rows, columns);
    return BF_OK;
}

bf_status_t bf_features_create_npy(const char *partial, const bf_job_t *job, bf_features_layout_t *layout)
{
    int64_t end = 0;
    BF_TRY(lay_out(job, layout, &end));
    char head[HEADER_BYTES];
    memset(head, ' ', sizeof head);
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10);
    const int length =
        snprintf(head + 10, sizeof head - 10, "{'descr': '<f8', 'fortran_order': False, 'shape': (%" PRId64 ", %" PRId64 "), }",
                 job->rows, layout->stride / (int64_t)sizeof(double));
    head[10 + length] = ' ';
    head[sizeof head - 1] = '\n';
    const int file = open(partial, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", partial, strerror(errno));
    bf_status_t status = bf_file_write(file, partial, head, sizeof head, 0);
    if (status == BF_OK)
        status = bf_features_reserve(file, partial, end, layout);
    close(file);
    return status;
}
