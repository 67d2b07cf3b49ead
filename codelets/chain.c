/* A whole chain in one worker's memory. The same bodies as the site tasks, so the same bits. */
#include "codelets/chain.h"

#include "codelets/arena.h"
#include "codelets/sweep.h"
#include "codelets/update.h"
#include "kernels/contract.h"
#include "kernels/expect.h"
#include "kernels/factor.h"
#include "kernels/transfer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bf_status_t bf_chain_open(bf_chain_t *chain, bf_site_t n)
{
    *chain = (bf_chain_t){.n = n, .sites = calloc((size_t)n, sizeof *chain->sites)};
    return chain->sites ? BF_OK : BF_ERR_NOMEM;
}

void bf_chain_close(bf_chain_t *chain)
{
    for (bf_site_t s = 0; s < chain->n; s++)
        bf_tensor_release(&chain->sites[s]);
    free(chain->sites);
    *chain = (bf_chain_t){0};
}

bf_status_t bf_chain_evolve(bf_chain_t *chain, bf_run_t *run, size_t n_ops, bf_precision_t precision, bf_dim_t bond_limit)
{
    const bf_program_t *program = run->program;
    for (bf_site_t s = 0; s < chain->n; s++)
        bf_tensor_set_zero_state(&chain->sites[s], precision == BF_PRECISION_SINGLE);
    for (size_t i = 0; i < n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        bf_tensor_data_t *left = &chain->sites[op->site];
        bf_update_apply(run, op, left, left + 1, "row");
        if (left->status != BF_OK)
            return (bf_status_t)left->status;
        if (bond_limit > 0 && op->update >= 0 && left->chi_r > bond_limit)
            return BF_ERR_TOO_LARGE;
    }
    return BF_OK;
}

bool bf_tail_suits(const bf_feature_t *features, size_t n_features)
{
    for (size_t i = 0; i < n_features; i++)
        if (features[i].kind != BF_FEATURE_XYZ && features[i].kind != BF_FEATURE_PURITY)
            return false;
    return true;
}

size_t bf_tail_split(bf_op_t *ops, size_t n_ops, bf_site_t n, unsigned char *scratch)
{
    /* From the end: a pair nothing has touched yet goes to the back; whatever touches a site closes it for those before. */
    unsigned char *touched = scratch;
    memset(touched, 0, (size_t)n);
    size_t first = n_ops;
    for (size_t i = n_ops; i-- > 0;) {
        const bf_op_t op = ops[i];
        const bf_site_t last = op.site + bf_op_width(&op) - 1;
        const bool free_pair = op.update >= 0 && op.kind == BF_OP_GATE && !touched[op.site] && !touched[last];
        touched[op.site] = touched[last] = 1;
        if (!free_pair)
            continue;
        memmove(&ops[i], &ops[i + 1], (--first - i) * sizeof *ops);
        ops[first] = op;
    }
    return first;
}

/* What the sweeps step over: a site, or the contracted pair of two sites with a gate of the tail. The bytes of a pair are those
 * of a site with the other half of the pair counted to its right bond (wide) or to its left bond (tall). */
typedef struct unit {
    bf_site_t site;
    bf_tensor_t tensor;
} unit_t;

static bf_tensor_t wide(const unit_t *unit)
{
    bf_tensor_t view = unit->tensor;
    view.chi_r *= view.d / BF_D;
    view.d = BF_D;
    return view;
}

static bf_tensor_t tall(const unit_t *unit)
{
    bf_tensor_t view = unit->tensor;
    view.chi_l *= view.d / BF_D;
    view.d = BF_D;
    return view;
}

/* Everything a measurement holds: right halves of all units, the environment coming from the left, and one that carries an
 * operator. Room is for complex doubles, whatever the state. */
