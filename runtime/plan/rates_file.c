/* Rates as JSON: {"bondflow rates": 1, "machines": {NAME: {"update_us": [[...] x 4], "step_us": [[...] x 2]}}}. */
#include "runtime/plan/rates_file.h"

#include "runtime/io/io.h"
#include "runtime/plan/rates.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MARK    "bondflow rates"
#define VERSION 2 /* 1: steps that formed both triangles */

bool bf_rates_path(char *path, size_t size)
{
    const char *file = getenv("BONDFLOW_RATES");
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int length = -1;
    if (file && *file)
        length = snprintf(path, size, "%s", file);
    else if (cache && *cache)
        length = snprintf(path, size, "%s/bondflow/rates.json", cache);
    else if (home && *home)
        length = snprintf(path, size, "%s/.cache/bondflow/rates.json", home);
    return length > 0 && (size_t)length < size;
}

/* A row of times: as many as there are knots, all of them finite and above zero. */
static bool read_times(const json_t *rows, size_t row, double *us)
{
    const json_t *times = json_array_get(rows, row);
    if (json_array_size(times) != BF_RATES_KNOTS)
        return false;
    for (size_t i = 0; i < BF_RATES_KNOTS; i++) {
        us[i] = json_number_value(json_array_get(times, i));
        if (!isfinite(us[i]) || !(us[i] > 0.0) || us[i] > 1e12)
            return false;
    }
    return true;
}

static json_t *read_file(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) /* a pipe would wait for ever */
        return NULL;
    json_t *root = json_load_file(path, 0, NULL);
    if (json_integer_value(json_object_get(root, MARK)) == VERSION && json_is_object(json_object_get(root, "machines")))
        return root;
    json_decref(root);
    return NULL;
}

bool bf_rates_load(const char *path, bf_rates_t *rates)
{
    json_t *root = read_file(path);
    const json_t *entry = json_object_get(json_object_get(root, "machines"), rates->machine);
    bf_rates_t found = *rates;
    bool good = entry != NULL;
    for (size_t type = 0; type < 4 && good; type++)
        good = read_times(json_object_get(entry, "update_us"), type, found.update_us[type]);
    for (size_t field = 0; field < 2 && good; field++)
        good = read_times(json_object_get(entry, "step_us"), field, found.step_us[field]);
    json_decref(root);
    if (good) {
        *rates = found;
        rates->source = BF_RATES_CACHED;
    }
    return good;
}

static json_t *times_json(const double *us)
{
    json_t *times = json_array();
    for (int i = 0; i < BF_RATES_KNOTS; i++)
        json_array_append_new(times, json_real(us[i]));
    return times;
}

/* The folders on the way to @p path. What cannot be made shows when the file is opened. */
static void make_folders(const char *path)
{
    char folder[4096];
    if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
        return;
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            return;
        *slash = '/';
    }
}

bf_status_t bf_rates_save(const char *path, const bf_rates_t *rates)
{
    json_t *root = read_file(path);
    if (!root)
        root = json_pack("{s:i, s:{}}", MARK, VERSION, "machines");
    json_t *update = json_array();
    json_t *step = json_array();
    for (int type = 0; type < 4; type++)
        json_array_append_new(update, times_json(rates->update_us[type]));
    for (int field = 0; field < 2; field++)
        json_array_append_new(step, times_json(rates->step_us[field]));
    json_t *entry = json_pack("{s:o, s:o}", "update_us", update, "step_us", step);
    if (!root || !entry || json_object_set_new(json_object_get(root, "machines"), rates->machine, entry) != 0) {
        json_decref(root);
        return bf_error_set(BF_ERR_NOMEM, "out of memory: rates");
    }
    make_folders(path);
    bf_output_t *output = NULL;
    bf_status_t status = bf_output_open(path, &output);
    if (status == BF_OK && json_dumpf(root, bf_output_stream(output), JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0)
        status = bf_error_set(BF_ERR_IO, "%s: cannot be written", path);
    json_decref(root);
    if (status == BF_OK)
        return bf_output_commit(output);
    bf_output_abandon(output);
    return status;
}
