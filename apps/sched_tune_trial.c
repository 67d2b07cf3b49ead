/* One run of the command in one setting: its command line, its environment, and what it leaves behind. */
#include "apps/sched_tune.h"
#include "apps/sched_tune_folder.h"
#include "apps/sched_tune_process.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { WORDS_EXTRA = 64 };

/* What has been put together for one run. */
typedef struct line {
    char **words; /* NULL-terminated */
    size_t n;
    char launcher[512];
    char program[512];
    char number[3][32];
} line_t;

/* mpirun's flags as in scripts/lib.sh: any number of ranks on any number of cores, as root or not. */
static const char *default_launcher(void)
{
    return geteuid() == 0 ? "mpirun --oversubscribe --bind-to none --allow-run-as-root -np"
                          : "mpirun --oversubscribe --bind-to none -np";
}

/* A program that is not in PATH is looked for beside this one. */
static const char *find_program(const char *name, char *text, size_t size)
{
    char here[400];
    const ssize_t length = readlink("/proc/self/exe", here, sizeof here - 1);
    if (length <= 0 || strchr(name, '/'))
        return name;
    here[length] = '\0';
    char *slash = strrchr(here, '/');
    if (!slash)
        return name;
    slash[1] = '\0';
    snprintf(text, size, "%s%s", here, name);
    if (access(text, X_OK) != 0)
        return name;
    return text;
}

static void add(line_t *line, const char *word)
{
    line->words[line->n++] = (char *)(uintptr_t)word; /* as exec() wants it; nobody writes to it */
}

/* Launcher, program, its arguments; the setting's window and grain. @p for_people: as they would type it. */
static bf_status_t begin_line(const bf_tune_t *t, const bf_setting_t *s, bool for_people, line_t *line)
{
    size_t n = WORDS_EXTRA;
    for (char **word = t->options->command; *word; word++)
        n++;
    *line = (line_t){.words = calloc(n, sizeof *line->words)};
    if (!line->words)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    const char *launcher = t->options->launcher ? t->options->launcher : default_launcher();
    if (s->ranks > 1) {
        snprintf(line->launcher, sizeof line->launcher, "%s", launcher);
        char *rest = line->launcher;
        for (char *word; (word = strsep(&rest, " ")) && line->n < WORDS_EXTRA / 2;)
            if (*word)
                add(line, word);
        snprintf(line->number[0], sizeof line->number[0], "%d", s->ranks);
        add(line, line->number[0]);
    }
    char **command = t->options->command;
    add(line, for_people ? command[0] : find_program(command[0], line->program, sizeof line->program));
    for (char **word = command + 1; *word; word++)
        add(line, *word);
    if (s->window) {
        snprintf(line->number[1], sizeof line->number[1], "%lld", s->window);
        add(line, "--window");
        add(line, line->number[1]);
    }
    if (s->grain_us > 0.0) {
        snprintf(line->number[2], sizeof line->number[2], "%.15g", s->grain_us);
        add(line, "--grain-us");
        add(line, line->number[2]);
    }
    return BF_OK;
}

/* Files of a run, all in the scratch folder. */
typedef struct files {
    char result[300];
    char summary[300];
    char out[300];
    char err[300];
} files_t;

static void name_files(const bf_tune_t *t, files_t *f)
{
    snprintf(f->result, sizeof f->result, "%s/result%s", t->folder, t->suffix);
    snprintf(f->summary, sizeof f->summary, "%s/summary.json", t->folder);
    snprintf(f->out, sizeof f->out, "%s/stdout", t->folder);
    snprintf(f->err, sizeof f->err, "%s/stderr", t->folder);
}

