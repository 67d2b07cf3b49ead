/* Sampling: a copy of the state on every rank, in sampling form; the shots are shared out.
 *
 * A shot visits every site, and the next one wants them all again: the sites would travel once for every batch, or batches of
 * vectors along the chain with every rank waiting for the one before. A copy travels once. What it costs is memory, for the state
 * a second time: checked before it is taken. */
#include "codelets/sample.h"
#include "codelets/trace.h"
#include "runtime/mps/state.h"
#include "runtime/plan/plan.h"

#include <stdlib.h>
#include <string.h>

/* Vectors and rows of one job may take about so much memory. */
#define JOB_BYTES ((size_t)64 << 20)

/* Shots are cut into this many jobs, unless that makes them too small to share anything or larger than one may be: a rule that
 * knows the shots and the state but neither workers nor ranks. */
#define JOBS          32
#define JOB_SHOTS_MIN 2048

/* Outcomes of the leftmost qubits of a marginal that are given to different jobs. */
#define MARGINAL_FIXED 4

struct bf_sampler {
    bf_session_t *session;
    bf_sample_chain_t chain;
    bf_site_t *site_of; /* of qubit q */
    double alone;       /* seconds that StarPU has to save before the calling thread starts it; 0: it runs anyway */
};

static bf_status_t out_of_memory(const char *what)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory: %s", what);
}

/* One task a rank, or none when the sites are here. */
static bf_status_t make_chain(bf_state_t *state, bf_sampler_t *sampler)
{
    bf_session_t *session = state->session;
    bf_sample_making_t making = {.chain = &sampler->chain};
    bf_status_t status = BF_OK;
    if (!bf_state_is_spread(state))
        making.status = bf_sample_chain_open(&state->chain, &sampler->chain);
    else {
        for (int node = 0; node < session->size && status == BF_OK; node++)
            status = bf_insert_sample_chain(&session->submit, node, state->sites, state->n, &making);
        if (status != BF_OK)
            bf_error_set(status, "StarPU refused a task (sampling form of %d sites)", (int)state->n);
        bf_session_quiesce(session, state->owned, state->n_owned);
    }
    if (status == BF_OK && making.status != BF_OK)
        status = bf_error_set(making.status, "preparing to sample: %s", bf_status_string(making.status));
    return bf_session_agree(session, status);
}

bf_status_t bf_sampler_create(bf_state_t *state, bf_sampler_t **out)
{
    *out = NULL;
    const double begin = bf_seconds();
    const int64_t stamp = bf_trace_stamp();
    bf_sampler_t *sampler = calloc(1, sizeof *sampler);
    bf_site_t *site_of = malloc((size_t)state->n * sizeof *site_of);
    bf_status_t status = sampler && site_of ? BF_OK : out_of_memory("a sampler");
    status = bf_session_agree(state->session, status);
    if (status == BF_OK && sampler && site_of) {
        sampler->session = state->session;
        sampler->alone = state->options.always_tasks || state->session->size > 1 ? 0.0 : BF_PLAN_ALONE_SECONDS;
        sampler->site_of = site_of;
        memcpy(site_of, state->site_of, (size_t)state->n * sizeof *site_of);
        status = make_chain(state, sampler);
    }
    if (status == BF_OK && sampler) {
        state->norm = sampler->chain.norm;
        *out = sampler;
    } else {
        free(sampler);
        free(site_of);
    }
    bf_trace_phase(BF_PHASE_MEASURE, stamp);
    state->seconds_measure += bf_seconds() - begin;
    return status;
}

void bf_sampler_destroy(bf_sampler_t *sampler)
{
    if (!sampler)
        return;
    bf_sample_chain_close(&sampler->chain);
    free(sampler->site_of);
    free(sampler);
}

/* The bits of each site, from the qubits of the bits. */
static bf_status_t map_bits(const bf_sampler_t *sampler, const bf_site_t *qubits, size_t n_bits, bf_sample_map_t *map)
{
    const size_t n = (size_t)sampler->chain.n;
    uint32_t *memory = calloc(n + 2 + n_bits, sizeof *memory);
    *map = (bf_sample_map_t){.first = memory, .bit = memory + n + 2, .row_bytes = (n_bits + 7) / 8};
    if (!memory)
        return out_of_memory("the bits of a row");
    uint32_t *const first = memory, *const bit = memory + n + 2;
    for (size_t i = 0; i < n_bits; i++)
        if (qubits[i] >= 0)
            first[sampler->site_of[qubits[i]] + 2]++;
    for (size_t s = 0; s < n; s++) {
        if (first[s + 2] > 0)
            map->end = (bf_site_t)s + 1;
        first[s + 2] += first[s + 1];
    }
    for (size_t i = 0; i < n_bits; i++) /* first[s + 1] is where the next bit of site s goes; at the end it is the end */
        if (qubits[i] >= 0)
            bit[first[sampler->site_of[qubits[i]] + 1]++] = (uint32_t)i;
    return BF_OK;
}

