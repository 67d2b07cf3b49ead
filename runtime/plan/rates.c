/* From measured times at a few bond dimensions to the time of any update. */
#include "runtime/plan/rates.h"

#include "kernels/blas_core.h"
#include "kernels/contract.h"
#include "kernels/transfer.h"
#include "runtime/bondflow.h"
#include "runtime/plan/rates_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const bf_dim_t bf_rates_chi[BF_RATES_KNOTS] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

/* What an update amounts to, in flops at the speed of matrix products: contraction, Gram matrix, reduction to tridiagonal form
 * (half of it in matrix-vector products, hence the weight), vectors and left site as far as they are kept. */
static double update_effort(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r, bf_dim_t keep)
{
    const double unit = bf_type_is_real(type) ? 2.0 : 8.0;
    const double m = 2.0 * (double)chi_l;
    const double n = 2.0 * (double)chi_r;
    const double k = (double)keep;
    const double order = m < n ? m : n;
    return bf_k_contract_flops(type, chi_l, chi_m, chi_r) +
           unit * (0.5 * m * n * order + 2.0 * order * order * order + 1.5 * (order * order * k + m * n * k));
}

/* The time of @p effort on a curve through the knots: straight lines between logarithms, beyond the last knot at its speed. */
static double on_curve(const double *effort, const double *us, double wanted)
{
    if (wanted <= effort[0])
        return us[0];
    for (int i = 1; i < BF_RATES_KNOTS; i++)
        if (wanted <= effort[i]) {
            const double share = log(wanted / effort[i - 1]) / log(effort[i] / effort[i - 1]);
            return us[i - 1] * pow(us[i] / us[i - 1], share);
        }
    return us[BF_RATES_KNOTS - 1] * wanted / effort[BF_RATES_KNOTS - 1];
}

double bf_rates_update_us(const bf_rates_t *rates, bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r, bf_dim_t keep)
{
    double effort[BF_RATES_KNOTS];
    for (int i = 0; i < BF_RATES_KNOTS; i++) {
        const bf_dim_t chi = bf_rates_chi[i];
        effort[i] = update_effort(type, chi, chi, chi, chi);
    }
    return on_curve(effort, rates->update_us[type], update_effort(type, chi_l, chi_m, chi_r, keep));
}

double bf_rates_step_us(const bf_rates_t *rates, bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r)
{
    /* Environments are in double precision whatever the sites are. */
    const bf_type_t wide = bf_type_is_real(type) ? BF_TYPE_D : BF_TYPE_Z;
    double effort[BF_RATES_KNOTS];
    for (int i = 0; i < BF_RATES_KNOTS; i++)
        effort[i] = bf_k_transfer_flops(wide, bf_rates_chi[i], bf_rates_chi[i]);
    return on_curve(effort, rates->step_us[bf_type_is_real(type)], bf_k_transfer_flops(wide, chi_l, chi_r));
}

bf_rates_t bf_rates_built_in(void)
{
    /* One core of an Intel Xeon Platinum (Emerald Rapids), OpenBLAS 0.3.21 with SkylakeX kernels. */
    return (bf_rates_t){
        .source = BF_RATES_BUILT_IN,
        .update_us = {{0.74, 1.37, 2.55, 7.9, 30.0, 150, 1080, 8000, 58000},
                      {1.03, 1.72, 3.45, 9.0, 32.5, 150, 980, 7500, 55000},
                      {0.68, 1.18, 2.30, 6.1, 20.0, 82.0, 525, 3900, 28000},
                      {0.82, 1.35, 2.65, 7.3, 22.8, 87.0, 545, 3900, 28500}},
        .step_us = {{0.30, 0.31, 0.34, 0.55, 2.05, 11.1, 79.0, 455, 2800}, {0.31, 0.32, 0.37, 0.44, 0.95, 4.30, 24.0, 134, 780}}};
}

/* The processor's model name; machines with the same one are taken to be equally fast. */
static void name_processor(char *name, size_t size)
{
    snprintf(name, size, "unknown processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", 10) == 0) {
            snprintf(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (file)
        fclose(file);
}

static void name_machine(bf_rates_t *rates)
{
    char processor[160];
    name_processor(processor, sizeof processor);
    snprintf(rates->machine, sizeof rates->machine, "%s, OpenBLAS %s, bondflow %s", processor, bf_k_blas_core(),
             BONDFLOW_VERSION);
}

bf_status_t bf_rates_get(bf_rates_effort_t effort, bf_rates_t *rates)
{
    char path[4096];
    const bool place = bf_rates_path(path, sizeof path);
    *rates = bf_rates_built_in();
    name_machine(rates);
    if (effort != BF_RATES_RENEW && place && bf_rates_load(path, rates))
        return BF_OK;
    if (effort == BF_RATES_FIND)
        return BF_OK;
    BF_TRY(bf_rates_measure(rates));
    if (!place) {
        snprintf(rates->note, sizeof rates->note, "not kept: neither BONDFLOW_RATES nor XDG_CACHE_HOME nor HOME is set");
    } else if (bf_rates_save(path, rates) != BF_OK) {
        snprintf(rates->note, sizeof rates->note, "not kept: %.200s", bf_error_message());
        bf_error_clear();
    }
    return BF_OK;
}
