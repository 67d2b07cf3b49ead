/* Writing a trace. The file grows by chunks, one thread's each, that are reserved on the disk before they are filled: so threads
 * write without waiting for each other, and a full disk is met where it can be counted. Mapping the file instead would lose
 * nothing at all when killed, but costs several times as much: the file system is asked about every page. */
#define _GNU_SOURCE /* posix_fallocate, asprintf */
#include "codelets/trace.h"
#include "runtime/io/io.h"
#include "runtime/trace/clock.h"
#include "runtime/trace/trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many as a reader follows. */
enum { MAX_THREADS = 4096 };

struct bf_trace {
    bf_session_t *session;
    char *folder;
    char *path; /* of this rank's file */
    int file;
    bool began;
    bf_trace_head_t *head; /* mapped */
    atomic_llong end;      /* where the next chunk goes */
    struct {
        bf_trace_chunk_t *chunk; /* what the thread fills */
        off_t at;                /* its place in the file */
        uint32_t written;        /* records there */
    } threads[MAX_THREADS];
    bf_trace_sink_t sink;
};

static void drop(void *arg, unsigned records)
{
    bf_trace_t *trace = arg;
    atomic_fetch_add_explicit(&trace->head->dropped, records, memory_order_relaxed);
}

/* The records first, their number after: whoever reads the file of a killed process finds whole records. */
static void flush(void *arg, uint32_t thread)
{
    bf_trace_t *trace = arg;
    bf_trace_chunk_t *chunk = trace->threads[thread].chunk;
    const off_t at = trace->threads[thread].at;
    const uint32_t written = trace->threads[thread].written;
    const uint32_t used = chunk ? atomic_load_explicit(&chunk->used, memory_order_acquire) : 0;
    if (used == written)
        return;
    const size_t skip = written * sizeof *chunk->records;
    const size_t bytes = (used - written) * sizeof *chunk->records;
    const off_t end = at + (off_t)(sizeof *chunk + skip);
    if (pwrite(trace->file, (const char *)chunk->records + skip, bytes, end) != (ssize_t)bytes ||
        pwrite(trace->file, chunk, sizeof *chunk, at) != (ssize_t)sizeof *chunk)
        drop(arg, used - written);
    trace->threads[thread].written = used;
}

static bf_trace_chunk_t *next_chunk(void *arg, bf_trace_chunk_t *full, int32_t worker, uint32_t thread, uint32_t sequence)
{
    bf_trace_t *trace = arg;
    if (thread >= MAX_THREADS)
        return NULL;
    if (full)
        flush(arg, thread);
    bf_trace_chunk_t *chunk = full ? full : malloc(BF_TRACE_CHUNK_BYTES);
    trace->threads[thread].chunk = chunk;
    trace->threads[thread].written = 0;
    if (!chunk)
        return NULL;
    *chunk = (bf_trace_chunk_t){.magic = BF_TRACE_CHUNK_MAGIC, .worker = worker, .thread = thread, .sequence = sequence};
    const off_t at = atomic_fetch_add(&trace->end, BF_TRACE_CHUNK_BYTES);
    trace->threads[thread].at = at;
    return posix_fallocate(trace->file, at, BF_TRACE_CHUNK_BYTES) == 0 ? chunk : NULL;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text);
    const size_t wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool ours(const char *name)
{
    return strcmp(name, "run.json") == 0 || (strncmp(name, "rank", 4) == 0 && ends_with(name, ".trace")) ||
           strncmp(name, "prof_file", 9) == 0;
}

