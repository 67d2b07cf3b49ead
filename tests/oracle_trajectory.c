/* Circuits with measured bits on a state vector. */
#include "oracle_trajectory.h"

#include "kernels/random.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

oracle_dynamic_t oracle_dynamic_new(int version, int n, int bits)
{
    return (oracle_dynamic_t){.version = version, .n = n, .bits = bits};
}

void oracle_dynamic_free(oracle_dynamic_t *d)
{
    free(d->list);
    *d = (oracle_dynamic_t){0};
}

static oracle_statement_t *append(oracle_dynamic_t *d, oracle_statement_t statement)
{
    if (d->count == d->capacity) {
        d->capacity = d->capacity ? 2 * d->capacity : 64;
        d->list = realloc(d->list, d->capacity * sizeof *d->list);
        if (!d->list)
            abort();
    }
    d->list[d->count] = statement;
    return &d->list[d->count++];
}

oracle_statement_t *oracle_dynamic_gate(oracle_dynamic_t *d, const char *name, const double *p, const int *q)
{
    oracle_circuit_t one = oracle_circuit_new(d->n);
    oracle_add(&one, name, p, q);
    const oracle_statement_t statement = {.act = ORACLE_GATE, .gate = one.gates[0]};
    oracle_circuit_free(&one);
    return append(d, statement);
}

oracle_statement_t *oracle_dynamic_measure(oracle_dynamic_t *d, int qubit, int bit)
{
    return append(d, (oracle_statement_t){.act = ORACLE_MEASURE, .qubit = qubit, .bit = bit});
}

oracle_statement_t *oracle_dynamic_reset(oracle_dynamic_t *d, int qubit)
{
    return append(d, (oracle_statement_t){.act = ORACLE_RESET, .qubit = qubit});
}

void oracle_dynamic_when(oracle_statement_t *s, oracle_question_t question, int a, int b, unsigned value)
{
    s->tests[s->n_tests++] = (oracle_test_t){.question = question, .a = a, .b = b, .value = value};
}

static void add_random_test(oracle_dynamic_t *d, oracle_statement_t *s, oracle_rng_t *rng)
{
    const int question = d->version == 2 ? ORACLE_EQUALS : oracle_rng_below(rng, ORACLE_QUESTIONS);
    const unsigned values = 1U << (d->bits < 3 ? d->bits : 3); /* small ones: they happen */
    oracle_dynamic_when(s, (oracle_question_t)question, oracle_rng_below(rng, d->bits), oracle_rng_below(rng, d->bits),
                        (unsigned)oracle_rng_below(rng, (int)values));
    s->tests[s->n_tests - 1].otherwise = d->version == 3 && oracle_rng_below(rng, 3) == 0;
}

oracle_dynamic_t oracle_dynamic_random(int version, int n, int bits, int count, oracle_rng_t *rng)
{
    oracle_dynamic_t d = oracle_dynamic_new(version, n, bits);
    for (int i = 0; i < count; ++i) {
        const int choice = oracle_rng_below(rng, 10);
        oracle_statement_t *s = NULL;
        if (choice < 2) {
            const int bit = version == 3 && oracle_rng_below(rng, 8) == 0 ? -1 : oracle_rng_below(rng, bits);
            s = oracle_dynamic_measure(&d, oracle_rng_below(rng, n), bit);
        } else if (choice == 2) {
            s = oracle_dynamic_reset(&d, oracle_rng_below(rng, n));
        } else {
            oracle_circuit_t one = oracle_circuit_new(n);
            oracle_add_random(&one, 1, rng);
            const oracle_statement_t statement = {.act = ORACLE_GATE, .gate = one.gates[0]};
            oracle_circuit_free(&one);
            s = append(&d, statement);
        }
        for (int most = version == 2 ? 1 : ORACLE_MAX_TESTS; most > 0 && oracle_rng_below(rng, 3) == 0; --most)
            add_random_test(&d, s, rng);
    }
    for (int q = 0; q < n; ++q)
        oracle_dynamic_gate(&d, "h", NULL, &q);
    return d;
}

/* Text. */

typedef struct text {
    char *at;
    size_t used, room;
} text_t;

__attribute__((format(printf, 2, 3))) static void say(text_t *t, const char *format, ...)
{
    va_list list;
    if (t->room - t->used < 1024) {
        t->room = 2 * t->room + 4096;
        t->at = realloc(t->at, t->room);
        if (!t->at)
            abort();
    }
    va_start(list, format);
    t->used += (size_t)vsnprintf(t->at + t->used, t->room - t->used, format, list);
    va_end(list);
}

static void say_question(text_t *t, const oracle_test_t *test)
{
    switch (test->question) {
    case ORACLE_EQUALS:
        say(t, "c == %u", test->value);
        break;
    case ORACLE_DIFFERS:
        say(t, "c != %u", test->value);
        break;
    case ORACLE_BELOW:
        say(t, "c < %u", test->value);
        break;
    case ORACLE_AT_LEAST:
        say(t, "%u <= c", test->value);
        break;
    case ORACLE_BIT:
        say(t, "c[%d]", test->a);
        break;
    case ORACLE_NOT_BIT:
        say(t, "!c[%d]", test->a);
        break;
    case ORACLE_PARITY:
        say(t, "c[%d] ^ c[%d]", test->a, test->b);
        break;
    case ORACLE_BOTH:
        say(t, "c[%d] && !c[%d]", test->a, test->b);
        break;
    case ORACLE_EITHER:
    default:
        say(t, "c[%d] == 1 || c[%d] == true", test->a, test->b);
        break;
    }
}

