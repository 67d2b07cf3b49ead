/* Compare what OpenBLAS chose with what the processor can do. */
#include "kernels/blas_core.h"

#include <cblas.h>
#include <strings.h>

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
