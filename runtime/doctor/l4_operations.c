/* L4, tensor operations: which BLAS, which of its kernels, and what they reach. */
#define _GNU_SOURCE /* dladdr */
#include "kernels/blas_core.h"
#include "runtime/doctor/checks.h"
#include "runtime/doctor/measure.h"

#include <cblas.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* The file that a function really comes from: the linker's choice, the alternatives system and LD_PRELOAD included. */
static const char *library_of(const char *symbol)
{
    Dl_info info;
    void *address = dlsym(RTLD_DEFAULT, symbol);
    return address && dladdr(address, &info) != 0 && info.dli_fname ? info.dli_fname : "nowhere";
}

void bf_check_blas(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 4, "blas");
    static const char *const flavours[] = {"sequential", "pthread", "OpenMP"};
    static const char *const used[] = {"cblas_zgemm", "zgemm_", "zgesdd_", "zgesvd_", "dstedc_"};
    const char *library = library_of("openblas_get_config");
    const int flavour = openblas_get_parallel();
    char version[64] = "";
    sscanf(openblas_get_config(), "OpenBLAS %60s", version);
    bf_find_text(finding, "library", library);
    bf_find_text(finding, "config", openblas_get_config());
    bf_find_integer(finding, "parallel", flavour);
    bf_find_say(finding, "OpenBLAS %s, %s flavour, %s", version, flavour >= 0 && flavour <= 2 ? flavours[flavour] : "unknown",
                library);
    for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
        const char *from = library_of(used[i]);
        if (strcmp(from, library) == 0 || strcmp(from, "nowhere") == 0)
            continue;
        bf_find_add(finding, "but %s comes from %s", used[i], from);
        bf_find_wrong(finding, BF_FAIL, 10.0,
                      "unset LD_PRELOAD LD_LIBRARY_PATH; update-alternatives --config liblapack.so.3-$(gcc -print-multiarch)");
        return;
    }
    if (flavour == 2)
        bf_find_wrong(finding, BF_WARN, 1.1, "apt install libopenblas0-pthread   (the flavour bondflow is tested with)");
}

void bf_check_kernels(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 4, "kernels");
    const char *better = bf_k_blas_core_hint();
    const char *asked = bf_set_in_environment("OPENBLAS_CORETYPE");
    bf_find_text(finding, "kernels", bf_k_blas_core());
    bf_find_text(finding, "better", better);
    bf_find_say(finding, "%s kernels", bf_k_blas_core());
    if (better) {
        bf_find_add(finding, "%s, and this processor can run %s",
                    asked ? "OPENBLAS_CORETYPE asks for them" : "this OpenBLAS does not know the processor", better);
        bf_find_wrong(finding, BF_FAIL, 2.0, "export OPENBLAS_CORETYPE=%s", better);
    } else if (patient->options.blas_chosen) {
        bf_find_add(finding,
                    "chosen by bondflow's programs; this OpenBLAS does not know the processor, your own programs need "
                    "OPENBLAS_CORETYPE=%s",
                    asked ? asked : bf_k_blas_core());
    }
}

/* A share of what the vector units reach that good kernels always pass, and one that only a wrong choice of kernels explains. */
#define GOOD_SHARE 0.5
#define POOR_SHARE 0.3

void bf_check_speed(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 4, "speed");
    double threads = 0.0;
    const double peak = bf_measure_peak();
    const double reached = bf_measure_zgemm(&threads);
    bf_find_real(finding, "zgemm_flops_per_second", reached);
    bf_find_real(finding, "peak_flops_per_second", peak);
    bf_find_real(finding, "threads", threads);
    if (peak <= 0.0) {
        bf_find_say(finding, "zgemm %.1f GFlop/s on one core", 1e-9 * reached);
        return;
    }
    const double share = reached / peak;
    bf_find_say(finding, "zgemm %.1f GFlop/s on one core, %.0f %% of the %.1f that its vector units reach", 1e-9 * reached,
                100.0 * share, 1e-9 * peak);
    if (threads > 1.5) {
        bf_find_add(finding, "but it ran %.1f threads, which one BLAS thread per worker must not", threads);
        bf_find_wrong(finding, BF_FAIL, threads, "export OPENBLAS_NUM_THREADS=1");
    } else if (share < GOOD_SHARE) {
        const char *better = bf_k_blas_core_hint();
        bf_find_wrong(finding, share < POOR_SHARE ? BF_FAIL : BF_WARN, 0.8 / share,
                      better ? "export OPENBLAS_CORETYPE=%s" : "stop what else runs here; a newer OpenBLAS%s",
                      better ? better : " if it stays so");
    }
}
