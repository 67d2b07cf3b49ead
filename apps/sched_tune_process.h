/** @file sched_tune_process.h
 *  @brief Run a command to its end, or to the end of its time, and leave nothing of it behind.
 */
#ifndef BF_SCHED_TUNE_PROCESS_H
#define BF_SCHED_TUNE_PROCESS_H

#include "runtime/bondflow.h"

/** What to run. */
typedef struct bf_process {
    char *const *argv;        /**< command and arguments, NULL-terminated; the command is looked up in PATH */
    char *const *environment; /**< NAME=VALUE that replace or join ours, or NAME to take it away; NULL-terminated */
    const char *out;          /**< file for standard output */
    const char *err;          /**< file for standard error */
    double limit_s;           /**< after that it is killed */
} bf_process_t;

/** How it ended. */
typedef enum bf_process_end {
    BF_PROCESS_EXITED,
    BF_PROCESS_KILLED,
    BF_PROCESS_TIMED_OUT,
    BF_PROCESS_INTERRUPTED
} bf_process_end_t;

/** What came of it. */
typedef struct bf_process_result {
    bf_process_end_t end;
    int code;       /**< exit code of BF_PROCESS_EXITED, signal of BF_PROCESS_KILLED */
    double seconds; /**< from start to end */
} bf_process_result_t;

/** @brief From now on SIGINT, SIGTERM and SIGHUP only end the command under way, and processes whose parents die become our
 *  children. Call once, before the first bf_process_run(). */
void bf_process_guard(void);

/** @return whether one of these signals has come. */
bool bf_process_interrupted(void);

/** @brief Run a command in a process group of its own, with nothing on standard input. When it ends, however that comes, all that
 *  it started and left is killed.
 *  @return BF_OK whatever became of the command; BF_ERR_INPUT when it cannot be started; BF_ERR_IO when a file cannot be opened
 */
BF_MUST_USE bf_status_t bf_process_run(const bf_process_t *process, bf_process_result_t *result);

#endif
