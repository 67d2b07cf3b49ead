/* An operator is a sum over Pauli strings; on one wire, its terms with the others' strings fixed have a complex vector (x, y, z)
 * each. The operator commutes with n sigma exactly when all these vectors are multiples of n. */
#include "runtime/circuit/commute.h"

#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/matrix.h"

#include <math.h>
#include <stdlib.h>

/** Numbers of axes: none, the three Pauli axes, then others as they come up. */
enum { NO_AXIS, FIRST_AXIS, AXES = 64 };

/** A vector this much off an axis is on it: what commutes so far commutes to some 4 of these. */
static const double tolerance = BF_MATRIX_EPS;

typedef struct axes {
    double n[AXES][3];
    unsigned count;
} axes_t;

/** Coefficients c[a][b] of sigma_a (first wire) sigma_b (second), sigma_0 the identity. */
static void pauli4(const bf_z_t u[16], bf_z_t c[4][4])
{
    bf_z_t half[4][4]; /* [a][2 t + t']: the second wire's matrix elements */
    for (int k = 0; k < 4; k++) {
        const int t = k >> 1, t_in = k & 1;
        const bf_z_t u00 = u[4 * t + t_in], u01 = u[4 * t + 2 + t_in];
        const bf_z_t u10 = u[4 * (2 + t) + t_in], u11 = u[4 * (2 + t) + 2 + t_in];
        half[0][k] = u00 + u11;
        half[1][k] = u01 + u10;
        half[2][k] = bf_complex(-cimag(u01 - u10), creal(u01 - u10)); /* i (u01 - u10) */
        half[3][k] = u00 - u11;
    }
    for (int a = 0; a < 4; a++) {
        const bf_z_t *h = half[a];
        c[a][0] = (h[0] + h[3]) / 4;
        c[a][1] = (h[1] + h[2]) / 4;
        c[a][2] = bf_complex(-cimag(h[1] - h[2]), creal(h[1] - h[2])) / 4;
        c[a][3] = (h[0] - h[3]) / 4;
    }
}

/** True when all @p count real vectors are multiples of @p n. */
static bool along(const double (*v)[3], int count, const double n[3])
{
    for (int i = 0; i < count; i++) {
        const double dot = v[i][0] * n[0] + v[i][1] * n[1] + v[i][2] * n[2];
        for (int k = 0; k < 3; k++)
            if (fabs(v[i][k] - dot * n[k]) > tolerance)
                return false;
    }
    return true;
}

/** The number of the axis of these vectors, NO_AXIS when there is none. @param add  an axis that is new gets a number */
static unsigned find_axis(axes_t *axes, const double (*v)[3], int count, bool add)
{
    for (unsigned a = FIRST_AXIS; a < axes->count; a++)
        if (along(v, count, axes->n[a]))
            return a;
    int longest = 0;
    double norm2 = 0;
    for (int i = 0; i < count; i++) {
        const double this2 = v[i][0] * v[i][0] + v[i][1] * v[i][1] + v[i][2] * v[i][2];
        if (this2 > norm2) {
            longest = i;
            norm2 = this2;
        }
    }
    if (!add || axes->count == AXES)
        return NO_AXIS;
    double *n = axes->n[axes->count];
    for (int k = 0; k < 3; k++)
        n[k] = v[longest][k] / sqrt(norm2);
    return along(v, count, n) ? axes->count++ : NO_AXIS;
}

static unsigned axis1(axes_t *axes, const bf_z_t u[4])
{
    const bf_z_t x = (u[1] + u[2]) / 2, y = bf_complex(-cimag(u[1] - u[2]), creal(u[1] - u[2])) / 2, z = (u[0] - u[3]) / 2;
    const double v[2][3] = {{creal(x), creal(y), creal(z)}, {cimag(x), cimag(y), cimag(z)}};
    return find_axis(axes, v, 2, false);
}

static void axes2(axes_t *axes, const bf_z_t u[16], uint8_t axis[2])
{
    bf_z_t c[4][4];
    double v[2][8][3];
    pauli4(u, c);
    for (int other = 0; other < 4; other++)
        for (int k = 0; k < 3; k++) {
            v[0][2 * other][k] = creal(c[k + 1][other]);
            v[0][2 * other + 1][k] = cimag(c[k + 1][other]);
            v[1][2 * other][k] = creal(c[other][k + 1]);
            v[1][2 * other + 1][k] = cimag(c[other][k + 1]);
        }
    for (int side = 0; side < 2; side++)
        axis[side] = (uint8_t)find_axis(axes, v[side], 8, true);
}

/* Axes of all operations. */

typedef struct finder {
    const bf_fused_t *fused;
    axes_t axes;
    uint8_t (*of_matrix)[2];
    uint8_t *of_matrix1;
    uint8_t (*of_recipe)[2];
    uint8_t of_kind[BF_KIND_KINDS][2]; /**< whatever its parameters */
    bool kind_known[BF_KIND_KINDS];
} finder_t;

