/* A few launches are predicted, the fastest wins; among nearly equal ones the smallest. */
#include "runtime/plan/advise.h"

#include "codelets/host.h"
#include "runtime/session/session.h"

#include <math.h>

/* More workers must shorten evolution and measurement by this much to be worth having. */
#define WORTH_IT 1.1

bf_status_t bf_machine_find(bf_machine_t *machine)
{
    bf_placement_t placement;
    BF_TRY(bf_placement_find(&(bf_place_t){.size = 1}, false, &placement));
    *machine =
        (bf_machine_t){.cores = placement.cores, .process_workers = STARPU_MAXCPUS, .memory_bytes = bf_host_memory().available};
    return BF_OK;
}

int bf_useful_workers(const bf_prediction_t *p)
{
    const double critical = 1e-6 * p->levels.critical_us;
    const double wanted = critical > 0.0 ? ceil(p->kernel_seconds / critical) : 1.0;
    const double widest = p->levels.n_layers > 0 ? (double)p->levels.sorted_width[p->levels.n_layers - 1] : 1.0;
    return (int)fmax(1.0, fmin(wanted, widest));
}

double bf_rows_seconds(const bf_prediction_t *p, int64_t n_rows, int ranks, int workers)
{
    const double rounds = fmax((double)n_rows / ((double)ranks * workers), n_rows > 0 ? 1.0 : 0.0);
    return p->start_seconds + rounds * p->row_seconds;
}

size_t bf_rows_bytes(const bf_prediction_t *p, int workers)
{
    /* Each worker holds a whole state, its workspace, and the environments of the measurement. */
    const size_t shared = p->rank_bytes - p->measure_bytes - p->state_bytes - (size_t)p->workers * p->workspace_bytes;
    return shared + (size_t)workers * (p->whole_state_bytes + p->workspace_bytes + p->measure_bytes);
}

/* One launch. */
static bf_status_t consider(const bf_program_t *program, bf_predict_options_t options, int64_t n_rows, int ranks, int workers,
                            bf_advice_t *launch)
{
    bf_prediction_t p;
    *launch = (bf_advice_t){0};
    options.ranks = ranks;
    options.workers = workers;
    const bf_status_t status = bf_predict(program, &options, &p);
    if (status == BF_OK) {
        const bool rows = n_rows > 0;
        const size_t rank_bytes = rows ? bf_rows_bytes(&p, workers) : p.rank_bytes;
        *launch = (bf_advice_t){.rows = rows,
                                .ranks = ranks,
                                .workers = workers,
                                .seconds = rows ? bf_rows_seconds(&p, n_rows, ranks, workers) : p.total_seconds,
                                .machine_bytes = (size_t)ranks * rank_bytes};
        launch->work_seconds = launch->seconds - p.start_seconds;
    }
    bf_prediction_clear(&p);
    return status;
}

static bf_status_t find_fitting(const bf_program_t *program, bf_predict_options_t options, const bf_machine_t *machine,
                                int64_t n_rows, bf_advice_t *advice)
{
    bf_dim_t max_dim = 1;
    while (2 * max_dim < options.rule.cut.max_dim || (options.rule.cut.max_dim == 0 && max_dim < (bf_dim_t)1 << 20))
        max_dim *= 2;
    for (; max_dim > 1; max_dim /= 2) {
        bf_advice_t smaller;
        options.rule.cut.max_dim = max_dim;
        BF_TRY(consider(program, options, n_rows, advice->ranks, advice->workers, &smaller));
        if (smaller.machine_bytes < machine->memory_bytes) {
            advice->fitting_max_dim = max_dim;
            break;
        }
    }
    return BF_OK;
}

bf_status_t bf_advise(const bf_program_t *program, const bf_predict_options_t *options, const bf_machine_t *machine,
                      int64_t n_rows, bf_advice_t *advice)
{
    /* One process as long as StarPU can serve the cores, powers of two below; beyond, as many processes as it takes. */
    const int in_one = machine->cores < machine->process_workers ? machine->cores : machine->process_workers;
    bool first = true;
    for (int workers = n_rows > 0 ? in_one : 1;; workers = 2 * workers < in_one ? 2 * workers : in_one) {
        bf_advice_t launch;
        BF_TRY(consider(program, *options, n_rows, 1, workers, &launch));
        if (first || launch.work_seconds * WORTH_IT < advice->work_seconds)
            *advice = launch;
        first = false;
        if (workers == in_one)
            break;
    }
    if (machine->cores > in_one) {
        bf_advice_t launch;
        BF_TRY(consider(program, *options, n_rows, (machine->cores + in_one - 1) / in_one, in_one, &launch));
        if (launch.work_seconds * WORTH_IT < advice->work_seconds)
            *advice = launch;
    }
    advice->fits = machine->memory_bytes == 0 || advice->machine_bytes < machine->memory_bytes;
    return advice->fits ? BF_OK : find_fitting(program, *options, machine, n_rows, advice);
}