typedef struct sweep {
    const bf_chain_t *chain;
    bf_site_t *qubit_on;
    bf_xyz_t *of_site;
    int32_t *pair_op; /* of each site: 1 + the tail's operation whose left site it is, 0 for none */
    unit_t *units;
    int n_units;
    bf_tensor_t *right_half; /* of each unit */
    bf_tensor_t half;        /* left half of the current unit */
    bf_tensor_t left;        /* environment left of it */
    bf_tensor_t probe_half;  /* the same with an operator inside */
    bf_tensor_t probe;
    void *spare; /* room for the environment being made */
    void *work;
} sweep_t;

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void *take(char **at, size_t bytes)
{
    void *block = *at;
    *at += bf_align_up(bytes);
    return block;
}

static const bf_gate2_t *gate_of(const bf_tail_t *tail, int32_t pair_op)
{
    return &tail->program->gates2[tail->program->ops[tail->first + (size_t)pair_op - 1].matrix];
}

/* The tensor of the unit that begins at site @p s, but for the memory of a pair. */
static bf_tensor_t shape_of_unit(const bf_chain_t *chain, const bf_tail_t *tail, bf_site_t s, int32_t pair_op)
{
    bf_tensor_t left = bf_tensor_view(&chain->sites[s]);
    if (pair_op == 0)
        return left;
    const bf_tensor_t right = bf_tensor_view(&chain->sites[s + 1]);
    bf_tensor_t pair;
    left.weight = BF_WEIGHT_NONE; /* not needed any more */
    bf_k_contract_shape(&left, &right, gate_of(tail, pair_op), false, &pair);
    return pair;
}

/* Bytes that the units ask for. */
typedef struct room {
    size_t pairs;  /* blocks of all contracted pairs */
    size_t halves; /* of all units */
    size_t half;   /* of the largest */
    size_t environment;
    size_t work;
} room_t;

static void add_room(room_t *room, const bf_chain_t *chain, bf_site_t s, const bf_tensor_t *unit)
{
    if (unit->d > BF_D) {
        const bf_tensor_t left = bf_tensor_view(&chain->sites[s]);
        const bf_tensor_t right = bf_tensor_view(&chain->sites[s + 1]);
        room->pairs += bf_align_up(bf_tensor_block_bytes(unit));
        room->work = max_size(room->work, bf_k_contract_worksize(&left, &right, unit));
    }
    room->halves += bf_sweep_half_bytes(unit);
    room->half = max_size(room->half, bf_sweep_half_bytes(unit));
    room->environment = max_size(room->environment, bf_sweep_environment_bytes(unit));
    room->work = max_size(room->work, bf_sweep_work_bytes(unit));
}

/* The tail's pairs, before the arena is asked for: in memory that the caller lends. */
static void mark_pairs(const bf_tail_t *tail, int32_t *pair_op, bf_site_t n)
{
    memset(pair_op, 0, (size_t)n * sizeof *pair_op);
    for (size_t i = tail ? tail->first : 0; tail && i < tail->program->n_ops; i++)
        pair_op[tail->program->ops[i].site] = (int32_t)(i - tail->first) + 1;
}

static int width_of_unit(const bf_tensor_t *tensor)
{
    return tensor->d > BF_D ? 2 : 1;
}

