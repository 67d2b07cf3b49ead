/** @file svg.h
 *  @brief The figures of the HTML report, each one inline SVG element. Private to runtime/trace.
 */
#ifndef BF_TRACE_SVG_H
#define BF_TRACE_SVG_H

#include "runtime/trace/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @return the colour of a cause of idleness, `#rrggbb`. */
const char *bf_svg_idle_color(bf_idle_t idle);

/** @brief The colour of a kind of task. @return text */
const char *bf_svg_kind_color(const bf_timeline_t *t, int kind, char text[8]);

/** @brief What every worker did over time, and where the critical path ran. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_svg_lanes(FILE *out, const bf_analysis_t *a);

void bf_svg_shares(FILE *out, const bf_analysis_t *a);  /**< Busy and idle time, of all and of each rank. */
void bf_svg_speedup(FILE *out, const bf_analysis_t *a); /**< Achieved, possible, workers. */
void bf_svg_heat(FILE *out, const bf_analysis_t *a);    /**< Bonds over sites and layers. */
void bf_svg_matrix(FILE *out, const bf_analysis_t *a);  /**< Bytes between ranks. */

/** @brief Bars of a histogram. @param label  writes what bin @p i begins with @param mark  a bin to point out, with @p mark_text;
 *  -1: none */
void bf_svg_histogram(FILE *out, const size_t bins[BF_BINS], void (*label)(int i, char text[32]), const char *axis, double mark,
                      const char *mark_text);

/** @brief Write @p text with &, < and quotes as entities. */
void bf_svg_text(FILE *out, const char *text);

#ifdef __cplusplus
}
#endif
#endif
