/* <X>, <Y>, <Z> of every site from true environments: after truncation the tensors are not exactly canonical.
 *
 * Two sweeps start at the ends and leave the sites they pass contracted with what came from behind, until they meet in the
 * middle; then each goes on through the other half, measuring against what the other has left there. So two workers are busy all
 * the time, no product is formed twice, and what is left never takes more memory than the state. */
#include "codelets/measure.h"
#include "codelets/trace.h"
#include "codelets/transfer.h"
#include "runtime/mps/state.h"
#include "runtime/plan/plan.h"
#include "runtime/plan/rates.h"

#include <assert.h>
#include <math.h>
#include <starpu_mpi.h>
#include <stdlib.h>
#include <string.h>

/* Consecutive sites of one owner, handled by one task. */
typedef struct range {
    bf_site_t begin;
    bf_site_t end;
    int owner;
    starpu_data_handle_t passed;  /* environment behind the range in the first sweep */
    starpu_data_handle_t out;     /* and when it is measured; NULL at the end of the chain */
    starpu_data_handle_t results; /* n x 4 doubles in sweep order */
} range_t;

typedef struct measurement {
    bf_state_t *state;
    bf_site_t middle;             /* the sweeps meet at the bond left of this site */
    starpu_data_handle_t end[2];  /* environments left and right of the chain */
    starpu_data_handle_t *halves; /* n: the sites, contracted with the environment behind them in the first sweep */
    range_t *ranges;
    int n_ranges;
    starpu_data_handle_t *owned; /* results at home on this rank */
    size_t n_owned;
    bf_xyz_t *of_site;
} measurement_t;

static void write_one(measurement_t *m, starpu_data_handle_t handle, int owner)
{
    if (owner != m->state->session->rank)
        return;
    starpu_data_acquire_on_node(handle, STARPU_MAIN_RAM, STARPU_W);
    const bf_tensor_t shape = {.type = BF_TYPE_D, .weight = BF_WEIGHT_NONE, .chi_l = 1, .d = 1, .chi_r = 1};
    *(double *)bf_tensor_reserve(starpu_data_get_interface_on_node(handle, STARPU_MAIN_RAM), &shape).b = 1.0;
    starpu_data_release_on_node(handle, STARPU_MAIN_RAM);
}

/* Cut the chain into ranges worth a task: never across owners or the middle. */
static void cut(measurement_t *m, double grain_us)
{
    const bf_state_t *state = m->state;
    double us = 0.0;
    for (bf_site_t s = 0; s < state->n; s++) {
        const int owner = bf_state_owner(state, s);
        const bool fresh = m->n_ranges == 0 || s == m->middle || owner != m->ranges[m->n_ranges - 1].owner || us >= grain_us;
        if (fresh) {
            m->ranges[m->n_ranges++] = (range_t){.begin = s, .owner = owner};
            us = 0.0;
        }
        m->ranges[m->n_ranges - 1].end = s + 1;
        us += bf_plan_transfer_us(state->chi[s], state->chi[s + 1]);
    }
}

static void register_all(measurement_t *m)
{
    const bf_site_t n = m->state->n;
    bf_state_register(m->state, &m->end[0], bf_state_owner(m->state, 0));
    bf_state_register(m->state, &m->end[1], bf_state_owner(m->state, n - 1));
    for (bf_site_t s = 0; s < n; s++)
        bf_state_register(m->state, &m->halves[s], bf_state_owner(m->state, s));
    for (int r = 0; r < m->n_ranges; r++) {
        range_t *range = &m->ranges[r];
        bf_state_register(m->state, &range->results, range->owner);
        if (range->owner == m->state->session->rank)
            m->owned[m->n_owned++] = range->results;
        bf_state_register(m->state, &range->passed, range->owner);
        if (range->begin > 0 && range->end < n)
            bf_state_register(m->state, &range->out, range->owner);
    }
}

