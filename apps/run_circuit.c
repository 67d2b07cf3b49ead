/* A circuit that has been read, made ready to run. */
#include "apps/run_circuit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void bf_run_show_notes(const bf_circuit_t *circuit)
{
    for (size_t i = 0; i < bf_circuit_notes(circuit); i++)
        bf_log(BF_LOG_NOTE, "%s", bf_circuit_note(circuit, i));
}

/* The first input that belongs to @p name: itself, or the first element of an array. @param[out] count  elements that follow each
 * other, 1 for a single one; 0: there is none */
static size_t find_input(const bf_circuit_t *circuit, const char *name, size_t length, size_t *count)
{
    const size_t n = bf_circuit_inputs(circuit);
    size_t first = n;
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        const char *input = bf_circuit_input_name(circuit, i);
        if (strncmp(input, name, length) != 0 || (input[length] != '\0' && input[length] != '['))
            continue;
        first = *count == 0 ? i : first;
        ++*count;
        if (input[length] == '\0')
            break;
    }
    return first;
}

static bf_status_t unknown_input(const bf_circuit_t *circuit, const char *set)
{
    const size_t n = bf_circuit_inputs(circuit);
    if (n == 0)
        return bf_error_set(BF_ERR_INPUT, "--set %.60s: the circuit has no inputs", set);
    return bf_error_set(BF_ERR_INPUT, "--set %.60s: the circuit has no such input, expected %s%s%s", set,
                        bf_circuit_input_name(circuit, 0),
                        n > 2   ? ", ..., "
                        : n > 1 ? ", "
                                : "",
                        n > 1 ? bf_circuit_input_name(circuit, n - 1) : "");
}

/* One value, up to a comma or the end. */
static bf_status_t take_value(const char *set, const char **at, double *value)
{
    char text[64], option[80];
    const size_t length = strcspn(*at, ",");
    snprintf(option, sizeof option, "--set %.*s", (int)(strcspn(set, "=") < 60 ? strcspn(set, "=") : 60), set);
    if (length >= sizeof text)
        return bf_error_set(BF_ERR_INPUT, "%s: a value of %zu characters, expected a number", option, length);
    if (!isnan(*value))
        return bf_error_set(BF_ERR_INPUT, "%s: set twice", option);
    memcpy(text, *at, length);
    text[length] = '\0';
    *at += length;
    return bf_cli_double(option, text, -1e300, 1e300, value);
}

static bf_status_t apply_set(const bf_circuit_t *circuit, const char *set, double *values)
{
    const size_t length = strcspn(set, "=");
    if (length == 0 || set[length] == '\0')
        return bf_error_set(BF_ERR_INPUT, "--set %.60s: name=value is needed, or name=value,value,... for an array", set);
    size_t count = 0;
    const size_t first = find_input(circuit, set, length, &count);
    if (count == 0)
        return unknown_input(circuit, set);
    const char *at = set + length + 1;
    size_t commas = 0;
    for (const char *c = at; *c; c++)
        commas += *c == ',';
    if (commas + 1 != count)
        return bf_error_set(BF_ERR_INPUT, "--set %.60s: %zu values for %zu input%s", set, commas + 1, count,
                            count > 1 ? "s" : "");
    for (size_t i = 0; i < count; i++) {
        BF_TRY(take_value(set, &at, &values[first + i]));
        at += *at == ',';
    }
    return BF_OK;
}

static bf_status_t check_all_set(const bf_circuit_t *circuit, const double *values)
{
    size_t missing = 0, first = 0;
    for (size_t i = bf_circuit_inputs(circuit); i-- > 0;)
        if (isnan(values[i])) {
            missing++;
            first = i;
        }
    if (missing == 0)
        return BF_OK;
    if (missing == bf_circuit_inputs(circuit))
        return bf_circuit_check_bound(circuit);
    return bf_error_set(BF_ERR_INPUT, "input %s has no value; give it one with --set %s=VALUE",
                        bf_circuit_input_name(circuit, first), bf_circuit_input_name(circuit, first));
}

bf_status_t bf_run_bind(const bf_run_options_t *o, bf_circuit_t **circuit)
{
    const size_t n = bf_circuit_inputs(*circuit);
    if (n == 0 && o->n_sets == 0)
        return BF_OK;
    double *values = malloc((n + 1) * sizeof *values);
    if (!values)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu inputs", n);
    for (size_t i = 0; i < n; i++)
        values[i] = NAN;
    bf_status_t status = BF_OK;
    for (size_t i = 0; i < o->n_sets && status == BF_OK; i++)
        status = apply_set(*circuit, o->sets[i], values);
    if (status == BF_OK)
        status = check_all_set(*circuit, values);
    bf_circuit_t *bound = NULL;
    if (status == BF_OK)
        status = bf_circuit_bind(*circuit, values, &bound);
    free(values);
    if (status == BF_OK) {
        bf_circuit_destroy(*circuit);
        *circuit = bound;
    }
    return status;
}
