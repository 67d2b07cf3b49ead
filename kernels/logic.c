/* Values of conditions. Nodes stand behind what they depend on: one pass in order computes all. */
#include "kernels/logic.h"

#include <stdlib.h>
#include <string.h>

void bf_logic_evaluate(const bf_logic_t *logic, uint8_t *values)
{
    for (size_t i = 1; i < logic->n_nodes; i++) {
        const bf_logic_node_t *node = &logic->nodes[i];
        if (node->a != BF_LOGIC_OUTCOME)
            values[i] = bf_logic_value(values, node->a) && bf_logic_value(values, node->b);
    }
}

bf_status_t bf_logic_copy(const bf_logic_t *from, bf_logic_t *to)
{
    *to = (bf_logic_t){0};
    if (from->n_nodes == 0)
        return BF_OK;
    to->nodes = malloc(from->n_nodes * sizeof *to->nodes);
    if (!to->nodes)
        return BF_ERR_NOMEM;
    memcpy(to->nodes, from->nodes, from->n_nodes * sizeof *to->nodes);
    to->n_nodes = from->n_nodes;
    return BF_OK;
}

void bf_logic_clear(bf_logic_t *logic)
{
    free(logic->nodes);
    *logic = (bf_logic_t){0};
}
