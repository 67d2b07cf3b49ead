/* Calls expanded into library gates, under the modifiers of every call on the way. */
#include "runtime/circuit/gate_modify.h"
#include "runtime/circuit/qasm_parser.h"

#include <math.h>
#include <string.h>

bf_qasm_definition_t *bf_qasm_definition_of(const bf_qasm_t *parser, int32_t callee)
{
    return callee >= BF_QASM_FIRST_DEFINITION ? &parser->definitions[callee - BF_QASM_FIRST_DEFINITION] : NULL;
}

int32_t bf_qasm_params_of(const bf_qasm_t *parser, int32_t callee)
{
    const bf_qasm_definition_t *definition = bf_qasm_definition_of(parser, callee);
    return definition ? definition->n_params : bf_gate_info((bf_gate_kind_t)callee)->n_params;
}

int32_t bf_qasm_qubits_of(const bf_qasm_t *parser, int32_t callee)
{
    const bf_qasm_definition_t *definition = bf_qasm_definition_of(parser, callee);
    return definition ? definition->n_qubits : bf_gate_info((bf_gate_kind_t)callee)->n_qubits;
}

/** How often a gate is repeated for a power: not at all where it has powers of its own. */
static double repetitions(const bf_qasm_t *parser, int32_t callee, double exponent)
{
    if (fabs(exponent) == 1)
        return 1;
    if (!bf_qasm_definition_of(parser, callee) && bf_gate_has_powers((bf_gate_kind_t)callee))
        return 1;
    return fabs(exponent);
}

uint64_t bf_qasm_cost_of(const bf_qasm_t *parser, int32_t callee, const bf_qasm_modifiers_t *modifiers)
{
    const bf_qasm_definition_t *definition = bf_qasm_definition_of(parser, callee);
    const double cost = (definition ? (double)definition->cost : 1) * fmax(1, repetitions(parser, callee, modifiers->exponent));
    return cost > BF_CIRCUIT_MAX_GATES ? (uint64_t)BF_CIRCUIT_MAX_GATES + 1 : (uint64_t)cost;
}

/** What the calls around an expansion add to it. */
typedef struct context {
    bf_place_t place;     /**< of the outermost call */
    size_t first_control; /**< in bf_qasm_t::controls */
    int n_controls;
    double exponent; /**< 1, -1, or a power of a library gate */
} context_t;

static bf_status_t apply(bf_qasm_t *parser, int32_t callee, const context_t *context, size_t first_actual, size_t first_value);

static bf_status_t apply_library_gate(bf_qasm_t *parser, int32_t callee, const context_t *context, size_t first_actual,
                                      size_t first_value)
{
    const bf_gate_info_t *info = bf_gate_info((bf_gate_kind_t)callee);
    bf_gate_t gate = {.kind = (uint16_t)callee, .line = context->place.line};
    const char *why = "";
    if (info->n_qubits > 0)
        memcpy(gate.q, parser->actuals + first_actual, (size_t)info->n_qubits * sizeof gate.q[0]);
    for (int k = 0; k < info->n_params; k++)
        bf_gate_set(&gate, k, parser->values[first_value + (size_t)k]);
    if (context->n_controls == 0 && context->exponent == 1) /* a phase of the whole state is no gate */
        return info->n_qubits > 0 ? bf_circuit_append(parser->circuit, &gate) : BF_OK;
    const size_t before = parser->circuit->n_gates;
    const bf_site_t *controls = context->n_controls > 0 ? parser->controls + context->first_control : NULL;
    const bf_status_t status = bf_gate_modify(parser->circuit, &gate, context->exponent, controls, context->n_controls, &why);
    if (status == BF_ERR_INPUT)
        return bf_source_error(parser->source, context->place, "%s", why);
    BF_TRY(status);
    return bf_qasm_charge(parser, parser->circuit->n_gates - before, context->place);
}

/** X on the controls that act at 0, before and after. */
static bf_status_t turn_controls(bf_qasm_t *parser, const bf_qasm_modifiers_t *modifiers, bf_place_t place, size_t first_actual)
{
    for (int32_t i = 0; i < modifiers->n_controls; i++) {
        if (parser->polarities[modifiers->first_polarity + (size_t)i])
            continue;
        const bf_gate_t x = {.kind = BF_KIND_X, .line = place.line, .q = {parser->actuals[first_actual + (size_t)i]}};
        BF_TRY(bf_circuit_append(parser->circuit, &x));
    }
    return BF_OK;
}

