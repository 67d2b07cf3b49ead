/* Reading the files of a trace into one timeline. Two passes: count and fit the clocks, then fill arrays of the right size. */
#define _GNU_SOURCE /* asprintf */
#include "runtime/trace/clock.h"
#include "runtime/trace/match.h"
#include "runtime/trace/timeline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_THREADS = 4096, MAX_CLOCKS = 64, MAX_RANKS = 65535 };

/* What a thread of the file is in the middle of. */
typedef struct thread {
    uint32_t sequence;                  /* of its next chunk */
    uint8_t kind_of[BF_TIMELINE_KINDS]; /* its names' kinds */
    uint32_t gate, use;                 /* where its pending gates and uses go */
    size_t first_gate, first_use;       /* beginning of its part of the arrays */
    size_t gates, uses, pending_gates, pending_uses;
} thread_t;

/* One rank's file. */
typedef struct source {
    char *path;
    int rank;
    const char *data;
    size_t bytes;
    size_t chunks;
    size_t counts[BF_TRACE_KIND_COUNT];
    bf_clock_point_t clocks[MAX_CLOCKS];
    size_t n_clocks;
    bf_clock_line_t clock;
    int64_t first; /* earliest moment, corrected */
    uint32_t last_id;
    uint32_t last_tensor;
    thread_t *threads; /* MAX_THREADS */
} source_t;

static const bf_trace_head_t *head_of(const source_t *source)
{
    return (const bf_trace_head_t *)source->data;
}

static const bf_trace_chunk_t *chunk_of(const source_t *source, size_t i)
{
    return (const bf_trace_chunk_t *)(source->data + BF_TRACE_HEAD_BYTES + i * BF_TRACE_CHUNK_BYTES);
}

static uint32_t used_of(const bf_trace_chunk_t *chunk)
{
    return atomic_load_explicit(&((bf_trace_chunk_t *)(uintptr_t)chunk)->used, memory_order_relaxed);
}

static bf_status_t damaged(const source_t *source, const char *what)
{
    return bf_error_set(BF_ERR_INPUT, "%s: damaged: %s; record the run again", source->path, what);
}

