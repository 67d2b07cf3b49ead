/* Kernels of the small Hermitian eigenproblem. Compiled once per instruction set; BF_ISA names this one.
 *
 * Everything is written on vectors of one register. Columns are padded to a multiple of eight doubles; the padding holds zeros,
 * so no loop has a remainder. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/eig_small_isa.h"
#include "kernels/vec_isa.h"

#define LANES     BF_LANES
#define MAX_WIDTH 4

/* Tridiagonalisation by tiles of rows up to this order, with this many registers of rows in a tile. */
#define TILED_MAX 72
#if defined(__AVX512F__)
#define TILE 2
#else
#define TILE 1
#endif

/* Columns and strips are aligned to BF_ALIGN. */
typedef double vec __attribute__((vector_size(8 * LANES), may_alias));

BF_INLINE double sum(const vec *v)
{
    return bf_vec_sum((const bf_vec_t *)v);
}

/* One Householder step's vectors: v (reflector, in its column), w (second vector of the rank-2 update), p (matrix times next
 * reflector). Valid from the row block of the step on. */
typedef struct step {
    vec *v_re, *v_im, *w_re, *w_im, *p_re, *p_im;
} step_t;

/* x where the row is at least `from`, else 0. Rows are never blanked one by one: a register loaded right after a store to a part
 * of it waits for the store to leave. */
BF_INLINE vec rows_from(vec x, bf_dim_t from, bf_dim_t block)
{
    static const bf_mask_t lane = BF_LANE_INDEX;
    const bf_mask_t keep = lane >= (bf_mask_t){0} + (from - block * LANES);
    return (vec)((bf_mask_t)x & keep);
}

/* Reflector from column j: H^H (alpha; x) = (beta; 0), H = 1 - tau v v^H, v = 1 in row j + 1. Leaves v in the column. */
BF_INLINE void reflector(bf_eig_small_t *eig, bf_dim_t j, const bool cplx)
{
    const bf_dim_t blocks = eig->ld / LANES, first = (j + 1) / LANES;
    double *col_re = eig->a_re + j * eig->ld, *col_im = cplx ? eig->a_im + j * eig->ld : NULL;
    const double alpha_re = col_re[j + 1], alpha_im = cplx ? col_im[j + 1] : 0.0;
    vec squares = {0.0};
    for (bf_dim_t b = first; b < blocks; b++) {
        const vec x = rows_from(((vec *)col_re)[b], j + 2, b);
        squares += x * x;
        if (cplx) {
            const vec y = rows_from(((vec *)col_im)[b], j + 2, b);
            squares += y * y;
        }
    }
    const double tail = sum(&squares);
    double beta = alpha_re, tau_re = 0.0, tau_im = 0.0, scale_re = 0.0, scale_im = 0.0;
    if (tail > 0.0 || (cplx && alpha_im != 0.0)) {
        const double alpha2 = alpha_re * alpha_re + alpha_im * alpha_im;
        beta = -copysign(sqrt(alpha2 + tail), alpha_re);
        tau_re = (beta - alpha_re) / beta;
        tau_im = -alpha_im / beta;
        const double d_re = alpha_re - beta, inv = 1.0 / (d_re * d_re + alpha_im * alpha_im);
        scale_re = d_re * inv;
        scale_im = -alpha_im * inv;
    }
    for (bf_dim_t b = first; b < blocks; b++) {
        const vec x = rows_from(((vec *)col_re)[b], j + 2, b);
        const vec one = rows_from((vec){0.0} + 1.0, j + 1, b) - rows_from((vec){0.0} + 1.0, j + 2, b);
        if (cplx) {
            const vec y = rows_from(((vec *)col_im)[b], j + 2, b);
            ((vec *)col_re)[b] = (scale_re * x - scale_im * y) + one;
            ((vec *)col_im)[b] = scale_re * y + scale_im * x;
        } else {
            ((vec *)col_re)[b] = scale_re * x + one;
        }
    }
    eig->tau[2 * j] = tau_re;
    eig->tau[2 * j + 1] = tau_im;
    eig->e[j] = beta;
}

/* a[:, c] -= v conj(w[c]) + w conj(v[c]) from row block first on. */
BF_INLINE void update_column(vec *a_re, vec *a_im, const step_t *s, bf_dim_t c, bf_dim_t first, bf_dim_t blocks, const bool cplx)
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

/* One column: a -= v w^H + w v^H, then p += a x with the next reflector x. Both triangles are kept, so that every
 * access is a contiguous column. */
BF_INLINE void update_and_multiply(bf_eig_small_t *eig, const step_t *s, const vec *x_re, const vec *x_im, bf_dim_t c,
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
            s->p_re[b] = s->p_re[b] + (re * xr - im * xi);
            s->p_im[b] = s->p_im[b] + (re * xi + im * xr);
        } else {
            s->p_re[b] = s->p_re[b] + re * xr;
        }
        a_re[b] = re;
    }
}

