/* What happened in a run: text, a page, JSON, and a file for ViTE, from the folder that --trace has filled. */
#include "apps/cli.h"
#include "apps/log.h"
#include "runtime/io/io.h"
#include "runtime/trace/report.h"

#include <stdio.h>
#include <string.h>

typedef struct options {
    const char *run;
    const char *paje;
    const char *html;
    const char *json;
    bool text;
    bool help, usage, version;
    bf_log_options_t log;
} options_t;

enum { OPT_PAJE = 0x100, OPT_HTML, OPT_JSON, OPT_TEXT };

static const struct argp_option option_list[] = {
    {"text", OPT_TEXT, 0, 0, "print a summary; the default when no file is named", 0},
    {"html", OPT_HTML, "FILE", 0, "write a page for a browser; it needs no network", 0},
    {"json", OPT_JSON, "FILE", 0, "write the numbers for other programs", 0},
    {"paje", OPT_PAJE, "FILE", 0, "write a trace for ViTE: every task and message of all ranks", 0},
    {0, 0, 0, 0, 0, -1},
    {"help", 'h', 0, 0, "this text", 0},
    {"usage", 'u', 0, 0, "a short reminder", 0},
    {"version", 'V', 0, 0, "the version", 0},
    {0}};

static error_t take(int key, char *arg, struct argp_state *state)
{
    options_t *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->log;
        return 0;
    case OPT_PAJE:
        o->paje = arg;
        return 0;
    case OPT_HTML:
        o->html = arg;
        return 0;
    case OPT_JSON:
        o->json = arg;
        return 0;
    case OPT_TEXT:
        o->text = true;
        return 0;
    case 'h':
        o->help = true;
        return 0;
    case 'u':
        o->usage = true;
        return 0;
    case 'V':
        o->version = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->run) {
            bf_error_set(BF_ERR_INPUT, "%.60s: one trace a report; %.60s was named already", arg, o->run);
            return EINVAL;
        }
        o->run = arg;
        return 0;
    default:
        return key == ARGP_KEY_ERROR ? bf_cli_reject(state) : ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {option_list,
                                   take,
                                   "RUN",
                                   "What a traced run spent its time on, and what kept it from being faster.\v"
                                   "RUN is the folder that --trace has filled. FILE may be - for standard output.\n"
                                   "Exit codes: 0 done; 2 usage, or RUN is no trace or a damaged one; 5 a file failed.",
                                   bf_log_children,
                                   0,
                                   0};

static bf_status_t text(FILE *stream, const bf_analysis_t *analysis)
{
    bf_report_text(stream, analysis);
    return BF_OK;
}

static bf_status_t write_file(const char *path, const bf_analysis_t *analysis,
                              bf_status_t (*report)(FILE *, const bf_analysis_t *))
{
    bf_output_t *output = NULL;
    BF_TRY(bf_output_open(path, &output));
    const bf_status_t status = report(bf_output_stream(output), analysis);
    if (status == BF_OK)
        return bf_output_commit(output);
    bf_output_abandon(output);
    return status;
}

static bf_status_t write_all(const options_t *o, const bf_analysis_t *analysis)
{
    if (o->paje)
        BF_TRY(write_file(o->paje, analysis, bf_report_paje));
    if (o->html)
        BF_TRY(write_file(o->html, analysis, bf_report_html));
    if (o->json)
        BF_TRY(write_file(o->json, analysis, bf_report_json));
    if (o->text || (!o->paje && !o->html && !o->json))
        BF_TRY(write_file(NULL, analysis, text));
    return BF_OK;
}

static bf_status_t run(const options_t *o)
{
    bf_timeline_t timeline;
    bf_analysis_t analysis;
    if (!o->run)
        return bf_error_set(BF_ERR_INPUT, "no trace: name the folder that --trace has filled; see --help");
    BF_TRY(bf_timeline_read(o->run, &timeline));
    bf_status_t status = bf_analyse(&timeline, &analysis);
    if (status == BF_OK) {
        status = write_all(o, &analysis);
        bf_analysis_free(&analysis);
    }
    bf_timeline_free(&timeline);
    return status;
}

int main(int argc, char **argv)
{
    options_t o = {.log = BF_LOG_DEFAULTS};
    bf_status_t status = bf_cli_parse(&parser, argc, argv, &o);
    if (status == BF_OK && (o.help || o.usage))
        argp_help(&parser, stdout, o.help ? ARGP_HELP_LONG | ARGP_HELP_USAGE | ARGP_HELP_DOC : ARGP_HELP_USAGE, argv[0]);
    else if (status == BF_OK && o.version)
        printf("bondflow %s\n", BONDFLOW_VERSION);
    else if (status == BF_OK) {
        status = bf_log_open("trace_report", &o.log, NULL);
        if (status == BF_OK)
            status = run(&o);
    }
    if (status != BF_OK)
        bf_cli_print_error();
    bf_log_close();
    return bf_cli_exit_code(status);
}
