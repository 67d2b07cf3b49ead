/* One visit: who is examined, then one check after the other. */
#include "runtime/doctor/doctor.h"

#include "codelets/host.h"
#include "runtime/circuit/template.h"
#include "runtime/doctor/checks.h"
#include "runtime/seconds.h"

#include <cblas.h>
#include <string.h>
#include <unistd.h>

static void join_neighbours(bf_patient_t *patient)
{
    const bf_session_t *session = patient->session;
    patient->local = MPI_COMM_NULL;
    if (bf_place_find(session, &patient->place) != BF_OK)
        bf_error_clear(); /* the placement will say it again */
    if (session->size == 1)
        return;
    MPI_Comm_split_type(session->comm, MPI_COMM_TYPE_SHARED, session->rank, MPI_INFO_NULL, &patient->local);
}

/* Cores this process may use: hwloc's view of its binding. */
static int granted_cores(hwloc_topology_t topology)
{
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (hwloc_get_cpubind(topology, set, HWLOC_CPUBIND_PROCESS) != 0)
        hwloc_bitmap_copy(set, hwloc_topology_get_allowed_cpuset(topology));
    int count = 0;
    for (hwloc_obj_t core = NULL; (core = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_CORE, core));)
        count += hwloc_bitmap_intersects(core->cpuset, set) ? 1 : 0;
    hwloc_bitmap_free(set);
    return count;
}

/* Cores that any rank of this machine may use: ranks bound apart have more together than each. */
static int granted_together(const bf_patient_t *patient)
{
    if (patient->local == MPI_COMM_NULL || !patient->topology)
        return patient->granted;
    enum { WORDS = 64 };
    unsigned long mine[WORDS] = {0};
    unsigned long all[WORDS] = {0};
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (hwloc_get_cpubind(patient->topology, set, HWLOC_CPUBIND_PROCESS) != 0)
        hwloc_bitmap_copy(set, hwloc_topology_get_allowed_cpuset(patient->topology));
    const int bits = (int)(8 * sizeof *mine);
    for (hwloc_obj_t core = NULL; (core = hwloc_get_next_obj_by_type(patient->topology, HWLOC_OBJ_CORE, core));)
        if ((int)core->logical_index < WORDS * bits && hwloc_bitmap_intersects(core->cpuset, set))
            mine[(int)core->logical_index / bits] |= 1UL << ((int)core->logical_index % bits);
    hwloc_bitmap_free(set);
    MPI_Allreduce(mine, all, WORDS, MPI_UNSIGNED_LONG, MPI_BOR, patient->local);
    int count = 0;
    for (int w = 0; w < WORDS; w++)
        count += __builtin_popcountl(all[w]);
    return count;
}

static void look_at_machine(bf_patient_t *patient)
{
    if (hwloc_topology_init(&patient->topology) == 0 && hwloc_topology_load(patient->topology) != 0) {
        hwloc_topology_destroy(patient->topology);
        patient->topology = NULL;
    }
    patient->nodes = 1;
    if (patient->topology) {
        patient->cores = hwloc_get_nbobjs_by_type(patient->topology, HWLOC_OBJ_CORE);
        patient->pus = hwloc_get_nbobjs_by_type(patient->topology, HWLOC_OBJ_PU);
        patient->nodes = hwloc_get_nbobjs_by_type(patient->topology, HWLOC_OBJ_NUMANODE);
        patient->granted = granted_cores(patient->topology);
    }
    patient->node_granted = granted_together(patient);
    patient->quota = bf_host_cpu_quota();
    patient->placed = bf_placement_find(&patient->place, patient->session->size > 1, &patient->placement);
    if (patient->placed != BF_OK) {
        snprintf(patient->unplaced, sizeof patient->unplaced, "%s", bf_error_message());
        bf_error_clear();
        patient->placement = (bf_placement_t){0};
    }
}

