#include "tests/trace/maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_WORKERS = 64, THREADS = MAX_WORKERS + 2 };

typedef struct thread {
    bf_trace_chunk_t *chunk;
    uint32_t sequence;
    bool named;
} thread_t;

typedef struct rank {
    FILE *file;
    bf_trace_head_t head;
    thread_t threads[THREADS];
    clock_tt clock;
} rank_t;

struct maker {
    char folder[256];
    int ranks, workers;
    rank_t *rank;
};

static void must(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(EXIT_FAILURE);
    }
}

static int64_t local(const maker_t *m, int rank, double us)
{
    const clock_tt *c = &m->rank[rank].clock;
    return (int64_t)(1e3 * (c->offset_us + (1.0 + c->drift) * us) + 0.5);
}

maker_t *maker_open(const char *folder, int ranks, int workers, int sites, bool shared)
{
    maker_t *m = calloc(1, sizeof *m);
    char path[512];
    must(m != NULL && workers <= MAX_WORKERS, "maker");
    snprintf(m->folder, sizeof m->folder, "%s", folder);
    m->ranks = ranks;
    m->workers = workers;
    m->rank = calloc((size_t)ranks, sizeof *m->rank);
    must(m->rank != NULL, "maker");
    mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/run.json", folder);
    FILE *about = fopen(path, "w");
    must(about != NULL, path);
    fprintf(about,
            "{\"format\": \"bondflow trace\", \"version\": %u, \"bondflow\": \"made\", \"program\": \"maker\", \"circuit\": "
            "\"none\", \"options\": {}, \"sites\": %d, \"ranks\": %d, \"runtime\": \"none\", \"run\": \"00000000000000a7\"}\n",
            BF_TRACE_VERSION, sites, ranks);
    fclose(about);
    for (int r = 0; r < ranks; r++) {
        snprintf(path, sizeof path, "%s/rank%d.trace", folder, r);
        m->rank[r].file = fopen(path, "wb");
        must(m->rank[r].file != NULL, path);
        m->rank[r].head = (bf_trace_head_t){.magic = BF_TRACE_MAGIC,
                                            .version = BF_TRACE_VERSION,
                                            .record_bytes = sizeof(bf_trace_record_t),
                                            .chunk_bytes = BF_TRACE_CHUNK_BYTES,
                                            .rank = r,
                                            .ranks = ranks,
                                            .workers = workers,
                                            .run = 0xa7,
                                            .shared = shared,
                                            .host = "nowhere"};
        fseek(m->rank[r].file, BF_TRACE_HEAD_BYTES, SEEK_SET);
    }
    return m;
}

void maker_clock(maker_t *m, int rank, clock_tt clock)
{
    m->rank[rank].clock = clock;
}

static void flush(rank_t *rank, thread_t *thread)
{
    if (thread->chunk) {
        must(fwrite(thread->chunk, BF_TRACE_CHUNK_BYTES, 1, rank->file) == 1, "chunk");
        rank->head.chunks++;
    }
    free(thread->chunk);
    thread->chunk = NULL;
}

void maker_put(maker_t *m, int r, int worker, const bf_trace_record_t *record)
{
    rank_t *rank = &m->rank[r];
    const uint32_t number = worker == BF_TRACE_MAIN ? 0U : (worker == BF_TRACE_OTHER ? 1U : 2U + (uint32_t)worker);
    thread_t *thread = &rank->threads[number];
    if (thread->chunk && atomic_load(&thread->chunk->used) == BF_TRACE_CHUNK_RECORDS)
        flush(rank, thread);
    if (!thread->chunk) {
        thread->chunk = calloc(1, BF_TRACE_CHUNK_BYTES);
        must(thread->chunk != NULL, "chunk");
        thread->chunk->magic = BF_TRACE_CHUNK_MAGIC;
        thread->chunk->worker = worker;
        thread->chunk->thread = number;
        thread->chunk->sequence = thread->sequence++;
    }
    thread->chunk->records[atomic_fetch_add(&thread->chunk->used, 1)] = *record;
}