/** A call on the topmost qubits, the controls first, under the modifiers of the calls around it and its own. */
static bf_status_t apply_modified(bf_qasm_t *parser, int32_t callee, const bf_qasm_modifiers_t *modifiers, const context_t *outer,
                                  size_t first_actual, size_t first_value)
{
    if (modifiers->n_controls == 0 && modifiers->exponent == 1)
        return apply(parser, callee, outer, first_actual, first_value);
    const size_t controls = parser->n_controls;
    const double exponent = modifiers->exponent, repeats = repetitions(parser, callee, exponent);
    const bool native = repeats != fabs(exponent);
    if (repeats != rint(repeats))
        return bf_source_error(parser->source, outer->place, "a power of this gate that is no integer, expected an integer");
    if (outer->n_controls + modifiers->n_controls > BF_MAX_CONTROLS)
        return bf_source_error(parser->source, outer->place, "more than %d controls of one gate", BF_MAX_CONTROLS);
    context_t context = {.place = outer->place,
                         .first_control = controls,
                         .n_controls = outer->n_controls + modifiers->n_controls,
                         .exponent = outer->exponent * (native         ? exponent
                                                        : exponent < 0 ? -1
                                                                       : 1)};
    for (int i = 0; i < outer->n_controls; i++)
        BF_QASM_PUSH(parser, controls, parser->controls[outer->first_control + (size_t)i]);
    for (int32_t i = 0; i < modifiers->n_controls; i++)
        BF_QASM_PUSH(parser, controls, parser->actuals[first_actual + (size_t)i]);
    BF_TRY(turn_controls(parser, modifiers, outer->place, first_actual));
    for (uint64_t i = 0; i < (uint64_t)repeats; i++)
        BF_TRY(apply(parser, callee, &context, first_actual + (size_t)modifiers->n_controls, first_value));
    BF_TRY(turn_controls(parser, modifiers, outer->place, first_actual));
    parser->n_controls = controls;
    return BF_OK;
}

/** One call of a definition: its qubits and angles on the stacks, applied, and taken off. */
static bf_status_t apply_call(bf_qasm_t *parser, const bf_qasm_call_t *call, const context_t *context, size_t first_actual,
                              size_t first_value)
{
    const size_t actuals = parser->n_actuals, values = parser->n_values;
    const int32_t n_qubits = call->modifiers.n_controls + bf_qasm_qubits_of(parser, call->callee);
    const int32_t n_params = bf_qasm_params_of(parser, call->callee);
    for (int32_t k = 0; k < n_qubits; k++)
        BF_QASM_PUSH(parser, actuals, parser->actuals[first_actual + (size_t)parser->formals[call->first_formal + (size_t)k]]);
    size_t op = call->first_op;
    for (int32_t k = 0; k < n_params; k++) {
        bf_value_t value;
        BF_TRY(bf_qasm_evaluate_angle(parser, &op, parser->values + first_value, &value));
        BF_QASM_PUSH(parser, values, value);
    }
    BF_TRY(apply_modified(parser, call->callee, &call->modifiers, context, actuals, values));
    parser->n_actuals = actuals;
    parser->n_values = values;
    return BF_OK;
}

/** Apply @p callee to the topmost qubits and angles of the stacks, which stay. Recursion is as deep as definitions nest. */
static bf_status_t apply(bf_qasm_t *parser, int32_t callee, const context_t *context, size_t first_actual, size_t first_value)
{
    const bf_qasm_definition_t *definition = bf_qasm_definition_of(parser, callee);
    if (!definition)
        return apply_library_gate(parser, callee, context, first_actual, first_value);
    for (size_t i = 0; i < definition->n_calls; i++) {
        const size_t at = context->exponent < 0 ? definition->n_calls - 1 - i : i; /* the inverse runs backwards */
        const bf_qasm_call_t call = parser->calls[definition->first_call + at];
        BF_TRY(apply_call(parser, &call, context, first_actual, first_value));
    }
    return BF_OK;
}

bf_status_t bf_qasm_apply(bf_qasm_t *parser, const bf_qasm_call_t *call)
{
    const context_t plain = {.place = call->place, .exponent = 1};
    return apply_modified(parser, call->callee, &call->modifiers, &plain, 0, 0);
}