/** Axes of a gate that it has for each of two generic choices of angles, so for all. */
static const uint8_t *kind_axes(finder_t *finder, uint16_t kind)
{
    static const double angles[2][BF_GATE_PARAMS] = {{0.71, 1.13, 0.37, 0.59}, {1.87, 0.43, 2.29, 1.01}};
    uint8_t *axis = finder->of_kind[kind];
    if (finder->kind_known[kind])
        return axis;
    for (int i = 0; i < 2; i++) {
        bf_z_t u[16];
        uint8_t found[2] = {NO_AXIS, NO_AXIS};
        bf_gate_matrix((bf_gate_kind_t)kind, angles[i], u);
        if (bf_gate_info((bf_gate_kind_t)kind)->n_qubits == 2)
            axes2(&finder->axes, u, found);
        else
            found[0] = (uint8_t)axis1(&finder->axes, u);
        for (int side = 0; side < 2; side++)
            axis[side] = i == 0 || axis[side] == found[side] ? found[side] : NO_AXIS;
    }
    finder->kind_known[kind] = true;
    return axis;
}

/** The axes that all factors have. */
static void recipe_axes(finder_t *finder, const bf_recipe_t *recipe, uint8_t axis[2])
{
    bool met[2] = {false, false};
    axis[0] = axis[1] = NO_AXIS;
    for (size_t i = 0; i < recipe->n_factors; i++) {
        const bf_factor_t *factor = &recipe->factors[i];
        const bool pair = factor->where >= BF_ON_BOTH;
        const uint8_t *own = factor->kind != BF_FACTOR_MATRIX ? kind_axes(finder, factor->kind)
                             : pair                           ? finder->of_matrix[factor->matrix]
                                                              : &finder->of_matrix1[factor->matrix];
        for (int side = 0; side < 2; side++) {
            if (!pair && side != factor->where)
                continue;
            const uint8_t found = own[pair ? side ^ (factor->where == BF_ON_BOTH_FLIPPED) : 0];
            axis[side] = met[side] && axis[side] != found ? NO_AXIS : found;
            met[side] = true;
        }
    }
}

static bf_status_t find_axes(finder_t *finder)
{
    static const axes_t paulis = {.n = {[1] = {1, 0, 0}, [2] = {0, 1, 0}, [3] = {0, 0, 1}}, .count = 4};
    const bf_fused_t *fused = finder->fused;
    finder->axes = paulis;
    finder->of_matrix = malloc((fused->matrices.count + 1) * sizeof *finder->of_matrix);
    finder->of_matrix1 = malloc((fused->matrices1.count + 1) * sizeof *finder->of_matrix1);
    finder->of_recipe = malloc((fused->n_recipes + 1) * sizeof *finder->of_recipe);
    if (!finder->of_matrix || !finder->of_matrix1 || !finder->of_recipe)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu gate matrices", fused->matrices.count);
    for (size_t i = 0; i < fused->matrices.count; i++)
        axes2(&finder->axes, bf_pool_at(&fused->matrices, i), finder->of_matrix[i]);
    for (size_t i = 0; i < fused->matrices1.count; i++)
        finder->of_matrix1[i] = (uint8_t)axis1(&finder->axes, bf_pool_at(&fused->matrices1, i));
    for (size_t i = 0; i < fused->n_recipes; i++)
        recipe_axes(finder, &fused->recipes[i], finder->of_recipe[i]);
    return BF_OK;
}

static void op_axes(const finder_t *finder, const bf_fused_op_t *op, uint8_t axis[2])
{
    const bf_fused_t *fused = finder->fused;
    const bool pair = op->wire[1] >= 0;
    const size_t matrices = pair ? fused->matrices.count : fused->matrices1.count;
    axis[0] = axis[1] = NO_AXIS;
    if (!finder->of_matrix || bf_fused_is_dynamic(op))
        return;
    if (op->matrix >= matrices)
        memcpy(axis, finder->of_recipe[op->matrix - matrices], 2);
    else if (pair)
        memcpy(axis, finder->of_matrix[op->matrix], 2);
    else
        axis[0] = finder->of_matrix1[op->matrix];
}

/* Sets. */

/** The end of a wire while its sets are found. */
typedef struct end {
    uint32_t set;  /**< the last set, or BF_NO_SET */
    uint32_t item; /**< its last member */
    uint8_t axis;
} end_t;

static void append(bf_dag_t *dag, end_t *end, uint32_t item, int side, uint8_t axis)
{
    const bf_site_t w = dag->fused->ops[item].wire[side];
    const bool pair = dag->fused->ops[item].wire[1] >= 0;
    dag->next[item][side] = BF_NO_ITEM;
    if (end->set == BF_NO_SET || axis == NO_AXIS || axis != end->axis) {
        const uint32_t made = (uint32_t)dag->n_sets++;
        dag->sets[made] = (bf_set_t){.first = item, .next = BF_NO_SET};
        *(end->set == BF_NO_SET ? &dag->first[w] : &dag->sets[end->set].next) = made;
        end->set = made;
        end->axis = axis;
    } else {
        const uint32_t last = end->item;
        dag->next[last][dag->fused->ops[last].wire[1] == w] = item;
    }
    dag->sets[end->set].count++;
    dag->sets[end->set].pairs += pair;
    dag->set[item][side] = end->set;
    end->item = item;
}