void maker_close(maker_t *m, bool complete)
{
    for (int r = 0; r < m->ranks; r++) {
        rank_t *rank = &m->rank[r];
        char head[BF_TRACE_HEAD_BYTES] = {0};
        for (int t = 0; t < THREADS; t++)
            flush(rank, &rank->threads[t]);
        atomic_store(&rank->head.complete, complete);
        memcpy(head, &rank->head, sizeof rank->head);
        fseek(rank->file, 0, SEEK_SET);
        must(fwrite(head, sizeof head, 1, rank->file) == 1 && fclose(rank->file) == 0, "head");
    }
    free(m->rank);
    free(m);
}

void maker_use(maker_t *m, int rank, int worker, uint32_t tensor, unsigned mode, uint32_t version)
{
    maker_put(m, rank, worker,
              &(bf_trace_record_t){.access = {.kind = BF_TRACE_ACCESS,
                                              .count = 1,
                                              .use = {{.tensor = tensor, .mode = mode & 3U, .version = version & 0x3fffffffU}}}});
}

void maker_gate(maker_t *m, int rank, int worker, int line, int site, double begin_us, double us, uint32_t before, uint32_t after)
{
    maker_put(m, rank, worker,
              &(bf_trace_record_t){.gate = {.kind = BF_TRACE_GATE,
                                            .method = 1,
                                            .half = after == 0,
                                            .line = line,
                                            .site = site,
                                            .begin_us = (float)begin_us,
                                            .duration_us = (float)us,
                                            .chi_before = before,
                                            .chi_after = after}});
}

void maker_task(maker_t *m, int rank, int worker, uint32_t id, double begin_us, double end_us)
{
    thread_t *thread = &m->rank[rank].threads[2 + worker];
    if (!thread->named)
        maker_put(m, rank, worker,
                  &(bf_trace_record_t){.name = {.kind = BF_TRACE_NAME, .name = 0, .color = 0x3070b0, .text = "block"}});
    thread->named = true;
    maker_put(m, rank, worker,
              &(bf_trace_record_t){.task = {.kind = BF_TRACE_TASK,
                                            .id = id,
                                            .begin_ns = local(m, rank, begin_us),
                                            .end_ns = local(m, rank, end_us),
                                            .flops = 1e6F,
                                            .memory_kib = 100}});
}

void maker_submit(maker_t *m, int rank, uint32_t id, double begin_us, double end_us)
{
    maker_put(m, rank, BF_TRACE_MAIN,
              &(bf_trace_record_t){.submit = {.kind = BF_TRACE_SUBMIT,
                                              .id = id,
                                              .begin_ns = local(m, rank, begin_us),
                                              .end_ns = local(m, rank, end_us)}});
}

void maker_phase(maker_t *m, int rank, bf_trace_phase_t phase, double begin_us, double end_us)
{
    maker_put(m, rank, BF_TRACE_MAIN,
              &(bf_trace_record_t){.phase = {.kind = BF_TRACE_PHASE,
                                             .phase = (uint8_t)phase,
                                             .begin_ns = local(m, rank, begin_us),
                                             .end_ns = local(m, rank, end_us)}});
}

void maker_message(maker_t *m, bf_trace_kind_t kind, int rank, uint32_t tensor, uint32_t version, uint32_t bytes, double begin_us,
                   double end_us)
{
    maker_put(m, rank, BF_TRACE_OTHER,
              &(bf_trace_record_t){.message = {.kind = (uint8_t)kind,
                                               .tensor = tensor,
                                               .version = version,
                                               .bytes = bytes,
                                               .begin_ns = local(m, rank, begin_us),
                                               .end_ns = local(m, rank, end_us)}});
}

void maker_compare(maker_t *m, int rank, double at_us)
{
    maker_put(m, rank, BF_TRACE_MAIN,
              &(bf_trace_record_t){.clock = {.kind = BF_TRACE_CLOCK,
                                             .local_ns = local(m, rank, at_us),
                                             .reference_ns = local(m, 0, at_us),
                                             .uncertainty_ns = 100}});
}
