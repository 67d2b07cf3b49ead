/** @file report.h
 *  @brief An analysed trace as text, JSON, a page, or a file for ViTE. Each writes to an open stream; whether that went well is
 * for the caller to ask the stream. Not collective.
 */
#ifndef BF_TRACE_REPORT_H
#define BF_TRACE_REPORT_H

#include "runtime/trace/analyse.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @brief For reading on a terminal. */
void bf_report_text(FILE *out, const bf_analysis_t *a);

/** @brief For programs. Times in seconds unless the key says us. @return BF_OK, BF_ERR_NOMEM, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_report_json(FILE *out, const bf_analysis_t *a);

/** @brief One self-contained HTML page. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_report_html(FILE *out, const bf_analysis_t *a);

/** @brief A Paje trace, with the container and state names that StarPU's own traces have. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_report_paje(FILE *out, const bf_analysis_t *a);

/** @brief `12.3 ms`: a time with three digits and a fitting unit. @return text */
const char *bf_report_time(double ns, char text[32]);

/** @brief `12.3 MB`: bytes likewise. @return text */
const char *bf_report_bytes(double bytes, char text[32]);

/** @brief One sentence: what keeps the run from being faster, and what to try. */
void bf_report_advice(const bf_analysis_t *a, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
