/* Which cores the workers of this rank get. StarPU 1.3 ignores the launcher's binding and would put every rank on the
 * same first cores; so the allowed cores are found here and shared out. */
#include "runtime/session/session.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Logical indices of the cores with at least one processing unit in the set this process may use. */
static int allowed_cores(hwloc_topology_t topology, unsigned *cores, int max, int *total)
{
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    if (!set || hwloc_get_cpubind(topology, set, HWLOC_CPUBIND_PROCESS) != 0) {
        hwloc_bitmap_free(set);
        set = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology));
    }
    *total = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
    int count = 0;
    for (int i = 0; i < *total && count < max; i++) {
        hwloc_obj_t core = hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, (unsigned)i);
        if (hwloc_bitmap_intersects(core->cpuset, set))
            cores[count++] = (unsigned)i;
    }
    hwloc_bitmap_free(set);
    return count;
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
                 "build StarPU "
                 "with --enable-maxcpus=%d",
                 STARPU_MAXCPUS, wanted, (wanted + STARPU_MAXCPUS - 1) / STARPU_MAXCPUS * placement->local_size, wanted);
}

/* hwloc, here and inside StarPU, would also look for graphics cards and disks: it reads the configuration of every PCI device and
 * knocks at every X server, for 15 to 20 ms a start, and nothing of it is used. */
static void look_for_cores_only(void)
{
    setenv("HWLOC_PLUGINS_PATH", "/nowhere", 0); /* PCI, OpenCL, X11 */
    setenv("HWLOC_COMPONENTS", "-linuxio", 0);   /* disks, network cards */
}

bf_status_t bf_placement_find(int local_rank, int local_size, bool mpi, bf_placement_t *placement)
{
    memset(placement, 0, sizeof *placement);
    placement->local_rank = local_rank;
    placement->local_size = local_size;

    look_for_cores_only();
    hwloc_topology_t topology;
    if (hwloc_topology_init(&topology) != 0 || hwloc_topology_load(topology) != 0)
        return bf_error_set(BF_ERR_TOPOLOGY, "hwloc could not read this machine's topology");
    enum { MAX_CORES = 4096 };
    unsigned cores[MAX_CORES];
    int machine = 0;
    const int allowed = allowed_cores(topology, cores, MAX_CORES, &machine);
    hwloc_topology_destroy(topology);
    if (allowed == 0)
        return bf_error_set(BF_ERR_TOPOLOGY, "no core may be used by this process; check taskset, cgroups and the batch system");

    /* A launcher that binds gives each rank fewer cores than the machine has; otherwise the ranks share them here. */
    const bool bound_by_launcher = allowed < machine || local_size == 1;
    const int mine = bound_by_launcher ? allowed : allowed / local_size;
    const unsigned *first = bound_by_launcher ? cores : cores + (size_t)local_rank * (size_t)mine;
    placement->cores = mine > 0 ? mine : 1;
    placement->bind = mine > 0;

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
