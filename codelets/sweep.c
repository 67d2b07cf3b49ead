/* What the tasks that carry environments share. */
#include "codelets/sweep.h"

#include "kernels/transfer.h"

bf_tensor_t bf_sweep_environment(bf_direction_t direction, const bf_tensor_t *site, const bf_tensor_t *in)
{
    const bf_dim_t chi = direction == BF_RIGHTWARD ? site->chi_r : site->chi_l;
    return (bf_tensor_t){
        .type = bf_k_transfer_type(site->type, in->type), .weight = BF_WEIGHT_NONE, .chi_l = chi, .d = 1, .chi_r = chi};
}

bf_tensor_t bf_sweep_half(const bf_tensor_t *site, const bf_tensor_t *in)
{
    return (bf_tensor_t){.type = bf_k_transfer_type(site->type, in->type),
                         .weight = BF_WEIGHT_NONE,
                         .chi_l = site->chi_l,
                         .d = BF_D,
                         .chi_r = site->chi_r};
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
    return bf_sweep_half_bytes(site) + bf_sweep_environment_bytes(site);
}

void bf_sweep_step(bf_direction_t direction, const bf_tensor_t *in, const bf_tensor_t *site, bf_tensor_t *half, bf_tensor_t *out,
                   void *work)
{
    if (direction == BF_RIGHTWARD)
        bf_k_transfer_left(in, site, half, out, work);
    else
        bf_k_transfer_right(in, site, half, out, work);
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
