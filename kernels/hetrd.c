/* Blocked tridiagonalisation (LAPACK, zhetrd and zlatrd), panel by panel.
 *
 * Reflectors v and companions w of a panel lie in alternating columns of one buffer P = [v0 w0 v1 w1 ...]: a correction by all
 * earlier pairs is then one matrix-vector product with permuted coefficients instead of two or four. */
#include "kernels/hetrd.h"

#include <math.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/cpu.h"
#include "kernels/hemv_isa.h"
#include "kernels/weigh.h"

#define PANEL 16

/* One tridiagonalisation in progress. Real and complex differ in the number of reals an element takes. */
typedef struct state {
    bf_type_t type;
    size_t parts; /* reals an element: 1 or 2 */
    bf_dim_t n;
    double *a, *p;      /* matrix; n x 2 PANEL buffer */
    double *coef, *dot; /* 2 PANEL elements each */
    bf_hemv_fn *hemv;
} state_t;

static bf_hemv_fn *pick_hemv(bf_type_t type)
{
    const bf_hemv_kernels_t *k = BF_CPU_PICK(bf_hemv_kernels);
    return type == BF_TYPE_D ? k->d : k->z;
}

static double *at(const state_t *s, double *x, bf_dim_t row, bf_dim_t column)
{
    return x + s->parts * (size_t)(row + s->n * column);
}

/* coef[2c] = conj(P[row, 2c+1]), coef[2c+1] = conj(P[row, 2c]): what multiplies [v0 w0 ...] in V w^H + W v^H. */
static void row_coefficients(const state_t *s, bf_dim_t row, bf_dim_t pairs)
{
    for (bf_dim_t c = 0; c < 2 * pairs; c++) {
        const double *from = at(s, s->p, row, c ^ 1);
        s->coef[s->parts * (size_t)c] = from[0];
        if (s->parts == 2)
            s->coef[2 * c + 1] = -from[1];
    }
}

/* The reflector that turns column j below the diagonal into e[j]; its vector goes to the column and to P. */
static void reflector(const state_t *s, bf_dim_t j, bf_dim_t pair, double *e, double *tau)
{
    double *x = at(s, s->a, j + 1, j), *v = at(s, s->p, j + 1, 2 * pair);
    const bf_dim_t length = s->n - j - 1;
    const size_t reals = s->parts * (size_t)length;
    const double re = x[0], im = s->parts == 2 ? x[1] : 0.0;
    const double tail = bf_weigh(BF_TYPE_D, (bf_dim_t)(reals - s->parts), 1, NULL, 1.0, x + s->parts, NULL);
    double beta = re, t_re = 0.0, t_im = 0.0;
    bf_z_t scale = 1.0;
    if (tail > 0.0 || im != 0.0) {
        beta = -copysign(sqrt(re * re + im * im + tail), re);
        t_re = (beta - re) / beta;
        t_im = -im / beta;
        scale = 1.0 / (re - beta + I * im);
    }
    if (s->parts == 2) {
        for (bf_dim_t i = 1; i < length; i++)
            ((bf_z_t *)(void *)x)[i] *= scale;
    } else {
        for (bf_dim_t i = 1; i < length; i++)
            x[i] *= creal(scale);
    }
    x[0] = 1.0;
    if (s->parts == 2)
        x[1] = 0.0;
    memcpy(v, x, reals * sizeof(double));
    *e = beta;
    tau[0] = t_re;
    if (s->parts == 2)
        tau[1] = t_im;
}

/* w = tau (A - V W^H - W V^H) v - (tau/2) (..)^H v v. */
static void companion(const state_t *s, bf_dim_t j, bf_dim_t pair, const double *tau)
{
    const bf_dim_t length = s->n - j - 1;
    double *v = at(s, s->p, j + 1, 2 * pair), *w = at(s, s->p, j + 1, 2 * pair + 1), *p = at(s, s->p, j + 1, 0);
    /* In the first column, and in all when n is a multiple of 4, cache lines begin at rows that are. */
    s->hemv(length, BF_HEMV_COLUMNS - (j + 1) % BF_HEMV_COLUMNS, at(s, s->a, j + 1, j + 1), s->n, v, w);
    if (pair > 0) {
        bf_gemv(s->type, BF_H, length, 2 * pair, 1.0, p, s->n, v, 0.0, s->dot);
        for (bf_dim_t c = 0; c < 2 * pair; c++)
            memcpy(s->coef + s->parts * (size_t)c, s->dot + s->parts * (size_t)(c ^ 1), s->parts * sizeof(double));
        bf_gemv(s->type, BF_N, length, 2 * pair, -1.0, p, s->n, s->coef, 1.0, w);
    }
    if (s->parts == 2) {
        const bf_z_t t = tau[0] + I * tau[1];
        bf_z_t *wz = (bf_z_t *)(void *)w, *vz = (bf_z_t *)(void *)v, dot = 0.0;
        bf_gemv(s->type, BF_H, length, 1, 1.0, w, s->n, v, 0.0, s->dot);
        dot = *(bf_z_t *)(void *)s->dot;
        const bf_z_t half = -0.5 * t * conj(t) * dot;
        for (bf_dim_t i = 0; i < length; i++)
            wz[i] = t * wz[i] + half * vz[i];
    } else {
        bf_gemv(s->type, BF_H, length, 1, 1.0, w, s->n, v, 0.0, s->dot);
        const double half = -0.5 * tau[0] * tau[0] * s->dot[0];
        for (bf_dim_t i = 0; i < length; i++)
            w[i] = tau[0] * w[i] + half * v[i];
    }
}

