/* The state: its handles, their owners, and what can be asked of it between circuits. */
#include "runtime/mps/state.h"

#include "codelets/trace.h"

#include <starpu_mpi.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

bf_state_options_t bf_state_options_default(void)
{
    return (bf_state_options_t){
        .rule = {.cut = {.cutoff = 1e-12, .max_dim = 1024, .min_dim = 1}, .method = BF_METHOD_AUTO},
        .precision = BF_PRECISION_DOUBLE,
        .passes = bf_pass_options_default(),
    };
}

void bf_state_register(bf_state_t *state, starpu_data_handle_t *handle, int owner)
{
    bf_session_t *session = state->session;
    bf_tensor_register(handle);
    if (session->submit.mpi)
        starpu_mpi_data_register_comm(*handle, session->next_tag++, owner, session->submit.comm);
}

/* How long the calling thread works alone when StarPU runs already (else BF_PLAN_ALONE_SECONDS): the tasks that this makes
 * unnecessary, and the time until a sleeping worker has one. */
#define ALONE_BESIDE_SECONDS 0.0005

bool bf_state_stays_alone(const bf_state_t *state, double seconds)
{
    if (state->session->inside)
        return true;
    const double allowed = state->session->started ? ALONE_BESIDE_SECONDS : BF_PLAN_ALONE_SECONDS;
    return !bf_state_is_spread(state) && state->seconds_alone + seconds < allowed;
}

static void move_site(starpu_data_handle_t handle, const bf_tensor_data_t *site)
{
    starpu_data_acquire_on_node(handle, STARPU_MAIN_RAM, STARPU_W);
    bf_tensor_assign(starpu_data_get_interface_on_node(handle, STARPU_MAIN_RAM), site);
    starpu_data_release_on_node(handle, STARPU_MAIN_RAM);
}

bf_status_t bf_state_spread(bf_state_t *state)
{
    if (bf_state_is_spread(state))
        return BF_OK;
    if (state->session->inside)
        return BF_ERR_TOO_LARGE;
    const double begin = bf_seconds();
    BF_TRY(bf_session_engage(state->session));
    state->seconds_start += bf_seconds() - begin;
    for (bf_site_t s = 0; s < state->n; s++) {
        bf_state_register(state, &state->sites[s], bf_state_owner(state, s));
        bf_trace_handle(bf_tensor_number(state->sites[s]), s);
        if (bf_state_owner(state, s) == state->session->rank) {
            move_site(state->sites[s], &state->chain.sites[s]);
            state->owned[state->n_owned++] = state->sites[s];
        }
    }
    for (bf_site_t b = 0; b + 1 < state->n; b++)
        bf_state_register(state, &state->pairs[b], bf_state_owner(state, b));
    bf_chain_close(&state->chain);
    return BF_OK;
}

/* A site of this rank. Only while no task runs. */
static const bf_tensor_data_t *site_data(const bf_state_t *state, bf_site_t s)
{
    if (!bf_state_is_spread(state))
        return &state->chain.sites[s];
    return starpu_data_get_interface_on_node(state->sites[s], STARPU_MAIN_RAM);
}

static bf_status_t check_options(bf_site_t n, const bf_state_options_t *options)
{
    const bf_cutoff_t *cut = &options->rule.cut;
    if (n < 1)
        return bf_error_set(BF_ERR_ARG, "a state of %d qubits: at least 1 is needed", (int)n);
    if (!(cut->cutoff >= 0.0 && cut->cutoff < 1.0))
        return bf_error_set(BF_ERR_ARG, "cutoff %g: 0 <= cutoff < 1 is needed", cut->cutoff);
    if (cut->max_dim < 0 || cut->min_dim < 1 || (cut->max_dim > 0 && cut->min_dim > cut->max_dim))
        return bf_error_set(BF_ERR_ARG, "max_dim %lld, min_dim %lld: 1 <= min_dim <= max_dim is needed", (long long)cut->max_dim,
                            (long long)cut->min_dim);
    if ((unsigned)options->rule.method >= BF_METHOD_COUNT)
        return bf_error_set(BF_ERR_ARG, "factorisation method %d: 0 to %d exist", (int)options->rule.method, BF_METHOD_COUNT - 1);
    return BF_OK;
}

static bool allocate(bf_state_t *state)
{
    const size_t n = (size_t)state->n;
    state->sites = calloc(n, sizeof(starpu_data_handle_t));
    state->pairs = calloc(n, sizeof(starpu_data_handle_t));
    state->owned = calloc(n, sizeof(starpu_data_handle_t));
    state->chi = malloc((n + 1) * sizeof *state->chi);
    state->site_of = malloc(n * sizeof *state->site_of);
    return bf_chain_open(&state->chain, state->n) == BF_OK && state->sites && state->pairs && state->owned && state->chi &&
           state->site_of;
}

