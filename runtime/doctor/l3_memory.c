/* L3, the memory model: how much there is, in which pages, how far away, how fast. */
#include "codelets/host.h"
#include "runtime/doctor/checks.h"
#include "runtime/doctor/measure.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GIB ((double)(1 << 30))

/* Upper bounds: bonds as large as they can become. */
static void compare_with_need(const bf_patient_t *patient, bf_finding_t *finding, double available)
{
    const double need = (double)patient->forecast.rank_bytes * patient->place.size;
    bf_find_real(finding, "needed_bytes", need);
    bf_find_add(finding, "the circuit can come to need %.1f GiB with bonds up to %lld", need / GIB,
                (long long)patient->options.max_dim);
    if (need <= available)
        return;
    char smaller[48] = "more machines";
    if (patient->forecast.best.fitting_max_dim > 0)
        snprintf(smaller, sizeof smaller, "--max-dim %lld", (long long)patient->forecast.best.fitting_max_dim);
    bf_find_wrong(finding, BF_WARN, 1.0, "circuit_plan --probe 2 %.200s   (bonds usually stay below their bounds), or %s",
                  patient->options.circuit_name, smaller);
}

void bf_check_memory(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 3, "memory");
    const bf_host_memory_t memory = bf_host_memory();
    bf_find_real(finding, "total_bytes", (double)memory.total);
    bf_find_real(finding, "available_bytes", (double)memory.available);
    bf_find_text(finding, "limited_by", memory.source);
    const bool limited = strcmp(memory.source, "machine") != 0;
    if (memory.available == SIZE_MAX) {
        bf_find_say(finding, "unknown: /proc/meminfo cannot be read");
        return;
    }
    bf_find_say(finding, "%.1f of %.1f GiB free", (double)memory.available / GIB, (double)memory.total / GIB);
    if (limited)
        bf_find_add(finding, "%s allows %.1f GiB", memory.source, (double)memory.limit / GIB);
    if (patient->foreseen)
        compare_with_need(patient, finding, (double)memory.available);
    if (limited && memory.limit < memory.total / 2)
        bf_find_wrong(finding, BF_WARN, 1.0, "%s",
                      strcmp(memory.source, "ulimit -v") == 0
                          ? "ulimit -v unlimited"
                          : "ask for more: #SBATCH --mem=0, docker run --memory=..., or a larger "
                            "resources.limits.memory");
}

void bf_check_pages(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 3, "pages");
    char text[256];
    const bool known = bf_host_read("/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof text);
    const char *mode = strstr(text, "[always]") ? "always" : strstr(text, "[madvise]") ? "madvise" : known ? "never" : "unknown";
    bf_find_text(finding, "transparent_huge_pages", mode);
    bf_find_say(finding, "transparent huge pages: %s; makes no difference to bondflow that could be measured", mode);
}

/* NUMA nodes that the workers of this rank sit on. */
static int nodes_of_workers(const bf_patient_t *patient)
{
    hwloc_bitmap_t nodes = hwloc_bitmap_alloc();
    for (int worker = 0; patient->placement.bind && worker < patient->placement.workers; worker++) {
        hwloc_obj_t core = hwloc_get_obj_by_type(patient->topology, HWLOC_OBJ_CORE, patient->placement.worker_core[worker]);
        if (core)
            hwloc_bitmap_or(nodes, nodes, core->nodeset);
    }
    const int count = hwloc_bitmap_weight(nodes);
    hwloc_bitmap_free(nodes);
    return count > 0 ? count : patient->nodes;
}

void bf_check_numa(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 3, "numa");
    bf_find_integer(finding, "nodes", patient->nodes);
    if (!patient->topology) {
        bf_find_say(finding, "unknown: hwloc cannot read this machine's topology");
        return;
    }
    const int spanned = nodes_of_workers(patient);
    bf_find_integer(finding, "nodes_of_workers", spanned);
    bf_find_say(finding, "%d NUMA node%s, the workers of a rank on %d", patient->nodes, patient->nodes == 1 ? "" : "s", spanned);
    const char *use = bf_set_in_environment("STARPU_USE_NUMA");
    if (use && atoi(use) > 0 && patient->nodes > STARPU_MAXNUMANODES) {
        bf_find_add(finding, "STARPU_USE_NUMA=%s makes this StarPU, built for %d, abort", use, STARPU_MAXNUMANODES);
        bf_find_wrong(finding, BF_FAIL, 1.0, "unset STARPU_USE_NUMA");
    } else if (spanned > 1) {
        bf_find_add(finding, "a tensor written on one node and read on another crosses between them");
        bf_find_wrong(finding, BF_WARN, 1.2, "mpirun -np %d --map-by numa --bind-to numa circuit_xyz_exp ...", spanned);
    }
}

void bf_check_bandwidth(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 3, "bandwidth");
    const bf_bandwidth_t measured = bf_measure_bandwidth(patient->topology, patient->place.size);
    if (measured.local <= 0.0) {
        bf_find_say(finding, "not measured: not enough free memory");
        return;
    }
    bf_find_real(finding, "local_bytes_per_second", measured.local);
    bf_find_say(finding, "one core reads %.1f GB/s", 1e-9 * measured.local);
    if (measured.remote > 0.0) {
        bf_find_real(finding, "remote_bytes_per_second", measured.remote);
        bf_find_add(finding, "%.1f GB/s from the farthest NUMA node", 1e-9 * measured.remote);
    }
    bf_find_text(finding, "first_touch_is_local", measured.is_local ? "yes" : "no");
    if (!measured.is_local) {
        bf_find_add(finding, "memory touched here was put on another node");
        bf_find_wrong(finding, BF_WARN, 1.5,
                      "start without numactl --interleave or --membind, or bind to the same node: "
                      "numactl --cpunodebind=0 --membind=0");
    }
}
