/* The tensor data interface. Rules that shaped it: StarPU 1.3 fixes footprints at registration and looks cached
 * allocations up by them, hence dontcache and compare = 0; replicates keep stale pointers after eviction, hence
 * allocate_data_on_node never looks at the old ones; to_pointer is left out since kernels reallocate. */
#include "codelets/tensor_data.h"

#include "codelets/memory.h"
#include "codelets/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same flags wherever memory is taken or given back, as StarPU demands. OVERFLOW: a running task cannot wait for memory. */
#define MEMORY_FLAGS (STARPU_MALLOC_PINNED | STARPU_MALLOC_COUNT | STARPU_MEMORY_OVERFLOW)

#define HEADER_MAGIC   UINT32_C(0x42464c57)
#define HEADER_VERSION 2U

/* What travels in front of the payload. */
struct header {
    uint32_t magic;
    uint32_t version;
    int32_t type;
    int32_t weight;
    int64_t chi_l;
    int64_t d;
    int64_t chi_r;
    int64_t chi_m;
    int32_t status;
    uint32_t writes; /* bf_tensor_data_t::version */
    double loss;
    uint64_t payload_bytes;
};

/* Up to here tensors grow geometrically and give nothing back: rows of small bonds start from 1 x 2 x 1 again and again. Beyond,
 * memory is exact, since the peak is made of these. */
#define SMALL_BYTES ((size_t)64 << 10)

static size_t payload_bytes(const bf_tensor_data_t *data)
{
    const bf_tensor_t shape = {
        .type = data->type, .weight = data->weight, .chi_l = data->chi_l, .d = data->d, .chi_r = data->chi_r};
    return bf_tensor_bytes(&shape);
}

static struct starpu_data_interface_ops tensor_ops;

/* A tensor that was never registered belongs to a chain and lives in plain memory, so that it can do without StarPU. */
static bool registered(const bf_tensor_data_t *data)
{
    return data->id == tensor_ops.interfaceid;
}

static uintptr_t take_memory(const bf_tensor_data_t *data, unsigned node, size_t bytes)
{
    return registered(data) ? starpu_malloc_on_node_flags(node, bytes, MEMORY_FLAGS) : (uintptr_t)aligned_alloc(BF_ALIGN, bytes);
}

static void give_back(bf_tensor_data_t *data, unsigned node)
{
    if (!data->ptr)
        return;
    if (registered(data))
        starpu_free_on_node_flags(node, data->ptr, data->capacity, MEMORY_FLAGS);
    else
        free((void *)data->ptr);
    bf_trace_memory(-(int64_t)data->capacity);
    data->ptr = 0;
    data->capacity = 0;
}

static void reserve_bytes(bf_tensor_data_t *data, unsigned node, size_t bytes)
{
    if (bytes <= data->capacity && (data->capacity <= 4 * bytes || data->capacity <= SMALL_BYTES))
        return;
    size_t capacity = bytes;
    if (bytes < SMALL_BYTES) {
        capacity = 256;
        while (capacity < bytes)
            capacity += capacity / 2;
    }
    give_back(data, node);
    capacity = bf_align_up(capacity);
    bf_memory_check(capacity, "a tensor");
    bf_trace_memory((int64_t)capacity);
    data->ptr = take_memory(data, node, capacity);
    data->capacity = capacity;
    if (!data->ptr)
        bf_fatal(3, "not enough memory: %zu bytes for a tensor of %lld x %lld x %lld; use a smaller --max-dim or more ranks",
                 capacity, (long long)data->chi_l, (long long)data->d, (long long)data->chi_r);
}

/* Inside a task the memory belongs to the worker's node; elsewhere (acquire) to main memory. */
static unsigned current_node(void)
{
    return starpu_worker_get_id() >= 0 ? starpu_worker_get_local_memory_node() : STARPU_MAIN_RAM;
}

bf_tensor_t bf_tensor_view(const bf_tensor_data_t *data)
{
    bf_tensor_t view = {.type = data->type, .weight = data->weight, .chi_l = data->chi_l, .d = data->d, .chi_r = data->chi_r};
    bf_tensor_attach(&view, (void *)data->ptr);
    return view;
}

bf_tensor_t bf_tensor_reserve(bf_tensor_data_t *data, const bf_tensor_t *shape)
{
    data->type = shape->type;
    data->weight = shape->weight;
    data->chi_l = shape->chi_l;
    data->d = shape->d;
    data->chi_r = shape->chi_r;
    data->chi_m = 0;
    data->status = BF_OK;
    data->loss = 0.0;
    reserve_bytes(data, current_node(), payload_bytes(data));
    return bf_tensor_view(data);
}

