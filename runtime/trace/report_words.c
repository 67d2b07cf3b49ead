/* What the reports say alike: numbers with units, and the advice. */
#include "runtime/trace/report.h"

const char *bf_report_time(double ns, char text[32])
{
    static const struct {
        double ns;
        const char *unit;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1.0, "ns"}};
    int i = 0;
    while (i < 3 && ns < 0.9995 * units[i].ns)
        i++;
    const double value = ns / units[i].ns;
    snprintf(text, 32, "%.*f %s", value >= 99.95 || i == 3 ? 0 : (value >= 9.995 ? 1 : 2), value, units[i].unit);
    return text;
}

const char *bf_report_bytes(double bytes, char text[32])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    int i = 0;
    while (i < 4 && bytes >= 999.5) {
        bytes /= 1000.0;
        i++;
    }
    snprintf(text, 32, "%.*f %s", bytes >= 99.95 || i == 0 ? 0 : (bytes >= 9.995 ? 1 : 2), bytes, units[i]);
    return text;
}

void bf_report_advice(const bf_analysis_t *a, char *text, size_t size)
{
    static const char *const remedy[BF_IDLE_COUNT] = {
        [BF_IDLE_CRITICAL] =
            "gates that depend on each other one by one: more workers will not help; a smaller --max-dim or a larger "
            "--cutoff makes the chain shorter, fewer ranks make its messages fewer",
        [BF_IDLE_NO_TASK] =
            "too little to do at the same time: fewer workers would be as fast; a smaller --grain-us makes more and "
            "smaller tasks",
        [BF_IDLE_MESSAGE] = "tensors travel between ranks while workers wait: use fewer ranks with more workers each",
        [BF_IDLE_SUBMISSION] =
            "the main thread does not insert tasks fast enough: a larger --grain-us makes fewer and larger ones",
        [BF_IDLE_SYNC] =
            "the planner stops to look at the bonds, or a measurement begins: workers wait for the last task before it; "
            "a smaller --max-dim makes bonds foreseeable earlier",
        [BF_IDLE_SCHEDULING] = "tasks are ready but begin late: either they are short against the runtime's cost, then a larger "
                               "--grain-us makes fewer and larger "
                               "ones; or other programs use the same cores",
        [BF_IDLE_END] = "the work ends on few workers: nothing to do about it unless the circuit has more of it"};
    const double share = bf_analysis_idle_share(a);
    int worst = 0;
    for (int k = 1; k < BF_IDLE_COUNT; k++)
        if (a->idle[k] > a->idle[worst])
            worst = k;
    bool rows = false;
    for (size_t i = 0; i < a->timeline->n_tasks && !rows; i++)
        rows = a->timeline->tasks[i].rows > 0;
    if (a->timeline->n_tasks == 0)
        snprintf(text, size, "Nothing was computed.");
    else if (share < 0.1)
        snprintf(text, size, "Workers were busy %.0f %% of the time: only less work, or more workers, would be faster.",
                 100.0 * (1.0 - share));
    else
        snprintf(text, size, "Workers were idle %.0f %% of the time, most of it (%.0f %%) for this reason: %s.", 100.0 * share,
                 100.0 * share * (double)a->idle[worst] / (share * (double)(a->end - a->begin) * (double)a->timeline->workers),
                 rows ? (worst == BF_IDLE_SCHEDULING ? "tasks are ready but begin late: other programs use the same cores"
                                                     : bf_idle_meaning((bf_idle_t)worst))
                      : remedy[worst]);
}
