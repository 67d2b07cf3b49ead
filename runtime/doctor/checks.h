/** @file checks.h
 *  @brief Inside of the doctor: what the checks share, and their names. Each adds exactly one finding on every rank, in the same
 *  order everywhere; those of L6 and what says so are collective.
 */
#ifndef BF_DOCTOR_CHECKS_H
#define BF_DOCTOR_CHECKS_H

#include "runtime/doctor/doctor.h"
#include "runtime/plan/advise.h"
#include "runtime/session/session.h"

#include <hwloc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is predicted of the circuit, with bonds as large as they can become: upper bounds. */
typedef struct bf_forecast {
    bool rows;          /**< one circuit per row: seconds are those of 10000 rows */
    double seconds;     /**< with the ranks and workers of this launch */
    size_t rank_bytes;  /**< peak of one rank of this launch */
    size_t layers;      /**< of the dependency map */
    int useful_workers; /**< that can be busy on average */
    bf_advice_t best;   /**< the launch on this machine that is predicted to be fastest */
} bf_forecast_t;

/** @brief Predict. Not collective. @return BF_OK; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_forecast_make(const bf_program_t *program, bool rows, bf_dim_t max_dim, const bf_machine_t *machine,
                                         int ranks, int workers, bf_forecast_t *forecast);

/** Who is examined. */
typedef struct bf_patient {
    bf_session_t *session;       /**< created, not started */
    bf_doctor_options_t options; /**< as asked for */
    MPI_Comm local;              /**< ranks of this machine; MPI_COMM_NULL for one rank */
    bf_place_t place;            /**< in it */
    hwloc_topology_t topology;   /**< of this machine; NULL when hwloc could not read it */
    int cores;                   /**< of this machine that its cgroup leaves, 0 unknown */
    int pus;                     /**< hardware threads of them */
    int nodes;                   /**< NUMA nodes of them, at least 1 */
    int granted;                 /**< cores this rank may use */
    int node_granted;            /**< cores that the ranks of this machine may use together */
    double quota;                /**< cores' worth of time that cgroups allow, 0 no limit */
    bf_placement_t placement;    /**< where the session would put the workers */
    bf_status_t placed;          /**< BF_OK, or why there is no placement */
    char unplaced[256];          /**< the message of it */
    bool scheduler_known;        /**< STARPU_SCHED is fine */
    const bf_program_t *program; /**< the circuit lowered, or NULL */
    bool foreseen;               /**< there is a forecast */
    bf_forecast_t forecast;
    bf_checkup_t *checkup; /**< findings go here */
} bf_patient_t;

/** @brief Add a finding that says all is fine. */
bf_finding_t *bf_find(bf_patient_t *patient, int layer, const char *check);

/** @brief Say what was found. */
void bf_find_say(bf_finding_t *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** @brief Add to what was said, after a semicolon. */
void bf_find_add(bf_finding_t *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** @brief Something is wrong: keep the worse verdict, and of equal ones the first remedy. @param loss  see bf_finding_t */
void bf_find_wrong(bf_finding_t *finding, bf_verdict_t verdict, double loss, const char *remedy, ...)
    __attribute__((format(printf, 4, 5)));

void bf_find_integer(bf_finding_t *finding, const char *name, long long value); /**< keep a number for programs */
void bf_find_real(bf_finding_t *finding, const char *name, double value);       /**< keep a number for programs */
void bf_find_text(bf_finding_t *finding, const char *name, const char *value);  /**< keep a word for programs; NULL: null */

/** @brief Keep the worst rank's findings on rank 0. Collective. */
void bf_find_worst(bf_session_t *session, bf_checkup_t *checkup);

/** @return the value of an environment variable, NULL when it is unset or empty. */
const char *bf_set_in_environment(const char *name);

void bf_check_model(bf_patient_t *patient);         /**< L1: the circuit */
void bf_check_decomposition(bf_patient_t *patient); /**< L2: rows or sites, parallel width */
void bf_check_memory(bf_patient_t *patient);        /**< L3: limits and need */
void bf_check_pages(bf_patient_t *patient);         /**< L3: huge pages */
void bf_check_numa(bf_patient_t *patient);          /**< L3: nodes, and where memory comes from */
void bf_check_bandwidth(bf_patient_t *patient);     /**< L3: measured */
void bf_check_blas(bf_patient_t *patient);          /**< L4: which library */
void bf_check_kernels(bf_patient_t *patient);       /**< L4: which of its kernels */
void bf_check_speed(bf_patient_t *patient);         /**< L4: measured against the vector units */
void bf_check_cores(bf_patient_t *patient);         /**< L5: what this process may use */
void bf_check_workers(bf_patient_t *patient);       /**< L5: ranks x workers against cores. Collective */
void bf_check_binding(bf_patient_t *patient);       /**< L5: who sits where. Collective */
void bf_check_blas_threads(bf_patient_t *patient);  /**< L5: threads of BLAS on top of the workers */
void bf_check_clock(bf_patient_t *patient);         /**< L5: measured */
void bf_check_starpu(bf_patient_t *patient);        /**< L5: version, limits, which library */
void bf_check_scheduler(bf_patient_t *patient);     /**< L5: STARPU_SCHED */
void bf_check_home(bf_patient_t *patient);          /**< L5: where StarPU keeps its models */
void bf_check_start(bf_patient_t *patient);         /**< L5: a trial start in a process of its own */
void bf_check_mpi(bf_patient_t *patient);           /**< L6: level, progress thread */
void bf_check_alike(bf_patient_t *patient);         /**< L6: the ranks are the same programs on the same kernels. Collective */
void bf_check_messages(bf_patient_t *patient);      /**< L6: measured. Collective */
void bf_check_launch(bf_patient_t *patient);        /**< L7: what the batch system gave against what was started */
void bf_check_tools(bf_patient_t *patient);         /**< L7: programs that draw */

#ifdef __cplusplus
}
#endif
#endif