static void unmap(bf_sample_map_t *map)
{
    free((void *)(uintptr_t)map->first);
}

static bf_status_t check_qubits(const bf_sampler_t *sampler, const bf_site_t *qubits, size_t count, bf_site_t least)
{
    for (size_t i = 0; i < count; i++)
        if (qubits[i] < least || qubits[i] >= sampler->chain.n)
            return bf_error_set(BF_ERR_ARG, "qubit %d: the state has qubits 0 to %d", (int)qubits[i], (int)sampler->chain.n - 1);
    return BF_OK;
}

/* The rank that does job @p i of @p n: contiguous, even shares. */
static int worker_of(const bf_session_t *session, size_t i, size_t n)
{
    return (int)(i * (size_t)session->size / n);
}

/* Whether the jobs that are left, each as long as those done, gain so much from all workers that StarPU should start for them. */
static bool worth_starting(const bf_sampler_t *sampler, double seconds, size_t done, size_t n)
{
    const double left = done > 0 ? seconds / (double)done * (double)(n - done) : 0.0;
    const double gain = left * (1.0 - 1.0 / sampler->session->placement.workers);
    return sampler->alone == 0.0 || gain > sampler->alone;
}

/* Begin in the calling thread, as long as StarPU does not run and would cost more than it saves. @return how many jobs are done
 */
static size_t run_alone(bf_sampler_t *sampler, bf_sample_job_t *jobs, size_t n)
{
    const double begin = bf_seconds_thread(); /* a thread that waits for its core is not one that needs help */
    size_t done = 0;
    const bf_session_t *session = sampler->session;
    while (done < n && (session->inside || (!session->started && !worth_starting(sampler, bf_seconds_thread() - begin, done, n))))
        bf_sample_run(&jobs[done++]);
    return done;
}

/* Run those of the jobs that are this rank's, and wait for them. */
static bf_status_t run_jobs(bf_sampler_t *sampler, bf_sample_job_t *jobs, size_t n)
{
    bf_session_t *session = sampler->session;
    const size_t done = run_alone(sampler, jobs, n);
    bf_status_t status = done < n ? bf_session_engage(session) : BF_OK;
    if (status != BF_OK)
        return status;
    for (size_t i = done; i < n && status == BF_OK; i++)
        if (worker_of(session, i, n) == session->rank)
            status = bf_insert_sample(&session->submit, &jobs[i]);
    if (status != BF_OK)
        bf_error_set(status, "StarPU refused a task (sampling)");
    if (done < n)
        starpu_task_wait_for_all();
    for (size_t i = 0; i < n && status == BF_OK; i++)
        if (worker_of(session, i, n) == session->rank && jobs[i].status != BF_OK)
            status = bf_error_set(jobs[i].status, "sampling: %s", bf_status_string(jobs[i].status));
    return status;
}

/* Run the jobs on all ranks and give every rank the @p bytes of @p results, of which each job writes a part of its own. */
static bf_status_t share(bf_sampler_t *sampler, bf_sample_job_t *jobs, size_t n, void *results, size_t bytes)
{
    bf_session_t *session = sampler->session;
    const int64_t stamp = bf_trace_stamp();
    memset(results, 0, bytes);
    const bf_status_t status = bf_session_agree(session, jobs ? run_jobs(sampler, jobs, n) : out_of_memory("jobs"));
    if (status == BF_OK)
        bf_session_merge(session, results, bytes);
    bf_trace_phase(BF_PHASE_MEASURE, stamp);
    return status;
}

static size_t shots_of_job(const bf_sampler_t *sampler, size_t count, size_t row_bytes)
{
    const size_t vector = (size_t)sampler->chain.widest * bf_type_size(sampler->chain.type);
    size_t most = JOB_BYTES / (vector + row_bytes);
    if (most < BF_SAMPLE_BATCH)
        most = BF_SAMPLE_BATCH;
    if (most > BF_SAMPLE_JOB_SHOTS)
        most = BF_SAMPLE_JOB_SHOTS;
    size_t shots = (count + JOBS - 1) / JOBS;
    if (shots < JOB_SHOTS_MIN)
        shots = JOB_SHOTS_MIN;
    return shots < most ? shots : most;
}

