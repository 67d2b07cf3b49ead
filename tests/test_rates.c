/* The file of kernel rates, whatever is in it, and times between the knots. */
#include "cunit_main.h"
#include "runtime/plan/rates.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/bondflow-rates.XXXXXX";
static char path[256];

static int open_folder(void)
{
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/deep/er/rates.json", folder);
    return setenv("BONDFLOW_RATES", path, 1);
}

static int close_folder(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void put(const char *text)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    if (file) {
        fputs(text, file);
        fclose(file);
    }
}

static bf_rates_t named(const char *machine, double factor)
{
    bf_rates_t rates = bf_rates_built_in();
    snprintf(rates.machine, sizeof rates.machine, "%s", machine);
    for (int i = 0; i < BF_RATES_KNOTS; i++)
        rates.update_us[0][i] *= factor;
    return rates;
}

static void comes_back_from_the_file(void)
{
    const bf_rates_t a = named("one", 1.0);
    const bf_rates_t b = named("another, \"quoted\"", 3.0);
    CU_ASSERT_EQUAL(bf_rates_save(path, &a), BF_OK);
    CU_ASSERT_EQUAL(bf_rates_save(path, &b), BF_OK);
    bf_rates_t read = {.machine = "one"};
    CU_ASSERT_TRUE_FATAL(bf_rates_load(path, &read));
    CU_ASSERT_EQUAL(read.source, BF_RATES_CACHED);
    for (int i = 0; i < BF_RATES_KNOTS; i++) {
        CU_ASSERT_DOUBLE_EQUAL(read.update_us[0][i], a.update_us[0][i], 1e-5 * a.update_us[0][i]);
        CU_ASSERT_DOUBLE_EQUAL(read.step_us[1][i], a.step_us[1][i], 1e-5 * a.step_us[1][i]);
    }
    read = (bf_rates_t){.machine = "another, \"quoted\""};
    CU_ASSERT_TRUE(bf_rates_load(path, &read));
    CU_ASSERT_DOUBLE_EQUAL(read.update_us[0][3], b.update_us[0][3], 1e-5 * b.update_us[0][3]);
    read = (bf_rates_t){.machine = "a third"};
    CU_ASSERT_FALSE(bf_rates_load(path, &read));
}

/* Files that are cut short, of other programs, or with impossible times are no rates; measuring puts a good one in their place.
 */
static void broken_files(void)
{
    const bf_rates_t good = named("one", 1.0);
    CU_ASSERT_EQUAL(bf_rates_save(path, &good), BF_OK);
    FILE *file = fopen(path, "r");
    static char whole[65536];
    const size_t length = fread(whole, 1, sizeof whole - 1, file);
    fclose(file);
    char cut[65536];
    bf_rates_t read = {.machine = "one"};
    for (size_t keep = 0; keep < length - 2; keep += 37) {
        snprintf(cut, keep + 1, "%s", whole);
        put(cut);
        CU_ASSERT_FALSE(bf_rates_load(path, &read));
    }
    static const char *const bad[] = {"",
                                      "null",
                                      "[]",
                                      "{}",
                                      "{\"bondflow rates\": 2, \"machines\": {}}",
                                      "{\"bondflow rates\": 1, \"machines\": {\"one\": 7}}",
                                      "{\"bondflow rates\": 1, \"machines\": {\"one\": {\"update_us\": [[1],[1],[1],[1]]}}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put(bad[i]);
        CU_ASSERT_FALSE(bf_rates_load(path, &read));
    }
    for (int wrong = -1; wrong <= 0; wrong++) {
        bf_rates_t impossible = named("one", 1.0);
        impossible.step_us[0][2] = wrong;
        CU_ASSERT_EQUAL(bf_rates_save(path, &impossible), BF_OK);
        CU_ASSERT_FALSE(bf_rates_load(path, &read));
    }
    put("{\"bondflow rates\": 1, \"machi");
    CU_ASSERT_EQUAL(bf_rates_get(BF_RATES_FIND, &read), BF_OK);
    CU_ASSERT_EQUAL(read.source, BF_RATES_BUILT_IN);
    CU_ASSERT_EQUAL(bf_rates_get(BF_RATES_ENSURE, &read), BF_OK);
    CU_ASSERT_EQUAL(read.source, BF_RATES_MEASURED);
    CU_ASSERT_EQUAL(read.note[0], '\0');
    CU_ASSERT_EQUAL(bf_rates_get(BF_RATES_FIND, &read), BF_OK);
    CU_ASSERT_EQUAL(read.source, BF_RATES_CACHED);
    CU_ASSERT_EQUAL(bf_rates_get(BF_RATES_RENEW, &read), BF_OK);
    CU_ASSERT_EQUAL(read.source, BF_RATES_MEASURED);
}

