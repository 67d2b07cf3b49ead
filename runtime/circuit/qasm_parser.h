/** @file qasm_parser.h
 *  @brief What the parts of the OpenQASM parser share: the token in hand, names, definitions, and small stacks.
 *
 *  qasm_parser.c reads statements, qasm_block.c loops and branches, qasm_register.c registers and aliases,
 *  qasm_symbol.c constants and inputs, qasm_expression.c expressions, qasm_bits.c expressions over measured bits,
 *  qasm_measure.c measurements, resets and assignments, qasm_gate.c gate definitions and calls, qasm_modifier.c what stands
 *  before a call, qasm_apply.c their expansion.
 */
#ifndef BF_QASM_PARSER_H
#define BF_QASM_PARSER_H

#include "runtime/circuit/expression.h"
#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/qasm_lexer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Limits that keep a hostile file from exhausting stack or time; each is named in the message that refuses a file. */
enum {
    BF_QASM_MAX_NESTING = 200, /**< brackets, signs and powers inside one another; gate definitions calling one another */
    BF_QASM_STACK = 12 * BF_QASM_MAX_NESTING + 16, /**< values that can wait: one at each level of operators and bracket */
    BF_QASM_MAX_ARGUMENTS = 65536                  /**< parameters of one gate */
};

/** What a name in bf_qasm_t::gates stands for: a library kind, a statement keyword, or a definition of the file. */
enum { BF_QASM_FIRST_KEYWORD = 1 << 10, BF_QASM_FIRST_DEFINITION = 1 << 11 };

/** One instruction of an expression compiled to postfix. */
typedef struct bf_qasm_op {
    int32_t code;     /**< bf_ex_code_t */
    int32_t index;    /**< parameter or function */
    bf_place_t place; /**< of the operator or operand, for messages */
    bf_value_t value; /**< BF_EX_CONSTANT: a constant, or an input */
} bf_qasm_op_t;

/** A constant, an input, or an array of inputs. */
typedef struct bf_qasm_symbol {
    bf_name_t name;
    int32_t line;        /**< where it was declared */
    bf_value_t value;    /**< of a single one; the type of an array's elements */
    int32_t first_input; /**< of an array */
    int32_t size;        /**< of an array, 0: a single value */
} bf_qasm_symbol_t;

/** What stands before the name of a gate. */
typedef struct bf_qasm_modifiers {
    double exponent;       /**< product of all powers, inv is -1 */
    size_t first_polarity; /**< in bf_qasm_t::polarities */
    int32_t n_controls;    /**< qubits of the call before those of the gate */
} bf_qasm_modifiers_t;

/** A call inside a gate definition. */
typedef struct bf_qasm_call {
    int32_t callee; /**< as in bf_qasm_t::gates */
    bf_qasm_modifiers_t modifiers;
    bf_place_t place;    /**< of the callee's name */
    size_t first_op;     /**< its angles in bf_qasm_t::ops, one after the other */
    size_t first_formal; /**< its qubits in bf_qasm_t::formals: positions among the qubits of the definition */
} bf_qasm_call_t;

/** A gate definition of the file. */
typedef struct bf_qasm_definition {
    bf_name_t name;
    int32_t line; /**< where it was defined */
    int32_t n_params;
    int32_t n_qubits;
    size_t first_call; /**< in bf_qasm_t::calls */
    size_t n_calls;
    uint64_t cost; /**< calls it makes when expanded, itself included; saturates */
    int depth;     /**< definitions inside one another */
    bool opaque;   /**< declared without a body: may not be used */
} bf_qasm_definition_t;

/** A register. */
typedef struct bf_qasm_register {
    bf_name_t name;
    int32_t line;    /**< where it was declared */
    bf_site_t first; /**< first qubit, of an alias in bf_qasm_t::aliased; first bit of bits */
    bf_site_t size;
    bool quantum;
    bool alias;  /**< declared by `let`: any qubits in any order */
    bool scalar; /**< declared without a size (OpenQASM 3) */
} bf_qasm_register_t;

/** A register, or some elements of it, as an argument. */
typedef struct bf_qasm_operand {
    const bf_qasm_register_t *reg;
    bf_place_t place;
    bf_site_t first; /**< first element, or where the list of elements starts in bf_qasm_t::indices */
    bf_site_t step;  /**< from one element to the next, unless listed */
    bf_site_t size;
    bool listed;
    bool single; /**< one qubit by itself: repeated in a broadcast */
} bf_qasm_operand_t;