/* Make the folder; one that holds a trace is emptied of it, one that holds anything else is not ours to touch. */
static bf_status_t prepare_folder(const char *folder)
{
    if (mkdir(folder, 0777) == 0)
        return BF_OK;
    if (errno != EEXIST)
        return bf_error_set(BF_ERR_IO, "--trace %s: cannot be created: %s", folder, strerror(errno));
    DIR *directory = opendir(folder);
    if (!directory)
        return bf_error_set(errno == ENOTDIR ? BF_ERR_INPUT : BF_ERR_IO, "--trace %s: a folder is needed: %s", folder,
                            strerror(errno));
    bf_status_t status = BF_OK;
    const struct dirent *entry;
    while (status == BF_OK && (entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !ours(entry->d_name))
            status = bf_error_set(
                BF_ERR_INPUT,
                "--trace %s: holds %.60s, which is no part of a trace; name a new folder, or one with an older trace", folder,
                entry->d_name);
    rewinddir(directory);
    while (status == BF_OK && (entry = readdir(directory)))
        if (ours(entry->d_name) && unlinkat(dirfd(directory), entry->d_name, 0) != 0)
            status =
                bf_error_set(BF_ERR_IO, "--trace %s: cannot remove the older %s: %s", folder, entry->d_name, strerror(errno));
    closedir(directory);
    return status;
}

static bf_status_t open_file(bf_trace_t *trace, uint64_t run)
{
    const bf_session_t *session = trace->session;
    if (asprintf(&trace->path, "%s/rank%d.trace", trace->folder, session->rank) < 0) {
        trace->path = NULL;
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    }
    trace->file = open(trace->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (trace->file < 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", trace->path, strerror(errno));
    const int reason = posix_fallocate(trace->file, 0, BF_TRACE_HEAD_BYTES);
    void *head = reason ? MAP_FAILED : mmap(NULL, BF_TRACE_HEAD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, trace->file, 0);
    if (head == MAP_FAILED)
        return bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", trace->path, strerror(reason ? reason : errno));
    trace->head = head;
    *trace->head = (bf_trace_head_t){.magic = BF_TRACE_MAGIC,
                                     .version = BF_TRACE_VERSION,
                                     .record_bytes = sizeof(bf_trace_record_t),
                                     .chunk_bytes = BF_TRACE_CHUNK_BYTES,
                                     .rank = session->rank,
                                     .ranks = session->size,
                                     .run = run};
    gethostname(trace->head->host, sizeof trace->head->host - 1);
    atomic_store(&trace->end, BF_TRACE_HEAD_BYTES);
    return BF_OK;
}

/* StarPU's own trace, where this build of it can make one: same folder, one file a rank, for starpu_fxt_tool. */
static void ask_starpu(const char *folder)
{
#ifdef STARPU_USE_FXT
    char prefix[4096];
    snprintf(prefix, sizeof prefix, "%s/", folder);
    setenv("STARPU_FXT_PREFIX", prefix, 1);
    setenv("STARPU_FXT_TRACE", "1", 1);
#else
    (void)folder;
#endif
}

static void release(bf_trace_t *trace)
{
    if (trace->head)
        munmap(trace->head, BF_TRACE_HEAD_BYTES);
    if (trace->file >= 0)
        close(trace->file);
    for (int thread = 0; thread < MAX_THREADS; thread++)
        free(trace->threads[thread].chunk);
    free(trace->folder);
    free(trace->path);
    free(trace);
}

bf_status_t bf_trace_open(bf_session_t *session, const char *folder, bf_trace_t **out)
{
    *out = NULL;
    bf_trace_t *trace = calloc(1, sizeof *trace);
    if (trace) {
        trace->session = session;
        trace->file = -1;
        trace->folder = strdup(folder);
    }
    bf_status_t status = trace && trace->folder ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory");
    if (status == BF_OK && session->rank == 0)
        status = prepare_folder(folder);
    status = bf_session_agree(session, status);
    uint64_t run = (uint64_t)bf_trace_now() ^ (uint64_t)getpid() << 40;
    if (session->size > 1)
        MPI_Bcast(&run, 1, MPI_UINT64_T, 0, session->comm);
    if (status == BF_OK)
        status = bf_session_agree(session, open_file(trace, run));
    if (status != BF_OK) {
        if (trace)
            release(trace);
        return status;
    }
    ask_starpu(folder);
    *out = trace;
    return BF_OK;
}

static bf_status_t write_about(const bf_trace_t *trace, const bf_trace_about_t *about)
{
    const bf_session_t *session = trace->session;
    char path[4096];
    char run[17];
    bf_output_t *output = NULL;
    snprintf(path, sizeof path, "%s/run.json", trace->folder);
    snprintf(run, sizeof run, "%016" PRIx64, trace->head->run);
    BF_TRY(bf_output_open(path, &output));
    json_t *root =
        json_pack("{s:s, s:i, s:s, s:s, s:s, s:o*, s:i, s:i, s:i, s:s, s:s}", "format", "bondflow trace", "version",
                  (int)BF_TRACE_VERSION, "bondflow", BONDFLOW_VERSION, "program", about->program, "circuit", about->circuit,
                  "options", json_loads(about->options, 0, NULL), "sites", (int)about->sites, "ranks", session->size,
                  "workers_per_rank", bf_session_workers(session), "runtime", bf_session_describe(session), "run", run);
    FILE *stream = bf_output_stream(output);
    const bool written = root && json_dumpf(root, stream, JSON_INDENT(2)) == 0;
    fputc('\n', stream);
    json_decref(root);
    if (written)
        return bf_output_commit(output);
    bf_output_abandon(output);
    return bf_error_set(BF_ERR_IO, "%s: cannot be written (is the circuit's name UTF-8?)", path);
}

bf_status_t bf_trace_begin(bf_trace_t *trace, const bf_trace_about_t *about)
{
    if (!trace)
        return BF_OK;
    bf_session_t *session = trace->session;
    BF_TRY(bf_session_agree(session, bf_session_engage(session)));
    trace->head->workers = bf_session_workers(session);
    trace->head->shared = session->submit.mpi;
    BF_TRY(bf_session_agree(session, session->rank == 0 ? write_about(trace, about) : BF_OK));
    trace->sink = (bf_trace_sink_t){.next = next_chunk, .flush = flush, .drop = drop, .arg = trace};
    bf_trace_start(&trace->sink);
    trace->began = true;
    bf_clock_compare(session);
    return BF_OK;
}

/* A disk that was full may have given less than was asked for last. */
static uint64_t whole_chunks(const bf_trace_t *trace)
{
    struct stat status;
    if (fstat(trace->file, &status) != 0 || status.st_size < BF_TRACE_HEAD_BYTES)
        return 0;
    const uint64_t chunks = (uint64_t)(status.st_size - BF_TRACE_HEAD_BYTES) / BF_TRACE_CHUNK_BYTES;
    const off_t end = BF_TRACE_HEAD_BYTES + (off_t)(chunks * BF_TRACE_CHUNK_BYTES);
    return ftruncate(trace->file, end) == 0 ? chunks : 0;
}

size_t bf_trace_close(bf_trace_t *trace, bool failed)
{
    if (!trace)
        return 0;
    bf_session_t *session = trace->session;
    unsigned long long dropped = 0;
    if (trace->began) {
        bf_clock_compare(session);
        bf_trace_stop();
        for (uint32_t thread = 0; thread < MAX_THREADS; thread++)
            flush(trace, thread);
        trace->head->chunks = whole_chunks(trace);
        atomic_store(&trace->head->complete, failed ? 0 : 1);
        dropped = atomic_load(&trace->head->dropped);
        if (session->size > 1)
            MPI_Allreduce(MPI_IN_PLACE, &dropped, 1, MPI_UNSIGNED_LONG_LONG, MPI_SUM, session->comm);
    }
    release(trace);
    return dropped;
}