static void lay_out(sweep_t *w, const bf_chain_t *chain, const bf_tail_t *tail)
{
    const size_t n = (size_t)chain->n;
    const size_t tables = bf_align_up(n * sizeof *w->pair_op) + bf_align_up(n * sizeof *w->qubit_on) +
                          bf_align_up(n * sizeof *w->of_site) + bf_align_up(n * sizeof *w->units) +
                          bf_align_up(n * sizeof *w->right_half);
    w->pair_op = bf_arena(bf_align_up(n * sizeof *w->pair_op));
    mark_pairs(tail, w->pair_op, chain->n);
    room_t room = {0};
    for (bf_site_t s = 0; s < chain->n;) {
        const bf_tensor_t unit = shape_of_unit(chain, tail, s, w->pair_op[s]);
        add_room(&room, chain, s, &unit);
        s += width_of_unit(&unit);
    }
    char *at = bf_arena(tables + room.pairs + room.halves + 2 * room.half + 3 * room.environment + room.work);
    w->chain = chain;
    w->pair_op = take(&at, n * sizeof *w->pair_op); /* the arena may have moved */
    mark_pairs(tail, w->pair_op, chain->n);
    w->qubit_on = take(&at, n * sizeof *w->qubit_on);
    w->of_site = take(&at, n * sizeof *w->of_site);
    w->units = take(&at, n * sizeof *w->units);
    w->right_half = take(&at, n * sizeof *w->right_half);
    w->n_units = 0;
    for (bf_site_t s = 0; s < chain->n;) {
        unit_t *unit = &w->units[w->n_units];
        *unit = (unit_t){.site = s, .tensor = shape_of_unit(chain, tail, s, w->pair_op[s])};
        if (unit->tensor.d > BF_D)
            unit->tensor.b = take(&at, bf_tensor_block_bytes(&unit->tensor));
        w->right_half[w->n_units++].b = take(&at, bf_sweep_half_bytes(&unit->tensor));
        s += width_of_unit(&unit->tensor);
    }
    w->half.b = take(&at, room.half);
    w->probe_half.b = take(&at, room.half);
    w->left.b = take(&at, room.environment);
    w->probe.b = take(&at, room.environment);
    w->spare = take(&at, room.environment);
    w->work = at;
}

/* Apply the tail: contracted, not factorised. */
static void contract_pairs(sweep_t *w, const bf_tail_t *tail)
{
    for (int u = 0; u < w->n_units; u++) {
        unit_t *unit = &w->units[u];
        if (unit->tensor.d == BF_D)
            continue;
        bf_tensor_t left = bf_tensor_view(&w->chain->sites[unit->site]);
        const bf_tensor_t right = bf_tensor_view(&w->chain->sites[unit->site + 1]);
        left.weight = BF_WEIGHT_NONE;
        bf_k_contract(&left, &right, gate_of(tail, w->pair_op[unit->site]), &unit->tensor, w->work);
    }
}

/* The 1 x 1 environment at an end of the chain, in @p room. */
static bf_tensor_t end_of_chain(void *room)
{
    *(double *)room = 1.0;
    return (bf_tensor_t){.type = BF_TYPE_D, .weight = BF_WEIGHT_NONE, .chi_l = 1, .d = 1, .chi_r = 1, .b = room};
}

/* Swap the environment just made, in the spare room, with the one it came from. */
static void advance(sweep_t *w, bf_tensor_t *environment, const bf_tensor_t *made)
{
    w->spare = environment->b;
    *environment = *made;
}

/* A half-contracted unit seen as @p shape. */
static bf_tensor_t half_as(const bf_tensor_t *half, bf_tensor_t shape)
{
    shape.type = half->type;
    shape.weight = BF_WEIGHT_NONE;
    shape.w = NULL;
    shape.b = half->b;
    return shape;
}

static void sweep_from_right(sweep_t *w)
{
    w->left = end_of_chain(w->left.b);
    for (int u = w->n_units - 1; u >= 0; u--) {
        const bf_tensor_t as_tall = tall(&w->units[u]);
        const bf_tensor_t as_wide = wide(&w->units[u]);
        bf_k_transfer_right(&w->left, &as_tall, &w->right_half[u], NULL, w->work);
        if (u == 0)
            break;
        const bf_tensor_t half = half_as(&w->right_half[u], as_wide);
        bf_tensor_t out = {.b = w->spare};
        bf_k_transfer_close_right(&half, &as_wide, &out, w->work);
        advance(w, &w->left, &out);
    }
}

typedef struct request {
    const bf_site_t *site_of;
    const bf_site_t *qubit_on;
    const bf_feature_t *features;
    size_t n_features;
    double *values;
} request_t;

