/* The tensor data interface: shapes that change, messages that carry everything, poison. */
#include "cunit_main.h"

#include "codelets/tensor_data.h"
#include "runtime/session/session.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static bf_session_t *session;

static int start(void)
{
    const bool up = bf_session_create(NULL, NULL, &session) == BF_OK && bf_session_start(session) == BF_OK &&
                    bf_session_engage(session) == BF_OK;
    return up ? 0 : -1;
}

static int stop(void)
{
    bf_session_destroy(session);
    return 0;
}

static bf_tensor_data_t *main_memory(starpu_data_handle_t handle)
{
    return starpu_data_get_interface_on_node(handle, STARPU_MAIN_RAM);
}

static bf_tensor_t random_shape(void)
{
    static const bf_weight_t weights[2] = {BF_WEIGHT_NONE, BF_WEIGHT_DIAG};
    return (bf_tensor_t){.type = (bf_type_t)(rand() % 4),
                         .weight = weights[rand() % 2],
                         .chi_l = 1 + rand() % 60,
                         .d = 1 << rand() % 3,
                         .chi_r = 1 + rand() % 60};
}

/* Give the tensor a shape and bytes that follow from @p seed. */
static void fill(starpu_data_handle_t handle, const bf_tensor_t *shape, unsigned char seed)
{
    starpu_data_acquire_on_node(handle, STARPU_MAIN_RAM, STARPU_W);
    const bf_tensor_t view = bf_tensor_reserve(main_memory(handle), shape);
    CU_ASSERT_EQUAL((uintptr_t)view.b % BF_ALIGN, 0);
    CU_ASSERT_EQUAL((uintptr_t)view.w % BF_ALIGN, 0);
    CU_ASSERT_EQUAL(view.w == NULL, shape->weight == BF_WEIGHT_NONE);
    unsigned char *bytes = (unsigned char *)main_memory(handle)->ptr;
    for (size_t i = 0; i < bf_tensor_bytes(shape); i++)
        bytes[i] = (unsigned char)(seed + 7 * i);
    main_memory(handle)->loss = seed;
    starpu_data_release_on_node(handle, STARPU_MAIN_RAM);
}

static bool same(const bf_tensor_data_t *a, const bf_tensor_data_t *b)
{
    const bf_tensor_t view = bf_tensor_view(a);
    return a->type == b->type && a->weight == b->weight && a->chi_l == b->chi_l && a->d == b->d && a->chi_r == b->chi_r &&
           a->chi_m == b->chi_m && a->status == b->status && a->loss == b->loss &&
           memcmp((const void *)a->ptr, (const void *)b->ptr, bf_tensor_bytes(&view)) == 0;
}

static void send(starpu_data_handle_t from, starpu_data_handle_t to)
{
    void *message = NULL;
    starpu_ssize_t count = 0;
    starpu_ssize_t announced = 0;
    CU_ASSERT_EQUAL(starpu_data_pack(from, NULL, &announced), 0);
    CU_ASSERT_EQUAL(starpu_data_pack(from, &message, &count), 0);
    CU_ASSERT_EQUAL(announced, count);
    const bf_tensor_t view = bf_tensor_view(main_memory(from));
    CU_ASSERT_EQUAL((size_t)count, bf_tensor_message_bytes(&view));
    starpu_data_acquire_on_node(to, STARPU_MAIN_RAM, STARPU_W);
    CU_ASSERT_EQUAL(starpu_data_unpack(to, message, (size_t)count), 0);
    starpu_data_release_on_node(to, STARPU_MAIN_RAM);
    CU_ASSERT_TRUE(same(main_memory(from), main_memory(to)));
}

static void messages_carry_shape_and_bytes(void)
{
    const unsigned seed = (unsigned)time(NULL);
    printf("\n  seed %u\n", seed);
    srand(seed);
    starpu_data_handle_t from;
    starpu_data_handle_t to;
    bf_tensor_register(&from);
    bf_tensor_register(&to);
    for (int i = 0; i < 200; i++) {
        const bf_tensor_t shape = random_shape();
        fill(from, &shape, (unsigned char)i);
        send(from, to);
    }
    starpu_data_unregister(from);
    starpu_data_unregister(to);
}

static void poison_travels(void)
{
    starpu_data_handle_t from;
    starpu_data_handle_t to;
    bf_tensor_register(&from);
    bf_tensor_register(&to);
    starpu_data_acquire_on_node(from, STARPU_MAIN_RAM, STARPU_W);
    bf_tensor_poison(main_memory(from), BF_ERR_NAN);
    starpu_data_release_on_node(from, STARPU_MAIN_RAM);
    send(from, to);
    CU_ASSERT_EQUAL(main_memory(to)->status, BF_ERR_NAN);
    starpu_data_unregister(from);
    starpu_data_unregister(to);
}

/* Memory follows the shape: it grows at once and is given back when the tensor has become much smaller. */
static void memory_follows_the_shape(void)
{
    starpu_data_handle_t handle;
    bf_tensor_register(&handle);
    CU_ASSERT_EQUAL(main_memory(handle)->ptr, 0);
    const bf_tensor_t large = {.type = BF_TYPE_Z, .weight = BF_WEIGHT_DIAG, .chi_l = 200, .d = 2, .chi_r = 300};
    const bf_tensor_t small = {.type = BF_TYPE_D, .weight = BF_WEIGHT_DIAG, .chi_l = 70, .d = 2, .chi_r = 80};
    fill(handle, &large, 1);
    CU_ASSERT(main_memory(handle)->capacity >= bf_tensor_bytes(&large));
    CU_ASSERT(main_memory(handle)->capacity <= bf_tensor_bytes(&large) + 4096);
    fill(handle, &small, 2);
    CU_ASSERT(main_memory(handle)->capacity >= bf_tensor_bytes(&small));
    CU_ASSERT(main_memory(handle)->capacity <= 4 * bf_tensor_bytes(&small));
    starpu_data_unregister(handle);
}

int main(void)
{
    const bf_test_t tests[] = {{"messages carry shape and bytes", messages_carry_shape_and_bytes},
                               {"poison travels", poison_travels},
                               {"memory follows the shape", memory_follows_the_shape},
                               {NULL, NULL}};
    return bf_cunit_main("tensor data", start, stop, tests);
}