static bf_status_t map_file(source_t *source)
{
    const int file = open(source->path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        const int reason = errno;
        if (file >= 0)
            close(file);
        return bf_error_set(BF_ERR_INPUT, "%s: cannot be read: %s", source->path, strerror(reason));
    }
    source->bytes = (size_t)status.st_size;
    void *data = MAP_FAILED;
    if (source->bytes >= BF_TRACE_HEAD_BYTES)
        data = mmap(NULL, source->bytes, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (source->bytes < BF_TRACE_HEAD_BYTES)
        return bf_error_set(BF_ERR_INPUT, "%s: %zu bytes, a trace has at least %d; is it cut off?", source->path, source->bytes,
                            BF_TRACE_HEAD_BYTES);
    if (data == MAP_FAILED)
        return bf_error_set(BF_ERR_INPUT, "%s: cannot be read: %s", source->path, strerror(errno));
    source->data = data;
    return BF_OK;
}

static bf_status_t check_head(source_t *source, int ranks, uint64_t run)
{
    const bf_trace_head_t *head = head_of(source);
    if (memcmp(head->magic, BF_TRACE_MAGIC, sizeof head->magic) != 0)
        return bf_error_set(BF_ERR_INPUT, "%s: not a trace of bondflow", source->path);
    if (head->version != BF_TRACE_VERSION || head->record_bytes != sizeof(bf_trace_record_t) ||
        head->chunk_bytes != BF_TRACE_CHUNK_BYTES)
        return bf_error_set(BF_ERR_INPUT,
                            "%s: a trace of version %u, this program reads version %u; use the bondflow that wrote it",
                            source->path, head->version, BF_TRACE_VERSION);
    if (head->run != run || head->ranks != ranks || head->rank != source->rank)
        return bf_error_set(BF_ERR_INPUT, "%s: belongs to another run than run.json beside it", source->path);
    if (head->workers < 0 || head->workers > 4096)
        return damaged(source, "its head is wrong");
    const size_t body = source->bytes - BF_TRACE_HEAD_BYTES;
    source->chunks = body / BF_TRACE_CHUNK_BYTES;
    const bool complete = atomic_load(&((bf_trace_head_t *)(uintptr_t)head)->complete) != 0;
    if (complete && (body % BF_TRACE_CHUNK_BYTES != 0 || source->chunks != head->chunks))
        return bf_error_set(BF_ERR_INPUT, "%s: cut off: %zu bytes; copy it again or record the run again", source->path,
                            source->bytes);
    return BF_OK;
}

static void first_moment(source_t *source, int64_t moment)
{
    const int64_t corrected = bf_clock_correct(&source->clock, moment);
    if (corrected < source->first)
        source->first = corrected;
}

/* Count one record, and look whether it can be what it says. */
static bf_status_t count(source_t *source, thread_t *thread, const bf_trace_record_t *r)
{
    if (r->kind == 0 || r->kind >= BF_TRACE_KIND_COUNT)
        return damaged(source, "a record of no known kind");
    source->counts[r->kind]++;
    switch (r->kind) {
    case BF_TRACE_GATE:
        thread->gates++;
        break;
    case BF_TRACE_ACCESS:
        if (r->access.count > BF_TRACE_USES)
            return damaged(source, "a task's tensors cannot be counted");
        thread->uses += r->access.count;
        for (int i = 0; i < r->access.count; i++)
            if (r->access.use[i].tensor > source->last_tensor)
                source->last_tensor = r->access.use[i].tensor;
        break;
    case BF_TRACE_HANDLE:
        if (r->handle.tensor > source->last_tensor)
            source->last_tensor = r->handle.tensor;
        break;
    case BF_TRACE_NAME:
        if (r->name.name >= BF_TIMELINE_KINDS || !memchr(r->name.text, 0, sizeof r->name.text))
            return damaged(source, "a codelet's name");
        break;
    case BF_TRACE_TASK:
        if (r->task.name >= BF_TIMELINE_KINDS || r->task.end_ns < r->task.begin_ns)
            return damaged(source, "a task ends before it begins");
        break;
    case BF_TRACE_SUBMIT:
        if (r->submit.id > source->last_id)
            source->last_id = r->submit.id;
        break;
    case BF_TRACE_PHASE:
        if (r->phase.phase >= BF_PHASE_COUNT || r->phase.end_ns < r->phase.begin_ns)
            return damaged(source, "a phase of no known kind");
        break;
    case BF_TRACE_CLOCK:
        if (source->n_clocks < MAX_CLOCKS)
            source->clocks[source->n_clocks++] =
                (bf_clock_point_t){.local = r->clock.local_ns, .reference = r->clock.reference_ns};
        break;
    default:
        break;
    }
    return BF_OK;
}

/* Chunks of a file, each with the state of its thread. */
static bf_status_t
for_each(source_t *source,
         bf_status_t (*visit)(void *, source_t *, thread_t *, const bf_trace_chunk_t *, const bf_trace_record_t *), void *arg)
{
    for (int t = 0; t < MAX_THREADS; t++)
        source->threads[t].sequence = 0;
    for (size_t i = 0; i < source->chunks; i++) {
        const bf_trace_chunk_t *chunk = chunk_of(source, i);
        if (chunk->magic == 0 && used_of(chunk) == 0)
            continue; /* killed between reserving and using it */
        if (chunk->magic != BF_TRACE_CHUNK_MAGIC || used_of(chunk) > BF_TRACE_CHUNK_RECORDS || chunk->thread >= MAX_THREADS)
            return damaged(source, "a chunk's head is wrong");
        thread_t *thread = &source->threads[chunk->thread];
        if (chunk->sequence != thread->sequence++)
            return damaged(source, "a chunk is missing");
        for (uint32_t k = 0; k < used_of(chunk); k++)
            BF_TRY(visit(arg, source, thread, chunk, &chunk->records[k]));
    }
    return BF_OK;
}

static bf_status_t count_visit(void *arg, source_t *source, thread_t *thread, const bf_trace_chunk_t *chunk,
                               const bf_trace_record_t *r)
{
    (void)arg;
    if (r->kind == BF_TRACE_TASK && (chunk->worker < 0 || chunk->worker >= head_of(source)->workers))
        return damaged(source, "a task of a worker that does not exist");
    return count(source, thread, r);
}

static bf_status_t first_visit(void *arg, source_t *source, thread_t *thread, const bf_trace_chunk_t *chunk,
                               const bf_trace_record_t *r)
{
    (void)arg;
    (void)thread;
    (void)chunk;
    if (r->kind == BF_TRACE_TASK)
        first_moment(source, r->task.begin_ns);
    else if (r->kind == BF_TRACE_SUBMIT)
        first_moment(source, r->submit.begin_ns);
    else if (r->kind == BF_TRACE_PHASE)
        first_moment(source, r->phase.begin_ns);
    else if (r->kind == BF_TRACE_SEND || r->kind == BF_TRACE_RECEIVE)
        first_moment(source, r->message.begin_ns);
    return BF_OK;
}

/* What the second pass fills. */
typedef struct fill {
    bf_timeline_t *t;
    int64_t origin;
    bf_halves_t halves;
    bf_submits_t submits;
    size_t next_gate, next_use; /* of the arrays: threads take their parts one after the other */
} fill_t;

static int64_t moment(const fill_t *f, const source_t *source, int64_t local)
{
    return bf_clock_correct(&source->clock, local) - f->origin;
}

static uint8_t kind_of(bf_timeline_t *t, const bf_trace_name_t *name)
{
    int i = 0;
    while (i < t->n_kinds && strcmp(t->kinds[i].name, name->text) != 0)
        i++;
    if (i == BF_TIMELINE_KINDS)
        return BF_TIMELINE_KINDS - 1;
    if (i == t->n_kinds) {
        memcpy(t->kinds[i].name, name->text, sizeof t->kinds[i].name);
        t->kinds[i].color = name->color;
        t->n_kinds++;
    }
    return (uint8_t)i;
}

static void fill_task(fill_t *f, const source_t *source, thread_t *thread, const bf_trace_chunk_t *chunk,
                      const bf_trace_task_t *r)
{
    bf_timeline_t *t = f->t;
    t->tasks[t->n_tasks++] = (bf_task_t){.begin = moment(f, source, r->begin_ns),
                                         .end = moment(f, source, r->end_ns),
                                         .submit_begin = -1,
                                         .submit_end = -1,
                                         .id = r->id,
                                         .first_gate = (uint32_t)(thread->first_gate + thread->gates - thread->pending_gates),
                                         .n_gates = (uint32_t)thread->pending_gates,
                                         .first_use = (uint32_t)(thread->first_use + thread->uses - thread->pending_uses),
                                         .n_uses = (uint32_t)thread->pending_uses,
                                         .rank = (uint16_t)source->rank,
                                         .worker = (uint16_t)chunk->worker,
                                         .rows = r->rows,
                                         .kind = thread->kind_of[r->name],
                                         .flops = r->flops,
                                         .memory_kib = r->memory_kib};
    thread->pending_gates = 0;
    thread->pending_uses = 0;
}

static bf_status_t fill_visit(void *arg, source_t *source, thread_t *thread, const bf_trace_chunk_t *chunk,
                              const bf_trace_record_t *r)
{
    fill_t *f = arg;
    bf_timeline_t *t = f->t;
    switch (r->kind) {
    case BF_TRACE_NAME:
        thread->kind_of[r->name.name] = kind_of(t, &r->name);
        break;
    case BF_TRACE_GATE:
        t->gates[thread->first_gate + thread->gates++] = r->gate;
        thread->pending_gates++;
        break;
    case BF_TRACE_ACCESS:
        for (int i = 0; i < r->access.count; i++)
            t->uses[thread->first_use + thread->uses++] = r->access.use[i];
        thread->pending_uses += r->access.count;
        break;
    case BF_TRACE_TASK:
        fill_task(f, source, thread, chunk, &r->task);
        break;
    case BF_TRACE_SUBMIT:
        bf_submits_add(&f->submits, &t->rank[source->rank], r->submit.id, r->submit.foreign,
                       moment(f, source, r->submit.begin_ns), moment(f, source, r->submit.end_ns));
        break;
    case BF_TRACE_PHASE:
        t->phases[t->n_phases++] = (bf_phase_t){.begin = moment(f, source, r->phase.begin_ns),
                                                .end = moment(f, source, r->phase.end_ns),
                                                .rank = (uint16_t)source->rank,
                                                .phase = r->phase.phase};
        break;
    case BF_TRACE_SEND:
    case BF_TRACE_RECEIVE:
        bf_halves_add(&f->halves, &r->message, source->rank, moment(f, source, r->message.begin_ns),
                      moment(f, source, r->message.end_ns));
        break;
    case BF_TRACE_HANDLE:
        t->site_of[r->handle.tensor] = r->handle.site;
        break;
    case BF_TRACE_CLOCK:
        t->rank[source->rank].uncertainty_ns = r->clock.uncertainty_ns;
        break;
    default:
        break;
    }
    return BF_OK;
}

/* First pass over one file. */
static bf_status_t survey(source_t *source, int ranks, uint64_t run)
{
    BF_TRY(map_file(source));
    BF_TRY(check_head(source, ranks, run));
    source->threads = calloc(MAX_THREADS, sizeof *source->threads);
    if (!source->threads)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    BF_TRY(for_each(source, count_visit, NULL));
    source->clock = bf_clock_fit(source->clocks, source->n_clocks);
    source->first = INT64_MAX;
    return for_each(source, first_visit, NULL);
}

/* Second pass over one file; tasks get their insertions. */
static bf_status_t pour(fill_t *f, source_t *source)
{
    bf_timeline_t *t = f->t;
    const bf_trace_head_t *head = head_of(source);
    bf_rank_info_t *info = &t->rank[source->rank];
    memcpy(info->host, head->host, sizeof info->host - 1);
    info->workers = head->workers;
    info->first_lane = t->workers;
    info->complete = atomic_load(&((bf_trace_head_t *)(uintptr_t)head)->complete) != 0;
    info->dropped = atomic_load(&((bf_trace_head_t *)(uintptr_t)head)->dropped);
    info->drift = source->clock.drift;
    t->workers += head->workers;
    t->shared = head->shared != 0;
    t->complete = t->complete && info->complete;
    t->dropped += info->dropped;
    for (int i = 0; i < MAX_THREADS; i++) {
        thread_t *thread = &source->threads[i];
        thread->first_gate = f->next_gate;
        thread->first_use = f->next_use;
        f->next_gate += thread->gates;
        f->next_use += thread->uses;
        thread->gates = thread->uses = 0;
    }
    const size_t first_task = t->n_tasks;
    BF_TRY(bf_submits_open(&f->submits, source->last_id));
    const bf_status_t status = for_each(source, fill_visit, f);
    if (status == BF_OK)
        bf_submits_join(&f->submits, t, first_task);
    bf_submits_close(&f->submits);
    return status;
}

static int by_begin(const void *a, const void *b)
{
    const bf_task_t *x = a;
    const bf_task_t *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) : (x->id < y->id ? -1 : x->id > y->id);
}

