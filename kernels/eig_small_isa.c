/* Kernels of the small Hermitian eigenproblem. Compiled once per instruction set; BF_ISA names this one.
 *
 * Everything is written on vectors of eight doubles, which the compiler maps to what the instruction set has. Columns are padded
 * to a multiple of eight; the padding holds zeros, so no loop has a remainder. */
#include <math.h>
#include <string.h>

#include "kernels/eig_small_isa.h"

#define PASTE2(a, b) a##b
#define PASTE(a, b)  PASTE2(a, b)
#define INLINE       static inline __attribute__((always_inline))

#define LANES     8
#define QL_SWEEPS 60

typedef double vec __attribute__((vector_size(8 * LANES)));

INLINE double sum(const vec *v)
{
    const vec x = *v;
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

/* One Householder step's vectors: v (reflector), w (second vector of the rank-2 update), p (matrix times next reflector). */
typedef struct step {
    vec *v_re, *v_im, *w_re, *w_im, *p_re, *p_im;
} step_t;

/* Reflector from column j: H^H (alpha; x) = (beta; 0), H = 1 - tau v v^H, v = 1 in row j + 1. Leaves v in the column. */
INLINE void reflector(bf_eig_small_t *eig, bf_dim_t j, const bool cplx)
{
    const bf_dim_t blocks = eig->ld / LANES, first = (j + 1) / LANES;
    double *col_re = eig->a_re + j * eig->ld, *col_im = cplx ? eig->a_im + j * eig->ld : NULL;
    const double alpha_re = col_re[j + 1], alpha_im = cplx ? col_im[j + 1] : 0.0;
    for (bf_dim_t i = first * LANES; i <= j + 1; i++) {
        col_re[i] = 0.0;
        if (cplx)
            col_im[i] = 0.0;
    }
    vec squares = {0.0};
    for (bf_dim_t b = first; b < blocks; b++) {
        const vec x = ((vec *)col_re)[b];
        squares += x * x;
        if (cplx) {
            const vec y = ((vec *)col_im)[b];
            squares += y * y;
        }
    }
    const double tail = sum(&squares);
    double beta = alpha_re, tau_re = 0.0, tau_im = 0.0;
    if (tail > 0.0 || (cplx && alpha_im != 0.0)) {
        const double alpha2 = alpha_re * alpha_re + alpha_im * alpha_im;
        beta = -copysign(sqrt(alpha2 + tail), alpha_re);
        tau_re = (beta - alpha_re) / beta;
        tau_im = -alpha_im / beta;
        const double d_re = alpha_re - beta, inv = 1.0 / (d_re * d_re + alpha_im * alpha_im);
        const double s_re = d_re * inv, s_im = -alpha_im * inv;
        for (bf_dim_t b = first; b < blocks; b++) {
            const vec x = ((vec *)col_re)[b];
            if (cplx) {
                const vec y = ((vec *)col_im)[b];
                ((vec *)col_re)[b] = s_re * x - s_im * y;
                ((vec *)col_im)[b] = s_re * y + s_im * x;
            } else {
                ((vec *)col_re)[b] = s_re * x;
            }
        }
    }
    memset(col_re, 0, (size_t)(first * LANES) * sizeof(double));
    if (cplx)
        memset(col_im, 0, (size_t)(first * LANES) * sizeof(double));
    col_re[j + 1] = 1.0;
    eig->tau[2 * j] = tau_re;
    eig->tau[2 * j + 1] = tau_im;
    eig->e[j] = beta;
}

/* a[:, c] -= v conj(w[c]) + w conj(v[c]) from row block first on. */
INLINE void update_column(vec *a_re, vec *a_im, const step_t *s, bf_dim_t c, bf_dim_t first, bf_dim_t blocks, const bool cplx)
{
    const double vr = ((double *)s->v_re)[c], wr = ((double *)s->w_re)[c];
    const double vi = cplx ? ((double *)s->v_im)[c] : 0.0, wi = cplx ? ((double *)s->w_im)[c] : 0.0;
    for (bf_dim_t b = first; b < blocks; b++) {
        a_re[b] -= s->v_re[b] * wr + s->w_re[b] * vr;
        if (cplx) {
            a_re[b] -= s->v_im[b] * wi + s->w_im[b] * vi;
            a_im[b] -= s->v_im[b] * wr + s->w_im[b] * vr;
            a_im[b] += s->v_re[b] * wi + s->w_re[b] * vi;
        }
    }
}

/* Two columns at once: a -= v w^H + w v^H, then p += a x with the next reflector x. Both triangles are kept, so that every
 * access is a contiguous column. */
INLINE void update_and_multiply(bf_eig_small_t *eig, const step_t *s, const vec *x_re, const vec *x_im, bf_dim_t c,
                                bf_dim_t first, const bool cplx)
{
    const bf_dim_t blocks = eig->ld / LANES;
    vec *a_re = (vec *)(eig->a_re + c * eig->ld), *a_im = cplx ? (vec *)(eig->a_im + c * eig->ld) : NULL;
    const double vr = ((double *)s->v_re)[c], wr = ((double *)s->w_re)[c], xr = ((const double *)x_re)[c];
    const double vi = cplx ? ((double *)s->v_im)[c] : 0.0, wi = cplx ? ((double *)s->w_im)[c] : 0.0;
    const double xi = cplx ? ((const double *)x_im)[c] : 0.0;
    for (bf_dim_t b = first; b < blocks; b++) {
        vec re = a_re[b] - s->v_re[b] * wr - s->w_re[b] * vr;
        if (cplx) {
            re = re - s->v_im[b] * wi - s->w_im[b] * vi;
            const vec im = a_im[b] - s->v_im[b] * wr - s->w_im[b] * vr + s->v_re[b] * wi + s->w_re[b] * vi;
            a_im[b] = im;
            s->p_re[b] = s->p_re[b] + re * xr - im * xi;
            s->p_im[b] = s->p_im[b] + re * xi + im * xr;
        } else {
            s->p_re[b] = s->p_re[b] + re * xr;
        }
        a_re[b] = re;
    }
}

/* w = tau p - (tau/2) ((tau p)^H v) v, from p = A v (LAPACK's zhetd2); w is 0 above row block first. */
INLINE void second_vector(const bf_eig_small_t *eig, const step_t *s, bf_dim_t j, bf_dim_t first, const bool cplx)
{
    const bf_dim_t blocks = eig->ld / LANES;
    const double tr = eig->tau[2 * j], ti = eig->tau[2 * j + 1];
    vec dot_re = {0.0}, dot_im = {0.0};
    for (bf_dim_t b = first; b < blocks; b++) {
        vec re = s->p_re[b] * tr, im = {0.0};
        if (cplx) {
            re -= s->p_im[b] * ti;
            im = s->p_im[b] * tr + s->p_re[b] * ti;
            s->w_im[b] = im;
            dot_re += im * s->v_im[b];
            dot_im += re * s->v_im[b] - im * s->v_re[b];
        }
        s->w_re[b] = re;
        dot_re += re * s->v_re[b];
    }
    const double qr = sum(&dot_re), qi = cplx ? sum(&dot_im) : 0.0;
    const double hr = -0.5 * (tr * qr - ti * qi), hi = -0.5 * (tr * qi + ti * qr);
    for (bf_dim_t b = first; b < blocks; b++) {
        s->w_re[b] += s->v_re[b] * hr;
        if (cplx) {
            s->w_re[b] -= s->v_im[b] * hi;
            s->w_im[b] += s->v_im[b] * hr + s->v_re[b] * hi;
        }
    }
}

INLINE void tridiagonalise_field(bf_eig_small_t *eig, const bool cplx)
{
    const bf_dim_t n = eig->n, blocks = eig->ld / LANES;
    vec *room = (vec *)eig->strip;
    step_t s = {room, room + blocks, room + 2 * blocks, room + 3 * blocks, room + 4 * blocks, room + 5 * blocks};
    memset(room, 0, (size_t)(6 * eig->ld) * sizeof(double));
    for (bf_dim_t j = 0; j < n; j++) {
        const bf_dim_t first = j / LANES;
        double *col_re = eig->a_re + j * eig->ld, *col_im = cplx ? eig->a_im + j * eig->ld : NULL;
        update_column((vec *)col_re, (vec *)col_im, &s, j, first, blocks, cplx);
        eig->lambda[j] = col_re[j];
        if (j == n - 1)
            break;
        reflector(eig, j, cplx);
        const bf_dim_t next = (j + 1) / LANES;
        for (bf_dim_t b = next; b < blocks; b++)
            s.p_re[b] = s.p_im[b] = (vec){0.0};
        for (bf_dim_t c = j + 1; c < n; c++)
            update_and_multiply(eig, &s, (vec *)col_re, (vec *)col_im, c, next, cplx);
        memcpy(s.v_re, col_re, (size_t)eig->ld * sizeof(double));
        if (cplx)
            memcpy(s.v_im, col_im, (size_t)eig->ld * sizeof(double));
        /* Rows up to j of the first block belong to finished columns. */
        for (bf_dim_t i = next * LANES; i <= j; i++)
            ((double *)s.p_re)[i] = ((double *)s.p_im)[i] = 0.0;
        second_vector(eig, &s, j, next, cplx);
    }
}

static void tridiagonalise(bf_eig_small_t *eig)
{
    if (eig->real)
        tridiagonalise_field(eig, false);
    else
        tridiagonalise_field(eig, true);
}

/* (z_i, z_j) <- (c z_i - s z_j, s z_i + c z_j). */
INLINE void rotate(vec *zi, vec *zj, bf_dim_t blocks, double c, double s)
{
    for (bf_dim_t b = 0; b < blocks; b++) {
        const vec x = zi[b], y = zj[b];
        zi[b] = c * x - s * y;
        zj[b] = s * x + c * y;
    }
}

/* One implicit QL sweep on rows l..m (EISPACK's tql2). The rotation of the vectors is independent of the next step's chain of
 * a square root and a division, and runs in its shadow. */
static void ql_sweep(bf_eig_small_t *eig, bf_dim_t l, bf_dim_t m)
{
    double *d = eig->lambda, *e = eig->e;
    const bf_dim_t blocks = eig->ld / LANES;
    const double shift = (d[l + 1] - d[l]) / (2.0 * e[l]);
    double g = d[m] - d[l] + e[l] / (shift + copysign(sqrt(shift * shift + 1.0), shift));
    double s = 1.0, c = 1.0, p = 0.0;
    for (bf_dim_t i = m - 1; i >= l; i--) {
        const double f = s * e[i], b = c * e[i], r = sqrt(f * f + g * g);
        e[i + 1] = r;
        if (!(r > 0.0)) {
            d[i + 1] -= p;
            e[m] = 0.0;
            return;
        }
        const double inv = 1.0 / r;
        s = f * inv;
        c = g * inv;
        const double x = d[i + 1] - p, t = (d[i] - x) * s + 2.0 * c * b;
        p = s * t;
        d[i + 1] = x + p;
        g = c * t - b;
        rotate((vec *)(eig->z + i * eig->ld), (vec *)(eig->z + (i + 1) * eig->ld), blocks, c, s);
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0.0;
}

static int ql(bf_eig_small_t *eig)
{
    const bf_dim_t n = eig->n;
    double *d = eig->lambda, *e = eig->e, norm = 0.0;
    e[n - 1] = 0.0;
    for (bf_dim_t i = 0; i < n; i++)
        norm = fmax(norm, fabs(d[i]) + fabs(e[i]));
    const double small = 0x1p-54 * norm;
    memset(eig->z, 0, (size_t)(n * eig->ld) * sizeof(double));
    for (bf_dim_t i = 0; i < n; i++)
        eig->z[i * eig->ld + i] = 1.0;
    for (bf_dim_t l = 0; l < n; l++) {
        for (int sweep = 0;; sweep++) {
            bf_dim_t m = l;
            while (m < n - 1 && fabs(e[m]) > small)
                m++;
            if (m == l)
                break;
            if (sweep == QL_SWEEPS)
                return (int)l + 1;
            ql_sweep(eig, l, m);
        }
    }
    return 0;
}

/* X (n rows of `width` lanes) <- H(0) ... H(n-2) X, one lane for one vector: no sum across lanes is ever needed. */
INLINE void apply_reflectors(const bf_eig_small_t *eig, vec *x_re, vec *x_im, const bf_dim_t width, const bool cplx)
{
    for (bf_dim_t j = eig->n - 2; j >= 0; j--) {
        const double *v_re = eig->a_re + j * eig->ld, *v_im = cplx ? eig->a_im + j * eig->ld : NULL;
        const double tr = eig->tau[2 * j], ti = eig->tau[2 * j + 1];
        for (bf_dim_t b = 0; b < width; b++) {
            vec q_re = {0.0}, q_im = {0.0};
            for (bf_dim_t i = j + 1; i < eig->n; i++) {
                q_re += x_re[i * width + b] * v_re[i];
                if (cplx) {
                    q_re += x_im[i * width + b] * v_im[i];
                    q_im += x_im[i * width + b] * v_re[i] - x_re[i * width + b] * v_im[i];
                }
            }
            const vec s_re = cplx ? q_re * tr - q_im * ti : q_re * tr;
            const vec s_im = cplx ? q_re * ti + q_im * tr : q_im;
            for (bf_dim_t i = j + 1; i < eig->n; i++) {
                x_re[i * width + b] -= s_re * v_re[i];
                if (cplx) {
                    x_re[i * width + b] += s_im * v_im[i];
                    x_im[i * width + b] -= s_re * v_im[i] + s_im * v_re[i];
                }
            }
        }
    }
}

INLINE void back_field(const bf_eig_small_t *eig, bf_dim_t first, bf_dim_t k, double *vh, bf_dim_t ld, const bool cplx)
{
    const bf_dim_t n = eig->n, width = 1;
    double *x_re = eig->strip, *x_im = eig->strip + LANES * n;
    memset(eig->strip, 0, (size_t)(2 * LANES * n) * sizeof(double));
    for (bf_dim_t a = 0; a < k; a++) {
        const double *z = eig->z + eig->order[first + a] * eig->ld;
        for (bf_dim_t i = 0; i < n; i++)
            x_re[LANES * i + a] = z[i];
    }
    apply_reflectors(eig, (vec *)x_re, (vec *)x_im, width, cplx);
    for (bf_dim_t i = 0; i < n; i++) {
        for (bf_dim_t a = 0; a < k; a++) {
            if (cplx) {
                vh[2 * (a + i * ld)] = x_re[LANES * i + a];
                vh[2 * (a + i * ld) + 1] = -x_im[LANES * i + a];
            } else {
                vh[a + i * ld] = x_re[LANES * i + a];
            }
        }
    }
}

static void back(const bf_eig_small_t *eig, bf_dim_t first, bf_dim_t k, double *vh, bf_dim_t ld)
{
    if (eig->real)
        back_field(eig, first, k, vh, ld, false);
    else
        back_field(eig, first, k, vh, ld, true);
}

const bf_eig_kernels_t PASTE(bf_eig_kernels_, BF_ISA) = {tridiagonalise, ql, back};