static void unregister_all(measurement_t *m)
{
    starpu_data_unregister(m->end[0]);
    starpu_data_unregister(m->end[1]);
    for (bf_site_t s = 0; s < m->state->n; s++)
        starpu_data_unregister(m->halves[s]);
    for (int r = 0; r < m->n_ranges; r++) {
        starpu_data_unregister(m->ranges[r].results);
        starpu_data_unregister(m->ranges[r].passed);
        if (m->ranges[r].out)
            starpu_data_unregister(m->ranges[r].out);
    }
}

/* Give the memory of a tensor back as soon as the tasks submitted so far have read it. */
static void forget(const measurement_t *m, starpu_data_handle_t tensor)
{
    const bf_session_t *session = m->state->session;
    if (!session->submit.mpi || starpu_mpi_data_get_rank(tensor) == session->rank)
        starpu_data_invalidate_submit(tensor);
}

/* A range's sites and what is left of them, in the order of a sweep. */
static void in_order(const measurement_t *m, const range_t *range, bf_direction_t direction, starpu_data_handle_t *sites,
                     starpu_data_handle_t *halves)
{
    for (int i = 0; i < range->end - range->begin; i++) {
        const bf_site_t s = direction == BF_RIGHTWARD ? range->begin + i : range->end - 1 - i;
        sites[i] = m->state->sites[s];
        halves[i] = m->halves[s];
    }
}

/* First half: the range carries the environment @p in from its near end towards the middle. */
static bf_status_t submit_transfer(measurement_t *m, const range_t *range, bf_direction_t direction, starpu_data_handle_t in)
{
    const int n = range->end - range->begin;
    starpu_data_handle_t sites[n];
    starpu_data_handle_t halves[n];
    in_order(m, range, direction, sites, halves);
    BF_TRY(bf_insert_transfer(&m->state->session->submit, range->owner, direction, in, sites, halves, range->passed, n, 1));
    forget(m, in);
    return BF_OK;
}

/* Second half: the other sweep comes through and measures. */
static bf_status_t submit_measure(measurement_t *m, const range_t *range, bf_direction_t direction, starpu_data_handle_t in)
{
    const int n = range->end - range->begin;
    starpu_data_handle_t sites[n];
    starpu_data_handle_t halves[n];
    in_order(m, range, direction, sites, halves);
    BF_TRY(bf_insert_measure(&m->state->session->submit, range->owner, direction, in, sites, halves, range->results, range->out,
                             n, 0));
    forget(m, in);
    for (int i = 0; i < n; i++)
        forget(m, halves[i]);
    return BF_OK;
}

static int first_right_range(const measurement_t *m)
{
    int r = 0;
    while (r < m->n_ranges && m->ranges[r].begin < m->middle)
        r++;
    return r;
}

static bf_status_t submit_all(measurement_t *m)
{
    const int split = first_right_range(m);
    starpu_data_handle_t from_left = m->end[0];
    starpu_data_handle_t from_right = m->end[1];
    for (int r = 0; r < split; from_left = m->ranges[r++].passed)
        BF_TRY(submit_transfer(m, &m->ranges[r], BF_RIGHTWARD, from_left));
    for (int r = m->n_ranges - 1; r >= split; from_right = m->ranges[r--].passed)
        BF_TRY(submit_transfer(m, &m->ranges[r], BF_LEFTWARD, from_right));
    for (int r = split; r < m->n_ranges; from_left = m->ranges[r++].out)
        BF_TRY(submit_measure(m, &m->ranges[r], BF_RIGHTWARD, from_left));
    for (int r = split - 1; r >= 0; from_right = m->ranges[r--].out)
        BF_TRY(submit_measure(m, &m->ranges[r], BF_LEFTWARD, from_right));
    return BF_OK;
}

/* Results of this rank's ranges into site order; the status of a poisoned one. */
static bf_status_t collect(const measurement_t *m, bf_xyz_t *of_site)
{
    bf_status_t worst = BF_OK;
    for (int r = 0; r < m->n_ranges; r++) {
        const range_t *range = &m->ranges[r];
        if (range->owner != m->state->session->rank)
            continue;
        starpu_data_acquire_on_node(range->results, STARPU_MAIN_RAM, STARPU_R);
        const bf_tensor_data_t *data = starpu_data_get_interface_on_node(range->results, STARPU_MAIN_RAM);
        if (data->status != BF_OK)
            worst = bf_error_set((bf_status_t)data->status, "measurement of sites %d to %d: %s", (int)range->begin,
                                 (int)range->end - 1, bf_status_string((bf_status_t)data->status));
        else
            for (int i = 0; i < range->end - range->begin; i++) {
                const bf_site_t s = range->begin >= m->middle ? range->begin + i : range->end - 1 - i;
                of_site[s] = ((const bf_xyz_t *)bf_tensor_view(data).b)[i];
            }
        starpu_data_release_on_node(range->results, STARPU_MAIN_RAM);
    }
    return worst;
}

