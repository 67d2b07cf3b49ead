/* Majorana rotations and Pfaffians. */
#include "oracle_fermion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct oracle_fermion {
    int n;     /* sites, without the ancilla */
    int m;     /* Majorana operators: 2 (n + 1) */
    double *r; /* m x m rotation, row-major: a_p(t) = sum_q r[p][q] a_q(0) */
};

static double *zeros(size_t count)
{
    double *p = calloc(count, sizeof *p);
    if (!p)
        abort();
    return p;
}

oracle_fermion_t *oracle_fermion_create(int n)
{
    oracle_fermion_t *f = malloc(sizeof *f);
    if (!f)
        abort();
    *f = (oracle_fermion_t){.n = n, .m = 2 * (n + 1)};
    f->r = zeros((size_t)f->m * (size_t)f->m);
    for (int p = 0; p < f->m; ++p)
        f->r[p * f->m + p] = 1;
    return f;
}

void oracle_fermion_destroy(oracle_fermion_t *f)
{
    if (!f)
        return;
    free(f->r);
    free(f);
}

/* a_p -> cos t a_p - sin t a_p+1, a_p+1 -> sin t a_p + cos t a_p+1. */
static void rotate(oracle_fermion_t *f, int p, double t)
{
    const double c = cos(t), s = sin(t);
    double *a = f->r + p * f->m, *b = a + f->m;
    for (int k = 0; k < f->m; ++k) {
        const double x = a[k], y = b[k];
        a[k] = c * x - s * y;
        b[k] = s * x + c * y;
    }
}

void oracle_fermion_rz(oracle_fermion_t *f, int site, double t)
{
    rotate(f, 2 * (site + 1), t);
}

void oracle_fermion_rxx(oracle_fermion_t *f, int site, double t)
{
    rotate(f, 2 * (site + 1) + 1, t);
}

/* C = R G R^T with G[2j+1][2j+2] = 1 = -G[2j+2][2j+1]: |+..+> behind the ancilla. */
static double *covariance(const oracle_fermion_t *f)
{
    const int m = f->m;
    double *c = zeros((size_t)m * (size_t)m);
    for (int p = 0; p < m; ++p)
        for (int q = p + 1; q < m; ++q) {
            const double *a = f->r + p * m, *b = f->r + q * m;
            double sum = 0;
            for (int k = 1; k + 1 < m; k += 2)
                sum += a[k] * b[k + 1] - a[k + 1] * b[k];
            c[p * m + q] = sum;
            c[q * m + p] = -sum;
        }
    return c;
}

/* Parlett-Reid with pivoting (Wimmer, ACM TOMS 38, 30 (2012)): congruences by Gauss transforms until tridiagonal. */
double oracle_pfaffian(double *a, int m, int ld)
{
    if (m % 2)
        return 0;
    double pfaffian = 1;
    double *tau = zeros((size_t)m);
    for (int k = 0; k + 1 < m; k += 2) {
        int pivot = k + 1;
        for (int i = k + 2; i < m; ++i)
            if (fabs(a[i * ld + k]) > fabs(a[pivot * ld + k]))
                pivot = i;
        if (pivot != k + 1) {
            for (int i = 0; i < m; ++i) {
                const double t = a[(k + 1) * ld + i];
                a[(k + 1) * ld + i] = a[pivot * ld + i];
                a[pivot * ld + i] = t;
            }
            for (int i = 0; i < m; ++i) {
                const double t = a[i * ld + k + 1];
                a[i * ld + k + 1] = a[i * ld + pivot];
                a[i * ld + pivot] = t;
            }
            pfaffian = -pfaffian;
        }
        const double head = a[k * ld + k + 1];
        pfaffian *= head;
        if (head == 0)
            break;
        for (int j = k + 2; j < m; ++j)
            tau[j] = a[k * ld + j] / head;
        for (int i = k + 2; i < m; ++i)
            for (int j = k + 2; j < m; ++j)
                a[i * ld + j] += tau[i] * a[j * ld + k + 1] - a[i * ld + k + 1] * tau[j];
    }
    free(tau);
    return pfaffian;
}

/* Pfaffian of the rows and columns 1 .. count-1 and `last` of C. */
static double string_value(const double *c, int m, int count, int last, double *work)
{
    for (int i = 0; i < count; ++i)
        for (int j = 0; j < count; ++j) {
            const int p = i + 1 < count ? i + 1 : last, q = j + 1 < count ? j + 1 : last;
            work[i * m + j] = c[p * m + q];
        }
    return oracle_pfaffian(work, count, m);
}

void oracle_fermion_xyz(const oracle_fermion_t *f, double *xyz)
{
    const int m = f->m;
    double *c = covariance(f), *work = zeros((size_t)m * (size_t)m);
    for (int i = 1; i <= f->n; ++i) {
        xyz[3 * i - 3] = string_value(c, m, 2 * i, 2 * i, work);
        xyz[3 * i - 2] = string_value(c, m, 2 * i, 2 * i + 1, work);
        xyz[3 * i - 1] = c[2 * i * m + 2 * i + 1];
    }
    free(work);
    free(c);
}
