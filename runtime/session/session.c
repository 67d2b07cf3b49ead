/* Start and stop of MPI and StarPU, and the only correct way to wait for everything. */
#include "runtime/session/session.h"

#include "codelets/arena.h"
#include "codelets/trace.h"
#include "kernels/blas_core.h"

#include <cblas.h>
#include <limits.h>
#include <malloc.h>
#include <starpu_mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Variables by which OpenMPI, MPICH and Slurm tell a process that it was launched. */
static bool launched_by_mpi(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "MPI_LOCALNRANKS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]))
            return true;
    return false;
}

static bf_status_t join_ranks(bf_session_t *session, int *argc, char ***argv)
{
    int provided = 0;
    if (MPI_Init_thread(argc, argv, MPI_THREAD_MULTIPLE, &provided) != MPI_SUCCESS)
        return bf_error_set(BF_ERR_MPI, "MPI_Init_thread failed");
    session->launched = true;
    MPI_Comm_rank(MPI_COMM_WORLD, &session->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &session->size);
    MPI_Comm_dup(MPI_COMM_WORLD, &session->comm);
    MPI_Comm_dup(MPI_COMM_WORLD, &session->submit.comm);
    if (session->size > 1 && provided < MPI_THREAD_MULTIPLE)
        return bf_error_set(BF_ERR_MPI,
                            "this MPI offers thread level %d, MPI_THREAD_MULTIPLE (%d) is needed with more than one rank",
                            provided, MPI_THREAD_MULTIPLE);
    return BF_OK;
}

bf_status_t bf_session_create(int *argc, char ***argv, bf_session_t **session)
{
    *session = NULL;
    bf_session_t *s = calloc(1, sizeof *s);
    if (!s)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    s->size = 1;
    if (launched_by_mpi()) {
        const bf_status_t status = join_ranks(s, argc, argv);
        if (status != BF_OK) {
            bf_session_destroy(s);
            return status;
        }
    }
    s->submit.rank = s->rank;
    *session = s;
    return BF_OK;
}

bf_status_t bf_session_check_scheduler(const char *from, const char *wanted)
{
    if (!wanted || !*wanted)
        return BF_OK;
    char known[1024] = "";
    struct starpu_sched_policy **policies = starpu_sched_get_predefined_policies();
    for (; *policies; policies++) {
        if (strcmp((*policies)->policy_name, wanted) == 0)
            return BF_OK;
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", (*policies)->policy_name);
    }
    return bf_error_set(BF_ERR_INPUT, "%s%s is not a scheduler of this StarPU; it knows %s", from, wanted, known);
}

/* What the user asked StarPU for by its own variables stays as asked. */
static bool binding_by_user(void)
{
    return getenv("STARPU_WORKERS_CPUID") || getenv("STARPU_WORKERS_COREID") || getenv("STARPU_WORKERS_NOBIND") ||
           getenv("STARPU_WORKERS_GETBIND");
}

static void configure(struct starpu_conf *conf, const bf_placement_t *placement, bool mpi)
{
    starpu_conf_init(conf);
    conf->ncpus = placement->workers;
    conf->ncuda = 0;
    conf->nopencl = 0;
    if (!placement->bind && !binding_by_user())
        setenv("STARPU_WORKERS_NOBIND", "1", 1);
    if (placement->bind && !binding_by_user()) {
        conf->use_explicit_workers_bindid = 1;
        memcpy(conf->workers_bindid, placement->worker_core, sizeof placement->worker_core);
    }
    if (mpi && !getenv("STARPU_MPI_NOBIND") && placement->workers >= placement->cores)
        setenv("STARPU_MPI_NOBIND", "1", 1); /* no core to spare for its thread */
    /* StarPU's own start-up hints repeat, on every rank, what the description says once. */
    setenv("STARPU_SILENT", "1", 0);
    /* A StarPU with FxT would record every run into /tmp, unasked. */
    setenv("STARPU_FXT_TRACE", "0", 0);
}

static void describe(bf_session_t *session)
{
    const bf_placement_t *placement = &session->placement;
    int major;
    int minor;
    int release;
    starpu_get_version(&major, &minor, &release);
    const char *scheduler = getenv("STARPU_SCHED");
    snprintf(session->description, sizeof session->description,
             "StarPU %d.%d.%d%s, scheduler %s; %d rank%s x %d worker%s on %d core%s a rank, %s; one BLAS thread each (OpenBLAS, "
             "%s kernels)",
             major, minor, release, session->submit.mpi ? " with MPI" : "", scheduler && *scheduler ? scheduler : "lws",
             session->size, session->size == 1 ? "" : "s", placement->workers, placement->workers == 1 ? "" : "s",
             placement->cores, placement->cores == 1 ? "" : "s",
             binding_by_user() ? "binding left to the environment"
             : placement->bind ? "bound"
                               : "not bound",
             openblas_get_corename());
}

static void warn(bf_session_t *session)
{
    const bf_placement_t *placement = &session->placement;
    const char *kernels = bf_k_blas_core_hint();
    char blas[160] = "";
    if (kernels)
        snprintf(blas, sizeof blas,
                 "this OpenBLAS does not know the processor and runs its slowest kernels: set OPENBLAS_CORETYPE=%s", kernels);
    snprintf(session->warnings, sizeof session->warnings, "%s%s%s", placement->note, placement->note[0] && kernels ? "\n" : "",
             blas);
}

