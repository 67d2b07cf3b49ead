/* A checkup as text and as JSON. */
#include "runtime/doctor/doctor.h"

#include <string.h>

static const char *const layer_titles[] = {
    "", "model", "decomposition", "memory", "tensor operations", "concurrency", "distributed compute", "orchestration"};
static const char *const verdict_names[] = {"ok", "warn", "fail"};

/* Columns of a line before the text: verdict and check. */
#define TEXT_COLUMN 22
#define LINE_WIDTH  118

static const char *colour_of(bf_verdict_t verdict, bool colour)
{
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[1;31m"};
    return colour ? colours[verdict] : "";
}

static const char *colour_end(bool colour)
{
    return colour ? "\033[0m" : "";
}

/* Words of @p text, wrapped, the first line going on at @p column. A word of a path or command stays whole. */
static void print_wrapped(FILE *stream, const char *text, int column)
{
    int at = column;
    while (*text) {
        const int word = (int)strcspn(text, " ");
        if (at > column && at + 1 + word > LINE_WIDTH) {
            fprintf(stream, "\n%*s", column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', stream);
            at++;
        }
        fprintf(stream, "%.*s", word, text);
        at += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', stream);
}

static void print_finding(const bf_finding_t *finding, FILE *stream, bool colour)
{
    char text[sizeof finding->said + 32];
    snprintf(text, sizeof text, "%s%.0d%s%s", finding->rank > 0 ? "rank " : "", finding->rank, finding->rank > 0 ? ": " : "",
             finding->said);
    fprintf(stream, "  %s%-4s%s  %-12s  ", colour_of(finding->verdict, colour), verdict_names[finding->verdict],
            colour_end(colour), finding->check);
    print_wrapped(stream, text, TEXT_COLUMN);
    if (finding->remedy[0])
        fprintf(stream, "%*s-> %s\n", TEXT_COLUMN, "", finding->remedy); /* whole: it is there to be copied */
}

static void count_verdicts(const bf_checkup_t *checkup, int count[3])
{
    memset(count, 0, 3 * sizeof *count);
    for (int i = 0; i < checkup->n; i++)
        count[checkup->finding[i].verdict]++;
}

static void print_verdict(const bf_checkup_t *checkup, FILE *stream, bool colour)
{
    int count[3];
    count_verdicts(checkup, count);
    const bf_finding_t *first = bf_checkup_first(checkup);
    fprintf(stream, "%s%s%s: %d checks in %.1f s, ", colour_of(bf_checkup_verdict(checkup), colour),
            count[BF_FAIL]   ? "FAIL"
            : count[BF_WARN] ? "WARN"
                             : "OK",
            colour_end(colour), checkup->n, checkup->seconds);
    if (!first) {
        fprintf(stream, "nothing to mend\n");
        return;
    }
    fprintf(stream, "%d failed, %d warning%s; first mend `%s`: %s\n", count[BF_FAIL], count[BF_WARN],
            count[BF_WARN] == 1 ? "" : "s", first->check, first->remedy);
}

void bf_checkup_print(const bf_checkup_t *checkup, FILE *stream, bool colour)
{
    fprintf(stream, "%s: %s\n", checkup->host, checkup->machine);
    int layer = 0;
    for (int i = 0; i < checkup->n; i++) {
        const bf_finding_t *finding = &checkup->finding[i];
        if (finding->layer != layer)
            fprintf(stream, "\nL%d %s\n", finding->layer, layer_titles[finding->layer]);
        layer = finding->layer;
        print_finding(finding, stream, colour);
    }
    fputc('\n', stream);
    print_verdict(checkup, stream, colour);
}

static json_t *finding_json(const bf_finding_t *finding)
{
    char layer[8];
    snprintf(layer, sizeof layer, "L%d", finding->layer);
    return json_pack("{s:s, s:s, s:s, s:s?, s:f, s:i, s:O}", "layer", layer, "verdict", verdict_names[finding->verdict], "said",
                     finding->said, "remedy", finding->remedy[0] ? finding->remedy : NULL, "loss", finding->loss, "rank",
                     finding->rank, "values", finding->values);
}

bf_status_t bf_checkup_write_json(const bf_checkup_t *checkup, FILE *stream)
{
    int count[3];
    count_verdicts(checkup, count);
    const bf_finding_t *first = bf_checkup_first(checkup);
    json_t *findings = json_object(); /* keeps the order */
    for (int i = 0; i < checkup->n; i++)
        json_object_set_new(findings, checkup->finding[i].check, finding_json(&checkup->finding[i]));
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:f, s:s, s:{s:i, s:i, s:i}, s:s?, s:o}", "program", "bondflow_doctor", "version",
                  BONDFLOW_VERSION, "host", checkup->host, "machine", checkup->machine, "ranks", checkup->ranks, "seconds",
                  checkup->seconds, "verdict", verdict_names[bf_checkup_verdict(checkup)], "counts", "ok", count[BF_FINE], "warn",
                  count[BF_WARN], "fail", count[BF_FAIL], "first", first ? first->check : NULL, "findings", findings);
    if (!root)
        return bf_error_set(BF_ERR_NOMEM, "the report could not be built");
    const int code = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    fputc('\n', stream);
    json_decref(root);
    return code == 0 && !ferror(stream) ? BF_OK : bf_error_set(BF_ERR_IO, "the report could not be written");
}
