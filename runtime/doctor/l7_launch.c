/* L7, orchestration: does the launch match what the batch system gave, and are the tools there? */
#include "runtime/doctor/checks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int number_in(const char *name)
{
    const char *value = bf_set_in_environment(name);
    return value ? atoi(value) : 0;
}

/* Slurm: the counts of the step, else of the job. */
static void check_slurm(const bf_patient_t *patient, bf_finding_t *finding)
{
    const int ranks = patient->session->size;
    const bool by_srun = bf_set_in_environment("SLURM_STEP_ID") != NULL && bf_set_in_environment("SLURM_PROCID") != NULL;
    const int step_tasks = number_in("SLURM_STEP_NUM_TASKS");
    const int tasks = by_srun && step_tasks > 0 ? step_tasks : number_in("SLURM_NTASKS");
    const int cpus = number_in("SLURM_CPUS_PER_TASK");
    const int threads = patient->cores > 0 ? patient->pus / patient->cores : 1;
    bf_find_say(finding, "Slurm job %s: %d task%s", bf_set_in_environment("SLURM_JOB_ID"), tasks, tasks == 1 ? "" : "s");
    if (cpus > 0)
        bf_find_add(finding, "%d processors each", cpus);
    bf_find_integer(finding, "tasks", tasks);
    bf_find_integer(finding, "cpus_per_task", cpus);
    if (tasks > 1 && ranks == 1 && by_srun && !patient->session->launched) {
        bf_find_add(finding, "srun started %d programs that do not know of each other: each does all the work", tasks);
        bf_find_wrong(finding, BF_FAIL, tasks, "srun --mpi=pmix ...   (srun --mpi=list says what there is), or mpirun");
    } else if (tasks > 1 && ranks == 1) {
        bf_find_add(finding, "but one rank was started");
        bf_find_wrong(finding, BF_FAIL, tasks, "srun circuit_xyz_exp ..., or mpirun circuit_xyz_exp ...");
    } else if (tasks > 0 && ranks != tasks) {
        bf_find_add(finding, "but %d ranks were started", ranks);
        bf_find_wrong(finding, BF_WARN, (double)tasks / ranks, "srun circuit_xyz_exp ...   (starts one rank per task)");
    } else if (cpus > 0 && patient->place.size > 0 && patient->placed == BF_OK && patient->placement.cores * threads < cpus) {
        bf_find_add(finding, "but a rank may use %d core%s", patient->placement.cores, patient->placement.cores == 1 ? "" : "s");
        bf_find_wrong(
            finding, BF_FAIL, (double)cpus / (patient->placement.cores * threads),
            "export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK   (since Slurm 22.05 srun does not follow sbatch by itself)");
    }
}

void bf_check_launch(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 7, "launch");
    bf_find_text(finding, "batch_system",
                 bf_set_in_environment("SLURM_JOB_ID") ? "Slurm"
                 : bf_set_in_environment("PBS_JOBID")  ? "PBS"
                 : bf_set_in_environment("LSB_JOBID")  ? "LSF"
                                                       : NULL);
    if (bf_set_in_environment("SLURM_JOB_ID")) {
        check_slurm(patient, finding);
        return;
    }
    const int world = number_in("OMPI_COMM_WORLD_SIZE") > 0 ? number_in("OMPI_COMM_WORLD_SIZE") : number_in("PMI_SIZE");
    bf_find_say(finding, "no batch system seen; %s",
                patient->session->launched ? "started by an MPI launcher" : "started by hand");
    if (world > 1 && patient->session->size == 1) {
        bf_find_add(finding, "the launcher started %d programs, and this MPI sees one", world);
        bf_find_wrong(finding, BF_FAIL, world,
                      "use the mpirun that belongs to the MPI bondflow was built with: ldd $(command -v "
                      "circuit_xyz_exp) | grep libmpi");
    }
}

/* Whether the shell would find a program. */
static bool in_path(const char *program)
{
    const char *path = getenv("PATH");
    while (path && *path) {
        const size_t length = strcspn(path, ":");
        char full[4096];
        if (length > 0 && (size_t)snprintf(full, sizeof full, "%.*s/%s", (int)length, path, program) < sizeof full &&
            access(full, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

void bf_check_tools(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 7, "tools");
    static const struct tool {
        const char *program, *package, *purpose;
    } tools[] = {
        {"vite", "vite", "shows traces"}, {"dot", "graphviz", "draws graphs"}, {"gnuplot", "gnuplot-nox", "draws curves"}};
    char missing[128] = "";
    char packages[128] = "";
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        const bool there = in_path(tools[i].program);
        bf_find_text(finding, tools[i].program, there ? "yes" : "no");
        if (there)
            continue;
        const size_t used = strlen(missing);
        snprintf(missing + used, sizeof missing - used, "%s%s (%s)", used ? ", " : "", tools[i].program, tools[i].purpose);
        snprintf(packages + strlen(packages), sizeof packages - strlen(packages), " %s", tools[i].package);
    }
    if (!missing[0]) {
        bf_find_say(finding, "ViTE, Graphviz and gnuplot are here");
        return;
    }
    bf_find_say(finding, "missing: %s", missing);
    bf_find_wrong(finding, BF_WARN, 1.0, "apt install%s", packages);
}
