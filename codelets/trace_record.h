/** @file trace_record.h
 *  @brief What a trace is made of: records of 32 bytes, in chunks that belong to one thread each, in one file a rank.
 *
 *  A thread writes its records one after the other; the head of a chunk counts those that are in the file and whole, at any
 * moment. Times are nanoseconds of CLOCK_MONOTONIC_RAW of the machine; all numbers are in the machine's byte order (little endian
 * wherever this runs).
 */
#ifndef BF_TRACE_RECORD_H
#define BF_TRACE_RECORD_H

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of records. */
typedef enum bf_trace_kind {
    BF_TRACE_NAME = 1,  /**< a codelet's name, before its first task on this thread */
    BF_TRACE_GATE,      /**< a gate inside the task that the next BF_TRACE_TASK of this thread closes */
    BF_TRACE_ACCESS,    /**< up to three tensors that the next BF_TRACE_TASK of this thread has read or written */
    BF_TRACE_TASK,      /**< a task that has run */
    BF_TRACE_SUBMIT,    /**< one task inserted, or on other ranks its messages posted */
    BF_TRACE_PHASE,     /**< what the main thread did for a while */
    BF_TRACE_SEND,      /**< a tensor packed into a message */
    BF_TRACE_RECEIVE,   /**< a message unpacked into a tensor */
    BF_TRACE_HANDLE,    /**< which site a tensor is */
    BF_TRACE_CLOCK,     /**< this rank's clock against that of rank 0 */
    BF_TRACE_KIND_COUNT /**< one more than the last */
} bf_trace_kind_t;

/** What the main thread does; the value of BF_TRACE_PHASE. */
typedef enum bf_trace_phase {
    BF_PHASE_EVOLVE = 0, /**< applying a circuit, from the first task's planning to the last bond dimension */
    BF_PHASE_MEASURE,    /**< measuring */
    BF_PHASE_THROTTLE,   /**< enough tasks are under way: waiting until half of them have run */
    BF_PHASE_WAIT,       /**< waiting for all tasks of this rank */
    BF_PHASE_SYNC,       /**< waiting for tensors to come home and for the other ranks */
    BF_PHASE_READ,       /**< rows: claiming and reading a chunk */
    BF_PHASE_WRITE,      /**< rows: writing a chunk */
    BF_PHASE_COUNT       /**< how many */
} bf_trace_phase_t;

/** The first byte of every record says which of the following it is. All have 32 bytes. */
typedef struct bf_trace_name {
    uint8_t kind; /**< BF_TRACE_NAME */
    uint8_t name; /**< the number that stands for it on this thread */
    uint8_t pad[2];
    uint32_t color; /**< 0xRRGGBB */
    char text[24];  /**< zero-terminated */
} bf_trace_name_t;

/** A two-site gate that a task applied, or its first half. */
typedef struct bf_trace_gate {
    uint8_t kind;        /**< BF_TRACE_GATE */
    uint8_t method;      /**< bf_method_t */
    uint8_t type;        /**< bf_type_t */
    uint8_t half;        /**< 1: only the contraction, whose other half is a task of its own; else 0 */
    int32_t line;        /**< of the circuit, 0 for a routing swap */
    int32_t site;        /**< the left one */
    float begin_us;      /**< since the task's begin */
    float duration_us;   /**< of the gate */
    float eps;           /**< discarded weight */
    uint32_t chi_before; /**< of the bond between its sites */
    uint32_t chi_after;  /**< 0 when only contracted */
} bf_trace_gate_t;

/** Modes of an access. */
enum { BF_TRACE_READS = 1, BF_TRACE_WRITES = 2 };

/** One tensor that a task uses. A task that writes version v + 1 has found version v; 0 is what it held when it was made. */
typedef struct bf_trace_use {
    uint32_t tensor;           /**< number of the handle, the same on all ranks of a shared state */
    unsigned int mode : 2;     /**< BF_TRACE_READS | BF_TRACE_WRITES */
    unsigned int version : 30; /**< found when the task began */
} bf_trace_use_t;

enum { BF_TRACE_USES = 3 };

/** Tensors of a task. */
typedef struct bf_trace_access {
    uint8_t kind;  /**< BF_TRACE_ACCESS */
    uint8_t count; /**< 1..BF_TRACE_USES */
    uint8_t pad[6];
    bf_trace_use_t use[BF_TRACE_USES]; /**< @c count of them */
} bf_trace_access_t;

/** A task. */
typedef struct bf_trace_task {
    uint8_t kind;        /**< BF_TRACE_TASK */
    uint8_t name;        /**< see bf_trace_name */
    uint16_t rows;       /**< rows of a table it computed, 0 for other tasks; 65535 and more: 65535 */
    uint32_t id;         /**< number of its insertion on this rank, from 1; 0 when unknown */
    int64_t begin_ns;    /**< of its body */
    int64_t end_ns;      /**< of its body */
    float flops;         /**< real operations, 0 when not counted */
    uint32_t memory_kib; /**< held by tensors of this process when it ended */
} bf_trace_task_t;