/* Value of pair feature @p f whose sites are @p a < @p b, or NULL when they are no such pair. */
static double *pair_value(const request_t *q, double *values, const bf_feature_t *f, bf_site_t a, bf_site_t b)
{
    const bf_site_t qa = q->qubit_on[a];
    const bf_site_t qb = q->qubit_on[b];
    if (qb - qa == f->distance)
        return &values[qa];
    if (qa - qb == f->distance)
        return &values[qb];
    return NULL;
}

/* Farthest site to the right of @p a that forms a pair of kind @p kind with it; @p a when there is none. */
static bf_site_t farthest(const request_t *q, bf_feature_kind_t kind, bf_site_t n, bf_site_t a)
{
    bf_site_t far = a;
    const bf_site_t qa = q->qubit_on[a];
    for (size_t i = 0; i < q->n_features; i++) {
        const bf_feature_t *f = &q->features[i];
        if (f->kind != kind)
            continue;
        if (qa + f->distance < n && q->site_of[qa + f->distance] > far)
            far = q->site_of[qa + f->distance];
        if (qa - f->distance >= 0 && q->site_of[qa - f->distance] > far)
            far = q->site_of[qa - f->distance];
    }
    return far;
}

static double component(const bf_xyz_t *xyz, bf_feature_kind_t kind)
{
    return (kind == BF_FEATURE_XX ? xyz->x : kind == BF_FEATURE_YY ? xyz->y : xyz->z) / xyz->norm;
}

static void store_pairs(const request_t *q, bf_feature_kind_t kind, bf_site_t n, bf_site_t a, bf_site_t b, double value)
{
    double *values = q->values;
    for (size_t i = 0; i < q->n_features; values += bf_feature_columns(&q->features[i++], n)) {
        double *at = q->features[i].kind == kind ? pair_value(q, values, &q->features[i], a, b) : NULL;
        if (at)
            *at = value;
    }
}

/* Put the operator of @p kind on site @p a, carry it to the right, close it wherever a pair is wanted. */
static void probe(sweep_t *w, const request_t *q, bf_feature_kind_t kind, bf_site_t a)
{
    static const bf_gate1_t pauli[3] = {
        {.u = {0, 1, 1, 0}, .real = true}, {.u = {0, -I, I, 0}, .real = false}, {.u = {1, 0, 0, -1}, .real = true}};
    const bf_gate1_t *gate = &pauli[kind - BF_FEATURE_XX];
    const bf_site_t n = w->chain->n;
    const bf_site_t far = farthest(q, kind, n, a);
    if (far == a)
        return;
    void *room = w->probe_half.b;
    w->probe_half = w->half;
    w->probe_half.b = room;
    w->probe_half.type = bf_k_gate1_type(w->half.type, gate);
    bf_k_convert(&w->half, &w->probe_half);
    bf_k_gate1(&w->probe_half, gate);
    for (bf_site_t s = a; s < far; s++) {
        const bf_tensor_t here = bf_tensor_view(&w->chain->sites[s]);
        const bf_tensor_t next = bf_tensor_view(&w->chain->sites[s + 1]);
        bf_tensor_t out = {.b = w->spare};
        bf_k_transfer_close(&w->probe_half, &here, &out, w->work);
        advance(w, &w->probe, &out);
        bf_k_transfer_left(&w->probe, &next, &w->probe_half, NULL, w->work);
        bf_xyz_t joint;
        bf_k_expect(&w->probe_half, &w->right_half[s + 1], &joint);
        joint.norm = w->of_site[a].norm;
        store_pairs(q, kind, n, a, s + 1, component(&joint, kind));
    }
}

/* <X>, <Y>, <Z> of the site or sites of a unit. */
static void expect_unit(sweep_t *w, int u)
{
    const unit_t *unit = &w->units[u];
    bf_tensor_t left = half_as(&w->half, wide(unit));
    bf_tensor_t right = half_as(&w->right_half[u], wide(unit));
    bf_k_expect(&left, &right, &w->of_site[unit->site]);
    if (unit->tensor.d == BF_D)
        return;
    left = half_as(&w->half, tall(unit));
    right = half_as(&w->right_half[u], tall(unit));
    bf_k_expect(&left, &right, &w->of_site[unit->site + 1]);
}

