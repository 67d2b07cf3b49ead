/** @file schedule.h
 *  @brief List scheduling of a task graph that is given task by task, as StarPU would be: what runs when, and how long it takes.
 */
#ifndef BF_SCHEDULE_H
#define BF_SCHEDULE_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a graph runs and what a task costs beyond its own time. Times in microseconds. */
typedef struct bf_schedule_machine {
    int ranks;
    int workers;       /**< of each rank */
    double task_us;    /**< on the worker, for each task */
    double submit_us;  /**< between two tasks' submission; every rank submits all of them */
    double message_us; /**< until another rank has what a task wrote */
} bf_schedule_machine_t;

typedef struct bf_schedule_node bf_schedule_node_t;
typedef struct bf_schedule_edge bf_schedule_edge_t;

/** A graph under construction. Zero-initialise, then bf_schedule_open(). */
typedef struct bf_schedule {
    bf_schedule_machine_t machine;
    bf_site_t n;
    uint32_t *writer; /* of each site: 1 + the last task that wrote it */
    bf_schedule_node_t *nodes;
    size_t n_nodes, room_nodes;
    bf_schedule_edge_t *edges;
    size_t n_edges, room_edges;
    double end_us;     /**< when everything so far has run */
    double busy_us;    /**< time of all tasks, their cost as tasks included */
    double waiting_us; /**< time that tasks waited for messages alone, on the longest chain or not */
    size_t n_tasks;    /**< added so far */
} bf_schedule_t;

/** @brief An empty graph over @p n sites. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_schedule_open(bf_schedule_t *s, bf_site_t n, const bf_schedule_machine_t *machine);

/** @brief Add a task that reads and writes @p sites and runs on @p rank for @p us. It waits for the last writers of its sites.
 *  @param message_us  what sending one of its sites takes beyond machine.message_us
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_schedule_add(bf_schedule_t *s, int rank, const bf_site_t *sites, int n_sites, double us,
                                        double message_us);

/** @brief Run what has been added since the last call, from end_us on: a free worker takes the task that has been ready for
 * longest. Everything has ended afterwards (a wait for all tasks). @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_schedule_run(bf_schedule_t *s);

/** Free the memory. */
void bf_schedule_close(bf_schedule_t *s);

#ifdef __cplusplus
}
#endif
#endif
