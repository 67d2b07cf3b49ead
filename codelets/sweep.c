/* What the tasks that carry environments share. */
#include "codelets/sweep.h"

#include "codelets/arena.h"
#include "kernels/transfer.h"

#include <string.h>

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static int32_t first_status(void *buffers[], int n)
{
    for (int i = 0; i < n; i++) {
        const bf_tensor_data_t *data = buffers[i];
        if (data->status != BF_OK)
            return data->status;
    }
    return BF_OK;
}

bf_status_t bf_sweep_begin(bf_sweep_t *sweep, bf_direction_t direction, void *buffers[], int n, int inputs)
{
    const int32_t status = first_status(buffers, inputs);
    if (status != BF_OK)
        return (bf_status_t)status;
    size_t environment = 0;
    size_t half = 0;
    size_t work = 0;
    for (int i = 1; i <= n; i++) {
        const bf_tensor_t site = bf_tensor_view(buffers[i]);
        environment = max_size(environment, bf_sweep_environment_bytes(&site));
        half = max_size(half, bf_sweep_half_bytes(&site));
        work = max_size(work, bf_sweep_work_bytes(&site));
    }
    char *memory = bf_arena(environment + half + work);
    const bf_tensor_t in = bf_tensor_view(buffers[0]);
    *sweep =
        (bf_sweep_t){.direction = direction, .carried = in, .half = memory + environment, .work = memory + environment + half};
    bf_tensor_attach(&sweep->carried, memory);
    memcpy(sweep->carried.b, in.b, bf_tensor_block_bytes(&in));
    return BF_OK;
}

bf_tensor_t bf_sweep_half(const bf_sweep_t *sweep, const bf_tensor_t *site)
{
    return (bf_tensor_t){.type = bf_k_transfer_type(site->type, sweep->carried.type),
                         .weight = BF_WEIGHT_NONE,
                         .chi_l = site->chi_l,
                         .d = BF_D,
                         .chi_r = site->chi_r};
}

void bf_sweep_step(bf_sweep_t *sweep, const bf_tensor_t *site, bf_tensor_t *half, bool carry)
{
    /* The half-contracted site holds what is needed of the environment before, so the one behind may overwrite it. */
    bf_tensor_t next = {.b = sweep->carried.b};
    if (sweep->direction == BF_RIGHTWARD)
        bf_k_transfer_left(&sweep->carried, site, half, carry ? &next : NULL, sweep->work);
    else
        bf_k_transfer_right(&sweep->carried, site, half, carry ? &next : NULL, sweep->work);
    if (carry)
        sweep->carried = next;
}

void bf_sweep_end(const bf_sweep_t *sweep, bf_tensor_data_t *out)
{
    const bf_tensor_t stored = bf_tensor_reserve(out, &sweep->carried);
    memcpy(stored.b, sweep->carried.b, bf_tensor_block_bytes(&stored));
}

size_t bf_sweep_environment_bytes(const bf_tensor_t *site)
{
    const size_t chi = (size_t)(site->chi_l > site->chi_r ? site->chi_l : site->chi_r);
    return bf_align_up(chi * chi * bf_type_size(BF_TYPE_Z));
}

size_t bf_sweep_half_bytes(const bf_tensor_t *site)
{
    return bf_align_up((size_t)(site->chi_l * site->d * site->chi_r) * bf_type_size(BF_TYPE_Z));
}

size_t bf_sweep_work_bytes(const bf_tensor_t *site)
{
    return bf_sweep_half_bytes(site) + bf_sweep_environment_bytes(site) + bf_k_transfer_sectors_bytes(site);
}

double bf_sweep_flops(struct starpu_task *task, int n)
{
    double flops = 0.0;
    for (int i = 1; i <= n; i++) {
        const bf_tensor_data_t *site = starpu_data_get_interface_on_node(STARPU_TASK_GET_HANDLE(task, i), STARPU_MAIN_RAM);
        flops += bf_k_transfer_flops(site->type, site->chi_l, site->chi_r);
    }
    return flops;
}