/* The same for all columns from c on and TILE blocks of rows, whose part of v, w and p stays in registers: faster by a
 * quarter as long as the matrix lies in the first-level cache, whose columns are crossed with a stride here. */
BF_INLINE void update_and_multiply_tile(bf_eig_small_t *eig, const step_t *s, const vec *x_re, const vec *x_im, bf_dim_t c,
                                        bf_dim_t first, const int tile, const bool cplx)
{
    vec v_re[TILE], v_im[TILE], w_re[TILE], w_im[TILE], p_re[TILE], p_im[TILE];
    for (int b = 0; b < tile; b++) {
        v_re[b] = s->v_re[first + b];
        w_re[b] = s->w_re[first + b];
        v_im[b] = cplx ? s->v_im[first + b] : (vec){0.0};
        w_im[b] = cplx ? s->w_im[first + b] : (vec){0.0};
        p_re[b] = p_im[b] = (vec){0.0};
    }
    for (; c < eig->n; c++) {
        vec *a_re = (vec *)(eig->a_re + c * eig->ld) + first, *a_im = cplx ? (vec *)(eig->a_im + c * eig->ld) + first : NULL;
        const double vr = ((double *)s->v_re)[c], wr = ((double *)s->w_re)[c], xr = ((const double *)x_re)[c];
        const double vi = cplx ? ((double *)s->v_im)[c] : 0.0, wi = cplx ? ((double *)s->w_im)[c] : 0.0;
        const double xi = cplx ? ((const double *)x_im)[c] : 0.0;
        for (int b = 0; b < tile; b++) {
            vec re = a_re[b] - v_re[b] * wr - w_re[b] * vr;
            if (cplx) {
                const vec im = (a_im[b] - v_im[b] * wr - w_im[b] * vr) + (v_re[b] * wi + w_re[b] * vi);
                re = re - v_im[b] * wi - w_im[b] * vi;
                a_im[b] = im;
                p_re[b] += re * xr - im * xi;
                p_im[b] += re * xi + im * xr;
            } else {
                p_re[b] += re * xr;
            }
            a_re[b] = re;
        }
    }
    for (int b = 0; b < tile; b++) {
        s->p_re[first + b] = p_re[b];
        s->p_im[first + b] = p_im[b];
    }
}

/* p = A x from row block `first` on, A brought up to date on the way. */
BF_INLINE void update_and_multiply_all(bf_eig_small_t *eig, const step_t *s, const vec *x_re, const vec *x_im, bf_dim_t c,
                                       bf_dim_t first, const bool cplx)
{
    const bf_dim_t blocks = eig->ld / LANES;
    if (eig->n <= TILED_MAX) {
        bf_dim_t b = first;
        for (; b + TILE <= blocks; b += TILE)
            update_and_multiply_tile(eig, s, x_re, x_im, c, b, TILE, cplx);
        for (; b < blocks; b++)
            update_and_multiply_tile(eig, s, x_re, x_im, c, b, 1, cplx);
        return;
    }
    for (bf_dim_t b = first; b < blocks; b++)
        s->p_re[b] = s->p_im[b] = (vec){0.0};
    for (; c < eig->n; c++)
        update_and_multiply(eig, s, x_re, x_im, c, first, cplx);
}

/* w = tau p - (tau/2) ((tau p)^H v) v, from p = A v (LAPACK's zhetd2); w is 0 above row block first. */
BF_INLINE void second_vector(const bf_eig_small_t *eig, const step_t *s, bf_dim_t j, bf_dim_t first, const bool cplx)
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

BF_INLINE void tridiagonalise_field(bf_eig_small_t *eig, const bool cplx)
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
        update_and_multiply_all(eig, &s, (vec *)col_re, (vec *)col_im, j + 1, next, cplx);
        s.v_re = (vec *)col_re;
        s.v_im = (vec *)col_im;
        /* Rows up to j of the first block belong to finished columns. */
        s.p_re[next] = rows_from(s.p_re[next], j + 1, next);
        s.p_im[next] = rows_from(s.p_im[next], j + 1, next);
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

/* One implicit QL sweep on rows l..m of the tridiagonal matrix (EISPACK's tql2), rotations recorded.
 *
 * Latency is everything here: a step waits for the one before only through 1 / r^2, r^2 = f^2 + g^2. The square root, which sines
 * and cosines need, is off that path: f^2 comes from the last f^2 / r^2, and what f and b multiply is formed from the last step's
 * f and g before its 1 / r joins in. */
