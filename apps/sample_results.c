/* The files of circuit_sample. */
#include "apps/sample_results.h"

#include <math.h>
#include <stdlib.h>

static bf_status_t open_result(const bf_sample_result_t *result, bf_output_t **file)
{
    return result->wanted ? bf_output_open(result->path, file) : BF_OK;
}

static bf_status_t open_path(const char *path, bf_output_t **file)
{
    return path ? bf_output_open(path, file) : BF_OK;
}

bf_status_t bf_sample_results_open(const bf_sample_options_t *o, size_t n_bits, bf_sample_results_t *r)
{
    r->options = o;
    r->n_bits = n_bits;
    BF_TRY(open_result(&o->counts, &r->counts_file));
    BF_TRY(open_result(&o->memory, &r->memory_file));
    BF_TRY(open_result(&o->amplitudes, &r->amplitudes_file));
    BF_TRY(open_result(&o->marginals, &r->marginals_file));
    BF_TRY(open_path(o->run.summary, &r->summary_file));
    BF_TRY(open_path(o->run.ledger, &r->ledger_file));
    if (o->counts.wanted)
        BF_TRY(bf_counts_create(n_bits, &r->counts));
    if (o->memory.wanted)
        BF_TRY(bf_shots_open(r->memory_file, o->memory.format, (uint64_t)o->shots, n_bits, o->order, &r->memory));
    return BF_OK;
}

bf_status_t bf_sample_results_add(bf_sample_results_t *r, const uint8_t *rows, size_t count)
{
    if (r->memory)
        BF_TRY(bf_shots_write(r->memory, rows, count));
    return r->counts ? bf_counts_add(r->counts, rows, count) : BF_OK;
}

bf_status_t bf_sample_results_amplitudes(bf_sample_results_t *r, bf_site_t n, const uint8_t *rows, size_t count,
                                         const bf_amplitude_t *amplitudes)
{
    static const char *const names[] = {"re", "im", "probability", "log2_probability"};
    double *values = malloc(4 * count * sizeof *values);
    if (!values)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu amplitudes", count);
    for (size_t i = 0; i < count; i++) {
        const bf_amplitude_t *a = &amplitudes[i];
        values[4 * i] = a->re;
        values[4 * i + 1] = a->im;
        values[4 * i + 2] = a->re * a->re + a->im * a->im;
        values[4 * i + 3] = a->log2_probability;
    }
    const bf_status_t status = bf_write_strings(r->amplitudes_file, r->options->amplitudes.format, count, rows, (size_t)n,
                                                r->options->order, 4, names, values);
    free(values);
    return status;
}

bf_status_t bf_sample_results_marginal(bf_sample_results_t *r, size_t count, const double *p)
{
    static const char *const names[] = {"probability"};
    const size_t outcomes = (size_t)1 << count, bytes = bf_bits_bytes(count);
    uint8_t *rows = malloc(outcomes * bytes);
    if (!rows)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu probabilities", outcomes);
    for (size_t i = 0; i < outcomes; i++)
        for (size_t b = 0; b < bytes; b++)
            rows[i * bytes + b] = (uint8_t)(i >> 8 * b);
    const bf_status_t status =
        bf_write_strings(r->marginals_file, r->options->marginals.format, outcomes, rows, count, r->options->order, 1, names, p);
    free(rows);
    return status;
}

static bf_status_t commit(bf_output_t **file)
{
    bf_output_t *output = *file;
    *file = NULL;
    return output ? bf_output_commit(output) : BF_OK;
}

bf_status_t bf_sample_results_commit(bf_sample_results_t *r, const bf_summary_t *summary)
{
    const bf_sample_options_t *o = r->options;
    if (r->counts)
        BF_TRY(bf_counts_sort(r->counts, o->order));
    if (r->counts)
        BF_TRY(bf_write_counts(r->counts_file, o->counts.format, r->counts, r->n_bits, o->order));
    bf_shots_writer_t *const memory = r->memory;
    r->memory = NULL;
    BF_TRY(bf_shots_close(memory));
    if (r->summary_file)
        BF_TRY(bf_summary_write(bf_output_stream(r->summary_file), summary));
    if (r->ledger_file)
        BF_TRY(bf_write_ledger(r->ledger_file, summary->ledger, summary->n_ledger));
    bf_output_t **const all[] = {&r->ledger_file,     &r->summary_file, &r->marginals_file,
                                 &r->amplitudes_file, &r->memory_file,  &r->counts_file};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        BF_TRY(commit(all[i]));
    return BF_OK;
}

void bf_sample_results_close(bf_sample_results_t *r)
{
    if (bf_shots_close(r->memory) != BF_OK)
        bf_error_clear(); /* the run has failed for another reason already */
    bf_counts_destroy(r->counts);
    bf_output_t *const all[] = {r->ledger_file,     r->summary_file, r->marginals_file,
                                r->amplitudes_file, r->memory_file,  r->counts_file};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bf_output_abandon(all[i]);
    *r = (bf_sample_results_t){0};
}