static void release(bf_state_t *state)
{
    bf_chain_close(&state->chain);
    free(state->sites);
    free(state->pairs);
    free(state->owned);
    free(state->chi);
    free(state->site_of);
    free(state->ledger);
    free(state->values);
    free(state);
}

bf_status_t bf_state_create(bf_session_t *session, bf_site_t n, const bf_state_options_t *options, bf_state_t **out)
{
    *out = NULL;
    if (!session->ready)
        return bf_error_set(BF_ERR_ARG, "bf_state_create before bf_session_start");
    BF_TRY(check_options(n, options));
    bf_state_t *state = calloc(1, sizeof *state);
    if (!state)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    state->busy_before_ns = bf_trace_busy_ns();
    state->session = session;
    state->options = *options;
    state->n = n;
    state->norm = 1.0;
    if (!allocate(state)) {
        release(state);
        return bf_error_set(BF_ERR_NOMEM, "out of memory: a state of %d sites", (int)n);
    }
    for (bf_site_t s = 0; s <= n; s++)
        state->chi[s] = 1;
    for (bf_site_t s = 0; s < n; s++) {
        state->site_of[s] = s;
        bf_tensor_set_zero_state(&state->chain.sites[s], options->precision == BF_PRECISION_SINGLE);
    }
    if (session->size > 1 || options->always_tasks) {
        const bf_status_t status = bf_state_spread(state);
        if (status != BF_OK) {
            release(state);
            return status;
        }
    }
    *out = state;
    return BF_OK;
}

void bf_state_destroy(bf_state_t *state)
{
    if (!state)
        return;
    if (bf_state_is_spread(state)) {
        bf_session_quiesce(state->session, state->owned, state->n_owned);
        for (bf_site_t s = 0; s < state->n; s++)
            starpu_data_unregister(state->sites[s]);
        for (bf_site_t b = 0; b + 1 < state->n; b++)
            starpu_data_unregister(state->pairs[b]);
    }
    release(state);
}

/* Shape and status of this rank's sites, to be merged with the others'. */
static void collect(const bf_state_t *state, int64_t *chi, int32_t *worst)
{
    for (bf_site_t s = 0; s < state->n; s++) {
        if (bf_state_owner(state, s) != state->session->rank)
            continue;
        const bf_tensor_data_t *data = site_data(state, s);
        chi[s] = data->chi_l;
        if (*worst == BF_OK)
            *worst = data->status;
    }
}

bf_status_t bf_state_sync(bf_state_t *state, bf_status_t mine)
{
    if (bf_state_is_spread(state))
        bf_session_quiesce(state->session, state->owned, state->n_owned);
    int64_t chi[state->n + 1];
    memset(chi, 0, sizeof chi);
    int32_t worst = BF_OK;
    collect(state, chi, &worst);
    bf_session_merge(state->session, chi, sizeof chi);
    for (bf_site_t s = 0; s < state->n; s++)
        state->chi[s] = chi[s];
    state->chi[0] = 1;
    state->chi[state->n] = 1;
    if (mine == BF_OK && worst != BF_OK) {
        mine = (bf_status_t)worst;
        bf_error_set(mine, "the state is lost: %s in an earlier operation", bf_status_string(mine));
    }
    return bf_session_agree(state->session, mine);
}

bf_status_t bf_state_bond_dims(bf_state_t *state, bf_dim_t *dims)
{
    BF_TRY(bf_state_sync(state, BF_OK));
    for (bf_site_t b = 0; b + 1 < state->n; b++)
        dims[b] = state->chi[b + 1];
    return BF_OK;
}

static uint64_t hash_tensor(const bf_tensor_data_t *data)
{
    const int64_t head[5] = {(int64_t)data->type, (int64_t)data->weight, data->chi_l, data->d, data->chi_r};
    const bf_tensor_t view = bf_tensor_view(data);
    uint64_t hash = XXH64(head, sizeof head, 0);
    if (view.weight == BF_WEIGHT_DIAG)
        hash = XXH64(view.w, (size_t)view.chi_l * sizeof(double), hash);
    return XXH64(view.b, bf_tensor_block_bytes(&view), hash);
}

bf_status_t bf_state_hash(bf_state_t *state, uint64_t *hash)
{
    BF_TRY(bf_state_sync(state, BF_OK));
    uint64_t digests[state->n];
    memset(digests, 0, sizeof digests);
    for (bf_site_t s = 0; s < state->n; s++) {
        if (bf_state_owner(state, s) != state->session->rank)
            continue;
        digests[s] = hash_tensor(site_data(state, s));
    }
    bf_session_merge(state->session, digests, sizeof digests);
    *hash = XXH64(digests, sizeof digests, 0);
    return BF_OK;
}
