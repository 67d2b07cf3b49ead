/* Classification of gate matrices and the one-qubit kernel. */
#include "kernels/gate.h"

#include <assert.h>
#include <string.h>

#define RANK_THRESHOLD 1e-14

static bool all_real(const bf_z_t *u, int n)
{
    for (int i = 0; i < n; i++) {
        if (cimag(u[i]) != 0.0)
            return false;
    }
    return true;
}

void bf_gate1_classify(bf_gate1_t *gate)
{
    gate->real = all_real(gate->u, 4);
}

/** Numerical rank of a 4 x 4 matrix, destroyed: elimination with complete pivoting until what is left is rounding. An SVD says
 * the same (the pivots of so small a matrix follow its singular values) at fifty times the cost, and circuits bring 10^6 gates.
 */
static int rank_of(bf_z_t a[4][4])
{
    double first = 0;
    for (int rank = 0; rank < 4; rank++) {
        int row = 0, column = 0;
        double largest = 0;
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
                const double size2 = creal(a[i][j]) * creal(a[i][j]) + cimag(a[i][j]) * cimag(a[i][j]);
                if (size2 > largest) {
                    largest = size2;
                    row = i;
                    column = j;
                }
            }
        if (rank == 0)
            first = largest;
        if (largest <= RANK_THRESHOLD * RANK_THRESHOLD * first)
            return rank;
        bf_z_t pivot_row[4];
        memcpy(pivot_row, a[row], sizeof pivot_row);
        for (int i = 0; i < 4; i++) {
            const bf_z_t factor = a[i][column] / pivot_row[column];
            for (int j = 0; j < 4; j++)
                a[i][j] = i == row || j == column ? 0 : a[i][j] - factor * pivot_row[j];
        }
    }
    return 4;
}

void bf_gate2_classify(bf_gate2_t *gate)
{
    gate->real = all_real(gate->u, 16);

    /* Realigned: row (s, s'), column (t, t'); its rank is the number of terms A x B the gate needs. */
    bf_z_t a[4][4];
    for (int s = 0; s < 2; s++)
        for (int t = 0; t < 2; t++)
            for (int s1 = 0; s1 < 2; s1++)
                for (int t1 = 0; t1 < 2; t1++)
                    a[2 * s + s1][2 * t + t1] = gate->u[(2 * s + t) * 4 + (2 * s1 + t1)];
    const int rank = rank_of(a);
    gate->schmidt_rank = rank == 3 ? 4 : (rank == 0 ? 1 : rank);
}

bf_type_t bf_k_gate1_type(bf_type_t site, const bf_gate1_t *gate)
{
    const unsigned real_bit = gate->real ? 2U : 0U;
    return (bf_type_t)((unsigned)site & (1U | real_bit));
}

/* The four kernels differ in element type only. For each (l, r): (b0, b1) <- u (b0, b1). */
#define DEFINE_GATE1(NAME, T, U)                                                                                                 \
    static void NAME(T *b, bf_dim_t chi_l, bf_dim_t chi_r, const U u[4])                                                         \
    {                                                                                                                            \
        for (bf_dim_t r = 0; r < chi_r; r++) {                                                                                   \
            T *restrict b0 = b + 2 * chi_l * r;                                                                                  \
            T *restrict b1 = b0 + chi_l;                                                                                         \
            for (bf_dim_t l = 0; l < chi_l; l++) {                                                                               \
                const T x = b0[l], y = b1[l];                                                                                    \
                b0[l] = u[0] * x + u[1] * y;                                                                                     \
                b1[l] = u[2] * x + u[3] * y;                                                                                     \
            }                                                                                                                    \
        }                                                                                                                        \
    }

DEFINE_GATE1(gate1_z, double _Complex, double _Complex)
DEFINE_GATE1(gate1_c, float _Complex, float _Complex)
DEFINE_GATE1(gate1_d, double, double)
DEFINE_GATE1(gate1_s, float, float)

void bf_k_gate1(bf_tensor_t *site, const bf_gate1_t *gate)
{
    assert(site->d == BF_D && bf_k_gate1_type(site->type, gate) == site->type);
    double _Complex uz[4];
    float _Complex uc[4];
    double ud[4];
    float us[4];
    for (int i = 0; i < 4; i++) {
        uz[i] = gate->u[i];
        uc[i] = (float _Complex)gate->u[i];
        ud[i] = creal(gate->u[i]);
        us[i] = (float)ud[i];
    }
    switch (site->type) {
    case BF_TYPE_Z:
        gate1_z(site->b, site->chi_l, site->chi_r, uz);
        break;
    case BF_TYPE_C:
        gate1_c(site->b, site->chi_l, site->chi_r, uc);
        break;
    case BF_TYPE_D:
        gate1_d(site->b, site->chi_l, site->chi_r, ud);
        break;
    case BF_TYPE_S:
    default:
        gate1_s(site->b, site->chi_l, site->chi_r, us);
        break;
    }
}