static int phase_by_begin(const void *a, const void *b)
{
    const bf_phase_t *x = a;
    const bf_phase_t *y = b;
    return x->begin != y->begin ? (x->begin < y->begin ? -1 : 1) : (x->end > y->end ? -1 : x->end < y->end);
}

static void *room(size_t count, size_t bytes)
{
    return calloc(count + 1, bytes);
}

static bf_status_t allocate(fill_t *f, const source_t *sources, int ranks)
{
    size_t counts[BF_TRACE_KIND_COUNT] = {0};
    size_t uses = 0;
    bf_timeline_t *t = f->t;
    f->origin = INT64_MAX;
    for (int r = 0; r < ranks; r++) {
        for (int k = 0; k < BF_TRACE_KIND_COUNT; k++)
            counts[k] += sources[r].counts[k];
        for (int i = 0; i < MAX_THREADS; i++)
            uses += sources[r].threads[i].uses;
        if (sources[r].first < f->origin)
            f->origin = sources[r].first;
        if (sources[r].last_tensor >= t->n_tensors)
            t->n_tensors = (size_t)sources[r].last_tensor + 1;
    }
    if (f->origin == INT64_MAX)
        f->origin = 0;
    if (counts[BF_TRACE_TASK] >= BF_NO_INDEX || counts[BF_TRACE_GATE] >= BF_NO_INDEX || uses >= BF_NO_INDEX)
        return bf_error_set(BF_ERR_TOO_LARGE, "a trace of more than 4e9 records");
    t->n_gates = counts[BF_TRACE_GATE];
    t->n_uses = uses;
    t->tasks = room(counts[BF_TRACE_TASK], sizeof *t->tasks);
    t->gates = room(counts[BF_TRACE_GATE], sizeof *t->gates);
    t->uses = room(uses, sizeof *t->uses);
    t->phases = room(counts[BF_TRACE_PHASE], sizeof *t->phases);
    t->site_of = malloc((t->n_tensors + 1) * sizeof *t->site_of);
    const bool halves = bf_halves_open(&f->halves, counts[BF_TRACE_SEND], counts[BF_TRACE_RECEIVE]);
    if (!t->tasks || !t->gates || !t->uses || !t->phases || !t->site_of || !halves)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: a trace of %zu tasks and %zu gates", counts[BF_TRACE_TASK],
                            counts[BF_TRACE_GATE]);
    for (size_t i = 0; i <= t->n_tensors; i++)
        t->site_of[i] = -1;
    return BF_OK;
}