static bf_status_t launch(const bf_tune_t *t, const bf_setting_t *s, double limit_s, bool calibrate, const files_t *f,
                          bf_process_result_t *result)
{
    line_t line;
    char scheduler[64];
    char workers[64];
    char home[320];
    char calibrated[300];
    char frozen[300];
    snprintf(calibrated, sizeof calibrated, "%s/calibrated", t->folder);
    snprintf(frozen, sizeof frozen, "%s/home", t->folder);
    if (calibrate)
        (void)mkdir(calibrated, 0700);
    else /* StarPU adds what it meets for the first time even with STARPU_CALIBRATE=0: every run starts from the same copy */
        BF_TRY(bf_folder_copy(calibrated, frozen));
    BF_TRY(begin_line(t, s, false, &line));
    /* The last one of an option counts: these replace what the command says. */
    const char *const ours[] = {"--out", f->result, "--summary", f->summary, "--quiet"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        add(&line, ours[i]);
    snprintf(scheduler, sizeof scheduler, "STARPU_SCHED=%s", s->scheduler);
    snprintf(workers, sizeof workers, "STARPU_NCPU=%d", s->workers);
    snprintf(home, sizeof home, "STARPU_HOME=%s", calibrate ? calibrated : frozen);
    char *environment[] = {scheduler, workers, home, calibrate ? "STARPU_CALIBRATE=1" : "STARPU_CALIBRATE=0", NULL};
    const bf_process_t process = {
        .argv = line.words, .environment = environment, .out = f->out, .err = f->err, .limit_s = limit_s};
    const bf_status_t status = bf_process_run(&process, result);
    free(line.words);
    return status;
}

/* The last line that says something, without its end. */
static void last_line(const char *path, char *text, size_t size)
{
    char line[512];
    FILE *stream = fopen(path, "r");
    text[0] = '\0';
    while (stream && fgets(line, sizeof line, stream)) {
        line[strcspn(line, "\n")] = '\0';
        if (strspn(line, " \t-*") < strlen(line))
            snprintf(text, size, "%.200s", line);
    }
    if (stream)
        fclose(stream);
}

static void describe_failure(const bf_process_result_t *r, double limit_s, const files_t *f, bf_trial_t *trial)
{
    char said[240];
    switch (r->end) {
    case BF_PROCESS_EXITED:
        last_line(f->err, said, sizeof said);
        snprintf(trial->failure, sizeof trial->failure, "exit code %d: %s", r->code, said);
        break;
    case BF_PROCESS_KILLED:
        snprintf(trial->failure, sizeof trial->failure, "killed by signal %d, %s", r->code, strsignal(r->code));
        break;
    case BF_PROCESS_TIMED_OUT:
        snprintf(trial->failure, sizeof trial->failure, "not done after %.3g s, killed", limit_s);
        break;
    case BF_PROCESS_INTERRUPTED:
    default:
        snprintf(trial->failure, sizeof trial->failure, "interrupted");
    }
}

static bool hash_file(const char *path, uint64_t *hash)
{
    FILE *stream = fopen(path, "r");
    XXH3_state_t *state = XXH3_createState();
    bool done = false;
    if (stream && state && XXH3_64bits_reset(state) == XXH_OK) {
        static char block[1 << 16];
        for (size_t length; (length = fread(block, 1, sizeof block, stream)) > 0;)
            XXH3_64bits_update(state, block, length);
        done = !ferror(stream);
        *hash = XXH3_64bits_digest(state);
    }
    XXH3_freeState(state);
    if (stream)
        fclose(stream);
    return done;
}

/* A number of the summary, NAN when there is none. */
static double number(const json_t *summary, const char *group, const char *name)
{
    const json_t *value = json_object_get(json_object_get(summary, group), name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Rows report the seconds their tasks took; a heavy row overlaps others, and then they tell nothing. */
static double idle_of_rows(const json_t *summary)
{
    const double workers =
        json_number_value(json_object_get(summary, "ranks")) * json_number_value(json_object_get(summary, "workers_per_rank"));
    if (!(number(summary, "rows", "heavy") == 0.0) || !(workers > 0.0))
        return NAN;
    return 1.0 - number(summary, "seconds", "busy") / (number(summary, "seconds", "total") * workers);
}

static void read_summary(const bf_tune_t *t, const char *path, bf_trial_t *trial)
{
    json_t *summary = json_load_file(path, 0, NULL);
    const char *hash = json_string_value(json_object_get(summary, "state_hash"));
    snprintf(trial->state_hash, sizeof trial->state_hash, "%s", hash ? hash : "");
    trial->idle = number(summary, "workers", "idle_share");
    if (isnan(trial->idle))
        trial->idle = idle_of_rows(summary);
    if (t->options->work_time)
        trial->seconds = number(summary, "seconds", "evolve") + number(summary, "seconds", "measure");
    if (!(trial->seconds > 0.0)) {
        trial->done = false;
        snprintf(trial->failure, sizeof trial->failure,
                 "its --summary has no seconds of evolving and measuring; leave out --time work");
    }
    json_decref(summary);
}

bf_status_t bf_trial_run(const bf_tune_t *t, const bf_setting_t *s, double limit_s, bool calibrate, bf_trial_t *trial)
{
    files_t files;
    bf_process_result_t result;
    name_files(t, &files);
    *trial = (bf_trial_t){.idle = NAN};
    unlink(files.result);
    unlink(files.summary);
    BF_TRY(launch(t, s, limit_s, calibrate, &files, &result));
    trial->seconds = result.seconds;
    if (result.end != BF_PROCESS_EXITED || result.code != 0) {
        describe_failure(&result, limit_s, &files, trial);
        return BF_OK;
    }
    trial->done = hash_file(files.result, &trial->result_hash);
    if (trial->done)
        read_summary(t, files.summary, trial);
    else
        snprintf(trial->failure, sizeof trial->failure, "it wrote no result to --out");
    return BF_OK;
}

static void print_word(const char *word, FILE *stream)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (*word && strspn(word, plain) == strlen(word)) {
        fputs(word, stream);
        return;
    }
    fputc('\'', stream);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", stream);
        else
            fputc(*word, stream);
    fputc('\'', stream);
}

void bf_trial_print(const bf_tune_t *tune, const bf_setting_t *setting, FILE *stream)
{
    line_t line;
    if (begin_line(tune, setting, true, &line) != BF_OK)
        return;
    fprintf(stream, "STARPU_SCHED=%s STARPU_NCPU=%d", setting->scheduler, setting->workers);
    for (size_t i = 0; i < line.n; i++) {
        fputc(' ', stream);
        print_word(line.words[i], stream);
    }
    free(line.words);
}