static void find_sets(const finder_t *finder, bf_dag_t *dag, end_t *ends)
{
    const bf_fused_t *fused = dag->fused;
    for (bf_site_t w = 0; w < fused->n; w++) {
        dag->first[w] = BF_NO_SET;
        ends[w].set = BF_NO_SET;
    }
    for (uint32_t i = 0; i < fused->n_ops; i++) {
        const bf_fused_op_t *op = &fused->ops[i];
        uint8_t axis[2];
        op_axes(finder, op, axis);
        for (int side = 0; side < 2 && op->wire[side] >= 0; side++)
            append(dag, &ends[op->wire[side]], i, side, axis[side]);
        if (bf_fused_is_dynamic(op))
            dag->dynamic[dag->n_dynamic++] = i;
    }
}

bf_status_t bf_dag_build(const bf_fused_t *fused, bool commute, bf_dag_t *dag)
{
    finder_t finder = {.fused = fused};
    size_t n_dynamic = 0;
    for (size_t i = 0; i < fused->n_ops; i++)
        n_dynamic += bf_fused_is_dynamic(&fused->ops[i]);
    *dag = (bf_dag_t){.fused = fused,
                      .sets = malloc((2 * fused->n_ops + 1) * sizeof *dag->sets),
                      .first = malloc((size_t)fused->n * sizeof *dag->first),
                      .set = malloc((fused->n_ops + 1) * sizeof *dag->set),
                      .next = malloc((fused->n_ops + 1) * sizeof *dag->next),
                      .dynamic = malloc((n_dynamic + 1) * sizeof *dag->dynamic)};
    end_t *ends = malloc((size_t)fused->n * sizeof *ends);
    bf_status_t status = BF_OK;
    if (!dag->sets || !dag->first || !dag->set || !dag->next || !dag->dynamic || !ends)
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for the dependencies of %zu operations", fused->n_ops);
    if (status >= 0 && commute)
        status = find_axes(&finder);
    if (status >= 0)
        find_sets(&finder, dag, ends);
    free(ends);
    free(finder.of_matrix);
    free(finder.of_matrix1);
    free(finder.of_recipe);
    return status;
}

void bf_dag_clear(bf_dag_t *dag)
{
    free(dag->sets);
    free(dag->first);
    free(dag->set);
    free(dag->next);
    free(dag->dynamic);
    *dag = (bf_dag_t){0};
}

/* The front. */

static void fulfil(bf_front_t *front, uint32_t item)
{
    if (--front->missing[item] == 0)
        front->ready[front->n_ready++] = item;
}

static void begin_set(bf_front_t *front, bf_site_t w, uint32_t set)
{
    const bf_dag_t *dag = front->dag;
    front->current[w] = set;
    if (set == BF_NO_SET)
        return;
    for (uint32_t i = dag->sets[set].first; i != BF_NO_ITEM; i = dag->next[i][dag->fused->ops[i].wire[1] == w])
        fulfil(front, i);
}

bf_status_t bf_front_open(const bf_dag_t *dag, bf_front_t *front)
{
    const bf_fused_t *fused = dag->fused;
    *front = (bf_front_t){.dag = dag,
                          .current = malloc((size_t)fused->n * sizeof *front->current),
                          .left = malloc((dag->n_sets + 1) * sizeof *front->left),
                          .missing = malloc(fused->n_ops + 1),
                          .ready = malloc((fused->n_ops + 1) * sizeof *front->ready)};
    if (!front->current || !front->left || !front->missing || !front->ready)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu operations", fused->n_ops);
    for (size_t s = 0; s < dag->n_sets; s++)
        front->left[s] = dag->sets[s].count;
    for (size_t i = 0; i < fused->n_ops; i++)
        front->missing[i] = (uint8_t)(1 + (fused->ops[i].wire[1] >= 0) + bf_fused_is_dynamic(&fused->ops[i]));
    for (bf_site_t w = 0; w < fused->n; w++)
        begin_set(front, w, dag->first[w]);
    if (dag->n_dynamic > 0)
        fulfil(front, dag->dynamic[0]);
    return BF_OK;
}

void bf_front_done(bf_front_t *front, uint32_t item)
{
    const bf_dag_t *dag = front->dag;
    const bf_fused_op_t *op = &dag->fused->ops[item];
    front->missing[item] = BF_FRONT_DONE;
    for (int side = 0; side < 2 && op->wire[side] >= 0; side++) {
        const uint32_t set = dag->set[item][side];
        if (--front->left[set] == 0)
            begin_set(front, op->wire[side], dag->sets[set].next);
    }
    if (bf_fused_is_dynamic(op) && ++front->n_dynamic < dag->n_dynamic)
        fulfil(front, dag->dynamic[front->n_dynamic]);
}

void bf_front_close(bf_front_t *front)
{
    free(front->current);
    free(front->left);
    free(front->missing);
    free(front->ready);
    *front = (bf_front_t){0};
}
