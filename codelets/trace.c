/* The trace stamp. Every thread fills a chunk of its own, so nothing here locks or waits; what is in it is written every few
 * hundred records and a few times a second, so that a process that is killed leaves nearly all it has done. */
#include "codelets/trace.h"

#include "codelets/tensor_data.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MAX_NAMES = 64, WRITE_RECORDS = 512 };

#define WRITE_NS INT64_C(200000000)

/* What a thread is filling. */
typedef struct stream {
    uint32_t generation; /* of the trace it belongs to */
    bf_trace_chunk_t *chunk;
    uint32_t used;
    uint32_t written;
    int64_t written_ns; /* when */
    uint32_t thread;
    uint32_t sequence;
    int32_t worker;
    bool full; /* no more room on the disk */
    uint32_t n_names;
    const struct starpu_codelet *names[MAX_NAMES];
    int64_t task_begin;
    double flops;
    size_t rows;
} stream_t;

bool bf_trace_on;

static struct {
    const bf_trace_sink_t *sink;
    uint32_t generation;
    atomic_uint threads;
    atomic_llong memory_bytes;
    uint32_t inserted;
} trace;

static _Thread_local stream_t stream;

static atomic_llong busy_ns;

int64_t bf_trace_busy_ns(void)
{
    return atomic_load(&busy_ns);
}

int64_t bf_trace_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void next_chunk(stream_t *s)
{
    bf_trace_chunk_t *full = s->chunk;
    s->chunk = s->full ? NULL : trace.sink->next(trace.sink->arg, full, s->worker, s->thread, s->sequence++);
    s->full = s->chunk == NULL;
    s->used = s->written = 0;
}

static void join(stream_t *s, int32_t worker)
{
    *s = (stream_t){.generation = trace.generation, .thread = atomic_fetch_add(&trace.threads, 1), .worker = worker};
    next_chunk(s);
}

static stream_t *my_stream(void)
{
    if (stream.generation != trace.generation) {
        const int worker = starpu_worker_get_id();
        join(&stream, worker >= 0 ? worker : BF_TRACE_OTHER);
    }
    return &stream;
}

static void put(stream_t *s, const bf_trace_record_t *record)
{
    if (s->used == BF_TRACE_CHUNK_RECORDS && !s->full)
        next_chunk(s);
    if (s->full) {
        trace.sink->drop(trace.sink->arg, 1);
        return;
    }
    s->chunk->records[s->used] = *record;
    atomic_store_explicit(&s->chunk->used, ++s->used, memory_order_release);
    if (s->used - s->written == WRITE_RECORDS) {
        trace.sink->flush(trace.sink->arg, s->thread);
        s->written = s->used;
    }
}

/* Write what has been there for long. */
static void settle(stream_t *s, int64_t now)
{
    if (now - s->written_ns < WRITE_NS)
        return;
    if (s->used > s->written && !s->full)
        trace.sink->flush(trace.sink->arg, s->thread);
    s->written = s->used;
    s->written_ns = now;
}

void bf_trace_start(const bf_trace_sink_t *sink)
{
    trace.sink = sink;
    trace.generation++;
    trace.inserted = 0;
    atomic_store(&trace.threads, 0);
    join(&stream, BF_TRACE_MAIN);
    bf_trace_on = true;
}

void bf_trace_stop(void)
{
    bf_trace_on = false;
}

/* A number for the codelet's name on this thread; the last one stands for all names beyond. */
static uint8_t name_of(stream_t *s, const struct starpu_codelet *codelet)
{
    for (uint32_t i = 0; i < s->n_names; i++)
        if (s->names[i] == codelet)
            return (uint8_t)i;
    if (s->n_names == MAX_NAMES)
        return MAX_NAMES - 1;
    s->names[s->n_names] = codelet;
    bf_trace_record_t record = {.name = {.kind = BF_TRACE_NAME, .name = (uint8_t)s->n_names, .color = codelet->color}};
    snprintf(record.name.text, sizeof record.name.text, "%s", codelet->name ? codelet->name : "task");
    put(s, &record);
    return (uint8_t)s->n_names++;
}

bf_trace_running_t bf_trace_task_begin(void **buffers)
{
    if (!bf_trace_on)
        return (bf_trace_running_t){.buffers = buffers, .begin_ns = bf_trace_now()};
    stream_t *s = my_stream();
    s->flops = 0.0;
    s->rows = 0;
    s->task_begin = bf_trace_now();
    return (bf_trace_running_t){.buffers = buffers, .begin_ns = s->task_begin};
}

/* Note the tensors of the task, and give those it has written their next version. */
static void put_accesses(stream_t *s, struct starpu_task *task, void **buffers)
{
    bf_trace_record_t record = {.access = {.kind = BF_TRACE_ACCESS}};
    bf_trace_access_t *access = &record.access;
    for (unsigned i = 0; i < (unsigned)STARPU_TASK_GET_NBUFFERS(task); i++) {
        bf_tensor_data_t *data = bf_tensor_of(buffers[i]);
        if (!data || data->number == 0)
            continue;
        const enum starpu_data_access_mode mode = STARPU_TASK_GET_MODE(task, i);
        const unsigned bits = ((mode & STARPU_R) ? BF_TRACE_READS : 0U) | ((mode & STARPU_W) ? BF_TRACE_WRITES : 0U);
        access->use[access->count++] =
            (bf_trace_use_t){.tensor = data->number, .mode = bits & 3U, .version = data->version & 0x3fffffffU};
        if (mode & STARPU_W)
            data->version++;
        if (access->count == BF_TRACE_USES) {
            put(s, &record);
            access->count = 0;
        }
    }
    if (access->count > 0)
        put(s, &record);
}

