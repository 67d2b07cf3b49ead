/** @file rates.h
 *  @brief How fast the kernels are on this machine: measured once, kept in a file, used to predict runs. Not collective.
 */
#ifndef BF_RATES_H
#define BF_RATES_H

#include "kernels/types.h"
#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bond dimensions at which kernels are measured. */
#define BF_RATES_KNOTS 9
extern const bf_dim_t bf_rates_chi[BF_RATES_KNOTS];

/** Where rates come from. */
typedef enum bf_rates_source {
    BF_RATES_BUILT_IN, /**< those of the core bondflow was developed on */
    BF_RATES_CACHED,   /**< measured on this machine some time ago */
    BF_RATES_MEASURED  /**< measured just now */
} bf_rates_source_t;

/** Measuring a site takes so many steps of an environment: one from either end, and what the memory costs, because
 * half-contracted sites come from afar. */
#define BF_RATES_MEASURED_STEPS 2.5

/** Times of kernels on one core, alone. */
typedef struct bf_rates {
    bf_rates_source_t source;
    double update_us[4][BF_RATES_KNOTS]; /**< by bf_type_t: a two-site update of three equal bonds chi that stays at chi */
    double step_us[2][BF_RATES_KNOTS];   /**< complex, real: carrying an environment over a site of equal bonds */
    char machine[256];                   /**< processor, BLAS kernels and version they are valid for */
    char note[256];                      /**< why they could not be kept, "" when they could */
} bf_rates_t;

/** What bf_rates_get() may do. */
typedef enum bf_rates_effort {
    BF_RATES_FIND,   /**< take cached rates, else built-in ones: costs a look at a file */
    BF_RATES_ENSURE, /**< when there are none that suit, measure (below 0.5 s) and keep them */
    BF_RATES_RENEW   /**< measure anyway */
} bf_rates_effort_t;

/** @brief The rates of this machine.
 *
 *  They are kept in the file BONDFLOW_RATES, else $XDG_CACHE_HOME/bondflow/rates.json, else ~/.cache/bondflow/rates.json, one
 *  entry for each processor model, set of BLAS kernels and version of bondflow. A file that cannot be understood counts as
 * missing, and is replaced as a whole when rates are measured. A file that cannot be written costs only the next measurement:
 * rates->note says so.
 *  @return BF_OK; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_rates_get(bf_rates_effort_t effort, bf_rates_t *rates);

/** @return time in microseconds of a two-site update that keeps @p keep of its Schmidt values (at most 2 min(chi_l, chi_r)). */
double bf_rates_update_us(const bf_rates_t *rates, bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r, bf_dim_t keep);

/** @return time in microseconds of carrying an environment over a site. */
double bf_rates_step_us(const bf_rates_t *rates, bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r);

/* For the files of runtime/plan and the tests. */

/** Rates of the machine bondflow was developed on. */
bf_rates_t bf_rates_built_in(void);

/** @brief Measure, on the calling thread and in its processor time. @param[in,out] rates  machine is kept */
BF_MUST_USE bf_status_t bf_rates_measure(bf_rates_t *rates);

/** @brief Rates of @p rates->machine from a file. @return whether there are some, complete and plausible */
bool bf_rates_load(const char *path, bf_rates_t *rates);

/** @brief Put @p rates into a file, beside those of other machines. @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_rates_save(const char *path, const bf_rates_t *rates);

#ifdef __cplusplus
}
#endif
#endif