static bf_status_t read_ranks(const char *folder, bf_timeline_t *t, uint64_t run, source_t *sources)
{
    for (int r = 0; r < t->ranks; r++) {
        sources[r].rank = r;
        if (asprintf(&sources[r].path, "%s/rank%d.trace", folder, r) < 0) {
            sources[r].path = NULL;
            return bf_error_set(BF_ERR_NOMEM, "out of memory");
        }
        BF_TRY(survey(&sources[r], t->ranks, run));
    }
    fill_t f = {.t = t};
    bf_status_t status = allocate(&f, sources, t->ranks);
    for (int r = 0; status == BF_OK && r < t->ranks; r++)
        status = pour(&f, &sources[r]);
    if (status == BF_OK) {
        qsort(t->tasks, t->n_tasks, sizeof *t->tasks, by_begin);
        qsort(t->phases, t->n_phases, sizeof *t->phases, phase_by_begin);
        status = bf_halves_match(&f.halves, t);
    }
    bf_halves_close(&f.halves);
    for (size_t i = 0; i < t->n_tasks; i++)
        t->end = t->tasks[i].end > t->end ? t->tasks[i].end : t->end;
    for (size_t i = 0; i < t->n_phases; i++)
        t->end = t->phases[i].end > t->end ? t->phases[i].end : t->end;
    for (size_t i = 0; i < t->n_messages; i++)
        t->end = t->messages[i].receive_end > t->end ? t->messages[i].receive_end : t->end;
    return status;
}