/* Where nothing can be written, rates are measured and used all the same. */
static void no_place_to_keep_them(void)
{
    bf_rates_t rates;
    setenv("BONDFLOW_RATES", "/proc/none/rates.json", 1);
    CU_ASSERT_EQUAL(bf_rates_get(BF_RATES_ENSURE, &rates), BF_OK);
    CU_ASSERT_EQUAL(rates.source, BF_RATES_MEASURED);
    CU_ASSERT(strlen(rates.note) > 0);
    CU_ASSERT_EQUAL(bf_error_code(), BF_OK);
    char fifo[300];
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
    setenv("BONDFLOW_RATES", fifo, 1); /* reading it would wait for ever */
    CU_ASSERT_EQUAL(bf_rates_get(BF_RATES_FIND, &rates), BF_OK);
    CU_ASSERT_EQUAL(rates.source, BF_RATES_BUILT_IN);
    setenv("BONDFLOW_RATES", path, 1);
}

/* At the knots the measured times, between them a monotonous curve, beyond them the speed of the last knot. */
static void between_the_knots(void)
{
    const bf_rates_t rates = bf_rates_built_in();
    for (int type = 0; type < 4; type++) {
        double before = 0.0;
        for (int i = 0; i < BF_RATES_KNOTS; i++) {
            const bf_dim_t chi = bf_rates_chi[i];
            const double us = bf_rates_update_us(&rates, (bf_type_t)type, chi, chi, chi, chi);
            CU_ASSERT_DOUBLE_EQUAL(us, rates.update_us[type][i], 1e-9 * us);
        }
        for (bf_dim_t chi = 1; chi <= 4096; chi += 1 + chi / 8) {
            const double us = bf_rates_update_us(&rates, (bf_type_t)type, chi, chi, chi, chi);
            CU_ASSERT(us > before && isfinite(us));
            before = us;
            CU_ASSERT(bf_rates_update_us(&rates, (bf_type_t)type, chi, chi, chi, 2 * chi) >= us);
            CU_ASSERT(bf_rates_update_us(&rates, (bf_type_t)type, 2 * chi, chi, chi, chi) >= us);
            CU_ASSERT(bf_rates_step_us(&rates, (bf_type_t)type, 2 * chi, chi) >=
                      bf_rates_step_us(&rates, (bf_type_t)type, chi, chi));
        }
        const double larger = bf_rates_update_us(&rates, (bf_type_t)type, 2048, 2048, 2048, 2048) /
                              bf_rates_update_us(&rates, (bf_type_t)type, 1024, 1024, 1024, 1024);
        CU_ASSERT(larger <= 8.0 && larger > 7.9); /* cubes, and squares of applying the gate */
    }
}

int main(void)
{
    const bf_test_t tests[] = {{"come back from the file", comes_back_from_the_file},
                               {"broken files", broken_files},
                               {"no place to keep them", no_place_to_keep_them},
                               {"between the knots", between_the_knots},
                               {NULL, NULL}};
    return bf_cunit_main("rates", open_folder, close_folder, tests);
}