/** An insertion. */
typedef struct bf_trace_submit {
    uint8_t kind;    /**< BF_TRACE_SUBMIT */
    uint8_t foreign; /**< 1: the task runs on another rank, only its messages are posted */
    uint8_t pad[2];
    uint32_t id;      /**< of the task, 0 when foreign */
    int64_t begin_ns; /**< of the call */
    int64_t end_ns;   /**< of the call */
    uint64_t unused;
} bf_trace_submit_t;

/** A phase. */
typedef struct bf_trace_phase_record {
    uint8_t kind;  /**< BF_TRACE_PHASE */
    uint8_t phase; /**< bf_trace_phase_t */
    uint8_t pad[6];
    int64_t begin_ns; /**< first moment */
    int64_t end_ns;   /**< last one */
    uint64_t unused;
} bf_trace_phase_record_t;

/** One end of a message. */
typedef struct bf_trace_message {
    uint8_t kind; /**< BF_TRACE_SEND or BF_TRACE_RECEIVE */
    uint8_t pad[3];
    uint32_t tensor;  /**< number of the handle */
    uint32_t version; /**< its version */
    uint32_t bytes;   /**< header and payload */
    int64_t begin_ns; /**< of packing or unpacking */
    int64_t end_ns;   /**< of packing or unpacking */
} bf_trace_message_t;

/** Where a tensor belongs. */
typedef struct bf_trace_handle {
    uint8_t kind; /**< BF_TRACE_HANDLE */
    uint8_t pad[3];
    uint32_t tensor; /**< number of the handle */
    int32_t site;    /**< the site whose tensor it is */
    uint8_t unused[20];
} bf_trace_handle_t;

/** One comparison of clocks. */
typedef struct bf_trace_clock {
    uint8_t kind; /**< BF_TRACE_CLOCK */
    uint8_t pad[7];
    int64_t local_ns;       /**< a moment of this rank's clock ... */
    int64_t reference_ns;   /**< ... and what rank 0's showed then */
    int64_t uncertainty_ns; /**< half the shortest round trip */
} bf_trace_clock_t;

/** Any of them. */
typedef union bf_trace_record {
    uint8_t kind; /**< bf_trace_kind_t */
    bf_trace_name_t name;
    bf_trace_gate_t gate;
    bf_trace_access_t access;
    bf_trace_task_t task;
    bf_trace_submit_t submit;
    bf_trace_phase_record_t phase;
    bf_trace_message_t message;
    bf_trace_handle_t handle;
    bf_trace_clock_t clock;
} bf_trace_record_t;

static_assert(sizeof(bf_trace_record_t) == 32, "records have 32 bytes");

enum {
    BF_TRACE_CHUNK_BYTES = 1 << 18,                                               /**< a chunk, its head included */
    BF_TRACE_CHUNK_RECORDS = BF_TRACE_CHUNK_BYTES / sizeof(bf_trace_record_t) - 1 /**< records of a chunk */
};

#define BF_TRACE_CHUNK_MAGIC UINT32_C(0x4b4e4843) /**< "CHNK" */

/** Numbers that stand for a thread which is no worker. */
enum { BF_TRACE_MAIN = -1, BF_TRACE_OTHER = -2 /**< StarPU-MPI's */ };

/** A chunk: its head has the size of a record. */
typedef struct bf_trace_chunk {
    uint32_t magic;    /**< BF_TRACE_CHUNK_MAGIC */
    int32_t worker;    /**< StarPU's number, BF_TRACE_MAIN or BF_TRACE_OTHER */
    uint32_t thread;   /**< threads in the order in which they first had something to say */
    uint32_t sequence; /**< chunks of this thread, from 0 */
    atomic_uint used;  /**< records that are whole */
    uint8_t pad[12];
    bf_trace_record_t records[]; /**< BF_TRACE_CHUNK_RECORDS */
} bf_trace_chunk_t;

static_assert(sizeof(bf_trace_chunk_t) == sizeof(bf_trace_record_t), "the head of a chunk has the size of a record");

#define BF_TRACE_MAGIC   "BFTRACE" /**< first 8 bytes of a file, with the zero */
#define BF_TRACE_VERSION 1U        /**< of this layout */

enum { BF_TRACE_HEAD_BYTES = 4096 };

/** The first BF_TRACE_HEAD_BYTES of a file; chunks follow. */
typedef struct bf_trace_head {
    char magic[8];         /**< BF_TRACE_MAGIC */
    uint32_t version;      /**< BF_TRACE_VERSION */
    uint32_t record_bytes; /**< 32 */
    uint32_t chunk_bytes;  /**< BF_TRACE_CHUNK_BYTES */
    int32_t rank;          /**< whose it is */
    int32_t ranks;         /**< how many there are */
    int32_t workers;       /**< StarPU workers of this rank */
    uint64_t run;          /**< drawn once a run: files of one run have the same */
    int32_t shared;        /**< 1: tensors have the same numbers on all ranks, and travel; 0: each rank has its own */
    atomic_uint complete;  /**< 1 once the run has closed the file */
    atomic_ullong dropped; /**< records for which there was no room on the disk */
    uint64_t chunks;       /**< when complete: how many follow */
    char host[64];         /**< name of the machine */
} bf_trace_head_t;

#ifdef __cplusplus
}
#endif
#endif
