/* Preloaded in front of LAPACK by a test: every SVD and Hermitian eigensolver says that it did not converge. Workspace queries
 * are answered, so that callers get as far as the failing call. */
#include <stddef.h>

/* Arguments of the Fortran routines, by position; hidden string lengths at the end may be ignored. */
typedef const void *arg_t;

static void fail(const int *lwork, double *work_d, float *work_s, int *info)
{
    *info = *lwork == -1 ? 0 : 1;
    if (*lwork == -1 && work_d)
        *work_d = 1 << 20;
    if (*lwork == -1 && work_s)
        *work_s = 1 << 20;
}

#define GESDD_REAL(name, real, d, s)                                                                                             \
    void name(arg_t jobz, arg_t m, arg_t n, arg_t a, arg_t lda, arg_t sv, arg_t u, arg_t ldu, arg_t vt, arg_t ldvt, real *work,  \
              const int *lwork, arg_t iwork, int *info);                                                                         \
    void name(arg_t jobz, arg_t m, arg_t n, arg_t a, arg_t lda, arg_t sv, arg_t u, arg_t ldu, arg_t vt, arg_t ldvt, real *work,  \
              const int *lwork, arg_t iwork, int *info)                                                                          \
    {                                                                                                                            \
        (void)jobz, (void)m, (void)n, (void)a, (void)lda, (void)sv, (void)u, (void)ldu, (void)vt, (void)ldvt, (void)iwork;       \
        fail(lwork, d, s, info);                                                                                                 \
    }

#define GESDD_COMPLEX(name, real, d, s)                                                                                          \
    void name(arg_t jobz, arg_t m, arg_t n, arg_t a, arg_t lda, arg_t sv, arg_t u, arg_t ldu, arg_t vt, arg_t ldvt, real *work,  \
              const int *lwork, arg_t rwork, arg_t iwork, int *info);                                                            \
    void name(arg_t jobz, arg_t m, arg_t n, arg_t a, arg_t lda, arg_t sv, arg_t u, arg_t ldu, arg_t vt, arg_t ldvt, real *work,  \
              const int *lwork, arg_t rwork, arg_t iwork, int *info)                                                             \
    {                                                                                                                            \
        (void)jobz, (void)m, (void)n, (void)a, (void)lda, (void)sv, (void)u, (void)ldu, (void)vt, (void)ldvt, (void)rwork,       \
            (void)iwork;                                                                                                         \
        fail(lwork, d, s, info);                                                                                                 \
    }

#define GESVD_REAL(name, real, d, s)                                                                                             \
    void name(arg_t jobu, arg_t jobvt, arg_t m, arg_t n, arg_t a, arg_t lda, arg_t sv, arg_t u, arg_t ldu, arg_t vt, arg_t ldvt, \
              real *work, const int *lwork, int *info);                                                                          \
    void name(arg_t jobu, arg_t jobvt, arg_t m, arg_t n, arg_t a, arg_t lda, arg_t sv, arg_t u, arg_t ldu, arg_t vt, arg_t ldvt, \
              real *work, const int *lwork, int *info)                                                                           \
    {                                                                                                                            \
        (void)jobu, (void)jobvt, (void)m, (void)n, (void)a, (void)lda, (void)sv, (void)u, (void)ldu, (void)vt, (void)ldvt;       \
        fail(lwork, d, s, info);                                                                                                 \
    }

#define GESVD_COMPLEX(name, real, d, s)                                                                                          \
    void name(arg_t jobu, arg_t jobvt, arg_t m, arg_t n, arg_t a, arg_t lda, arg_t sv, arg_t u, arg_t ldu, arg_t vt, arg_t ldvt, \
              real *work, const int *lwork, arg_t rwork, int *info);                                                             \
    void name(arg_t jobu, arg_t jobvt, arg_t m, arg_t n, arg_t a, arg_t lda, arg_t sv, arg_t u, arg_t ldu, arg_t vt, arg_t ldvt, \
              real *work, const int *lwork, arg_t rwork, int *info)                                                              \
    {                                                                                                                            \
        (void)jobu, (void)jobvt, (void)m, (void)n, (void)a, (void)lda, (void)sv, (void)u, (void)ldu, (void)vt, (void)ldvt,       \
            (void)rwork;                                                                                                         \
        fail(lwork, d, s, info);                                                                                                 \
    }

GESDD_REAL(dgesdd_, double, work, NULL)
GESDD_REAL(sgesdd_, float, NULL, work)
GESDD_COMPLEX(zgesdd_, double, work, NULL)
GESDD_COMPLEX(cgesdd_, float, NULL, work)
GESVD_REAL(dgesvd_, double, work, NULL)
GESVD_REAL(sgesvd_, float, NULL, work)
GESVD_COMPLEX(zgesvd_, double, work, NULL)
GESVD_COMPLEX(cgesvd_, float, NULL, work)