/** The parser. Arrays grow; all are owned and freed by bf_qasm_parse(). */
typedef struct bf_qasm {
    const bf_source_t *source;
    bf_lexer_t lexer;
    bf_token_t token; /**< the one in hand, not yet used */
    int version;      /**< 2 or 3 */
    bool integers;    /**< whole numbers are integers, and not reals as in OpenQASM 2 and in gate lists */
    bool columns;     /**< `$k` is column k of a table, as in gate lists */
    bf_site_t sites;  /**< limit asked for, 0 = none */
    bf_circuit_t *circuit;
    uint64_t cost;      /**< calls expanded so far, and repetitions */
    int blocks;         /**< loops and branches open now */
    uint32_t condition; /**< literal under which the statements being read happen: all branches around them */
    unsigned noted;     /**< bit for each kind of note that was made */

    bf_names_t gates;     /**< library, keywords, definitions */
    bf_names_t registers; /**< index into @c regs */
    bf_names_t symbols;   /**< index into @c symbol_list */
    bf_names_t params;    /**< of the definition being read */
    bf_names_t qubits;    /**< of the definition being read */

    bf_qasm_register_t physical; /**< the qubits `$0`, `$1`, ...: as many as the largest so far says */
    bf_qasm_register_t *regs;
    size_t n_regs, room_regs;
    bf_qasm_symbol_t *symbol_list;
    size_t n_symbol_list, room_symbol_list;
    bf_qasm_definition_t *definitions;
    size_t n_definitions, room_definitions;
    bf_qasm_call_t *calls;
    size_t n_calls, room_calls;
    bf_qasm_op_t *ops;
    size_t n_ops, room_ops;
    int32_t *formals;
    size_t n_formals, room_formals;

    bf_qasm_operand_t *operands; /**< of the call being read */
    size_t n_operands, room_operands;
    uint8_t *polarities; /**< of controls: 1 ctrl, 0 negctrl */
    size_t n_polarities, room_polarities;
    bf_site_t *controls; /**< stack of controls during expansion */
    size_t n_controls, room_controls;
    bf_site_t *indices; /**< listed elements of the operands being read */
    size_t n_indices, room_indices;
    bf_site_t *aliased; /**< qubits of aliases */
    size_t n_aliased, room_aliased;
    bf_value_t *choices; /**< stack of the values that open loops run through */
    size_t n_choices, room_choices;
    bf_site_t *actuals; /**< stack of qubits during expansion */
    size_t n_actuals, room_actuals;
    bf_value_t *values; /**< stack of angles during expansion */
    size_t n_values, room_values;

    uint32_t *literals; /**< stack of bits in the expression being read */
    size_t n_literals, room_literals;

    uint32_t *stamp; /**< per qubit: the last call that used it, to find repeated ones */
    uint32_t call;   /**< counts calls */
    size_t room_qubits;
    int nesting; /**< of the expression being read */
} bf_qasm_t;

/** @brief Make room for one more element of @p size bytes. @return the array, moved perhaps; NULL and an error on failure */
void *bf_qasm_grow(void *array, size_t used, size_t *room, size_t size);

