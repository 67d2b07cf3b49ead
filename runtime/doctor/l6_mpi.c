/* L6, distributed compute: the ranks, and the way between them. */
#include "kernels/blas_core.h"
#include "runtime/doctor/checks.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

void bf_check_mpi(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 6, "ranks");
    const bf_session_t *session = patient->session;
    bf_find_integer(finding, "ranks", session->size);
    bf_find_integer(finding, "ranks_of_machine", patient->place.size);
    if (!session->launched) {
        bf_find_say(finding, "started alone, without MPI");
        return;
    }
    char library[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(library, &length);
    library[strcspn(library, ",\n")] = '\0';
    bf_find_text(finding, "library", library);
    bf_find_say(finding, "%.80s; %d rank%s, %d on this machine", library, session->size, session->size == 1 ? "" : "s",
                patient->place.size);
    /* StarPU-MPI's thread polls while messages are under way: with fewer than three cores a rank it takes time from a worker. */
    if (session->size > 1 && patient->placed == BF_OK && patient->placement.workers >= patient->placement.cores) {
        bf_find_add(finding, "no core is left for the thread that carries the messages");
        if (patient->options.circuit && bf_circuit_inputs(patient->options.circuit) > 0)
            return; /* rows need no messages */
        if (patient->node_granted < 4)
            bf_find_wrong(finding, BF_WARN, 1.2,
                          "circuit_xyz_exp ...   (one process for so few cores; jobs of rows do not mind)");
        else
            bf_find_wrong(finding, BF_WARN, 1.2, "mpirun -np %d --map-by slot:PE=4 ...   (jobs of rows do not mind)",
                          patient->node_granted / 4);
    }
}

void bf_check_alike(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 6, "alike");
    bf_session_t *session = patient->session;
    char mine[512];
    char first[512];
    snprintf(mine, sizeof mine, "bondflow %s, %.60s kernels of %.200s", BONDFLOW_VERSION, bf_k_blas_core(),
             openblas_get_config());
    memcpy(first, mine, sizeof first);
    if (session->size > 1)
        MPI_Bcast(first, (int)sizeof first, MPI_CHAR, 0, session->comm);
    bf_find_text(finding, "runs", mine);
    if (session->size == 1) {
        bf_find_say(finding, "one rank");
    } else if (strcmp(mine, first) == 0) {
        bf_find_say(finding, "all ranks run the same bondflow and the same kernels");
    } else {
        bf_find_say(finding, "%s; rank 0: %s; the last digits of results depend on who computes", mine, first);
        bf_find_wrong(finding, BF_FAIL, 1.0, "mpirun -x OPENBLAS_CORETYPE=%s ..., or ranks on one kind of machine",
                      bf_k_blas_core());
    }
}

/* Round trips between two ranks. The first byte of each message says whether another follows, so that the one who looks at the
 * clock decides for both. */
enum { SMALL = 8, LARGE = 4 << 20, SMALL_TRIPS = 400, LARGE_TRIPS = 12 };