static size_t lay_out(state_t *s, void *work)
{
    bf_carve_t carve = {work, 0};
    s->p = bf_carve_block(&carve, s->type, s->n, 2 * PANEL);
    s->coef = bf_carve_block(&carve, s->type, 2 * PANEL, 1);
    s->dot = bf_carve_block(&carve, s->type, 2 * PANEL, 1);
    return carve.used;
}

size_t bf_hetrd_worksize(bf_type_t type, bf_dim_t n)
{
    state_t s = {.type = type, .n = n};
    return lay_out(&s, NULL);
}

void bf_hetrd(bf_type_t type, bf_dim_t n, void *a, double *d, double *e, void *tau, void *work)
{
    state_t s = {.type = type, .parts = type == BF_TYPE_D ? 1 : 2, .n = n, .a = a, .hemv = pick_hemv(type)};
    lay_out(&s, work);
    e[n - 1] = 0.0;
    for (bf_dim_t first = 0; first < n; first += PANEL) {
        const bf_dim_t end = n - first < PANEL ? n : first + PANEL;
        for (bf_dim_t j = first; j < end; j++) {
            const bf_dim_t pair = j - first;
            if (pair > 0) {
                row_coefficients(&s, j, pair);
                bf_gemv(type, BF_N, n - j, 2 * pair, -1.0, at(&s, s.p, j, 0), n, s.coef, 1.0, at(&s, s.a, j, j));
            }
            d[j] = *at(&s, s.a, j, j);
            if (j == n - 1)
                break;
            double *t = (double *)tau + s.parts * (size_t)j;
            reflector(&s, j, pair, &e[j], t);
            companion(&s, j, pair, t);
        }
        if (end < n)
            bf_her2k(type, n - end, end - first, at(&s, s.p, end, 0), at(&s, s.p, end, 1), 2 * n, at(&s, s.a, end, end), n);
    }
}

/* Reflectors applied together. */
#define BLOCK 64

typedef struct block_room {
    void *v, *t, *scratch; /* n x BLOCK reflectors; BLOCK x BLOCK triangle; as large, for its inversion */
    void *w, *tw;          /* BLOCK x k: V^H times what is transformed; T times that */
} block_room_t;

static size_t lay_out_block(block_room_t *room, bf_type_t type, bf_dim_t n, bf_dim_t k, void *work)
{
    bf_carve_t carve = {work, 0};
    room->v = bf_carve_block(&carve, type, n, BLOCK);
    room->t = bf_carve_block(&carve, type, BLOCK, BLOCK);
    room->scratch = bf_carve_block(&carve, type, BLOCK, BLOCK);
    room->w = bf_carve_block(&carve, type, BLOCK, k);
    room->tw = bf_carve_block(&carve, type, BLOCK, k);
    return carve.used;
}

size_t bf_hetrd_apply_worksize(bf_type_t type, bf_dim_t n, bf_dim_t k)
{
    block_room_t room;
    return lay_out_block(&room, type, n, k, NULL);
}

/* Reflectors first .. first+count-1 as a dense block, rows from first+1 on. A reflector with tau = 0 is the identity: its column
 * becomes zero. */
static void gather(const state_t *s, const double *tau, bf_dim_t first, bf_dim_t count, void *v)
{
    const bf_dim_t rows = s->n - first - 1;
    const size_t element = s->parts * sizeof(double);
    for (bf_dim_t c = 0; c < count; c++) {
        char *to = (char *)v + (size_t)(c * rows) * element;
        const double *t = tau + s->parts * (size_t)(first + c);
        const bool identity = !(fabs(t[0]) > 0.0) && !(s->parts == 2 && fabs(t[1]) > 0.0);
        memset(to, 0, (size_t)(identity ? rows : c) * element);
        if (!identity)
            memcpy(to + (size_t)c * element, at(s, s->a, first + c + 1, first + c), (size_t)(rows - c) * element);
    }
}

