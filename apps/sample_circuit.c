/* One circuit: evolve, sample, write. */
#include "apps/log.h"
#include "apps/run_circuit.h"
#include "apps/run_trace.h"
#include "apps/sample.h"
#include "apps/sample_results.h"
#include "runtime/seconds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Shots are drawn, shared and written so many at a time, fewer when they are long. */
#define ROUND_SHOTS      ((size_t)1 << 20)
#define TRAJECTORY_SHOTS ((size_t)1024)
#define ROUND_BYTES      ((size_t)64 << 20)

/* Everything between reading and writing. */
typedef struct run {
    bf_session_t *session;
    bf_sample_options_t *options;
    bf_circuit_t *circuit;
    bf_summary_t summary;
    bf_sampling_t sampling;
    bf_sample_bits_t bits;
    uint8_t *strings; /* of the amplitudes */
    size_t n_strings;
    bf_site_t *marginal;
    size_t n_marginal;
    bf_sample_results_t results;
    bf_sampler_t *sampler;
    bf_trace_t *trace;
    bool trajectories; /* every shot is a run of its own */
    bf_shots_t *shots; /* then: these */
    bf_cli_progress_t *progress;
    uint64_t drawn; /* before the round under way */
} run_t;

/* Which qubit goes to which bit: as asked for, else as the circuit measures, else every qubit to its own. */
static bf_status_t choose_bits(run_t *run)
{
    bf_sample_bits_t *bits = &run->bits;
    const bf_site_t n = run->summary.qubits;
    size_t n_readouts = 0;
    const bf_readout_t *readouts = bf_circuit_readouts(run->circuit, &n_readouts);
    if (run->options->qubits)
        return bf_qubits_parse("--qubits", run->options->qubits, n, &bits->qubits, &bits->count);
    const bool measured = (n_readouts > 0 || run->trajectories) && bf_circuit_bits(run->circuit) > 0;
    bits->count = measured ? bf_circuit_bits(run->circuit) : (size_t)n;
    bits->qubits = malloc(bits->count * sizeof *bits->qubits);
    if (!bits->qubits)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu bits", bits->count);
    for (size_t i = 0; i < bits->count; i++)
        bits->qubits[i] = measured ? -1 : (bf_site_t)i;
    for (size_t i = 0; measured && i < n_readouts; i++)
        if (readouts[i].bit >= 0)
            bits->qubits[readouts[i].bit] = readouts[i].qubit;
    return BF_OK;
}

static bf_status_t parse_lists(run_t *run)
{
    const bf_sample_options_t *o = run->options;
    const bf_site_t n = run->summary.qubits;
    BF_TRY(choose_bits(run));
    if (o->amplitudes.wanted)
        BF_TRY(bf_bits_read("--amplitudes", o->strings, (size_t)n, o->order, &run->strings, &run->n_strings));
    if (!o->marginals.wanted)
        return BF_OK;
    BF_TRY(bf_qubits_parse("--marginals", o->marginal_qubits, n, &run->marginal, &run->n_marginal));
    if (run->n_marginal > BF_MARGINAL_MAX)
        return bf_error_set(BF_ERR_INPUT, "--marginals: %zu qubits, at most %d are possible", run->n_marginal, BF_MARGINAL_MAX);
    return BF_OK;
}

/* Read everything whose failure should not cost the work. */
static bf_status_t prepare(run_t *run)
{
    bf_sample_options_t *o = run->options;
    bf_summary_t *s = &run->summary;
    BF_TRY(bf_circuit_read(run->session, o->run.circuit, (bf_site_t)o->run.sites, &run->circuit, NULL, NULL));
    bf_run_show_notes(run->circuit);
    BF_TRY(bf_run_bind(&o->run, &run->circuit));
    run->trajectories = bf_circuit_is_dynamic(run->circuit);
    if (run->trajectories && (o->amplitudes.wanted || o->marginals.wanted))
        return bf_error_set(BF_ERR_INPUT,
                            "%s: with measurements in mid-circuit every shot has a state of its own; amplitudes and marginals "
                            "are of one state",
                            o->run.circuit);
    s->qubits = bf_circuit_qubits(run->circuit);
    s->gates = bf_circuit_gates(run->circuit);
    s->bonds = calloc((size_t)s->qubits, sizeof *s->bonds);
    bf_status_t status = s->bonds ? parse_lists(run) : bf_error_set(BF_ERR_NOMEM, "out of memory");
    if (status == BF_OK && bf_session_rank(run->session) == 0)
        status = bf_sample_results_open(o, run->bits.count, &run->results);
    BF_TRY(bf_session_agree(run->session, status));
    BF_TRY(bf_run_trace_open(run->session, &o->run, &run->trace));
    BF_TRY(bf_session_start(run->session));
    BF_TRY(bf_run_trace_begin(run->trace, s->program, &o->run, s->qubits));
    s->seconds_start = bf_seconds() - s->begin;
    return BF_OK;
}

