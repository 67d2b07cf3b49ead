/* L5, concurrency: cores, workers, threads, clock. One busy thread per core, never two. */
#include "codelets/host.h"
#include "runtime/doctor/checks.h"
#include "runtime/doctor/measure.h"

#include <stdlib.h>
#include <string.h>

void bf_check_cores(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "cores");
    if (!patient->topology) {
        bf_find_say(finding, "hwloc cannot read this machine's topology");
        bf_find_wrong(finding, BF_FAIL, 1.0, "unset HWLOC_XMLFILE HWLOC_SYNTHETIC HWLOC_COMPONENTS");
        return;
    }
    bf_find_integer(finding, "cores", patient->cores);
    bf_find_integer(finding, "hardware_threads", patient->pus);
    bf_find_integer(finding, "granted", patient->node_granted);
    bf_find_real(finding, "quota", patient->quota);
    bf_find_say(finding, "%d of %d core%s may be used", patient->node_granted, patient->cores, patient->cores == 1 ? "" : "s");
    if (patient->pus > patient->cores)
        bf_find_add(finding, "%d hardware threads, one worker per core", patient->pus);
    if (!hwloc_topology_is_thissystem(patient->topology))
        bf_find_add(finding, "the topology is not this machine's (HWLOC_XMLFILE or HWLOC_SYNTHETIC)");
    if (patient->quota > 0.0 && patient->quota < (double)patient->node_granted) {
        bf_find_add(finding, "a cgroup allows %.2f cores' worth of time", patient->quota);
        bf_find_wrong(finding, BF_WARN, (double)patient->node_granted / patient->quota,
                      "raise the limit: docker run --cpus=%d, or resources.limits.cpu: %d", patient->node_granted,
                      patient->node_granted);
    }
    if (patient->node_granted < patient->cores && !bf_set_in_environment("SLURM_JOB_ID"))
        bf_find_wrong(finding, BF_WARN, (double)patient->cores / (double)(patient->node_granted > 0 ? patient->node_granted : 1),
                      "start without taskset; under mpirun add --bind-to none");
}

/* Cores that several ranks of this machine put workers on. */
static int shared_cores(const bf_patient_t *patient)
{
    if (patient->local == MPI_COMM_NULL)
        return 0;
    enum { CORES = 4096 };
    int *users = calloc(CORES, sizeof *users);
    int *all = calloc(CORES, sizeof *all);
    int shared = 0;
    for (int worker = 0; users && patient->placed == BF_OK && patient->placement.bind && worker < patient->placement.workers;
         worker++)
        if (patient->placement.worker_core[worker] < CORES)
            users[patient->placement.worker_core[worker]] = 1;
    if (users && all)
        MPI_Allreduce(users, all, CORES, MPI_INT, MPI_SUM, patient->local);
    for (int core = 0; all && core < CORES; core++)
        shared += all[core] > 1 ? 1 : 0;
    free(users);
    free(all);
    return shared;
}

void bf_check_workers(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "workers");
    int workers = patient->placed == BF_OK ? patient->placement.workers : 0;
    const int mine = workers;
    if (patient->local != MPI_COMM_NULL)
        MPI_Allreduce(&mine, &workers, 1, MPI_INT, MPI_SUM, patient->local);
    if (patient->placed != BF_OK) {
        bf_find_say(finding, "%s", patient->unplaced);
        bf_find_wrong(finding, BF_FAIL, 1.0, "unset STARPU_NCPU");
        return;
    }
    const int cores = patient->node_granted;
    const char *asked = bf_set_in_environment("STARPU_NCPU");
    bf_find_integer(finding, "workers_of_rank", mine);
    bf_find_integer(finding, "workers_of_machine", workers);
    bf_find_integer(finding, "ranks_of_machine", patient->place.size);
    bf_find_say(finding, "%d rank%s x %d worker%s = %d on %d core%s", patient->place.size, patient->place.size == 1 ? "" : "s",
                mine, mine == 1 ? "" : "s", workers, cores, cores == 1 ? "" : "s");
    if (workers > cores)
        bf_find_wrong(finding, BF_FAIL, (double)workers / (double)(cores > 0 ? cores : 1),
                      asked ? "unset STARPU_NCPU   (each rank then takes its share of the cores)"
                            : "start at most %d rank%s on this machine: mpirun -np %d",
                      cores, cores == 1 ? "" : "s", cores);
    else if (asked && 10 * workers < 9 * cores)
        bf_find_wrong(finding, BF_WARN, (double)cores / (double)workers,
                      "unset STARPU_NCPU   (it asks for %s of %d cores a rank)", asked, patient->placement.cores);
    else if (patient->placement.note[0] && patient->placement.quota <= 0.0) {
        bf_find_add(finding, "this StarPU allows %d a process", STARPU_MAXCPUS);
        bf_find_wrong(finding, workers * 2 <= cores ? BF_FAIL : BF_WARN, (double)cores / (double)workers,
                      "mpirun -np %d circuit_xyz_exp ..., or a StarPU without the limit: scripts/build-starpu",
                      (cores + STARPU_MAXCPUS - 1) / STARPU_MAXCPUS);
    }
}