static void introduce(const bf_patient_t *patient, bf_checkup_t *checkup)
{
    const bf_host_memory_t memory = bf_host_memory();
    int major;
    int minor;
    int release;
    starpu_get_version(&major, &minor, &release);
    checkup->ranks = patient->session->size;
    if (gethostname(checkup->host, sizeof checkup->host - 1) != 0)
        snprintf(checkup->host, sizeof checkup->host, "this machine");
    snprintf(checkup->machine, sizeof checkup->machine, "%d core%s, %.1f GiB; StarPU %d.%d.%d; %d rank%s", patient->cores,
             patient->cores == 1 ? "" : "s", (double)memory.total / (double)(1 << 30), major, minor, release, checkup->ranks,
             checkup->ranks == 1 ? "" : "s");
}

/* In the order of layers; each of them on every rank. */
static void check_all(bf_patient_t *patient)
{
    const bool quick = patient->options.quick;
    if (patient->options.circuit) {
        bf_check_model(patient);
        bf_check_decomposition(patient);
    }
    bf_check_memory(patient);
    bf_check_pages(patient);
    bf_check_numa(patient);
    if (!quick)
        bf_check_bandwidth(patient);
    bf_check_blas(patient);
    bf_check_kernels(patient);
    if (!quick)
        bf_check_speed(patient);
    bf_check_cores(patient);
    bf_check_workers(patient);
    bf_check_binding(patient);
    bf_check_blas_threads(patient);
    if (!quick)
        bf_check_clock(patient);
    bf_check_starpu(patient);
    bf_check_scheduler(patient);
    bf_check_home(patient);
    if (!quick)
        bf_check_start(patient);
    bf_check_mpi(patient);
    bf_check_alike(patient);
    if (!quick)
        bf_check_messages(patient);
    bf_check_launch(patient);
    bf_check_tools(patient);
}

static void foresee(bf_patient_t *patient)
{
    if (!patient->program || patient->placed != BF_OK)
        return;
    const bf_machine_t machine = {
        .cores = patient->node_granted, .process_workers = STARPU_MAXCPUS, .memory_bytes = bf_host_memory().available};
    patient->foreseen =
        bf_forecast_make(patient->program, bf_circuit_inputs(patient->options.circuit) > 0, patient->options.max_dim, &machine,
                         patient->session->size, patient->placement.workers, &patient->forecast) == BF_OK;
}

/* A circuit with free inputs is looked at as a template. What cannot be lowered was refused by the program before. */
static void examine_with_program(bf_patient_t *patient)
{
    const bf_circuit_t *circuit = patient->options.circuit;
    bf_program_t *program = NULL;
    bf_template_t *lowered = NULL;
    if (circuit && bf_circuit_inputs(circuit) == 0 &&
        bf_circuit_lower(circuit, bf_circuit_qubits(circuit), NULL, &program) == BF_OK)
        patient->program = program;
    if (circuit && bf_circuit_inputs(circuit) > 0 && bf_template_create(circuit, &lowered) == BF_OK)
        patient->program = bf_template_program(lowered);
    foresee(patient);
    check_all(patient);
    bf_template_destroy(lowered);
    bf_program_destroy(program);
}

void bf_doctor_examine(bf_session_t *session, const bf_doctor_options_t *options, bf_checkup_t *checkup)
{
    const double begin = bf_seconds();
    bf_patient_t patient = {.session = session, .options = *options, .checkup = checkup};
    *checkup = (bf_checkup_t){0};
    openblas_set_num_threads(1); /* as every session does */
    join_neighbours(&patient);
    look_at_machine(&patient);
    introduce(&patient, checkup);
    examine_with_program(&patient);
    bf_find_worst(session, checkup);
    if (patient.topology)
        hwloc_topology_destroy(patient.topology);
    if (patient.local != MPI_COMM_NULL)
        MPI_Comm_free(&patient.local);
    checkup->seconds = bf_seconds() - begin;
}