bf_status_t bf_session_engage(bf_session_t *session)
{
    if (session->started)
        return BF_OK;
    starpu_malloc_set_align(BF_ALIGN);
    struct starpu_conf conf;
    configure(&conf, &session->placement, session->submit.mpi);
    const int code = session->submit.mpi ? starpu_mpi_init_conf(NULL, NULL, 0, session->submit.comm, &conf) : starpu_init(&conf);
    if (code != 0)
        return bf_error_set(BF_ERR_TOPOLOGY, "StarPU could not start (%d): no CPU worker; check STARPU_NCPU and the binding",
                            code);
    session->started = true;
    if (session->submit.mpi)
        starpu_mpi_cache_set(0); /* every received site is rewritten before it is read again; and pruning stays simple */
    return BF_OK;
}

/* Everything but StarPU itself: cores, BLAS, memory. */
static bf_status_t make_ready(bf_session_t *session, bool mpi)
{
    bf_place_t place;
    bf_status_t status = bf_place_find(session, &place);
    if (status == BF_OK)
        status = bf_session_check_scheduler("STARPU_SCHED=", getenv("STARPU_SCHED"));
    if (status == BF_OK)
        status = bf_placement_find(&place, mpi, &session->placement);
    status = bf_session_agree(session, status);
    if (status != BF_OK)
        return status;

    openblas_set_num_threads(1);
    mallopt(M_MMAP_THRESHOLD, 1 << 30); /* tensors of a few MiB come and go: keep their pages */
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    session->submit.mpi = mpi;
    describe(session);
    warn(session);
    session->ready = true;
    return BF_OK;
}

bf_status_t bf_session_start(bf_session_t *session)
{
    const bool mpi = session->size > 1;
    BF_TRY(make_ready(session, mpi));
    return mpi ? bf_session_agree(session, bf_session_engage(session)) : BF_OK;
}

bf_status_t bf_session_start_apart(bf_session_t *session)
{
    BF_TRY(make_ready(session, false));
    return bf_session_agree(session, bf_session_engage(session));
}

bf_session_t bf_session_alone(const bf_session_t *session)
{
    bf_session_t alone = *session;
    alone.rank = 0;
    alone.size = 1;
    alone.submit = (bf_submit_t){0};
    return alone;
}

bf_session_t bf_session_inside(const bf_session_t *session)
{
    bf_session_t inside = bf_session_alone(session);
    inside.inside = true;
    return inside;
}

void bf_session_destroy(bf_session_t *session)
{
    if (!session)
        return;
    if (session->started) {
        if (session->submit.mpi)
            starpu_mpi_shutdown();
        else
            starpu_shutdown();
    }
    bf_arena_release();
    if (session->launched) {
        MPI_Comm_free(&session->comm);
        MPI_Comm_free(&session->submit.comm);
        MPI_Finalize();
    }
    free(session);
}

int bf_session_rank(const bf_session_t *session)
{
    return session->rank;
}

int bf_session_size(const bf_session_t *session)
{
    return session->size;
}

int bf_session_workers(const bf_session_t *session)
{
    return session->ready ? session->placement.workers : 0;
}

const char *bf_session_describe(const bf_session_t *session)
{
    return session->description;
}

const char *bf_session_warnings(const bf_session_t *session)
{
    return session->warnings;
}

bf_status_t bf_session_agree(bf_session_t *session, bf_status_t mine)
{
    if (session->size == 1)
        return mine;
    /* The lowest rank with the most severe status speaks for all. */
    struct {
        int code;
        int rank;
    } local = {mine < 0 ? (int)mine : 0, session->rank}, worst;
    MPI_Allreduce(&local, &worst, 1, MPI_2INT, MPI_MINLOC, session->comm);
    if (worst.code == 0)
        return mine;
    char message[4096] = "";
    if (session->rank == worst.rank)
        snprintf(message, sizeof message, "%s", bf_error_message());
    MPI_Bcast(message, (int)sizeof message, MPI_CHAR, worst.rank, session->comm);
    bf_error_clear();
    return bf_error_set((bf_status_t)worst.code, "%s", message);
}

void bf_session_quiesce(bf_session_t *session, const starpu_data_handle_t *owned, size_t n_owned)
{
    int64_t begin = bf_trace_stamp();
    starpu_task_wait_for_all();
    bf_trace_phase(BF_PHASE_WAIT, begin);
    if (session->size == 1)
        return;
    begin = bf_trace_stamp();
    for (size_t i = 0; i < n_owned; i++) {
        starpu_data_acquire_on_node(owned[i], STARPU_MAIN_RAM, STARPU_R);
        starpu_data_release_on_node(owned[i], STARPU_MAIN_RAM);
    }
    MPI_Barrier(session->comm);
    bf_trace_phase(BF_PHASE_SYNC, begin);
}

void bf_session_merge(bf_session_t *session, void *data, size_t bytes)
{
    if (session->size == 1)
        return;
    char *at = data;
    while (bytes > 0) {
        const int count = bytes > INT_MAX / 2 ? INT_MAX / 2 : (int)bytes;
        MPI_Allreduce(MPI_IN_PLACE, at, count, MPI_BYTE, MPI_BOR, session->comm);
        at += count;
        bytes -= (size_t)count;
    }
}
