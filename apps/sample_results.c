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

bf_status_t bf_sample_results_open(const bf_sample_options_t *options, size_t n_bits, bf_sample_results_t *results)
{
    const bf_sample_options_t *const o = options;
    results->options = o;
    results->n_bits = n_bits;
    BF_TRY(open_result(&o->counts, &results->counts_file));
    BF_TRY(open_result(&o->memory, &results->memory_file));
    BF_TRY(open_result(&o->amplitudes, &results->amplitudes_file));
    BF_TRY(open_result(&o->marginals, &results->marginals_file));
    BF_TRY(open_path(o->run.summary, &results->summary_file));
    BF_TRY(open_path(o->run.ledger, &results->ledger_file));
    if (o->counts.wanted)
        BF_TRY(bf_counts_create(n_bits, &results->counts));
    if (o->memory.wanted)
        BF_TRY(bf_shots_open(results->memory_file, o->memory.format, (uint64_t)o->shots, n_bits, o->order, &results->memory));
    return BF_OK;
}

bf_status_t bf_sample_results_add(bf_sample_results_t *results, const uint8_t *rows, size_t count)
{
    if (results->memory)
        BF_TRY(bf_shots_write(results->memory, rows, count));
    return results->counts ? bf_counts_add(results->counts, rows, count) : BF_OK;
}

bf_status_t bf_sample_results_amplitudes(bf_sample_results_t *results, bf_site_t n, const uint8_t *rows, size_t count,
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
    const bf_status_t status = bf_write_strings(results->amplitudes_file, results->options->amplitudes.format, count, rows,
                                                (size_t)n, results->options->order, 4, names, values);
    free(values);
    return status;
}

bf_status_t bf_sample_results_marginal(bf_sample_results_t *results, size_t count, const double *p)
{
    static const char *const names[] = {"probability"};
    const size_t outcomes = (size_t)1 << count, bytes = bf_bits_bytes(count);
    uint8_t *rows = malloc(outcomes * bytes);
    if (!rows)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu probabilities", outcomes);
    for (size_t i = 0; i < outcomes; i++)
        for (size_t b = 0; b < bytes; b++)
            rows[i * bytes + b] = (uint8_t)(i >> 8 * b);
    const bf_status_t status = bf_write_strings(results->marginals_file, results->options->marginals.format, outcomes, rows,
                                                count, results->options->order, 1, names, p);
    free(rows);
    return status;
}

static bf_status_t commit(bf_output_t **file)
{
    bf_output_t *output = *file;
    *file = NULL;
    return output ? bf_output_commit(output) : BF_OK;
}

bf_status_t bf_sample_results_commit(bf_sample_results_t *results, const bf_summary_t *summary)
{
    const bf_sample_options_t *o = results->options;
    if (results->counts)
        BF_TRY(bf_counts_sort(results->counts, o->order));
    if (results->counts)
        BF_TRY(bf_write_counts(results->counts_file, o->counts.format, results->counts, results->n_bits, o->order));
    bf_shots_writer_t *const memory = results->memory;
    results->memory = NULL;
    BF_TRY(bf_shots_close(memory));
    if (results->summary_file)
        BF_TRY(bf_summary_write(bf_output_stream(results->summary_file), summary));
    if (results->ledger_file)
        BF_TRY(bf_write_ledger(results->ledger_file, summary->ledger, summary->n_ledger));
    bf_output_t **const all[] = {&results->ledger_file,     &results->summary_file, &results->marginals_file,
                                 &results->amplitudes_file, &results->memory_file,  &results->counts_file};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        BF_TRY(commit(all[i]));
    return BF_OK;
}

void bf_sample_results_close(bf_sample_results_t *results)
{
    if (bf_shots_close(results->memory) != BF_OK)
        bf_error_clear(); /* the run has failed for another reason already */
    bf_counts_destroy(results->counts);
    bf_output_t *const all[] = {results->ledger_file,     results->summary_file, results->marginals_file,
                                results->amplitudes_file, results->memory_file,  results->counts_file};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        bf_output_abandon(all[i]);
    *results = (bf_sample_results_t){0};
}