/** Append to one of the arrays above, or return BF_ERR_NOMEM from the calling function. */
#define BF_QASM_PUSH(parser, array, ...)                                                                                         \
    do {                                                                                                                         \
        if ((parser)->n_##array == (parser)->room_##array) {                                                                     \
            void *bf_push_moved =                                                                                                \
                bf_qasm_grow((parser)->array, (parser)->n_##array, &(parser)->room_##array, sizeof *(parser)->array);            \
            if (!bf_push_moved)                                                                                                  \
                return BF_ERR_NOMEM;                                                                                             \
            (parser)->array = bf_push_moved;                                                                                     \
        }                                                                                                                        \
        (parser)->array[(parser)->n_##array++] = (__VA_ARGS__);                                                                  \
    } while (0)

/* Tokens. */

/** @brief Step to the next token. */
BF_MUST_USE bf_status_t bf_qasm_next(bf_qasm_t *parser);

/** @brief Use up the token @p kind, or say that @p expected was expected before what is there. */
BF_MUST_USE bf_status_t bf_qasm_expect(bf_qasm_t *parser, int kind, const char *expected);

/** @brief Report that @p expected was expected at the token in hand. @return BF_ERR_INPUT */
bf_status_t bf_qasm_unexpected(const bf_qasm_t *parser, const char *expected);

/** @brief Refuse something by name: "'if' is not in this version of bondflow". @return BF_ERR_INPUT */
bf_status_t bf_qasm_refuse(const bf_qasm_t *parser, const bf_token_t *token, const char *advice);

/** @return whether the token in hand is the name @p text. */
bool bf_qasm_at_name(const bf_qasm_t *parser, const char *text);

/** @return whether the token in hand is directly followed by @p text. */
bool bf_qasm_text_follows(const bf_qasm_t *parser, const char *text);

/** @brief Count @p cost calls or repetitions. @return BF_ERR_INPUT when the circuit grows too large, blaming @p place */
BF_MUST_USE bf_status_t bf_qasm_charge(bf_qasm_t *parser, uint64_t cost, bf_place_t place);

/** @brief Read one statement. */
BF_MUST_USE bf_status_t bf_qasm_read_statement(bf_qasm_t *parser);

/* Loops and branches. */

/** @brief Read `for type name in values body`, running the body for each value. */
BF_MUST_USE bf_status_t bf_qasm_read_for(bf_qasm_t *parser);

/** @brief Read `if (condition) body else body`: a constant condition chooses the one to run; under a condition on measured bits
 *  both are run, each happening when its condition holds. */
BF_MUST_USE bf_status_t bf_qasm_read_if(bf_qasm_t *parser);

/** @brief Read `if (register == integer) operation` of OpenQASM 2. */
BF_MUST_USE bf_status_t bf_qasm_read_if2(bf_qasm_t *parser);

/* Expressions. */

/** @brief Read an expression and append its code to @c ops. Names are parameters of the definition being read, constants, inputs.
 */
BF_MUST_USE bf_status_t bf_qasm_read_expression(bf_qasm_t *parser);

/** @brief Run the code at *op, whose value is meant as an angle, advance *op past it.
 *  @param params values of the definition's parameters; NULL: none are known
 *  @return BF_OK; BF_ERR_INPUT when the value is not finite or an operand not what the operator takes */
BF_MUST_USE bf_status_t bf_qasm_evaluate_angle(bf_qasm_t *parser, size_t *op, const bf_value_t *params, bf_value_t *value);

/** @brief Read an expression and evaluate it at once. */
BF_MUST_USE bf_status_t bf_qasm_read_value(bf_qasm_t *parser, bf_value_t *value);

/** @brief The same, up to an operator that binds no tighter than a comparison. */
BF_MUST_USE bf_status_t bf_qasm_read_term(bf_qasm_t *parser, bf_value_t *value);

/** @brief Read an expression that is an integer known now. */
BF_MUST_USE bf_status_t bf_qasm_read_constant(bf_qasm_t *parser, int64_t *constant);

/** @brief Read one angle of a gate list: an expression, `$k` for columns, up to the end of @p source.
 *  @param lexer  where it starts; the inputs and expressions go to @p circuit */
BF_MUST_USE bf_status_t bf_qasm_read_angle(const bf_source_t *source, const bf_lexer_t *lexer, bf_circuit_t *circuit,
                                           bf_value_t *angle);

/* Declarations of constants and inputs. */

/** @brief Read the name of a type of numbers, its width ignored: all are held in double precision. */
BF_MUST_USE bf_status_t bf_qasm_read_type(bf_qasm_t *parser, bf_value_type_t *type);

/** @brief Make @p value a constant of @p type, or say at @p place why it is none. */
BF_MUST_USE bf_status_t bf_qasm_convert(const bf_qasm_t *parser, bf_place_t place, bf_value_type_t type, bf_value_t *value);

/** @brief Declare a constant, an input, or a loop variable. */
BF_MUST_USE bf_status_t bf_qasm_declare(bf_qasm_t *parser, const bf_qasm_symbol_t *symbol);

/** @brief Read `const type name = value;` */
BF_MUST_USE bf_status_t bf_qasm_read_const(bf_qasm_t *parser);

/** @brief Read `input type name;` */
BF_MUST_USE bf_status_t bf_qasm_read_input(bf_qasm_t *parser);

/** @brief Check that @p name, the token in hand, may be declared: no word, gate, register, constant or input has it. */
BF_MUST_USE bf_status_t bf_qasm_check_new(const bf_qasm_t *parser, const char *what);

/* Gates. */

/** @brief Read `gate name(params) qubits { calls }` or `opaque name(params) qubits;` from the word gate or opaque. */
BF_MUST_USE bf_status_t bf_qasm_read_definition(bf_qasm_t *parser);

/** @brief Read the call of a gate from its name to the semicolon, and append what it expands to. */
BF_MUST_USE bf_status_t bf_qasm_read_call(bf_qasm_t *parser);

/** @return the definition of @p callee, NULL for a gate of the library. */
bf_qasm_definition_t *bf_qasm_definition_of(const bf_qasm_t *parser, int32_t callee);

/** @return the number of parameters, the number of qubits. */
int32_t bf_qasm_params_of(const bf_qasm_t *parser, int32_t callee);
int32_t bf_qasm_qubits_of(const bf_qasm_t *parser, int32_t callee);

/** @return how many calls one of @p callee with these modifiers makes; saturates above BF_CIRCUIT_MAX_GATES. */
uint64_t bf_qasm_cost_of(const bf_qasm_t *parser, int32_t callee, const bf_qasm_modifiers_t *modifiers);

/** @brief Expand a call on bf_qasm_t::actuals, controls first, with the angles in bf_qasm_t::values. */
BF_MUST_USE bf_status_t bf_qasm_apply(bf_qasm_t *parser, const bf_qasm_call_t *call);

/** @brief Read `ctrl @`, `negctrl(2) @`, `inv @`, `pow(2) @` and so on; none of them is fine. */
BF_MUST_USE bf_status_t bf_qasm_read_modifiers(bf_qasm_t *parser, bf_qasm_modifiers_t *modifiers);

/* Registers. */

/** @brief Read `qreg name[size];` or `creg name[size];` */
BF_MUST_USE bf_status_t bf_qasm_read_register2(bf_qasm_t *parser);

/** @brief Read `qubit[size] name;` or `bit[size] name;`, the size optional, bits perhaps with a value */
BF_MUST_USE bf_status_t bf_qasm_read_register3(bf_qasm_t *parser);

/* Measurements and bits. */

/** @brief Read `measure qubits -> bits;`, in OpenQASM 3 also `measure qubits;` */
BF_MUST_USE bf_status_t bf_qasm_read_measure(bf_qasm_t *parser);

/** @brief Read the rest of `bits = measure qubits;` or `bits = expression;` from the sign of equality. */
BF_MUST_USE bf_status_t bf_qasm_read_assignment(bf_qasm_t *parser, const bf_qasm_operand_t *bits);

/** @brief Read `reset qubits;` */
BF_MUST_USE bf_status_t bf_qasm_read_reset(bf_qasm_t *parser);

/** @brief Read `let name = qubits ++ ...;` */
BF_MUST_USE bf_status_t bf_qasm_read_alias(bf_qasm_t *parser);

/** @brief Read `register`, `register[index]`, in OpenQASM 3 also `register[first:step:last]`, `register[{index, ...}]` and
 * `$index`.
 *  @param quantum what it must be; the caller empties bf_qasm_t::indices before the first operand of a statement */
BF_MUST_USE bf_status_t bf_qasm_read_operand(bf_qasm_t *parser, bool quantum, bf_qasm_operand_t *operand);

/** @return position in its register of element @p i of an operand. */
bf_site_t bf_qasm_element(const bf_qasm_t *parser, const bf_qasm_operand_t *operand, bf_site_t i);

/** @return the qubit at position @p index of a register. */
bf_site_t bf_qasm_qubit(const bf_qasm_t *parser, const bf_qasm_register_t *reg, bf_site_t index);

/** @brief Read an integer from 0 to @p limit. @param what for messages */
BF_MUST_USE bf_status_t bf_qasm_read_integer(bf_qasm_t *parser, const char *what, bf_site_t limit, bf_site_t *value);

#ifdef __cplusplus
}
#endif
#endif