void bf_trace_task_end(const bf_trace_running_t *running)
{
    const int64_t end = bf_trace_now();
    atomic_fetch_add_explicit(&busy_ns, end - running->begin_ns, memory_order_relaxed);
    if (!bf_trace_on)
        return;
    stream_t *s = my_stream();
    struct starpu_task *task = starpu_task_get_current();
    const uint8_t name = name_of(s, task->cl);
    put_accesses(s, task, running->buffers);
    put(s, &(bf_trace_record_t){
               .task = {.kind = BF_TRACE_TASK,
                        .name = name,
                        .rows = s->rows > UINT16_MAX ? UINT16_MAX : (uint16_t)s->rows,
                        .id = (uint32_t)task->tag_id,
                        .begin_ns = running->begin_ns,
                        .end_ns = end,
                        .flops = (float)s->flops,
                        .memory_kib = (uint32_t)(atomic_load_explicit(&trace.memory_bytes, memory_order_relaxed) >> 10)}});
    settle(s, end);
}

void bf_trace_flops(double flops)
{
    if (bf_trace_on)
        my_stream()->flops += flops;
}

void bf_trace_rows(size_t rows)
{
    if (bf_trace_on)
        my_stream()->rows = rows;
}

void bf_trace_gate(int64_t begin, const bf_ledger_entry_t *entry)
{
    if (begin == 0)
        return;
    stream_t *s = my_stream();
    put(s, &(bf_trace_record_t){.gate = {.kind = BF_TRACE_GATE,
                                         .method = entry->method,
                                         .type = entry->type,
                                         .line = entry->line,
                                         .site = entry->bond,
                                         .begin_us = 1e-3F * (float)(begin - s->task_begin),
                                         .duration_us = 1e-3F * (float)(bf_trace_now() - begin),
                                         .eps = (float)entry->eps,
                                         .chi_before = (uint32_t)entry->chi_before,
                                         .chi_after = (uint32_t)entry->chi_after}});
}

void bf_trace_half_gate(int64_t begin, int32_t site, int32_t line, bf_dim_t chi, bf_type_t type)
{
    if (begin == 0)
        return;
    stream_t *s = my_stream();
    put(s, &(bf_trace_record_t){.gate = {.kind = BF_TRACE_GATE,
                                         .type = (uint8_t)type,
                                         .half = 1,
                                         .line = line,
                                         .site = site,
                                         .begin_us = 1e-3F * (float)(begin - s->task_begin),
                                         .duration_us = 1e-3F * (float)(bf_trace_now() - begin),
                                         .chi_before = (uint32_t)chi}});
}

bf_trace_insertion_t bf_trace_insert_begin(bool foreign)
{
    if (!bf_trace_on)
        return (bf_trace_insertion_t){0};
    return (bf_trace_insertion_t){.id = foreign ? 0 : ++trace.inserted, .foreign = foreign, .begin_ns = bf_trace_now()};
}

void bf_trace_insert_end(const bf_trace_insertion_t *insertion)
{
    if (insertion->begin_ns == 0)
        return;
    stream_t *s = my_stream();
    const int64_t end = bf_trace_now();
    put(s, &(bf_trace_record_t){.submit = {.kind = BF_TRACE_SUBMIT,
                                           .foreign = insertion->foreign,
                                           .id = insertion->id,
                                           .begin_ns = insertion->begin_ns,
                                           .end_ns = end}});
    settle(s, end);
}

void bf_trace_phase(bf_trace_phase_t phase, int64_t begin)
{
    if (begin == 0)
        return;
    stream_t *s = my_stream();
    const int64_t end = bf_trace_now();
    put(s, &(bf_trace_record_t){.phase = {.kind = BF_TRACE_PHASE, .phase = (uint8_t)phase, .begin_ns = begin, .end_ns = end}});
    settle(s, end);
}

void bf_trace_message(bf_trace_kind_t kind, uint32_t tensor, uint32_t version, size_t bytes, int64_t begin)
{
    if (begin == 0)
        return;
    stream_t *s = my_stream();
    const int64_t end = bf_trace_now();
    put(s, &(bf_trace_record_t){.message = {.kind = (uint8_t)kind,
                                            .tensor = tensor,
                                            .version = version,
                                            .bytes = (uint32_t)bytes,
                                            .begin_ns = begin,
                                            .end_ns = end}});
    settle(s, end);
}

void bf_trace_handle(uint32_t tensor, bf_site_t site)
{
    if (bf_trace_on)
        put(my_stream(), &(bf_trace_record_t){.handle = {.kind = BF_TRACE_HANDLE, .tensor = tensor, .site = site}});
}

void bf_trace_clock(int64_t local_ns, int64_t reference_ns, int64_t uncertainty_ns)
{
    if (bf_trace_on)
        put(my_stream(), &(bf_trace_record_t){.clock = {.kind = BF_TRACE_CLOCK,
                                                        .local_ns = local_ns,
                                                        .reference_ns = reference_ns,
                                                        .uncertainty_ns = uncertainty_ns}});
}

void bf_trace_memory(int64_t bytes)
{
    atomic_fetch_add_explicit(&trace.memory_bytes, bytes, memory_order_relaxed);
}
