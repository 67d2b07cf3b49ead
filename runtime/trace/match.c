/* Joining what was recorded apart. */
#include "runtime/trace/match.h"

bf_status_t bf_submits_open(bf_submits_t *s, uint32_t last)
{
    *s =
        (bf_submits_t){.times = malloc(((size_t)last + 1) * sizeof *s->times), .seen = calloc((size_t)last + 1, 1), .last = last};
    if (!s->times || !s->seen)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %u insertions", last);
    for (uint32_t i = 0; i <= last; i++)
        s->times[i][0] = s->times[i][1] = -1;
    return BF_OK;
}

void bf_submits_close(bf_submits_t *s)
{
    free(s->times);
    free(s->seen);
    *s = (bf_submits_t){0};
}

void bf_submits_add(bf_submits_t *s, bf_rank_info_t *rank, uint32_t id, bool foreign, int64_t begin, int64_t end)
{
    rank->submit_ns += end - begin;
    if (foreign || id == 0 || id > s->last) {
        rank->foreign++;
        return;
    }
    rank->submitted++;
    s->times[id][0] = begin;
    s->times[id][1] = end;
}

void bf_submits_join(bf_submits_t *s, bf_timeline_t *t, size_t first)
{
    for (size_t i = first; i < t->n_tasks; i++) {
        bf_task_t *task = &t->tasks[i];
        if (task->id == 0 || task->id > s->last)
            continue;
        task->submit_begin = s->times[task->id][0];
        task->submit_end = s->times[task->id][1];
        t->repeated += s->seen[task->id];
        s->seen[task->id] = 1;
    }
    for (uint32_t id = 1; id <= s->last; id++)
        t->not_run += s->times[id][0] >= 0 && !s->seen[id];
}

bool bf_halves_open(bf_halves_t *h, size_t sends, size_t receives)
{
    *h = (bf_halves_t){.sends = malloc((sends + 1) * sizeof *h->sends), .receives = malloc((receives + 1) * sizeof *h->receives)};
    return h->sends && h->receives;
}

void bf_halves_close(bf_halves_t *h)
{
    free(h->sends);
    free(h->receives);
    *h = (bf_halves_t){0};
}

void bf_halves_add(bf_halves_t *h, const bf_trace_message_t *record, int rank, int64_t begin, int64_t end)
{
    bf_half_t *half = record->kind == BF_TRACE_SEND ? &h->sends[h->n_sends++] : &h->receives[h->n_receives++];
    *half = (bf_half_t){.begin = begin,
                        .end = end,
                        .tensor = record->tensor,
                        .version = record->version,
                        .bytes = record->bytes,
                        .rank = (uint16_t)rank};
}

static int by_key(const bf_half_t *x, const bf_half_t *y)
{
    if (x->tensor != y->tensor)
        return x->tensor < y->tensor ? -1 : 1;
    return x->version != y->version ? (x->version < y->version ? -1 : 1) : 0;
}

static int by_key_and_time(const void *a, const void *b)
{
    const bf_half_t *x = a;
    const bf_half_t *y = b;
    const int key = by_key(x, y);
    return key ? key : (x->end < y->end ? -1 : x->end > y->end);
}

static int by_sending(const void *a, const void *b)
{
    const bf_message_t *x = a;
    const bf_message_t *y = b;
    const int64_t tx = x->send_begin >= 0 ? x->send_begin : x->receive_begin;
    const int64_t ty = y->send_begin >= 0 ? y->send_begin : y->receive_begin;
    return tx != ty ? (tx < ty ? -1 : 1) : (x->tensor < y->tensor ? -1 : x->tensor > y->tensor);
}

static bf_message_t join(const bf_half_t *send, const bf_half_t *receive)
{
    const bf_half_t *any = send ? send : receive;
    return (bf_message_t){.send_begin = send ? send->begin : -1,
                          .send_end = send ? send->end : -1,
                          .receive_begin = receive ? receive->begin : -1,
                          .receive_end = receive ? receive->end : -1,
                          .tensor = any->tensor,
                          .version = any->version,
                          .bytes = any->bytes,
                          .from = send ? send->rank : receive->rank,
                          .to = receive ? receive->rank : send->rank};
}

bf_status_t bf_halves_match(bf_halves_t *h, bf_timeline_t *t)
{
    t->messages = malloc((h->n_sends + h->n_receives + 1) * sizeof *t->messages);
    if (!t->messages)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu messages", h->n_sends);
    qsort(h->sends, h->n_sends, sizeof *h->sends, by_key_and_time);
    qsort(h->receives, h->n_receives, sizeof *h->receives, by_key_and_time);
    size_t s = 0;
    size_t r = 0;
    while (s < h->n_sends || r < h->n_receives) {
        const bf_half_t *send = s < h->n_sends ? &h->sends[s] : NULL;
        const bf_half_t *receive = r < h->n_receives ? &h->receives[r] : NULL;
        const int order = !send ? 1 : (!receive ? -1 : by_key(send, receive));
        t->messages[t->n_messages++] = join(order <= 0 ? send : NULL, order >= 0 ? receive : NULL);
        t->unmatched += order != 0;
        s += order <= 0;
        r += order >= 0;
    }
    qsort(t->messages, t->n_messages, sizeof *t->messages, by_sending);
    return BF_OK;
}
