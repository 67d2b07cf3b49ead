/* Task: measure any features on a whole chain. */
#include "codelets/survey.h"

#include "codelets/trace.h"

#include <stdlib.h>

struct survey_args {
    bf_survey_t *survey;
    int n;
};

void bf_survey_chain(const bf_chain_t *chain, bf_survey_t *survey)
{
    survey->status = BF_OK;
    for (bf_site_t s = 0; s < chain->n && survey->status == BF_OK; s++)
        survey->status = (bf_status_t)chain->sites[s].status;
    if (survey->status == BF_OK)
        survey->status = bf_chain_measure(chain, survey->tail, survey->site_of, survey->features, survey->n_features,
                                          survey->values, &survey->norm);
}

static void bf_cl_survey_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct survey_args *args = cl_arg;
    bf_survey_t *survey = args->survey;
    bf_tensor_data_t *sites = malloc((size_t)args->n * sizeof *sites);
    survey->status = sites ? BF_OK : BF_ERR_NOMEM;
    for (int s = 0; sites && s < args->n; s++)
        sites[s] = *(const bf_tensor_data_t *)buffers[s];
    const bf_chain_t chain = {.n = args->n, .sites = sites};
    if (survey->status == BF_OK)
        bf_survey_chain(&chain, survey);
    free(sites);
}

static struct starpu_codelet bf_cl_survey = {.cpu_funcs = {bf_cl_survey_cpu},
                                             .cpu_funcs_name = {"bf_cl_survey_cpu"},
                                             .nbuffers = STARPU_VARIABLE_NBUFFERS,
                                             .name = "survey",
                                             .color = 0xa0a0a0};

bf_status_t bf_insert_survey(bf_submit_t *submit, int node, const starpu_data_handle_t *sites, int n, bf_survey_t *survey)
{
    struct starpu_data_descr descr[n];
    for (int s = 0; s < n; s++)
        descr[s] = (struct starpu_data_descr){.handle = sites[s], .mode = STARPU_R};
    struct survey_args *args = NULL;
    if (bf_submit_mine(submit, node)) {
        args = malloc(sizeof *args);
        if (!args)
            return BF_ERR_NOMEM;
        *args = (struct survey_args){.survey = survey, .n = n};
    }
    return bf_submit_task(submit, &bf_cl_survey, node, descr, n, args, sizeof *args, 0);
}
