/* What happened in a run: text, a page, JSON, and a file for ViTE, from the folder that --trace has filled. */
#include "apps/main.h"
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
    bf_words_t words;
    bf_log_options_t log;
} options_t;

enum { OPT_PAJE = 0x100, OPT_HTML, OPT_JSON, OPT_TEXT };

static const struct argp_option option_list[] = {
    {"text", OPT_TEXT, 0, 0, "print a summary; the default when no file is named", 0},
    {"html", OPT_HTML, "FILE", 0, "write a page for a browser; it needs no network", 0},
    {"json", OPT_JSON, "FILE", 0, "write the numbers for other programs", 0},
    {"paje", OPT_PAJE, "FILE", 0, "write a trace for ViTE: every task and message of all ranks", 0},
    {0}};

static error_t take(int key, char *arg, struct argp_state *state)
{
    options_t *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->log;
        state->child_inputs[1] = &o->words;
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

static const struct argp_child children[] = {{&bf_log_parser, 0, 0, 0}, {&bf_words_parser, 0, 0, 0}, {0}};

static const struct argp parser = {option_list,
                                   take,
                                   "RUN",
                                   "What a traced run spent its time on, and what kept it from being faster.\v"
                                   "RUN is the folder that --trace has filled. FILE may be - for standard output.\n"
                                   "Exit codes: 0 done; 2 usage, or RUN is no trace or a damaged one; 5 a file failed.",
                                   children,
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

static bf_status_t parse(int argc, char **argv, void *options)
{
    return bf_cli_parse(&parser, argc, argv, options);
}

static bf_status_t work(bf_session_t *session, void *options, double begin)
{
    const options_t *o = options;
    bf_timeline_t timeline;
    bf_analysis_t analysis;
    (void)session;
    (void)begin;
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
    options_t options = {.log = BF_LOG_DEFAULTS};
    const bf_main_t frame = {.program = "trace_report",
                             .parser = &parser,
                             .options = &options,
                             .words = &options.words,
                             .log = &options.log,
                             .alone = true,
                             .parse = parse,
                             .work = work};
    return bf_main(&frame, argc, argv);
}
