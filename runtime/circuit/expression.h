/** @file expression.h
 *  @brief Numbers that may depend on inputs: constants are computed at once, the rest becomes postfix code, equal code stored
 * once.
 */
#ifndef BF_EXPRESSION_H
#define BF_EXPRESSION_H

#include "runtime/circuit/names.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Limits of an expression after the definitions it went through are expanded. */
enum { BF_EXPRESSION_MAX_OPS = 4096, BF_EXPRESSION_MAX_DEPTH = 256 };

/** Instructions. Those up to BF_EX_MODULO may depend on inputs, comparisons and logic may not. */
typedef enum bf_ex_code {
    BF_EX_CONSTANT,
    BF_EX_INPUT,
    BF_EX_PARAMETER, /**< of a gate definition: in the parser's code only */
    BF_EX_FUNCTION,
    BF_EX_NEGATE,
    BF_EX_ADD,
    BF_EX_SUBTRACT,
    BF_EX_MULTIPLY,
    BF_EX_DIVIDE,
    BF_EX_POWER,
    BF_EX_MODULO,
    BF_EX_EQUAL,
    BF_EX_UNEQUAL,
    BF_EX_LESS,
    BF_EX_LESS_EQUAL,
    BF_EX_GREATER,
    BF_EX_GREATER_EQUAL,
    BF_EX_AND,
    BF_EX_OR,
    BF_EX_NOT,
    BF_EX_BIT_AND,
    BF_EX_BIT_OR,
    BF_EX_BIT_XOR,
    BF_EX_BIT_NOT,
    BF_EX_SHIFT_LEFT,
    BF_EX_SHIFT_RIGHT,
    BF_EX_END /**< in the parser's code only */
} bf_ex_code_t;

/** One instruction; what a code does not use is 0, so that equal code has equal bytes. */
typedef struct bf_ex_op {
    int32_t code;  /**< bf_ex_code_t */
    int32_t index; /**< input or function */
    double value;  /**< a constant */
} bf_ex_op_t;

/** A number that depends on inputs, in postfix order. */
typedef struct bf_expression {
    bf_ex_op_t *ops; /**< owned by the set */
    int32_t n_ops;
    int32_t depth; /**< values waiting at most, <= BF_EXPRESSION_MAX_DEPTH */
} bf_expression_t;

/** A set of different expressions, known by their numbers. Zero-initialised is empty. */
typedef struct bf_expressions {
    bf_expression_t *items; /**< owned */
    size_t count, room;
    bf_names_t numbers; /**< from the bytes of the code */
} bf_expressions_t;

/** What a number is in OpenQASM 3. OpenQASM 2 and gate lists know BF_VALUE_REAL only. */
typedef enum bf_value_type {
    BF_VALUE_REAL,
    BF_VALUE_INTEGER,   /**< a whole number below 2^53 */
    BF_VALUE_TRUNCATED, /**< an integer whose computation lost a remainder: fine as an index, never as an angle */
    BF_VALUE_BOOLEAN    /**< 0 or 1 */
} bf_value_type_t;

/** A number, known or depending on inputs. */
typedef struct bf_value {
    double number;      /**< when it is known */
    int32_t expression; /**< number in the set, or -1: known */
    int32_t type;       /**< bf_value_type_t */
} bf_value_t;

static inline bf_value_t bf_value_real(double number)
{
    return (bf_value_t){.number = number, .expression = -1, .type = BF_VALUE_REAL};
}

/** A function of one number. */
typedef struct bf_function {
    const char *name;
    double (*apply)(double);
    int versions; /**< bit 0: OpenQASM 2, bit 1: OpenQASM 3 */
} bf_function_t;

/** @return function @p index of the table, NULL past its end. */
const bf_function_t *bf_function(int index);

/** @brief The value of input @p index; an integer that is not whole evaluates to NaN. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_value_input(bf_expressions_t *set, int32_t index, bf_value_type_t type, bf_value_t *value);

/** @brief function(a), -a, !a, ~a. @param[out] why  what is wrong when the result is BF_ERR_INPUT (nothing is recorded)
 *  @return BF_OK, BF_ERR_INPUT, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_value_unary(bf_expressions_t *set, int code, int function, bf_value_t a, bf_value_t *value,
                                       const char **why);

/** @brief a op b. As bf_value_unary(). */
BF_MUST_USE bf_status_t bf_value_binary(bf_expressions_t *set, int code, bf_value_t a, bf_value_t b, bf_value_t *value,
                                        const char **why);

/** @brief Evaluate. @return the number; not finite when some step was not. Thread safe. */
double bf_expression_value(const bf_expression_t *expression, const double *inputs);

/** Free the memory; the set is empty afterwards. */
void bf_expressions_clear(bf_expressions_t *set);

#ifdef __cplusplus
}
#endif
#endif
