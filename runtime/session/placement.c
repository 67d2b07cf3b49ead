/* Which cores the workers of this rank get. StarPU 1.3 ignores the launcher's binding and would put every rank on the
 * same first cores; so the allowed cores are found here and shared out. */
#include "codelets/host.h"
#include "runtime/session/session.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CORES = 4096 };

/* The cores with at least one processing unit in the set this process may use. */
typedef struct core_list {
    unsigned core[MAX_CORES]; /* logical indices */
    int count;
} core_list_t;

/* hwloc, here and inside StarPU, would also look for graphics cards and disks: it reads the configuration of every PCI device and
 * knocks at every X server, for 15 to 20 ms a start, and nothing of it is used. */
static void look_for_cores_only(void)
{
    setenv("HWLOC_PLUGINS_PATH", "/nowhere", 0); /* PCI, OpenCL, X11 */
    /* Disks, network cards. This variable would have hwloc overlook those that name another topology. */
    if (!getenv("HWLOC_SYNTHETIC") && !getenv("HWLOC_XMLFILE") && !getenv("HWLOC_FSROOT"))
        setenv("HWLOC_COMPONENTS", "-linuxio", 0);
}

static bf_status_t allowed_cores(core_list_t *list)
{
    look_for_cores_only();
    hwloc_topology_t topology;
    if (hwloc_topology_init(&topology) != 0 || hwloc_topology_load(topology) != 0)
        return bf_error_set(BF_ERR_TOPOLOGY, "hwloc could not read this machine's topology");
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (!set || hwloc_get_cpubind(topology, set, HWLOC_CPUBIND_PROCESS) != 0) {
        hwloc_bitmap_free(set);
        set = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology));
    }
    list->count = 0;
    for (hwloc_obj_t core = NULL; (core = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_CORE, core)) && list->count < MAX_CORES;)
        if (hwloc_bitmap_intersects(core->cpuset, set))
            list->core[list->count++] = core->logical_index;
    hwloc_bitmap_free(set);
    hwloc_topology_destroy(topology);
    if (list->count == 0)
        return bf_error_set(BF_ERR_TOPOLOGY, "no core may be used by this process; check taskset, cgroups and the batch system");
    return BF_OK;
}

bf_status_t bf_place_find(const bf_session_t *session, bf_place_t *place)
{
    *place = (bf_place_t){.size = 1};
    if (session->size == 1)
        return BF_OK;
    core_list_t list = {.count = 0};
    const bf_status_t status = allowed_cores(&list);
    unsigned char mine[MAX_CORES] = {0};
    unsigned char any[MAX_CORES];
    unsigned char all[MAX_CORES];
    for (int i = 0; i < list.count; i++)
        if (list.core[i] < MAX_CORES)
            mine[list.core[i]] = 1;
    MPI_Comm local;
    MPI_Comm_split_type(session->comm, MPI_COMM_TYPE_SHARED, session->rank, MPI_INFO_NULL, &local);
    MPI_Comm_rank(local, &place->rank);
    MPI_Comm_size(local, &place->size);
    MPI_Allreduce(mine, any, MAX_CORES, MPI_UNSIGNED_CHAR, MPI_BOR, local);
    MPI_Allreduce(mine, all, MAX_CORES, MPI_UNSIGNED_CHAR, MPI_BAND, local);
    MPI_Comm_free(&local);
    place->apart = memcmp(any, all, sizeof any) != 0;
    return status;
}

static int int_from_env(const char *name, int otherwise)
{
    const char *text = getenv(name);
    return text && *text ? atoi(text) : otherwise;
}

static void note_limits(bf_placement_t *placement, int wanted)
{
    if (wanted > placement->workers)
        snprintf(placement->note, sizeof placement->note,
                 "this StarPU allows %d CPU workers a process and %d cores are here: start more ranks (e.g. mpirun -np %d) or "
                 "build StarPU without the limit (scripts/build-starpu); bondflow_doctor says more",
                 STARPU_MAXCPUS, wanted, (wanted + STARPU_MAXCPUS - 1) / STARPU_MAXCPUS * placement->local_size);
    else if (placement->quota > 0.0)
        snprintf(placement->note, sizeof placement->note,
                 "a cgroup allows %.2f cores' worth of time on this machine, so no more workers than that, not bound to cores; "
                 "bondflow_doctor says more",
                 placement->quota);
}

/* A limit on time is not a set of cores: as many workers as the time lasts for, on whatever cores the system finds idle. Bound to
 * the first cores they would meet the workers of every other container there. */
static int limit_by_quota(bf_placement_t *placement, int cores)
{
    const double quota = bf_host_cpu_quota();
    const int share = (int)(quota / placement->local_size);
    if (quota <= 0.0 || share >= cores)
        return cores;
    placement->quota = quota;
    return share > 0 ? share : 1;
}

bf_status_t bf_placement_find(const bf_place_t *place, bool mpi, bf_placement_t *placement)
{
    memset(placement, 0, sizeof *placement);
    placement->local_size = place->size;
    core_list_t list;
    BF_TRY(allowed_cores(&list));

    /* A launcher that binds gives the ranks different cores; otherwise they share what all of them may use. */
    const int given = place->apart ? list.count : list.count / place->size;
    const unsigned *first = place->apart ? list.core : list.core + (size_t)place->rank * (size_t)given;
    const int mine = limit_by_quota(placement, given);
    placement->cores = mine > 0 ? mine : 1;
    placement->bind = given > 0 && placement->quota <= 0.0;

    /* StarPU-MPI's thread polls while messages are under way. With three cores or more it gets one of its own. */
    int wanted = placement->cores;
    if (mpi && wanted >= 3)
        wanted--;
    placement->workers = int_from_env("STARPU_NCPU", wanted < STARPU_MAXCPUS ? wanted : STARPU_MAXCPUS);
    if (placement->workers < 1 || placement->workers > STARPU_MAXCPUS)
        return bf_error_set(BF_ERR_INPUT, "STARPU_NCPU is %d; this StarPU takes 1 to %d CPU workers", placement->workers,
                            STARPU_MAXCPUS);
    if (placement->workers > placement->cores)
        placement->bind = false;
    for (int worker = 0; placement->bind && worker < placement->workers; worker++)
        placement->worker_core[worker] = first[worker];
    if (!getenv("STARPU_NCPU"))
        note_limits(placement, wanted);
    return BF_OK;
}
