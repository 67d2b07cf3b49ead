/* Compare what OpenBLAS chose with what the processor can do. */
#include "kernels/blas_core.h"

#include <cblas.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "kernels/cpu.h"
#include "kernels/types.h"

const char *bf_k_blas_core(void)
{
    return openblas_get_corename();
}

const char *bf_k_blas_core_hint(void)
{
    static const char *const modern[] = {"Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "SapphireRapids"};
    const bf_isa_t isa = bf_cpu_isa();
    if (isa == BF_ISA_BASE)
        return NULL;
    for (size_t i = 0; i < sizeof modern / sizeof modern[0]; i++) {
        if (strcasecmp(bf_k_blas_core(), modern[i]) == 0)
            return NULL;
    }
    return isa == BF_ISA_AVX512 ? "SkylakeX" : "Haswell";
}

/* What OpenBLAS itself calls when it is loaded and unloaded, if it was built for more than one processor. No header declares
 * them. */
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));

static bool choose_again(const char *kernels)
{
    if (setenv("OPENBLAS_CORETYPE", kernels, 1) != 0 || !gotoblas_dynamic_init || !gotoblas_dynamic_quit)
        return false;
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    return strcasecmp(bf_k_blas_core(), kernels) == 0;
}

void bf_k_blas_core_choose(char **argv)
{
    const char *kernels = getenv("OPENBLAS_CORETYPE") ? NULL : bf_k_blas_core_hint();
    if (kernels && !choose_again(kernels))
        execv("/proc/self/exe", argv);
}
