/* A chunk of rows. */
#include "runtime/rows/batch.h"

#include <stdlib.h>
#include <string.h>

/* A task is worth the 5 to 10 us it costs and the memory it sets up for its sites, and there are enough of them for balance. */
#define TASK_SECONDS     20e-3
#define TASKS_PER_WORKER 8

static bool grow(void **memory, size_t bytes)
{
    void *larger = realloc(*memory, bytes ? bytes : 1);
    if (larger)
        *memory = larger;
    return larger != NULL;
}

static bf_status_t reserve(bf_batch_t *batch, size_t rows)
{
    if (rows <= batch->room)
        return BF_OK;
    const bool done = grow((void **)&batch->rows, rows * sizeof *batch->rows) &&
                      grow((void **)&batch->cells, rows * batch->n_cells * sizeof *batch->cells) &&
                      grow((void **)&batch->inputs, rows * batch->n_inputs * sizeof *batch->inputs) &&
                      grow((void **)&batch->values, rows * batch->n_values * sizeof *batch->values) &&
                      grow((void **)&batch->lines, rows * (batch->n_cells + batch->n_values) * sizeof *batch->lines) &&
                      grow((void **)&batch->reports, rows * sizeof *batch->reports) && grow((void **)&batch->flags, rows);
    if (!done)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu rows of %zu numbers", rows, batch->n_cells + batch->n_values);
    batch->room = rows;
    return BF_OK;
}

/* Read one run of consecutive rows to the end of the batch. */
static bf_status_t read_run(bf_batch_t *batch, bf_table_t *table, const int64_t *column_of, int64_t first, int64_t count,
                            bf_bad_rows_t policy)
{
    double *cells = &batch->cells[batch->n * batch->n_cells];
    uint8_t *bad = &batch->flags[batch->n];
    memset(bad, 0, (size_t)count);
    BF_TRY(bf_table_read(table, first, count, policy, cells, bad));
    for (int64_t i = 0; i < count; i++, batch->n++) {
        batch->rows[batch->n] = first + i;
        batch->reports[batch->n] = (bf_row_report_t){.state = bad[i] ? BF_ROW_BAD : BF_ROW_DONE};
        for (size_t k = 0; k < batch->n_inputs; k++)
            batch->inputs[batch->n * batch->n_inputs + k] = cells[(size_t)i * batch->n_cells + (size_t)column_of[k]];
    }
    return BF_OK;
}

bf_status_t bf_batch_read(bf_batch_t *batch, bf_table_t *table, const bf_features_t *features, const int64_t *column_of,
                          size_t n_inputs, const bf_row_job_t *job, int64_t first, int64_t count, bf_bad_rows_t policy)
{
    batch->n = 0;
    batch->n_inputs = n_inputs;
    batch->n_cells = (size_t)bf_table_columns(table);
    batch->n_values = job->columns;
    BF_TRY(reserve(batch, (size_t)count));
    const int64_t end = first + count;
    for (int64_t row = first; row < end;) {
        int64_t stop = row;
        while (stop < end && !bf_features_done(features, stop))
            stop++;
        if (stop > row)
            BF_TRY(read_run(batch, table, column_of, row, stop - row, policy));
        row = stop + 1;
    }
    batch->task = (bf_row_batch_t){
        .job = job, .n_inputs = n_inputs, .inputs = batch->inputs, .values = batch->values, .reports = batch->reports};
    atomic_store(&batch->task.left, batch->n);
    return BF_OK;
}

bf_status_t bf_batch_submit(bf_batch_t *batch, bf_submit_t *submit, double row_seconds, int workers)
{
    size_t grain = row_seconds > 0.0 ? (size_t)(TASK_SECONDS / row_seconds) : 1;
    const size_t fair = batch->n / (size_t)(TASKS_PER_WORKER * workers);
    grain = grain < fair ? grain : fair;
    grain = grain > 1 ? grain : 1;
    for (size_t first = 0; first < batch->n; first += grain) {
        const size_t count = first + grain <= batch->n ? grain : batch->n - first;
        if (bf_insert_rows(submit, &batch->task, first, count) != BF_OK)
            return bf_error_set(BF_ERR_STARPU, "StarPU refused a task (%zu rows)", count);
    }
    return BF_OK;
}

bool bf_batch_ready(const bf_batch_t *batch)
{
    return atomic_load_explicit(&batch->task.left, memory_order_acquire) == 0;
}

double *bf_batch_features(bf_batch_t *batch, size_t i)
{
    return &batch->values[i * batch->n_values];
}

const double *bf_batch_inputs(const bf_batch_t *batch, size_t i)
{
    return &batch->inputs[i * batch->n_inputs];
}

bf_status_t bf_batch_write(bf_batch_t *batch, bf_features_t *features, int64_t columns)
{
    const size_t width = (size_t)columns;
    const size_t cells = width - batch->n_values;
    for (size_t i = 0; i < batch->n; i++) {
        memcpy(&batch->lines[i * width], &batch->cells[i * batch->n_cells], cells * sizeof(double));
        memcpy(&batch->lines[i * width + cells], &batch->values[i * batch->n_values], batch->n_values * sizeof(double));
        batch->flags[i] = batch->reports[i].state == BF_ROW_BAD;
    }
    for (size_t i = 0; i < batch->n;) {
        size_t stop = i + 1;
        while (stop < batch->n && batch->rows[stop] == batch->rows[stop - 1] + 1)
            stop++;
        BF_TRY(bf_features_write(features, batch->rows[i], (int64_t)(stop - i), &batch->lines[i * width], &batch->flags[i]));
        i = stop;
    }
    return BF_OK;
}

void bf_batch_release(bf_batch_t *batch)
{
    free(batch->rows);
    free(batch->cells);
    free(batch->inputs);
    free(batch->values);
    free(batch->lines);
    free(batch->reports);
    free(batch->flags);
    *batch = (bf_batch_t){0};
}
