/** @file sched_tune_folder.h
 *  @brief The scratch folder, and StarPU's home in it: measured once, then the same for every run.
 */
#ifndef BF_SCHED_TUNE_FOLDER_H
#define BF_SCHED_TUNE_FOLDER_H

#include "runtime/bondflow.h"

/** @brief Make a folder of our own in TMPDIR or /tmp. @param[out] name  "" when it fails @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_folder_make(char *name, size_t size);

/** @brief Remove it with all that is in it. */
void bf_folder_remove(const char *name);

/** @brief Make @p to an exact copy of @p from: folders and plain files. What was in @p to is gone. @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_folder_copy(const char *from, const char *to);

#endif