static void say_statement(text_t *t, const oracle_dynamic_t *d, const oracle_statement_t *s)
{
    for (int i = 0; i < s->n_tests; ++i) {
        say(t, "if (");
        say_question(t, &s->tests[i]);
        say(t, d->version == 2 ? ") " : s->tests[i].otherwise ? ") { } else { " : ") { ");
    }
    if (s->act == ORACLE_RESET) {
        say(t, "reset q[%d];", s->qubit);
    } else if (s->act == ORACLE_MEASURE) {
        if (s->bit < 0)
            say(t, "measure q[%d];", s->qubit);
        else if (d->version == 2)
            say(t, "measure q[%d] -> c[%d];", s->qubit, s->bit);
        else
            say(t, "c[%d] = measure q[%d];", s->bit, s->qubit);
    } else {
        const oracle_kind_t *kind = s->gate.kind;
        say(t, "%s", kind->name);
        for (int k = 0; k < kind->params; ++k)
            say(t, "%s%.17g%s", k ? "," : "(", s->gate.p[k], k + 1 == kind->params ? ")" : "");
        for (int k = 0; k < oracle_kind_qubits(kind); ++k)
            say(t, "%sq[%d]", k ? "," : " ", s->gate.q[k]);
        say(t, ";");
    }
    for (int i = 0; i < s->n_tests && d->version == 3; ++i)
        say(t, " }");
    say(t, "\n");
}

char *oracle_dynamic_qasm(const oracle_dynamic_t *d)
{
    text_t t = {0};
    if (d->version == 2)
        say(&t, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\ncreg c[%d];\n", d->n, d->bits);
    else
        say(&t, "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[%d] q;\nbit[%d] c;\n", d->n, d->bits);
    for (size_t i = 0; i < d->count; ++i)
        say_statement(&t, d, &d->list[i]);
    return t.at;
}

/* Running. */

static bool holds(const oracle_test_t *test, const int *bits, int n_bits)
{
    unsigned c = 0;
    for (int i = 0; i < n_bits; ++i)
        c |= (unsigned)bits[i] << i;
    bool answer = false;
    switch (test->question) {
    case ORACLE_EQUALS:
        answer = c == test->value;
        break;
    case ORACLE_DIFFERS:
        answer = c != test->value;
        break;
    case ORACLE_BELOW:
        answer = c < test->value;
        break;
    case ORACLE_AT_LEAST:
        answer = c >= test->value;
        break;
    case ORACLE_BIT:
        answer = bits[test->a] == 1;
        break;
    case ORACLE_NOT_BIT:
        answer = bits[test->a] == 0;
        break;
    case ORACLE_PARITY:
        answer = bits[test->a] != bits[test->b];
        break;
    case ORACLE_BOTH:
        answer = bits[test->a] == 1 && bits[test->b] == 0;
        break;
    case ORACLE_EITHER:
    default:
        answer = bits[test->a] == 1 || bits[test->b] == 1;
        break;
    }
    return answer != test->otherwise;
}

/* Project qubit q of psi on what is drawn, normalise. @return the outcome */
static int project(oracle_z_t *psi, int n, int q, uint64_t seed, uint64_t shot, uint32_t draw)
{
    const size_t bit = (size_t)1 << q, size = (size_t)1 << n;
    double p[2] = {0, 0};
    for (size_t i = 0; i < size; ++i)
        p[(i & bit) != 0] += creal(psi[i] * conj(psi[i]));
    bf_bias_t bias;
    if (!bf_bias_set(p[0], p[1], &bias))
        abort();
    const int outcome = bf_random_draw(seed, BF_RANDOM_MEASURE, shot, draw, &bias);
    const double scale = 1 / sqrt(p[outcome]);
    for (size_t i = 0; i < size; ++i)
        psi[i] *= ((i & bit) != 0) == (outcome == 1) ? scale : 0;
    return outcome;
}

static void flip(oracle_z_t *psi, int n, int q)
{
    const size_t bit = (size_t)1 << q;
    for (size_t i = 0; i < (size_t)1 << n; ++i)
        if (i & bit) {
            const oracle_z_t x = psi[i];
            psi[i] = psi[i ^ bit];
            psi[i ^ bit] = x;
        }
}

uint32_t oracle_dynamic_run(const oracle_dynamic_t *d, oracle_z_t *psi, uint64_t seed, uint64_t shot, uint32_t first_draw,
                            int *bits)
{
    uint32_t draw = first_draw;
    memset(bits, 0, (size_t)d->bits * sizeof *bits);
    for (size_t i = 0; i < d->count; ++i) {
        const oracle_statement_t *s = &d->list[i];
        bool happens = true;
        for (int k = 0; k < s->n_tests; ++k)
            happens = happens && holds(&s->tests[k], bits, d->bits);
        if (s->act == ORACLE_GATE) {
            if (happens)
                oracle_dense_apply(psi, d->n, &s->gate);
            continue;
        }
        if (happens) {
            const int outcome = project(psi, d->n, s->qubit, seed, shot, draw);
            if (s->act == ORACLE_RESET && outcome == 1)
                flip(psi, d->n, s->qubit);
            if (s->act == ORACLE_MEASURE && s->bit >= 0)
                bits[s->bit] = outcome;
        }
        draw++;
    }
    return draw - first_draw;
}