static bf_status_t evolve(run_t *run)
{
    bf_sample_options_t *o = run->options;
    bf_summary_t *s = &run->summary;
    bf_cli_progress_t progress = bf_cli_progress(&o->run.log);
    o->run.state.progress = progress.on ? bf_cli_show_progress : NULL;
    o->run.state.progress_arg = &progress;
    BF_TRY(bf_state_create(run->session, s->qubits, &o->run.state, &s->state));
    const bf_status_t status = bf_state_apply(s->state, run->circuit);
    bf_cli_end_progress(&progress);
    return status;
}

static void show_shots(bf_cli_progress_t *progress, uint64_t done, uint64_t total)
{
    char text[160];
    const double seconds = bf_seconds() - progress->begin;
    snprintf(text, sizeof text, "shots %" PRIu64 "/%" PRIu64 " (%.0f %%)", done, total, 100.0 * (double)done / (double)total);
    bf_cli_show_line(progress, text, done > 0 ? seconds * (double)(total - done) / (double)done : -1.0, done >= total);
}

/* The classical bits that were measured on the way, into a row that has the final measurements. */
static bf_status_t add_classical(const run_t *run, const bf_state_t *state, uint8_t *row)
{
    const size_t n_bits = bf_circuit_bits(run->circuit);
    if (run->options->qubits || n_bits == 0)
        return BF_OK;
    uint8_t *values = calloc(n_bits, 1);
    if (!values)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu bits", n_bits);
    const bf_status_t status = bf_state_bits(state, run->circuit, values);
    for (size_t i = 0; i < run->bits.count && status == BF_OK; i++)
        if (run->bits.qubits[i] < 0 && values[i] == 1)
            row[i / 8] |= (uint8_t)(1U << i % 8);
    free(values);
    return status;
}

/* The final measurements of a trajectory. */
static bf_status_t read_trajectory(void *arg, bf_state_t *state, uint64_t shot, void *row)
{
    const run_t *run = arg;
    bf_sampler_t *sampler = NULL;
    bf_status_t status = bf_sampler_create(state, &sampler);
    if (status == BF_OK)
        status = bf_sampler_draw(sampler, (uint64_t)run->options->run.seed, shot, 1, run->bits.qubits, run->bits.count,
                                 (uint8_t *)row);
    if (status == BF_OK)
        status = add_classical(run, state, row);
    bf_sampler_destroy(sampler);
    return status;
}

static void show_trajectories(void *arg, size_t done)
{
    const run_t *run = arg;
    show_shots(run->progress, run->drawn + done, (uint64_t)run->options->shots);
}

/* The last of all leaves the state that the summary tells about. */
static bf_status_t draw_trajectories(run_t *run, uint64_t first, size_t count, uint8_t *rows)
{
    const size_t row_bytes = bf_bits_bytes(run->bits.count);
    const bool last = first + count == (uint64_t)run->options->shots;
    const size_t many = count - (last ? 1 : 0);
    run->drawn = first;
    BF_TRY(bf_shots_many(run->shots, first, many, read_trajectory, show_trajectories, run, rows, row_bytes));
    if (!last)
        return BF_OK;
    return bf_shots_one(run->shots, first + many, read_trajectory, run, rows + many * row_bytes, &run->summary.state);
}

/* The circuit is lowered once for all shots. */
static bf_status_t prepare_trajectories(run_t *run)
{
    bf_state_options_t *options = &run->options->run.state;
    options->seed = (uint64_t)run->options->run.seed;
    bf_log(BF_LOG_NOTE,
           "the circuit measures on the way: each of %lld shots is a run of its own, and the summary is that of the last",
           run->options->shots);
    return bf_shots_create(run->session, run->circuit, options, &run->shots);
}

static bf_status_t draw_round(run_t *run, uint64_t first, size_t count, uint8_t *rows)
{
    const bf_sample_bits_t *bits = &run->bits;
    if (run->trajectories)
        BF_TRY(draw_trajectories(run, first, count, rows));
    else
        BF_TRY(bf_sampler_draw(run->sampler, (uint64_t)run->options->run.seed, first, count, bits->qubits, bits->count, rows));
    const bool writer = bf_session_rank(run->session) == 0;
    return bf_session_agree(run->session, writer ? bf_sample_results_add(&run->results, rows, count) : BF_OK);
}