static void sweep_from_left(sweep_t *w, const request_t *q)
{
    w->left = end_of_chain(w->left.b);
    for (int u = 0; u < w->n_units; u++) {
        const bf_tensor_t as_wide = wide(&w->units[u]);
        const bf_tensor_t as_tall = tall(&w->units[u]);
        bf_k_transfer_left(&w->left, &as_wide, &w->half, NULL, w->work);
        expect_unit(w, u);
        for (int kind = BF_FEATURE_XX; kind <= BF_FEATURE_ZZ; kind++)
            probe(w, q, (bf_feature_kind_t)kind, w->units[u].site);
        if (u + 1 == w->n_units)
            break;
        const bf_tensor_t half = half_as(&w->half, as_tall);
        bf_tensor_t out = {.b = w->spare};
        bf_k_transfer_close(&half, &as_tall, &out, w->work);
        advance(w, &w->left, &out);
    }
}

/* Entropy in bits of the Schmidt values of the bond left of @p site. */
static double entropy(const bf_tensor_data_t *site)
{
    const bf_tensor_t view = bf_tensor_view(site);
    const double *lambda = view.w;
    double total = 0.0;
    double sum = 0.0;
    for (bf_dim_t i = view.chi_l; i-- > 0;)
        total += lambda[i] * lambda[i];
    for (bf_dim_t i = view.chi_l; i-- > 0;) {
        const double p = lambda[i] * lambda[i] / total;
        if (p > 0.0)
            sum -= p * log2(p);
    }
    return sum;
}

static void write_local(const sweep_t *w, const request_t *q, const bf_feature_t *f, double *values)
{
    const bf_site_t n = w->chain->n;
    for (bf_site_t i = 0; i < n; i++) {
        const bf_xyz_t *r = &w->of_site[q->site_of[i]];
        const double x = r->x / r->norm;
        const double y = r->y / r->norm;
        const double z = r->z / r->norm;
        const bf_tensor_data_t *bond = &w->chain->sites[i + 1 < n ? i + 1 : i];
        switch (f->kind) {
        case BF_FEATURE_XYZ:
            memcpy(&values[3 * i], (const double[]){x, y, z}, 3 * sizeof(double));
            break;
        case BF_FEATURE_PURITY:
            values[i] = 0.5 * (1.0 + x * x + y * y + z * z);
            break;
        case BF_FEATURE_ENTROPY:
        case BF_FEATURE_BONDDIM:
        case BF_FEATURE_LOGBOND:
            if (i + 1 < n)
                values[i] = f->kind == BF_FEATURE_ENTROPY   ? entropy(bond)
                            : f->kind == BF_FEATURE_BONDDIM ? (double)bond->chi_l
                                                            : log2((double)bond->chi_l);
            break;
        default: /* pairs are written by the probes */
            break;
        }
    }
}

bf_status_t bf_chain_measure(const bf_chain_t *chain, const bf_tail_t *tail, const bf_site_t *site_of,
                             const bf_feature_t *features, size_t n_features, double *values, double *norm)
{
    sweep_t w;
    assert(!tail || bf_tail_suits(features, n_features));
    lay_out(&w, chain, tail);
    contract_pairs(&w, tail);
    for (bf_site_t q = 0; q < chain->n; q++)
        w.qubit_on[site_of[q]] = q;
    const request_t q = {
        .site_of = site_of, .qubit_on = w.qubit_on, .features = features, .n_features = n_features, .values = values};
    sweep_from_right(&w);
    sweep_from_left(&w, &q);
    *norm = w.of_site[0].norm;
    double *at = values;
    for (size_t i = 0; i < n_features; at += bf_feature_columns(&features[i++], chain->n))
        write_local(&w, &q, &features[i], at);
    for (const double *v = values; v < at; v++)
        if (!isfinite(*v))
            return BF_ERR_NAN;
    return BF_OK;
}