void bf_check_binding(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "binding");
    static const char *const asked[] = {"STARPU_WORKERS_NOBIND", "STARPU_WORKERS_CPUID", "STARPU_WORKERS_COREID",
                                        "STARPU_WORKERS_GETBIND"};
    const int shared = shared_cores(patient);
    bf_find_integer(finding, "shared_cores", shared);
    bf_find_text(finding, "bound", patient->placed == BF_OK && patient->placement.bind ? "yes" : "no");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        const char *value = bf_set_in_environment(asked[i]);
        if (!value)
            continue;
        bf_find_say(finding, "%s=%s: bondflow leaves the binding to it", asked[i], value);
        bf_find_wrong(finding, BF_WARN, 1.1, "unset %s   (bondflow binds one worker to each core of the rank)", asked[i]);
        return;
    }
    if (shared > 0) {
        bf_find_say(finding, "%d core%s carr%s workers of several ranks: they are bound to the same cores", shared,
                    shared == 1 ? "" : "s", shared == 1 ? "ies" : "y");
        bf_find_wrong(finding, BF_FAIL, 2.0, "mpirun --map-by slot:PE=%d --bind-to core ...",
                      patient->node_granted > patient->place.size ? patient->node_granted / patient->place.size : 1);
    } else if (patient->placed != BF_OK || !patient->placement.bind) {
        bf_find_say(finding, "workers are not bound: there are more of them than cores, or a time limit instead of cores");
    } else {
        bf_find_say(finding, "each worker on a core of its own, no two ranks on one");
    }
}

void bf_check_blas_threads(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "blas-threads");
    static const char *const names[] = {"OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"}; /* in OpenBLAS's order */
    const char *name = NULL;
    const char *value = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !value; i++) {
        name = names[i];
        value = bf_set_in_environment(name);
    }
    const int threads = value ? atoi(value) : 1;
    const int workers = patient->placed == BF_OK ? patient->placement.workers : 1;
    const long total = (long)patient->place.size * workers * threads;
    bf_find_text(finding, "set_by", value ? name : NULL);
    bf_find_integer(finding, "threads", threads);
    bf_find_say(finding, "one BLAS thread per worker, set by bondflow");
    if (threads <= 1)
        return;
    bf_find_add(finding, "%s=%d asks for %d x %d x %d = %ld threads on %d cores", name, threads, patient->place.size, workers,
                threads, total, patient->node_granted);
    if (total > patient->node_granted)
        bf_find_wrong(finding, BF_WARN, 1.0, "export %s=1   (for the other programs of this job; bondflow does not follow it)",
                      name);
}

/* Runnable processes of the last minute that are not ours. */
static double load_average(void)
{
    char text[128];
    return bf_host_read("/proc/loadavg", text, sizeof text) ? strtod(text, NULL) : 0.0;
}

/* The processor's own top speed, 0 where it is not told (most virtual machines). */
static double nominal_hz(void)
{
    char text[64];
    if (!bf_host_read("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", text, sizeof text))
        return 0.0;
    return 1e3 * strtod(text, NULL);
}

void bf_check_clock(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "clock");
    const bf_clock_t clock = bf_measure_clock();
    const double nominal = nominal_hz();
    const double load = load_average();
    bf_find_real(finding, "best_hz", clock.best_hz);
    bf_find_real(finding, "median_hz", clock.median_hz);
    bf_find_real(finding, "nominal_hz", nominal);
    bf_find_real(finding, "share_of_core", clock.share);
    bf_find_real(finding, "load", load);
    bf_find_say(finding, "%.2f GHz", 1e-9 * clock.median_hz);
    if (nominal > 0.0)
        bf_find_add(finding, "the processor's top is %.2f GHz", 1e-9 * nominal);
    if (clock.share < 0.9) {
        bf_find_add(finding, "this process got %.0f %% of its core: others run here, load %.1f", 100.0 * clock.share, load);
        bf_find_wrong(finding, BF_WARN, 1.0 / clock.share, "top -b -n 1 | head -n 20   (stop what else runs here)");
    } else if (clock.median_hz < 0.85 * clock.best_hz || clock.median_hz < 0.6 * nominal) {
        bf_find_add(finding, "best %.2f GHz: the clock is held back, by heat, power, or a neighbour on the same core",
                    1e-9 * clock.best_hz);
        bf_find_wrong(finding, BF_WARN, (nominal > clock.best_hz ? nominal : clock.best_hz) / clock.median_hz,
                      "cpupower frequency-set -g performance   (as root), and look at the cooling");
    }
}
