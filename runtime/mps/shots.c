/* Trajectories of one circuit. Small ones side by side, each as a whole in one worker's memory by the very code that runs a small
 * circuit in the calling thread; large ones one after the other, by all workers and ranks. */
#include "codelets/shot.h"
#include "runtime/mps/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A trajectory whose bonds exceed this is worth all workers. */
#define HEAVY_BOND 64

/* Tasks this long cost StarPU nothing to speak of; at least so many for each worker, since trajectories differ. */
#define TASK_SECONDS     0.005
#define TASKS_PER_WORKER 4

#define WAIT_US 500

struct bf_shots {
    bf_session_t *session;
    bf_state_options_t options;
    bf_program_t *program;
    bf_site_t n;
    double shot_seconds; /* typical, on one worker; 0 until known */
    bool in_turn;        /* one after the other, by all workers */
};

typedef struct round {
    bf_shots_t *shots;
    uint64_t first;
    bf_shot_read_t *read;
    bf_shot_progress_t *progress;
    void *arg;
    char *results;
    size_t bytes;  /* of one */
    uint8_t *done; /* of each, 1 when its result is there */
} round_t;

bf_status_t bf_shots_create(bf_session_t *session, const bf_circuit_t *circuit, const bf_state_options_t *options,
                            bf_shots_t **out)
{
    *out = NULL;
    bf_shots_t *shots = calloc(1, sizeof *shots);
    bf_status_t status = shots ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory");
    if (status == BF_OK) {
        *shots = (bf_shots_t){.session = session, .options = *options, .n = bf_circuit_qubits(circuit)};
        shots->in_turn = options->always_tasks;
        shots->options.progress = NULL; /* what there is to tell is how many are done */
        status = bf_circuit_lower_with(circuit, shots->n, NULL, &options->passes, NULL, &shots->program);
    }
    status = bf_session_agree(session, status);
    if (status == BF_OK)
        *out = shots;
    else
        bf_shots_destroy(shots);
    return status;
}

void bf_shots_destroy(bf_shots_t *shots)
{
    if (!shots)
        return;
    bf_program_destroy(shots->program);
    free(shots);
}

/* One trajectory, from the first gate to what is read of it. */
static bf_status_t run_shot(const bf_shots_t *shots, bf_session_t *session, bf_dim_t bond_limit, uint64_t shot,
                            bf_shot_read_t *read, void *arg, void *result, bf_state_t **state)
{
    bf_state_options_t options = shots->options;
    options.shot = shot;
    BF_TRY(bf_state_create(session, shots->n, &options, state));
    (*state)->bond_limit = bond_limit;
    BF_TRY(bf_state_run(*state, shots->program));
    return read(arg, *state, shot, result);
}

/* The number of the shot in front of what went wrong with it. */
static bf_status_t name_shot(uint64_t shot, bf_status_t status)
{
    char message[4096];
    snprintf(message, sizeof message, "%s", bf_error_message());
    bf_error_clear();
    return bf_error_set(status, "shot %" PRIu64 ": %s", shot, message[0] ? message : bf_status_string(status));
}

bf_status_t bf_shots_one(bf_shots_t *shots, uint64_t shot, bf_shot_read_t *read, void *arg, void *result, bf_state_t **state)
{
    *state = NULL;
    const bf_status_t status = run_shot(shots, shots->session, 0, shot, read, arg, result, state);
    return status == BF_OK ? BF_OK : name_shot(shot, status);
}

/* Side by side. */

/* One trajectory in the calling thread, worker or not. One that outgrew its limit or failed is left to everybody. */
static void run_inside(void *job, size_t i)
{
    const round_t *r = job;
    const bf_shots_t *shots = r->shots;
    const bool shared = bf_session_workers(shots->session) * shots->session->size > 1;
    bf_session_t inside = bf_session_inside(shots->session);
    bf_state_t *state = NULL;
    void *result = r->results + i * r->bytes;
    const bf_status_t status = run_shot(shots, &inside, shared ? HEAVY_BOND : 0, r->first + i, r->read, r->arg, result, &state);
    if (status != BF_OK)
        memset(result, 0, r->bytes);
    r->done[i] = status == BF_OK;
    bf_state_destroy(state);
}

/* StarPU takes longer to start than a few small trajectories to run; one worker would have nobody to share them with. */
static bool stays_in_thread(const bf_session_t *session, double seconds)
{
    if (session->size > 1)
        return false;
    return bf_session_workers(session) == 1 || (!session->started && seconds < BF_PLAN_ALONE_SECONDS);
}

