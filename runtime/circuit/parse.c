/* Which language a text is in. */
#include "runtime/circuit/front_end.h"
#include "runtime/circuit/qasm_lexer.h"

#include <string.h>

static bool ends_with(const char *name, const char *ending)
{
    const size_t n = strlen(name), m = strlen(ending);
    return n >= m && strcmp(name + n - m, ending) == 0;
}

/** True when the first word past blanks and OpenQASM comments is OPENQASM. Looks by hand: other languages must not raise errors.
 */
static bool says_openqasm(const bf_source_t *source)
{
    const char *at = source->text, *end = source->text + source->length;
    if (end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    while (at < end) {
        if (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') {
            at++;
        } else if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
            at = memchr(at, '\n', (size_t)(end - at));
            if (!at)
                return false;
        } else if (end - at >= 2 && at[0] == '/' && at[1] == '*') {
            for (at += 2; end - at >= 2 && !(at[0] == '*' && at[1] == '/'); at++)
                ;
            at += end - at >= 2 ? 2 : end - at;
        } else {
            break;
        }
    }
    return end - at >= 8 && memcmp(at, "OPENQASM", 8) == 0;
}

bf_status_t bf_circuit_parse(const char *name, const char *text, size_t length, bf_site_t sites, bf_circuit_t **circuit)
{
    *circuit = NULL;
    const bf_source_t source = {name, text, length};
    const bf_place_t start = {1, 1};
    if (sites < 0 || sites > BF_CIRCUIT_MAX_QUBITS)
        return bf_error_set(BF_ERR_ARG, "%d sites asked for, expected 0 (as the file says) to %d", sites, BF_CIRCUIT_MAX_QUBITS);
    if (length == 0)
        return bf_source_error(&source, start, "the file is empty, expected OpenQASM or a gate list");
    if (says_openqasm(&source) || ends_with(name, ".qasm") || ends_with(name, ".qasm3"))
        return bf_qasm_parse(&source, sites, circuit);
    if (ends_with(name, ".gates"))
        return bf_gate_list_parse(&source, sites, circuit);
    return bf_source_error(
        &source, start, "unknown language, expected a first line OPENQASM 2.0; or OPENQASM 3.0; or a file name ending in .gates");
}