/* Order up to which a triangle is inverted element by element. */
#define INVERT_MIN 8

static void invert_few_z(bf_dim_t n, bf_z_t *t, bf_dim_t ld)
{
    for (bf_dim_t j = 0; j < n; j++) {
        const bf_z_t inverse = 1.0 / t[j + ld * j];
        t[j + ld * j] = inverse;
        for (bf_dim_t i = 0; i < j; i++) {
            bf_z_t sum = 0.0;
            for (bf_dim_t p = i; p < j; p++)
                sum += t[i + ld * p] * t[p + ld * j];
            t[i + ld * j] = -sum * inverse;
        }
    }
}

static void invert_few_d(bf_dim_t n, double *t, bf_dim_t ld)
{
    for (bf_dim_t j = 0; j < n; j++) {
        const double inverse = 1.0 / t[j + ld * j];
        t[j + ld * j] = inverse;
        for (bf_dim_t i = 0; i < j; i++) {
            double sum = 0.0;
            for (bf_dim_t p = i; p < j; p++)
                sum += t[i + ld * p] * t[p + ld * j];
            t[i + ld * j] = -sum * inverse;
        }
    }
}

/* Upper triangle with zeros below <- its inverse: by halves, [A B; 0 C]^-1 = [A^-1, -A^-1 B C^-1; 0, C^-1]. Solving with the
 * triangle instead is a library call at a fifth of the speed of the product with the inverse. */
static void invert_upper(bf_type_t type, bf_dim_t n, void *t, bf_dim_t ld, void *scratch)
{
    if (n <= INVERT_MIN) {
        if (type == BF_TYPE_D)
            invert_few_d(n, t, ld);
        else
            invert_few_z(n, t, ld);
        return;
    }
    const size_t element = bf_type_size(type);
    const bf_dim_t half = n / 2, rest = n - half;
    char *b = (char *)t + element * (size_t)(ld * half), *c = b + element * (size_t)half;
    invert_upper(type, half, t, ld, scratch);
    invert_upper(type, rest, c, ld, scratch);
    bf_gemm(type, BF_N, BF_N, half, rest, rest, 1.0, b, ld, c, ld, 0.0, scratch, half);
    bf_gemm(type, BF_N, BF_N, half, rest, half, -1.0, t, ld, scratch, half, 0.0, b, ld);
}

/* T of the product 1 - V T V^H of the reflectors gathered in V: the inverse of diag(1/tau) + striu(V^H V). */
static void triangle(const state_t *s, const double *tau, bf_dim_t first, bf_dim_t count, const block_room_t *room)
{
    const bf_dim_t rows = s->n - first - 1;
    bf_gemm(s->type, BF_H, BF_N, count, count, rows, 1.0, room->v, rows, room->v, rows, 0.0, room->t, count);
    for (bf_dim_t c = 0; c < count; c++) {
        const double *t = tau + s->parts * (size_t)(first + c);
        double *diagonal = (double *)room->t + s->parts * (size_t)(c * count + c);
        const bf_z_t value = t[0] + (s->parts == 2 ? I * t[1] : 0.0);
        const bf_z_t inverse = fabs(creal(value)) + fabs(cimag(value)) > 0.0 ? 1.0 / value : 1.0;
        memset(diagonal, 0, s->parts * (size_t)(count - c) * sizeof(double));
        diagonal[0] = creal(inverse);
        if (s->parts == 2)
            diagonal[1] = cimag(inverse);
    }
    invert_upper(s->type, count, room->t, count, room->scratch);
}

void bf_hetrd_apply(bf_type_t type, bf_dim_t n, bf_dim_t k, const void *a, const void *tau, void *v, void *work)
{
    state_t s = {.type = type, .parts = type == BF_TYPE_D ? 1 : 2, .n = n, .a = (double *)(uintptr_t)a};
    block_room_t room;
    lay_out_block(&room, type, n, k, work);
    for (bf_dim_t first = (n - 2) / BLOCK * BLOCK; first >= 0; first -= BLOCK) {
        const bf_dim_t count = n - 1 - first < BLOCK ? n - 1 - first : BLOCK, rows = n - first - 1;
        double *below = at(&s, v, first + 1, 0);
        gather(&s, tau, first, count, room.v);
        triangle(&s, tau, first, count, &room);
        bf_gemm(type, BF_H, BF_N, count, k, rows, 1.0, room.v, rows, below, n, 0.0, room.w, count);
        bf_gemm(type, BF_N, BF_N, count, k, count, 1.0, room.t, count, room.w, count, 0.0, room.tw, count);
        bf_gemm(type, BF_N, BF_N, rows, k, count, -1.0, room.v, rows, room.tw, count, 1.0, below, n);
    }
}
