/* L2, decomposition: by rows or by sites, and how much can run at once. */
#include "runtime/doctor/checks.h"

#include <stdlib.h>

/* Layers of two-site operations when each starts as early as its sites allow. */
static size_t count_layers(const bf_program_t *program)
{
    size_t *layer = calloc((size_t)program->n + 1, sizeof *layer);
    size_t deepest = 0;
    for (size_t i = 0; layer && i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        if (op->update < 0)
            continue;
        const size_t left = layer[op->site];
        const size_t right = layer[op->site + 1];
        const size_t here = 1 + (left > right ? left : right);
        layer[op->site] = layer[op->site + 1] = here;
        deepest = here > deepest ? here : deepest;
    }
    free(layer);
    return deepest;
}

void bf_check_decomposition(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 2, "width");
    if (!patient->program) {
        bf_find_say(finding, "unknown: the circuit cannot be lowered");
        return;
    }
    const size_t layers = count_layers(patient->program);
    const double width = layers ? (double)patient->program->n_updates / (double)layers : 0.0;
    const int ranks = patient->session->size;
    const int workers = ranks * (patient->placed == BF_OK ? patient->placement.workers : 1);
    bf_find_integer(finding, "layers", (long long)layers);
    bf_find_real(finding, "updates_at_once", width);
    bf_find_integer(finding, "workers", workers);
    if (bf_circuit_inputs(patient->options.circuit) > 0) {
        bf_find_say(finding, "rows are independent: one per worker at a time, %d at once here", workers);
        return;
    }
    bf_find_say(finding, "%zu layers of two-site updates, %.1f updates at once on average, %d worker%s", layers, width, workers,
                workers == 1 ? "" : "s");
    if (workers > width && workers > 1)
        bf_find_wrong(finding, BF_WARN, 1.0,
                      "more than %.0f workers wait for each other in one such circuit: STARPU_NCPU=%d, "
                      "and other circuits beside it",
                      width, ranks > 0 && width >= ranks ? (int)width / ranks : 1);
    else if (ranks > patient->session->size / patient->place.size)
        bf_find_add(finding, "several ranks on one machine only pay when bonds are large");
}