void bf_tensor_poison(bf_tensor_data_t *data, bf_status_t status)
{
    const bf_tensor_t smallest = {.type = BF_TYPE_D, .weight = BF_WEIGHT_NONE, .chi_l = 1, .d = 1, .chi_r = 1};
    const bf_tensor_t view = bf_tensor_reserve(data, &smallest);
    *(double *)view.b = 0.0;
    data->status = (int32_t)status;
}

void bf_tensor_set_zero_state(bf_tensor_data_t *data, bool single)
{
    const bf_type_t type = single ? BF_TYPE_S : BF_TYPE_D;
    const bf_tensor_t shape = {.type = type, .weight = BF_WEIGHT_DIAG, .chi_l = 1, .d = BF_D, .chi_r = 1};
    const bf_tensor_t view = bf_tensor_reserve(data, &shape);
    *(double *)view.w = 1.0;
    if (single)
        memcpy(view.b, (const float[]){1.0F, 0.0F}, 2 * sizeof(float));
    else
        memcpy(view.b, (const double[]){1.0, 0.0}, 2 * sizeof(double));
}

void bf_tensor_release(bf_tensor_data_t *data)
{
    give_back(data, current_node());
}

void bf_tensor_assign(bf_tensor_data_t *data, const bf_tensor_data_t *source)
{
    const bf_tensor_t from = bf_tensor_view(source);
    bf_tensor_reserve(data, &from);
    memcpy((void *)data->ptr, (const void *)source->ptr, payload_bytes(data));
    data->chi_m = source->chi_m;
    data->status = source->status;
    data->loss = source->loss;
}

size_t bf_tensor_message_bytes(const bf_tensor_t *shape)
{
    return sizeof(struct header) + bf_tensor_bytes(shape);
}

static void register_data_handle(starpu_data_handle_t handle, bf_home_node_t home, void *interface)
{
    (void)home; /* always -1: no replicate starts with memory */
    const bf_tensor_data_t *initial = interface;
    for (unsigned node = 0; node < STARPU_MAXNODES; node++) {
        bf_tensor_data_t *local = starpu_data_get_interface_on_node(handle, node);
        *local = *initial;
        local->ptr = 0;
        local->capacity = 0;
    }
}

static starpu_ssize_t allocate_data_on_node(void *interface, unsigned node)
{
    (void)node;
    bf_tensor_data_t *data = interface;
    data->ptr = 0;
    data->capacity = 0;
    return 0;
}

static void free_data_on_node(void *interface, unsigned node)
{
    give_back(interface, node);
}

static int copy_any_to_any(void *src_interface, unsigned src_node, void *dst_interface, unsigned dst_node, void *async_data)
{
    const bf_tensor_data_t *src = src_interface;
    bf_tensor_data_t *dst = dst_interface;
    const size_t bytes = payload_bytes(src);
    const uintptr_t ptr = dst->ptr;
    const size_t capacity = dst->capacity;
    *dst = *src;
    dst->ptr = ptr;
    dst->capacity = capacity;
    reserve_bytes(dst, dst_node, bytes);
    return starpu_interface_copy(src->ptr, 0, src_node, dst->ptr, 0, dst_node, bytes, async_data);
}

static const struct starpu_data_copy_methods copy_methods = {.any_to_any = copy_any_to_any};

static size_t get_size(starpu_data_handle_t handle)
{
    return payload_bytes(starpu_data_get_interface_on_node(handle, STARPU_MAIN_RAM));
}

/* Fixed at registration by StarPU, so it says nothing; our performance models bring their own. */
static uint32_t footprint(starpu_data_handle_t handle)
{
    (void)handle;
    return 0;
}

static int compare(void *a, void *b)
{
    (void)a;
    (void)b;
    return 0;
}

static void display(starpu_data_handle_t handle, FILE *file)
{
    const bf_tensor_data_t *data = starpu_data_get_interface_on_node(handle, STARPU_MAIN_RAM);
    fprintf(file, "%lldx%lldx%lld", (long long)data->chi_l, (long long)data->d, (long long)data->chi_r);
}

static starpu_ssize_t describe(void *interface, char *buffer, size_t size)
{
    const bf_tensor_data_t *data = interface;
    return snprintf(buffer, size, "T%lldx%lldx%lld", (long long)data->chi_l, (long long)data->d, (long long)data->chi_r);
}