static void ql_sweep(bf_eig_small_t *eig, bf_dim_t l, bf_dim_t m, double *rotations)
{
    double *d = eig->lambda, *e = eig->e;
    const double shift = (d[l + 1] - d[l]) / (2.0 * e[l]);
    double g = d[m] - d[l] + e[l] / (shift + copysign(sqrt(shift * shift + 1.0), shift));
    double f2 = e[m - 1] * e[m - 1], p = 0.0, last_f = 1.0, last_g = 1.0, last_inv = 1.0;
    for (bf_dim_t i = m - 1; i >= l; i--, rotations += 2) {
        const double r2 = f2 + g * g, inv2 = 1.0 / r2;
        if (!(r2 > DBL_MIN && r2 < DBL_MAX)) {
            /* Both vanish: the matrix splits here, and the sweep ends early with identities. */
            d[i + 1] -= p;
            e[i + 1] = 0.0;
            e[m] = 0.0;
            for (; i >= l; i--, rotations += 2) {
                rotations[0] = 1.0;
                rotations[1] = 0.0;
            }
            return;
        }
        const double scale = e[i] * last_inv, f = last_f * scale, b = last_g * scale;
        const double x = d[i + 1] - p, u = scale * ((d[i] - x) * last_f + 2.0 * last_g * g), w = inv2 * u;
        const double inv = sqrt(inv2);
        e[i + 1] = r2 * inv;
        p = f * w;
        d[i + 1] = x + p;
        rotations[0] = g * inv;
        rotations[1] = f * inv;
        if (i > l)
            f2 = f2 * inv2 * (e[i - 1] * e[i - 1]);
        last_f = f;
        last_g = g;
        last_inv = inv;
        g = g * w - b;
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0.0;
}

static void reverse(double *x, bf_dim_t n)
{
    for (bf_dim_t i = 0; i < n / 2; i++) {
        const double y = x[i];
        x[i] = x[n - 1 - i];
        x[n - 1 - i] = y;
    }
}

/* The reduction leaves the large values of a graded matrix on top; QL wants them at the bottom, so it works on the reversed
 * matrix and saves a quarter of its rotations. */
static int ql(bf_eig_small_t *eig)
{
    const bf_dim_t n = eig->n;
    double *d = eig->lambda, *e = eig->e, norm = 0.0;
    reverse(d, n);
    reverse(e, n - 1);
    e[n - 1] = 0.0;
    for (bf_dim_t i = 0; i < n; i++)
        norm = fmax(norm, fabs(d[i]) + fabs(e[i]));
    const double small = 0x1p-54 * norm;
    bf_dim_t used = 0;
    eig->sweeps = 0;
    for (bf_dim_t l = 0; l < n; l++) {
        for (;;) {
            bf_dim_t m = l;
            while (m < n - 1 && fabs(e[m]) > small)
                m++;
            if (m == l)
                break;
            if (eig->sweeps == BF_EIG_SMALL_SWEEPS(n) || used + (m - l) > BF_EIG_SMALL_ROTATIONS(n))
                return (int)l + 1;
            int32_t *sweep = eig->sweep + 2 * eig->sweeps++;
            sweep[0] = (int32_t)l;
            sweep[1] = (int32_t)m;
            ql_sweep(eig, l, m, eig->rotations + 2 * used);
            used += m - l;
        }
    }
    eig->rotations_used = used;
    return 0;
}

/* X (n rows of `width` vectors; one lane for one eigenvector) <- the recorded rotations, last sweep first: the vectors of the
 * tridiagonal matrix from unit vectors. Neighbouring rotations share a row, which stays in registers. */
BF_INLINE void apply_rotations(const bf_eig_small_t *eig, vec *x, const bf_dim_t width)
{
    const double *end = eig->rotations + 2 * eig->rotations_used;
    for (bf_dim_t sweep = eig->sweeps; sweep-- > 0;) {
        const bf_dim_t l = eig->sweep[2 * sweep], m = eig->sweep[2 * sweep + 1];
        const double *r = end;
        end -= 2 * (m - l);
        vec carry[MAX_WIDTH];
        for (bf_dim_t b = 0; b < width; b++)
            carry[b] = x[l * width + b];
        for (bf_dim_t i = l; i < m; i++) {
            r -= 2;
            const double c = r[0], s = r[1];
            for (bf_dim_t b = 0; b < width; b++) {
                const vec low = carry[b], high = x[(i + 1) * width + b];
                x[i * width + b] = c * low + s * high;
                carry[b] = c * high - s * low;
            }
        }
        for (bf_dim_t b = 0; b < width; b++)
            x[m * width + b] = carry[b];
    }
}

/* X <- H(0) ... H(n-2) X, with the rows of X in reverse order. No sum across lanes is ever needed, and one pass over X applies
 * a reflector and takes the dot products of the next one. */
BF_INLINE void apply_reflectors(const bf_eig_small_t *eig, vec *x_re, vec *x_im, const bf_dim_t width, const bool cplx)
{
    const bf_dim_t n = eig->n;
    static const double none[1] = {0.0};
    vec q_re[MAX_WIDTH], q_im[MAX_WIDTH];
    for (bf_dim_t b = 0; b < width; b++) {
        q_re[b] = x_re[b];
        q_im[b] = (vec){0.0};
    }
    for (bf_dim_t j = n - 2; j >= 0; j--) {
        const double *v_re = eig->a_re + j * eig->ld, *v_im = cplx ? eig->a_im + j * eig->ld : none;
        const double *u_re = j > 0 ? v_re - eig->ld : v_re, *u_im = cplx && j > 0 ? v_im - eig->ld : v_im;
        const double tr = eig->tau[2 * j], ti = eig->tau[2 * j + 1];
        /* The next reflector begins one row earlier, with a 1. Its two products per part are summed apart: shorter chains. */
        vec s_re[MAX_WIDTH], s_im[MAX_WIDTH], rr[MAX_WIDTH], ri[MAX_WIDTH], ir[MAX_WIDTH], ii[MAX_WIDTH];
        for (bf_dim_t b = 0; b < width; b++) {
            const bf_dim_t at = (n - 1 - j) * width + b;
            s_re[b] = cplx ? q_re[b] * tr - q_im[b] * ti : q_re[b] * tr;
            s_im[b] = q_re[b] * ti + q_im[b] * tr;
            rr[b] = x_re[at];
            ir[b] = cplx ? x_im[at] : (vec){0.0};
            ri[b] = ii[b] = (vec){0.0};
        }
        for (bf_dim_t i = j + 1; i < n; i++) {
            for (bf_dim_t b = 0; b < width; b++) {
                const bf_dim_t at = (n - 1 - i) * width + b;
                vec re = x_re[at] - s_re[b] * v_re[i];
                if (cplx) {
                    re += s_im[b] * v_im[i];
                    const vec im = x_im[at] - s_re[b] * v_im[i] - s_im[b] * v_re[i];
                    x_im[at] = im;
                    ii[b] += im * u_im[i];
                    ir[b] += im * u_re[i];
                    ri[b] += re * u_im[i];
                }
                rr[b] += re * u_re[i];
                x_re[at] = re;
            }
        }
        for (bf_dim_t b = 0; b < width; b++) {
            q_re[b] = rr[b] + ii[b];
            q_im[b] = ir[b] - ri[b];
        }
    }
}

BF_INLINE void back_field(const bf_eig_small_t *eig, bf_dim_t first, bf_dim_t k, double *vh, bf_dim_t ld, const bf_dim_t width,
                          const bool cplx)
{
    const bf_dim_t n = eig->n, lanes = LANES * width;
    double *x_re = eig->strip, *x_im = eig->strip + lanes * n;
    memset(eig->strip, 0, (size_t)((cplx ? 2 : 1) * lanes * n) * sizeof(double));
    for (bf_dim_t a = 0; a < k; a++)
        x_re[lanes * eig->order[first + a] + a] = 1.0;
    apply_rotations(eig, (vec *)x_re, width);
    apply_reflectors(eig, (vec *)x_re, (vec *)x_im, width, cplx);
    for (bf_dim_t i = 0; i < n; i++) {
        const double *re = x_re + lanes * (n - 1 - i), *im = x_im + lanes * (n - 1 - i);
        for (bf_dim_t a = 0; a < k; a++) {
            if (cplx) {
                vh[2 * (a + i * ld)] = re[a];
                vh[2 * (a + i * ld) + 1] = -im[a];
            } else {
                vh[a + i * ld] = re[a];
            }
        }
    }
}

/* The widths and fields are constants to the compiler, which unrolls each. */
static void back(const bf_eig_small_t *eig, bf_dim_t first, bf_dim_t k, double *vh, bf_dim_t ld)
{
    if (eig->real) {
        if (k <= LANES)
            back_field(eig, first, k, vh, ld, 1, false);
        else if (k <= 2 * LANES)
            back_field(eig, first, k, vh, ld, 2, false);
        else
            back_field(eig, first, k, vh, ld, 4, false);
    } else {
        if (k <= LANES)
            back_field(eig, first, k, vh, ld, 1, true);
        else if (k <= 2 * LANES)
            back_field(eig, first, k, vh, ld, 2, true);
        else
            back_field(eig, first, k, vh, ld, 4, true);
    }
}

const bf_eig_kernels_t BF_PASTE(bf_eig_kernels_, BF_ISA) = {MAX_WIDTH * LANES, tridiagonalise, ql, back};