/* In qubit order, divided by the norm. */
static bf_status_t deliver(bf_state_t *state, const bf_xyz_t *of_site, double *xyz)
{
    for (bf_site_t q = 0; q < state->n; q++) {
        const bf_xyz_t *site = &of_site[state->site_of[q]];
        const double values[3] = {site->x / site->norm, site->y / site->norm, site->z / site->norm};
        for (int i = 0; i < 3; i++) {
            if (!isfinite(values[i]))
                return bf_error_set(BF_ERR_NAN, "the expectation values of qubit %d are not finite (norm %g)", (int)q,
                                    site->norm);
            xyz[3 * q + i] = values[i];
        }
    }
    state->norm = of_site[0].norm;
    return BF_OK;
}

static bf_status_t measure(measurement_t *m, double *xyz)
{
    bf_state_t *state = m->state;
    m->middle = state->n / 2;
    cut(m, bf_state_grain_us(state));
    register_all(m);
    write_one(m, m->end[0], bf_state_owner(state, 0));
    write_one(m, m->end[1], bf_state_owner(state, state->n - 1));
    bf_status_t status = submit_all(m);
    bf_session_quiesce(state->session, m->owned, m->n_owned);
    bf_xyz_t *of_site = m->of_site;
    if (status == BF_OK)
        status = collect(m, of_site);
    status = bf_session_agree(state->session, status);
    if (status == BF_OK) {
        bf_session_merge(state->session, of_site, (size_t)state->n * sizeof *of_site);
        status = deliver(state, of_site, xyz);
    }
    unregister_all(m);
    return status;
}

/* By the calling thread, of sites that are still its own. The rates need not be this machine's: they only choose the way. */
static double alone_seconds(const bf_state_t *state)
{
    const bf_rates_t rates = bf_rates_built_in();
    double us = 0.0;
    for (bf_site_t s = 0; s < state->n; s++)
        us += BF_RATES_MEASURED_STEPS * bf_rates_step_us(&rates, state->chain.sites[s].type, state->chi[s], state->chi[s + 1]);
    return 1e-6 * us;
}

bf_status_t bf_state_expect_xyz(bf_state_t *state, double *xyz)
{
    if (!bf_state_is_spread(state) && bf_state_stays_alone(state, alone_seconds(state))) {
        const bf_feature_t all = {.kind = BF_FEATURE_XYZ}; /* the same sums in the same order */
        return bf_state_features(state, &all, 1, xyz);
    }
    BF_TRY(bf_state_spread(state));
    const double begin = bf_seconds();
    const int64_t stamp = bf_trace_stamp();
    const size_t n = (size_t)state->n;
    measurement_t m = {.state = state,
                       .halves = calloc(n, sizeof(starpu_data_handle_t)),
                       .ranges = calloc(n, sizeof(range_t)),
                       .of_site = calloc(n, sizeof(bf_xyz_t)),
                       .owned = calloc(n, sizeof(starpu_data_handle_t))};
    bf_status_t status = m.halves && m.ranges && m.owned && m.of_site
                             ? BF_OK
                             : bf_error_set(BF_ERR_NOMEM, "out of memory: measuring %zu sites", n);
    status = bf_session_agree(state->session, status);
    if (status == BF_OK) {
        assert(m.halves && m.ranges && m.owned);
        status = measure(&m, xyz);
    }
    free(m.halves);
    free(m.ranges);
    free(m.owned);
    free(m.of_site);
    bf_trace_phase(BF_PHASE_MEASURE, stamp);
    state->seconds_measure += bf_seconds() - begin;
    return status;
}