bf_status_t bf_sampler_draw(bf_sampler_t *sampler, uint64_t seed, uint64_t first, size_t count, const bf_site_t *qubits,
                            size_t n_bits, uint8_t *rows)
{
    BF_TRY(check_qubits(sampler, qubits, n_bits, -1));
    bf_sample_map_t map;
    bf_status_t status = bf_session_agree(sampler->session, map_bits(sampler, qubits, n_bits, &map));
    if (status != BF_OK)
        return status;
    const size_t each = shots_of_job(sampler, count, map.row_bytes), n_jobs = map.end > 0 ? (count + each - 1) / each : 0;
    bf_sample_job_t *jobs = calloc(n_jobs + 1, sizeof *jobs);
    for (size_t i = 0; jobs && i < n_jobs; i++) {
        const size_t begin = i * each, left = count - begin;
        jobs[i] = (bf_sample_job_t){.kind = BF_SAMPLE_SHOTS,
                                    .of.shots = {.chain = &sampler->chain,
                                                 .map = &map,
                                                 .seed = seed,
                                                 .first = first + begin,
                                                 .count = (uint32_t)(left < each ? left : each),
                                                 .rows = rows + begin * map.row_bytes}};
    }
    status = share(sampler, jobs, n_jobs, rows, count * map.row_bytes);
    free(jobs);
    unmap(&map);
    return status;
}

/* Every qubit is its own bit. */
static bf_status_t map_all(const bf_sampler_t *sampler, bf_sample_map_t *map)
{
    const bf_site_t n = sampler->chain.n;
    bf_site_t *qubits = malloc((size_t)n * sizeof *qubits);
    for (bf_site_t q = 0; qubits && q < n; q++)
        qubits[q] = q;
    const bf_status_t status = qubits ? map_bits(sampler, qubits, (size_t)n, map) : out_of_memory("the bits of a row");
    free(qubits);
    return bf_session_agree(sampler->session, status);
}

bf_status_t bf_sampler_amplitudes(bf_sampler_t *sampler, const uint8_t *rows, size_t count, bf_amplitude_t *amplitudes)
{
    bf_sample_map_t map;
    BF_TRY(map_all(sampler, &map));
    const size_t each = BF_SAMPLE_BATCH, n_jobs = (count + each - 1) / each;
    bf_sample_job_t *jobs = calloc(n_jobs + 1, sizeof *jobs);
    for (size_t i = 0; jobs && i < n_jobs; i++) {
        const size_t begin = i * each, left = count - begin;
        jobs[i] = (bf_sample_job_t){.kind = BF_SAMPLE_STRINGS,
                                    .of.strings = {.chain = &sampler->chain,
                                                   .map = &map,
                                                   .rows = rows + begin * map.row_bytes,
                                                   .count = left < each ? left : each,
                                                   .amplitudes = amplitudes + begin}};
    }
    const bf_status_t status = share(sampler, jobs, n_jobs, amplitudes, count * sizeof *amplitudes);
    free(jobs);
    unmap(&map);
    return status;
}

static bf_status_t check_marginal(const bf_sampler_t *sampler, const bf_site_t *qubits, size_t count)
{
    if (count < 1 || count > BF_MARGINAL_MAX)
        return bf_error_set(BF_ERR_ARG, "a marginal of %zu qubits: 1 to %d are possible", count, BF_MARGINAL_MAX);
    BF_TRY(check_qubits(sampler, qubits, count, 0));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (qubits[i] == qubits[k])
                return bf_error_set(BF_ERR_ARG, "qubit %d is twice in a marginal", (int)qubits[i]);
    return BF_OK;
}

/* Number @p value written into the bits of the leftmost sites. */
static uint64_t spread_prefix(const bf_sample_map_t *map, int fixed, unsigned value)
{
    uint64_t prefix = 0;
    int k = 0;
    for (bf_site_t s = 0; s < map->end && k < fixed; s++)
        if (map->first[s + 1] > map->first[s])
            prefix |= (uint64_t)(value >> k++ & 1) << map->bit[map->first[s]];
    return prefix;
}

bf_status_t bf_sampler_marginal(bf_sampler_t *sampler, const bf_site_t *qubits, size_t count, double *p)
{
    BF_TRY(check_marginal(sampler, qubits, count));
    bf_sample_map_t map;
    bf_status_t status = bf_session_agree(sampler->session, map_bits(sampler, qubits, count, &map));
    if (status != BF_OK)
        return status;
    const int fixed = count > MARGINAL_FIXED ? MARGINAL_FIXED : (int)count - 1;
    bf_sample_job_t jobs[1 << MARGINAL_FIXED];
    for (unsigned i = 0; i < 1U << fixed; i++)
        jobs[i] = (bf_sample_job_t){
            .kind = BF_SAMPLE_MARGINAL,
            .of.marginal = {
                .chain = &sampler->chain, .map = &map, .fixed = fixed, .prefix = spread_prefix(&map, fixed, i), .p = p}};
    status = share(sampler, jobs, (size_t)1 << fixed, p, sizeof *p << count);
    unmap(&map);
    return status;
}
