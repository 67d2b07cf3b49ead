/* English phrases for status codes. */
#include "kernels/types.h"

const char *bf_status_string(bf_status_t status)
{
    switch (status) {
    case BF_OK:
        return "success";
    case BF_ERR_ARG:
        return "invalid argument";
    case BF_ERR_INPUT:
        return "invalid input";
    case BF_ERR_TOO_LARGE:
        return "size beyond what an underlying library can address";
    case BF_ERR_NOMEM:
        return "out of memory";
    case BF_ERR_IO:
        return "file could not be read or written";
    case BF_ERR_TOPOLOGY:
        return "no usable core";
    case BF_ERR_SVD:
        return "every factorisation method failed";
    case BF_ERR_NAN:
        return "NaN or Inf in a tensor";
    case BF_ERR_ZERO:
        return "all-zero tensor";
    case BF_ERR_STARPU:
        return "StarPU failed";
    case BF_ERR_MPI:
        return "MPI failed";
    case BF_ERR_PROTOCOL:
        return "malformed message or file";
    case BF_ERR_INTERNAL:
        return "internal error";
    default:
        return "unknown status";
    }
}