static double fastest_trip(char *buffer, int bytes, int trips, int partner, bool leads, MPI_Comm comm)
{
    double best = 1e9;
    const double begin = MPI_Wtime();
    for (int trip = 0; trip < trips; trip++) {
        if (leads) {
            buffer[0] = trip + 1 < trips && MPI_Wtime() < begin + 0.15;
            const double start = MPI_Wtime();
            MPI_Send(buffer, bytes, MPI_CHAR, partner, 0, comm);
            MPI_Recv(buffer, bytes, MPI_CHAR, partner, 0, comm, MPI_STATUS_IGNORE);
            const double seconds = MPI_Wtime() - start;
            best = seconds < best ? seconds : best;
        } else {
            MPI_Recv(buffer, bytes, MPI_CHAR, partner, 0, comm, MPI_STATUS_IGNORE);
            MPI_Send(buffer, bytes, MPI_CHAR, partner, 0, comm);
        }
        if (!buffer[0])
            break;
    }
    return best;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Pairs at distance 1, 2, 4, ... (rank XOR distance), all pairs of a distance at once, at most eight distances. Every rank learns
 * the median and the worst of all leaders. */
static void measure_pairs(bf_session_t *session, char *buffer, double *middle, double *worst)
{
    enum { MEASURES = 2 };
    for (int m = 0; m < MEASURES; m++)
        middle[m] = worst[m] = 0.0;
    double *all = calloc((size_t)session->size * 8 * MEASURES, sizeof *all);
    double mine[8 * MEASURES];
    for (int d = 0; d < 8; d++) {
        const int partner = session->rank ^ (1 << d);
        mine[MEASURES * d] = mine[MEASURES * d + 1] = -1.0;
        MPI_Barrier(session->comm);
        if ((1 << d) >= session->size || partner >= session->size)
            continue;
        const bool leads = session->rank < partner;
        const double small = fastest_trip(buffer, SMALL, SMALL_TRIPS, partner, leads, session->comm);
        const double large = fastest_trip(buffer, LARGE, LARGE_TRIPS, partner, leads, session->comm);
        if (leads) {
            mine[MEASURES * d] = small / 2.0;
            mine[MEASURES * d + 1] = large / 2.0;
        }
    }
    if (all)
        MPI_Allgather(mine, 8 * MEASURES, MPI_DOUBLE, all, 8 * MEASURES, MPI_DOUBLE, session->comm);
    for (int m = 0; all && m < MEASURES; m++) {
        double *column = malloc((size_t)session->size * 8 * sizeof *column);
        size_t count = 0;
        for (size_t i = 0; column && i < (size_t)session->size * 8; i++)
            if (all[i * MEASURES + (size_t)m] > 0.0)
                column[count++] = all[i * MEASURES + (size_t)m];
        if (count > 0) {
            qsort(column, count, sizeof *column, compare_doubles);
            middle[m] = column[count / 2];
            worst[m] = column[count - 1];
        }
        free(column);
    }
    free(all);
}

/* A message that takes longer cannot come from a network of a cluster or the memory of a machine whose cores are free. */
#define SLOW_LATENCY_S   100e-6
#define SLOW_BYTES_PER_S 0.5e9

void bf_check_messages(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 6, "messages");
    bf_session_t *session = patient->session;
    if (session->size == 1) {
        bf_find_say(finding, "none: one rank");
        return;
    }
    double middle[2];
    double worst[2];
    char *buffer = calloc(LARGE, 1);
    if (bf_session_agree(session, buffer ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory")) != BF_OK) {
        bf_find_say(finding, "not measured: out of memory");
        bf_error_clear();
        free(buffer);
        return;
    }
    measure_pairs(session, buffer, middle, worst);
    free(buffer);
    bf_find_real(finding, "latency_seconds", middle[0]);
    bf_find_real(finding, "worst_latency_seconds", worst[0]);
    bf_find_real(finding, "bytes_per_second", middle[1] > 0.0 ? LARGE / middle[1] : 0.0);
    bf_find_real(finding, "worst_bytes_per_second", worst[1] > 0.0 ? LARGE / worst[1] : 0.0);
    bf_find_say(finding, "latency %.1f us (worst pair %.1f us), bandwidth %.1f GB/s (worst pair %.1f GB/s)", 1e6 * middle[0],
                1e6 * worst[0], 1e-9 * LARGE / middle[1], 1e-9 * LARGE / worst[1]);
    if (worst[0] <= SLOW_LATENCY_S && LARGE / worst[1] >= SLOW_BYTES_PER_S)
        return;
    if (patient->place.size == session->size)
        bf_find_wrong(finding, BF_WARN, 1.5, "no more than %d ranks on this machine, and nothing else beside them: see `clock`",
                      patient->node_granted);
    else
        bf_find_wrong(finding, BF_WARN, 1.5, "ompi_info | grep -E ' (btl|pml):'   (is the fast network in use?)");
}
