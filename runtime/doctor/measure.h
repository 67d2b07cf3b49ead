/** @file measure.h
 *  @brief Short measurements on the calling thread, each bounded in time. Best of several slices: what the machine can, not what
 * a moment's disturbance left of it.
 */
#ifndef BF_DOCTOR_MEASURE_H
#define BF_DOCTOR_MEASURE_H

#include <hwloc.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How fast a core reads memory, bytes per second; 0 not measured. */
typedef struct bf_bandwidth {
    double local;  /**< memory the thread touched first */
    double remote; /**< memory of the NUMA node that is slowest to read; 0 with one node */
    bool is_local; /**< what was touched first lies on the node of the thread */
} bf_bandwidth_t;

/** @brief At most half a second. @param topology  NULL: local only  @param sharers  processes that measure at the same time */
bf_bandwidth_t bf_measure_bandwidth(hwloc_topology_t topology, int sharers);

/** @return flops per second of double precision that the vector units of this core reach; about 50 ms. */
double bf_measure_peak(void);

/** @brief Complex double product of OpenBLAS, flops per second; about 100 ms.
 *  @param[out] threads  processor time over wall time: threads that worked */
double bf_measure_zgemm(double *threads);

/** Clock of a core under one busy thread. */
typedef struct bf_clock {
    double best_hz;   /**< of the best slice; additions in a chain, one a cycle */
    double median_hz; /**< of all slices */
    double share;     /**< processor time over wall time: below 1 others use this core */
} bf_clock_t;

/** @brief A fixed loop again and again, for about 300 ms. */
bf_clock_t bf_measure_clock(void);

#ifdef __cplusplus
}
#endif
#endif
