/* The same command under several StarPU settings: which is fastest, if any is. */
#include "apps/sched_tune.h"
#include "apps/sched_tune_folder.h"
#include "runtime/io/io.h"
#include "runtime/seconds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const PROGRAM = "sched_tune";

/* The runs get a result file of the command's kind. What is in an HDF5 file includes how it was made, and is not the same twice.
 */
static const char *suffix_of(char **command)
{
    for (char **word = command; *word; word++) {
        const char *name = strncmp(*word, "--out=", 6) == 0 ? *word + 6 : strcmp(*word, "--out") == 0 && word[1] ? word[1] : "";
        const char *end = strrchr(name, '.');
        if (end && (strcmp(end, ".npy") == 0 || strcmp(end, ".h5") == 0 || strcmp(end, ".hdf5") == 0))
            return ".npy";
    }
    return ".csv";
}

/* The files of the tuner, opened before the work so that a bad path does not cost an hour. */
typedef struct outputs {
    bf_output_t *csv;
    bf_output_t *json;
} outputs_t;

static bf_status_t open_outputs(const bf_tune_options_t *o, outputs_t *files)
{
    if (o->plot)
        BF_TRY(bf_tune_plot_check());
    if (o->csv)
        BF_TRY(bf_output_open(o->csv, &files->csv));
    return o->json ? bf_output_open(o->json, &files->json) : BF_OK;
}

static bf_status_t write_outputs(const bf_tune_t *t, const bf_candidate_t *best, outputs_t *files)
{
    bf_status_t status = BF_OK;
    if (files->csv) {
        bf_tune_write_csv(t, bf_output_stream(files->csv));
        status = bf_output_commit(files->csv);
        files->csv = NULL;
    }
    if (status == BF_OK && files->json) {
        BF_TRY(bf_tune_write_json(t, best, bf_output_stream(files->json)));
        status = bf_output_commit(files->json);
        files->json = NULL;
    }
    if (status == BF_OK && t->options->plot && !t->interrupted)
        status = bf_tune_plot(t, t->options->plot);
    return status;
}

static bf_status_t tune(bf_tune_t *t, outputs_t *files)
{
    BF_TRY(open_outputs(t->options, files));
    BF_TRY(bf_tune_settings(t->options, t));
    BF_TRY(bf_folder_make(t->folder, sizeof t->folder));
    BF_TRY(bf_tune_run(t));
    const bf_candidate_t *best = bf_tune_judge(t);
    bf_tune_print(t, best, stdout);
    if (fflush(stdout) != 0)
        return bf_error_set(BF_ERR_IO, "standard output: %s", strerror(errno));
    BF_TRY(write_outputs(t, best, files));
    return best || t->interrupted ? BF_OK
                                  : bf_error_set(BF_ERR_PROTOCOL, "the command does not run: %s", t->candidates[0].failure);
}

static void release(bf_tune_t *t, outputs_t *files)
{
    bf_output_abandon(files->csv);
    bf_output_abandon(files->json);
    for (size_t i = 0; i < t->n; i++) {
        free(t->candidates[i].seconds);
        free(t->candidates[i].idle);
    }
    free(t->candidates);
    if (t->folder[0] && !t->keep)
        bf_folder_remove(t->folder);
}

static int exit_code(const bf_tune_t *t, bf_status_t status)
{
    return status == BF_ERR_INTERNAL && t->keep ? BF_EXIT_NUMERICS : bf_cli_exit_code(status);
}

int main(int argc, char **argv)
{
    bf_tune_options_t options;
    bf_tune_t t = {.options = &options, .begin = bf_seconds()};
    outputs_t files = {0};
    bf_status_t status = bf_tune_parse(argc, argv, &options);
    if (status == BF_OK && bf_words_wanted(&options.words)) {
        bf_words_say(&options.words, &bf_tune_parser, argv[0]);
    } else if (status == BF_OK) {
        snprintf(t.suffix, sizeof t.suffix, "%s", suffix_of(options.command));
        status = bf_log_open(PROGRAM, &options.log, NULL);
        if (status == BF_OK)
            status = tune(&t, &files);
    }
    if (status != BF_OK)
        bf_cli_print_error();
    release(&t, &files);
    bf_log_close();
    return exit_code(&t, status);
}