static void tell(const round_t *r, size_t done)
{
    if (r->progress && r->shots->session->rank == 0)
        r->progress(r->arg, done);
}

static bf_status_t submit(bf_shots_t *shots, bf_shot_batch_t *batch, size_t begin, size_t end)
{
    const size_t fair = (end - begin) / (size_t)(TASKS_PER_WORKER * bf_session_workers(shots->session));
    size_t grain = shots->shot_seconds > 0.0 ? (size_t)(TASK_SECONDS / shots->shot_seconds) : 1;
    grain = grain < fair ? grain : fair;
    grain = grain > 1 ? grain : 1;
    for (size_t at = begin; at < end; at += grain)
        if (bf_insert_shots(&shots->session->submit, batch, at, end - at < grain ? end - at : grain) != BF_OK)
            return bf_error_set(BF_ERR_STARPU, "StarPU refused a task (trajectories)");
    return BF_OK;
}

/* Shots [begin, end) of the round, which are this rank's; @p ratio is how many of the round one of them stands for. */
static bf_status_t run_share(round_t *r, size_t begin, size_t end, double ratio)
{
    bf_shots_t *shots = r->shots;
    bf_session_t *session = shots->session;
    const double start = bf_seconds();
    size_t at = begin;
    for (; at < end && stays_in_thread(session, bf_seconds() - start); at++) {
        run_inside(r, at);
        tell(r, at + 1 - begin);
    }
    if (at > begin)
        shots->shot_seconds = (bf_seconds() - start) / (double)(at - begin);
    if (at == end)
        return BF_OK;
    BF_TRY(bf_session_engage(session));
    const double parallel = bf_seconds();
    bf_shot_batch_t batch = {.run = run_inside, .job = r};
    atomic_init(&batch.left, end - at);
    const bf_status_t status = submit(shots, &batch, at, end);
    for (size_t left = end - at; status == BF_OK && left > 0; left = atomic_load_explicit(&batch.left, memory_order_acquire)) {
        tell(r, (size_t)(ratio * (double)(end - begin - left)));
        usleep(WAIT_US);
    }
    starpu_task_wait_for_all();
    shots->shot_seconds = (bf_seconds() - parallel) * bf_session_workers(session) / (double)(end - at);
    return status;
}

/* Each rank a contiguous, even share; then every rank gets all results. */
static bf_status_t side_by_side(round_t *r, size_t count)
{
    bf_session_t *session = r->shots->session;
    const size_t rank = (size_t)session->rank, size = (size_t)session->size;
    const size_t begin = count * rank / size, end = count * (rank + 1) / size;
    const double ratio = end > begin ? (double)count / (double)(end - begin) : 1.0;
    BF_TRY(bf_session_agree(session, run_share(r, begin, end, ratio)));
    bf_session_merge(session, r->done, count);
    bf_session_merge(session, r->results, count * r->bytes);
    return BF_OK;
}

/* Those without a result, one after the other by everybody: the first that fails ends the job with all that is to be said. */
static bf_status_t in_turn(round_t *r, size_t count)
{
    size_t done = 0;
    for (size_t i = 0; i < count; i++)
        done += r->done[i];
    if (2 * (count - done) > count)
        r->shots->in_turn = true;
    bf_error_clear();
    for (size_t i = 0; i < count; i++) {
        if (r->done[i])
            continue;
        bf_state_t *state = NULL;
        const bf_status_t status = bf_shots_one(r->shots, r->first + i, r->read, r->arg, r->results + i * r->bytes, &state);
        bf_state_destroy(state);
        if (status != BF_OK)
            return status;
        tell(r, ++done);
    }
    return BF_OK;
}

bf_status_t bf_shots_many(bf_shots_t *shots, uint64_t first, size_t count, bf_shot_read_t *read, bf_shot_progress_t *progress,
                          void *arg, void *results, size_t bytes)
{
    round_t r = {.shots = shots,
                 .first = first,
                 .read = read,
                 .progress = progress,
                 .arg = arg,
                 .results = results,
                 .bytes = bytes,
                 .done = calloc(count + 1, 1)};
    bf_status_t status = r.done ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu shots", count);
    status = bf_session_agree(shots->session, status);
    memset(results, 0, count * bytes);
    if (status == BF_OK && !shots->in_turn)
        status = side_by_side(&r, count);
    if (status == BF_OK)
        status = in_turn(&r, count);
    free(r.done);
    return status;
}
