/* State vectors: gates, expectation values, Schmidt decompositions. Plain loops, no cleverness: this is the reference. */
#include "oracle_dense.h"

#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t count, size_t size)
{
    void *p = calloc(count, size);
    if (!p)
        abort();
    return p;
}

oracle_z_t *oracle_dense_zero(int n)
{
    if (n < 1 || n > ORACLE_DENSE_MAX)
        abort();
    oracle_z_t *psi = allocate((size_t)1 << n, sizeof *psi);
    psi[0] = 1;
    return psi;
}

/* Multiply by `u` on the target bits wherever all control bits are set. */
static void apply_matrix(oracle_z_t *psi, int n, size_t controls, const int *target, int targets, const oracle_z_t *u)
{
    const size_t high = (size_t)1 << target[0], low = targets > 1 ? (size_t)1 << target[1] : 0;
    const size_t dim = (size_t)1 << targets;
    for (size_t base = 0; base < (size_t)1 << n; ++base) {
        if ((base & (high | low)) || (base & controls) != controls)
            continue;
        /* Index of local state k: the first target is the more significant bit. */
        size_t index[4] = {base, base | high, 0, 0};
        if (targets > 1) {
            index[1] = base | low;
            index[2] = base | high;
            index[3] = base | high | low;
        }
        oracle_z_t in[4], out;
        for (size_t k = 0; k < dim; ++k)
            in[k] = psi[index[k]];
        for (size_t r = 0; r < dim; ++r) {
            out = 0;
            for (size_t k = 0; k < dim; ++k)
                out += u[r * dim + k] * in[k];
            psi[index[r]] = out;
        }
    }
}

void oracle_dense_apply(oracle_z_t *psi, int n, const oracle_gate_t *gate)
{
    const oracle_kind_t *kind = gate->kind;
    for (const oracle_step_t *step = kind->compose; step && step->name; ++step) {
        oracle_gate_t part = {.kind = oracle_kind(step->name), .p = {step->p[0], step->p[1]}};
        for (int k = 0; k < oracle_kind_qubits(part.kind); ++k)
            part.q[k] = gate->q[step->q[k]];
        oracle_dense_apply(psi, n, &part);
    }
    if (kind->compose)
        return;
    oracle_z_t u[16];
    kind->matrix(gate->p, u);
    size_t controls = 0;
    for (int k = 0; k < kind->controls; ++k)
        controls |= (size_t)1 << gate->q[k];
    apply_matrix(psi, n, controls, gate->q + kind->controls, kind->targets, u);
}

oracle_z_t *oracle_dense_run(const oracle_circuit_t *c)
{
    oracle_z_t *psi = oracle_dense_zero(c->n);
    for (size_t g = 0; g < c->count; ++g)
        oracle_dense_apply(psi, c->n, &c->gates[g]);
    return psi;
}

void oracle_dense_xyz(const oracle_z_t *psi, int n, double *xyz)
{
    const double norm = creal(oracle_dense_overlap(psi, psi, n));
    for (int q = 0; q < n; ++q) {
        const size_t bit = (size_t)1 << q;
        oracle_z_t coherence = 0; /* sum conj(psi_0) psi_1 = (<X> + i <Y>) / 2 */
        double z = 0;
        for (size_t k = 0; k < (size_t)1 << n; ++k) {
            if (k & bit)
                continue;
            const oracle_z_t a = psi[k], b = psi[k | bit];
            coherence += conj(a) * b;
            z += creal(conj(a) * a) - creal(conj(b) * b);
        }
        xyz[3 * q] = 2 * creal(coherence) / norm;
        xyz[3 * q + 1] = 2 * cimag(coherence) / norm;
        xyz[3 * q + 2] = z / norm;
    }
}

oracle_z_t oracle_dense_overlap(const oracle_z_t *a, const oracle_z_t *b, int n)
{
    oracle_z_t sum = 0;
    for (size_t k = 0; k < (size_t)1 << n; ++k)
        sum += conj(a[k]) * b[k];
    return sum;
}

/* psi as a (2^left) x (2^(n-left)) column-major matrix is psi itself, since qubit q is bit q. */
static void decompose(const oracle_z_t *psi, int n, int left, double *s, oracle_z_t *u, oracle_z_t *vh)
{
    const lapack_int rows = (lapack_int)1 << left, cols = (lapack_int)1 << (n - left), rank = rows < cols ? rows : cols;
    oracle_z_t *copy = allocate((size_t)1 << n, sizeof *copy);
    double *super = allocate((size_t)rank, sizeof *super);
    memcpy(copy, psi, ((size_t)1 << n) * sizeof *copy);
    const char job = u ? 'S' : 'N';
    if (LAPACKE_zgesvd(LAPACK_COL_MAJOR, job, job, rows, cols, copy, rows, s, u, rows, vh, u ? rank : 1, super) != 0)
        abort();
    free(super);
    free(copy);
}

void oracle_dense_schmidt(const oracle_z_t *psi, int n, int left, double *s)
{
    decompose(psi, n, left, s, NULL, NULL);
}

double oracle_dense_truncate(oracle_z_t *psi, int n, int left, int keep)
{
    const size_t rows = (size_t)1 << left, cols = (size_t)1 << (n - left), rank = rows < cols ? rows : cols;
    double *s = allocate(rank, sizeof *s);
    oracle_z_t *u = allocate(rows * rank, sizeof *u), *vh = allocate(rank * cols, sizeof *vh);
    decompose(psi, n, left, s, u, vh);
    double total = 0, kept = 0;
    for (size_t k = 0; k < rank; ++k) {
        total += s[k] * s[k];
        kept += k < (size_t)keep ? s[k] * s[k] : 0;
    }
    for (size_t c = 0; c < cols; ++c)
        for (size_t r = 0; r < rows; ++r) {
            oracle_z_t sum = 0;
            for (size_t k = 0; k < rank && k < (size_t)keep; ++k)
                sum += u[r + rows * k] * s[k] * vh[k + rank * c];
            psi[r + rows * c] = sum / sqrt(kept);
        }
    free(vh);
    free(u);
    free(s);
    return (total - kept) / total;
}
