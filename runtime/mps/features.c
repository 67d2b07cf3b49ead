/* Any features of a state, measured by one task that sees the whole chain. */
#include "codelets/survey.h"
#include "codelets/trace.h"
#include "runtime/mps/state.h"

#include <string.h>

static bf_status_t check_features(const bf_feature_t *features, size_t n_features, bf_site_t n)
{
    for (size_t i = 0; i < n_features; i++) {
        const bf_feature_t *f = &features[i];
        const bool pair = f->kind >= BF_FEATURE_XX && f->kind <= BF_FEATURE_ZZ;
        if (pair && (f->distance < 1 || f->distance >= n))
            return bf_error_set(BF_ERR_ARG, "pairs at distance %d do not exist on %d qubits", f->distance, (int)n);
    }
    return BF_OK;
}

bf_status_t bf_state_features(bf_state_t *state, const bf_feature_t *features, size_t n_features, double *values)
{
    return bf_state_features_after(state, NULL, features, n_features, values);
}

/* One task, or none when the sites are here: there is nothing to share with the workers. */
static bf_status_t survey_state(bf_state_t *state, bf_survey_t *survey)
{
    if (!bf_state_is_spread(state)) {
        bf_survey_chain(&state->chain, survey);
        return BF_OK;
    }
    const bf_status_t status = bf_insert_survey(&state->session->submit, 0, state->sites, state->n, survey);
    bf_session_quiesce(state->session, state->owned, state->n_owned);
    return status == BF_OK ? BF_OK : bf_error_set(status, "StarPU refused a task (survey of %d sites)", (int)state->n);
}

bf_status_t bf_state_features_after(bf_state_t *state, const bf_tail_t *tail, const bf_feature_t *features, size_t n_features,
                                    double *values)
{
    BF_TRY(check_features(features, n_features, state->n));
    const double begin = bf_seconds();
    const int64_t stamp = bf_trace_stamp();
    size_t columns = 0;
    for (size_t i = 0; i < n_features; i++)
        columns += bf_feature_columns(&features[i], state->n);
    bf_session_t *session = state->session;
    bf_survey_t survey = {.tail = tail,
                          .site_of = state->site_of,
                          .features = features,
                          .n_features = n_features,
                          .values = values,
                          .norm = state->norm};
    bf_status_t status = survey_state(state, &survey);
    if (status == BF_OK && session->rank == 0 && survey.status != BF_OK)
        status = bf_error_set(survey.status, "measuring features: %s", bf_status_string(survey.status));
    status = bf_session_agree(session, status);
    if (status == BF_OK) {
        if (session->rank != 0)
            memset(values, 0, columns * sizeof *values);
        bf_session_merge(session, values, columns * sizeof *values);
        state->norm = survey.norm;
    }
    bf_trace_phase(BF_PHASE_MEASURE, stamp);
    state->seconds_measure += bf_seconds() - begin;
    return status;
}