static bf_status_t draw_shots(run_t *run)
{
    const uint64_t shots = (uint64_t)run->options->shots;
    const size_t row_bytes = bf_bits_bytes(run->bits.count);
    size_t round = run->trajectories ? TRAJECTORY_SHOTS : ROUND_BYTES / row_bytes;
    round = round < ROUND_SHOTS ? round + 1 : ROUND_SHOTS;
    round = shots < round ? (size_t)shots : round;
    uint8_t *rows = malloc(round * row_bytes);
    bf_status_t status =
        bf_session_agree(run->session, rows ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu shots", round));
    bf_cli_progress_t progress = bf_cli_progress(&run->options->run.log);
    run->progress = &progress;
    for (uint64_t first = 0; first < shots && status == BF_OK; first += round) {
        const uint64_t left = shots - first;
        status = draw_round(run, first, left < round ? (size_t)left : round, rows);
        show_shots(&progress, first + round < shots ? first + round : shots, shots);
    }
    bf_cli_end_progress(&progress);
    free(rows);
    run->sampling.shots = shots;
    run->sampling.bits = run->bits.count;
    run->sampling.distinct = run->results.counts ? bf_counts_size(run->results.counts) : 0;
    return status;
}

static bf_status_t find_amplitudes(run_t *run)
{
    bf_amplitude_t *amplitudes = malloc((run->n_strings + 1) * sizeof *amplitudes);
    bf_status_t status = amplitudes ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu amplitudes", run->n_strings);
    status = bf_session_agree(run->session, status);
    if (status == BF_OK)
        status = bf_sampler_amplitudes(run->sampler, run->strings, run->n_strings, amplitudes);
    if (status == BF_OK && bf_session_rank(run->session) == 0)
        status = bf_sample_results_amplitudes(&run->results, run->summary.qubits, run->strings, run->n_strings, amplitudes);
    free(amplitudes);
    return bf_session_agree(run->session, status);
}

static bf_status_t find_marginal(run_t *run)
{
    double *p = malloc(sizeof *p << run->n_marginal);
    bf_status_t status = p ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: a marginal of %zu qubits", run->n_marginal);
    status = bf_session_agree(run->session, status);
    if (status == BF_OK)
        status = bf_sampler_marginal(run->sampler, run->marginal, run->n_marginal, p);
    if (status == BF_OK && bf_session_rank(run->session) == 0)
        status = bf_sample_results_marginal(&run->results, run->n_marginal, p);
    free(p);
    return bf_session_agree(run->session, status);
}

static bf_status_t sample(run_t *run)
{
    const bf_sample_options_t *o = run->options;
    if (!run->trajectories)
        BF_TRY(bf_sampler_create(run->summary.state, &run->sampler));
    const double begin = bf_seconds();
    if (o->counts.wanted || o->memory.wanted)
        BF_TRY(draw_shots(run));
    run->sampling.seconds_shots = bf_seconds() - begin;
    if (o->amplitudes.wanted)
        BF_TRY(find_amplitudes(run));
    return o->marginals.wanted ? find_marginal(run) : BF_OK;
}

static bf_status_t collect(bf_summary_t *s)
{
    BF_TRY(bf_state_report(s->state, &s->report));
    BF_TRY(bf_state_ledger(s->state, &s->ledger, &s->n_ledger));
    BF_TRY(bf_state_bond_dims(s->state, s->bonds));
    return bf_state_hash(s->state, &s->hash);
}

static bf_status_t work(run_t *run)
{
    bf_summary_t *s = &run->summary;
    BF_TRY(prepare(run));
    bf_log_session(run->session);
    BF_TRY(run->trajectories ? prepare_trajectories(run) : evolve(run));
    BF_TRY(sample(run));
    BF_TRY(collect(s));
    s->seconds_total = bf_seconds() - s->begin;
    bf_summary_log(s);
    const bool writer = bf_session_rank(run->session) == 0;
    return bf_session_agree(run->session, writer ? bf_sample_results_commit(&run->results, s) : BF_OK);
}

bf_status_t bf_sample_circuit(bf_session_t *session, bf_sample_options_t *o, double begin)
{
    run_t run = {.session = session,
                 .options = o,
                 .summary = {.session = session,
                             .program = "circuit_sample",
                             .circuit = o->run.circuit,
                             .options = &o->run.state,
                             .seed = o->run.seed,
                             .begin = begin}};
    run.summary.sampling = &run.sampling;
    const bf_status_t status = work(&run);
    bf_sample_results_close(&run.results);
    bf_sampler_destroy(run.sampler);
    bf_shots_destroy(run.shots);
    bf_state_destroy(run.summary.state);
    bf_run_trace_end(run.trace, &o->run, status);
    free(run.summary.bonds);
    free(run.bits.qubits);
    free(run.strings);
    free(run.marginal);
    bf_circuit_destroy(run.circuit);
    return status;
}