static int pack_data(starpu_data_handle_t handle, unsigned node, void **ptr, starpu_ssize_t *count)
{
    const bf_tensor_data_t *data = starpu_data_get_interface_on_node(handle, node);
    const size_t bytes = payload_bytes(data);
    const size_t total = sizeof(struct header) + bytes;
    if (total > BF_TENSOR_MAX_MESSAGE)
        bf_fatal(5, "a tensor of %lld x %lld x %lld is a message of %zu bytes, the limit is %zu; use a smaller --max-dim",
                 (long long)data->chi_l, (long long)data->d, (long long)data->chi_r, total, BF_TENSOR_MAX_MESSAGE);
    *count = (starpu_ssize_t)total;
    if (!ptr)
        return 0;
    const int64_t begin = bf_trace_stamp();
    char *buffer = (char *)starpu_malloc_on_node_flags(node, total, 0);
    if (!buffer)
        bf_fatal(3, "not enough memory: %zu bytes for a message", total);
    const struct header head = {.magic = HEADER_MAGIC,
                                .version = HEADER_VERSION,
                                .type = (int32_t)data->type,
                                .weight = (int32_t)data->weight,
                                .chi_l = data->chi_l,
                                .d = data->d,
                                .chi_r = data->chi_r,
                                .chi_m = data->chi_m,
                                .status = data->status,
                                .writes = data->version,
                                .loss = data->loss,
                                .payload_bytes = bytes};
    memcpy(buffer, &head, sizeof head);
    memcpy(buffer + sizeof head, (const void *)data->ptr, bytes);
    *ptr = buffer;
    bf_trace_message(BF_TRACE_SEND, data->number, data->version, total, begin);
    return 0;
}

static int peek_data(starpu_data_handle_t handle, unsigned node, void *ptr, size_t count)
{
    bf_tensor_data_t *data = starpu_data_get_interface_on_node(handle, node);
    struct header head;
    const int64_t begin = bf_trace_stamp();
    if (count < sizeof head)
        bf_fatal(5, "a tensor message of %zu bytes is shorter than its header; do all ranks run the same program?", count);
    memcpy(&head, ptr, sizeof head);
    data->type = (bf_type_t)head.type;
    data->weight = (bf_weight_t)head.weight;
    data->chi_l = head.chi_l;
    data->d = head.d;
    data->chi_r = head.chi_r;
    data->chi_m = head.chi_m;
    data->status = head.status;
    data->version = head.writes;
    data->loss = head.loss;
    const size_t bytes = payload_bytes(data);
    if (head.magic != HEADER_MAGIC || head.version != HEADER_VERSION || head.payload_bytes != bytes ||
        count != sizeof head + bytes)
        bf_fatal(5, "a tensor message is corrupt: %zu bytes, its header says %llu; do all ranks run the same program?", count,
                 (unsigned long long)head.payload_bytes);
    reserve_bytes(data, node, bytes);
    memcpy((void *)data->ptr, (const char *)ptr + sizeof head, bytes);
    bf_trace_message(BF_TRACE_RECEIVE, data->number, data->version, count, begin);
    return 0;
}

static int unpack_data(starpu_data_handle_t handle, unsigned node, void *ptr, size_t count)
{
    const int result = peek_data(handle, node, ptr, count);
    starpu_free_on_node_flags(node, (uintptr_t)ptr, count, 0);
    return result;
}

static struct starpu_data_interface_ops tensor_ops = {
    .register_data_handle = register_data_handle,
    .allocate_data_on_node = allocate_data_on_node,
    .free_data_on_node = free_data_on_node,
    .copy_methods = &copy_methods,
    .get_size = get_size,
    .footprint = footprint,
    .compare = compare,
    .display = display,
    .describe = describe,
    .interfaceid = STARPU_UNKNOWN_INTERFACE_ID,
    .interface_size = sizeof(bf_tensor_data_t),
    .dontcache = 1,
    .pack_data = pack_data,
    .unpack_data = unpack_data,
#if BF_STARPU_HAS_PEEK
    .peek_data = peek_data,
#endif
    .name = (char[]){"BF_TENSOR"},
};

bf_tensor_data_t *bf_tensor_of(void *buffer)
{
    bf_tensor_data_t *data = buffer;
    return data && data->id == tensor_ops.interfaceid ? data : NULL;
}

uint32_t bf_tensor_number(starpu_data_handle_t handle)
{
    return ((const bf_tensor_data_t *)starpu_data_get_interface_on_node(handle, STARPU_MAIN_RAM))->number;
}

void bf_tensor_register(starpu_data_handle_t *handle)
{
    static atomic_uint registered;
    if (tensor_ops.interfaceid == STARPU_UNKNOWN_INTERFACE_ID)
        tensor_ops.interfaceid = (enum starpu_data_interface_id)starpu_data_interface_get_next_id();
    bf_tensor_data_t initial = {.id = tensor_ops.interfaceid,
                                .type = BF_TYPE_Z,
                                .weight = BF_WEIGHT_NONE,
                                .chi_l = 1,
                                .d = 1,
                                .chi_r = 1,
                                .number = atomic_fetch_add(&registered, 1) + 1};
    starpu_data_register(handle, -1, &initial, &tensor_ops);
}