static char *text_of(const json_t *root, const char *key)
{
    const char *text = json_string_value(json_object_get(root, key));
    return strdup(text ? text : "");
}

static bf_status_t read_about(const char *folder, bf_timeline_t *t, uint64_t *run)
{
    char *path = NULL;
    if (asprintf(&path, "%s/run.json", folder) < 0)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    bf_status_t status = BF_OK;
    const char *format = json_string_value(json_object_get(root, "format"));
    const json_int_t version = json_integer_value(json_object_get(root, "version"));
    if (!root && access(path, R_OK) != 0)
        status =
            bf_error_set(BF_ERR_INPUT, "%s: cannot be read: %s; a trace is the folder that --trace names", path, strerror(errno));
    else if (!root)
        status = bf_error_set(BF_ERR_INPUT, "%s:%d:%d: not JSON: %s", path, error.line, error.column, error.text);
    else if (!format || strcmp(format, "bondflow trace") != 0)
        status = bf_error_set(BF_ERR_INPUT, "%s: not about a trace of bondflow", path);
    else if (version != BF_TRACE_VERSION)
        status = bf_error_set(BF_ERR_INPUT,
                              "%s: a trace of version %lld, this program reads version %u; use the bondflow that wrote it", path,
                              (long long)version, BF_TRACE_VERSION);
    else {
        const json_int_t ranks = json_integer_value(json_object_get(root, "ranks"));
        const char *id = json_string_value(json_object_get(root, "run"));
        if (ranks < 1 || ranks > MAX_RANKS || !id || sscanf(id, "%16" SCNx64, run) != 1)
            status = bf_error_set(BF_ERR_INPUT, "%s: ranks or run are missing", path);
        t->ranks = (int)ranks;
        t->sites = (int)json_integer_value(json_object_get(root, "sites"));
        t->program = text_of(root, "program");
        t->circuit = text_of(root, "circuit");
        t->runtime = text_of(root, "runtime");
        t->version = text_of(root, "bondflow");
        const json_t *options = json_object_get(root, "options");
        t->options = options ? json_dumps(options, JSON_COMPACT) : strdup("{}");
    }
    json_decref(root);
    free(path);
    return status;
}

bf_status_t bf_timeline_read(const char *folder, bf_timeline_t *t)
{
    *t = (bf_timeline_t){.complete = true};
    uint64_t run = 0;
    bf_status_t status = read_about(folder, t, &run);
    source_t *sources = NULL;
    if (status == BF_OK) {
        sources = calloc((size_t)t->ranks, sizeof *sources);
        t->rank = calloc((size_t)t->ranks, sizeof *t->rank);
        status = sources && t->rank ? read_ranks(folder, t, run, sources) : bf_error_set(BF_ERR_NOMEM, "out of memory");
    }
    for (int r = 0; sources && r < t->ranks; r++) {
        if (sources[r].data)
            munmap((void *)(uintptr_t)sources[r].data, sources[r].bytes);
        free(sources[r].threads);
        free(sources[r].path);
    }
    free(sources);
    if (status != BF_OK)
        bf_timeline_free(t);
    return status;
}

void bf_timeline_free(bf_timeline_t *t)
{
    free(t->program);
    free(t->circuit);
    free(t->runtime);
    free(t->options);
    free(t->version);
    free(t->rank);
    free(t->tasks);
    free(t->gates);
    free(t->uses);
    free(t->messages);
    free(t->phases);
    free(t->site_of);
    *t = (bf_timeline_t){0};
}
