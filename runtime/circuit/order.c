/* The graph of a circuit, and two ways to lay it out on a line. */
#include "runtime/circuit/order.h"

#include "runtime/circuit/gate_library.h"

#include <math.h>
#include <stdlib.h>

/* Inverse iteration: rounds, and the residual at which a solution is good enough. Neighbouring values of the vector differ by far
 * more than what is left then. */
enum { ROUNDS = 40 };
static const double good_enough = 1e-10;

/** A pair of qubits that share a gate, then an edge with a weight. */
typedef struct edge {
    bf_site_t from, to;
    double weight;
} edge_t;

/** The neighbours of vertex v are edges[first[v]] .. edges[first[v + 1] - 1]. */
typedef struct graph {
    bf_site_t n;
    edge_t *edges; /**< both directions of each */
    size_t *first; /**< n + 1 entries */
} graph_t;

/** A part of the graph that hangs together: its vertices in the order found, and numbers for all of them. */
typedef struct part {
    bf_site_t count;
    bf_site_t *vertices;
} part_t;

static bf_status_t no_memory(bf_site_t n)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory for placing %d qubits", n);
}

static int compare_edges(const void *a, const void *b)
{
    const edge_t *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

/** Both directions of every two-qubit gate. @return how many, or SIZE_MAX when out of memory */
static size_t collect_edges(const bf_circuit_t *circuit, edge_t **edges)
{
    bf_gate_t parts[BF_EXPAND_MAX];
    size_t count = 0, room = 0;
    for (size_t i = 0; i < circuit->n_gates; i++) {
        const int n_parts = bf_gate_expand(&circuit->gates[i], parts);
        for (int k = 0; k < n_parts; k++) {
            if (bf_gate_info((bf_gate_kind_t)parts[k].kind)->n_qubits != 2 || parts[k].kind == BF_KIND_SWAP)
                continue;
            if (count + 2 > room) {
                room = room ? 2 * room : 256;
                edge_t *grown = realloc(*edges, room * sizeof *grown);
                if (!grown)
                    return SIZE_MAX;
                *edges = grown;
            }
            (*edges)[count++] = (edge_t){parts[k].q[0], parts[k].q[1], 1};
            (*edges)[count++] = (edge_t){parts[k].q[1], parts[k].q[0], 1};
        }
    }
    return count;
}

static bf_status_t build_graph(const bf_circuit_t *circuit, bf_site_t n, graph_t *graph)
{
    *graph = (graph_t){.n = n, .first = calloc((size_t)n + 1, sizeof *graph->first)};
    const size_t count = collect_edges(circuit, &graph->edges);
    if (!graph->first || count == SIZE_MAX)
        return no_memory(n);
    if (count > 0)
        qsort(graph->edges, count, sizeof *graph->edges, compare_edges);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && compare_edges(&graph->edges[kept - 1], &graph->edges[i]) == 0)
            graph->edges[kept - 1].weight += 1;
        else
            graph->edges[kept++] = graph->edges[i];
    }
    for (size_t i = 0; i < kept; i++)
        graph->first[graph->edges[i].from + 1]++;
    for (bf_site_t v = 0; v < n; v++)
        graph->first[v + 1] += graph->first[v];
    return BF_OK;
}

static size_t degree(const graph_t *graph, bf_site_t v)
{
    return graph->first[v + 1] - graph->first[v];
}

/** Breadth first from @p root over vertices whose @p seen is not @p mark; neighbours of small degree first. */
static void search(const graph_t *graph, bf_site_t root, bf_site_t mark, bf_site_t *seen, part_t *part)
{
    part->count = 0;
    part->vertices[part->count++] = root;
    seen[root] = mark;
    for (bf_site_t i = 0; i < part->count; i++) {
        const bf_site_t v = part->vertices[i], begin = part->count;
        for (size_t e = graph->first[v]; e < graph->first[v + 1]; e++) {
            const bf_site_t w = graph->edges[e].to;
            if (seen[w] == mark)
                continue;
            seen[w] = mark;
            bf_site_t at = part->count++;
            for (; at > begin && degree(graph, part->vertices[at - 1]) > degree(graph, w); at--)
                part->vertices[at] = part->vertices[at - 1];
            part->vertices[at] = w;
        }
    }
}

/** Reverse Cuthill-McKee from a vertex at one end: the last one found from the last one found. */
static void lay_out_rcm(const graph_t *graph, bf_site_t root, bf_site_t *seen, bf_site_t *mark, part_t *part)
{
    for (int i = 0; i < 3; i++) {
        search(graph, root, ++*mark, seen, part);
        root = part->vertices[part->count - 1];
    }
    for (bf_site_t i = 0; i < part->count / 2; i++) {
        const bf_site_t v = part->vertices[i];
        part->vertices[i] = part->vertices[part->count - 1 - i];
        part->vertices[part->count - 1 - i] = v;
    }
}

/* The spectral layout. Vectors have one entry for each vertex of the graph, those outside the part stay 0. */

static double dot(const part_t *part, const double *a, const double *b)
{
    double sum = 0;
    for (bf_site_t i = 0; i < part->count; i++)
        sum += a[part->vertices[i]] * b[part->vertices[i]];
    return sum;
}

/** y = L x */
static void laplacian(const graph_t *graph, const part_t *part, const double *x, double *y)
{
    for (bf_site_t i = 0; i < part->count; i++) {
        const bf_site_t v = part->vertices[i];
        y[v] = 0;
        for (size_t e = graph->first[v]; e < graph->first[v + 1]; e++)
            y[v] += graph->edges[e].weight * (x[v] - x[graph->edges[e].to]);
    }
}

/** Subtract the mean, the eigenvector of value 0, and scale to norm 1. */
static void normalise(const part_t *part, double *x)
{
    double mean = 0;
    for (bf_site_t i = 0; i < part->count; i++)
        mean += x[part->vertices[i]] / part->count;
    for (bf_site_t i = 0; i < part->count; i++)
        x[part->vertices[i]] -= mean;
    const double norm = sqrt(dot(part, x, x));
    for (bf_site_t i = 0; i < part->count; i++)
        x[part->vertices[i]] /= norm;
}

/** Solve L x = b by conjugate gradients, b of mean 0 and norm 1. @param work  3 vectors */
static void solve(const graph_t *graph, const part_t *part, const double *b, double *x, double *work[3])
{
    double *r = work[0], *p = work[1], *q = work[2], rr = 1;
    for (bf_site_t i = 0; i < part->count; i++) {
        const bf_site_t v = part->vertices[i];
        x[v] = 0;
        r[v] = p[v] = b[v];
    }
    for (bf_site_t round = 0; round < 2 * part->count && rr > good_enough * good_enough; round++) {
        laplacian(graph, part, p, q);
        const double step = rr / dot(part, p, q);
        for (bf_site_t i = 0; i < part->count; i++) {
            const bf_site_t v = part->vertices[i];
            x[v] += step * p[v];
            r[v] -= step * q[v];
        }
        const double next = dot(part, r, r);
        for (bf_site_t i = 0; i < part->count; i++) {
            const bf_site_t v = part->vertices[i];
            p[v] = r[v] + next / rr * p[v];
        }
        rr = next;
    }
}

/** A vertex and its value, in whole numbers that rounding does not change. */
typedef struct ranked {
    int64_t value;
    bf_site_t vertex;
} ranked_t;

static int compare_ranked(const void *a, const void *b)
{
    const ranked_t *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->vertex > y->vertex) - (x->vertex < y->vertex);
}

static bf_status_t lay_out_spectral(const graph_t *graph, part_t *part)
{
    const size_t n = (size_t)graph->n;
    double *vectors = calloc(5 * n, sizeof *vectors);
    ranked_t *ranked = malloc((size_t)part->count * sizeof *ranked);
    if (vectors && ranked && part->count > 2) {
        double *x = vectors, *b = vectors + n, *work[3] = {vectors + 2 * n, vectors + 3 * n, vectors + 4 * n};
        for (bf_site_t i = 0; i < part->count; i++) /* anything that is no eigenvector: distance from one end, roughly */
            x[part->vertices[i]] = i + 0.3 * sin(i);
        for (int round = 0; round < ROUNDS; round++) {
            normalise(part, x);
            double *solved = b;
            b = x;
            x = solved;
            solve(graph, part, b, x, work);
        }
        normalise(part, x);
        for (bf_site_t i = 0; i < part->count; i++)
            ranked[i] = (ranked_t){(int64_t)(1e7 * x[part->vertices[i]]), part->vertices[i]};
        qsort(ranked, (size_t)part->count, sizeof *ranked, compare_ranked);
        for (bf_site_t i = 0; i < part->count; i++)
            part->vertices[i] = ranked[i].vertex;
    }
    const bool enough = vectors && ranked;
    free(vectors);
    free(ranked);
    return enough ? BF_OK : no_memory(graph->n);
}

/** Give the vertices the sites from @p first on, in the direction that keeps them nearer to their numbers. */
static void assign(const part_t *part, bf_site_t first, bf_site_t *site_of)
{
    int64_t forward = 0, backward = 0;
    for (bf_site_t i = 0; i < part->count; i++) {
        forward += llabs((long long)part->vertices[i] - (first + i));
        backward += llabs((long long)part->vertices[i] - (first + part->count - 1 - i));
    }
    for (bf_site_t i = 0; i < part->count; i++)
        site_of[part->vertices[i]] = forward <= backward ? first + i : first + part->count - 1 - i;
}

bf_status_t bf_order_sites(const bf_circuit_t *circuit, bf_order_t order, bf_site_t n, bf_site_t *site_of)
{
    graph_t graph;
    part_t part = {.vertices = malloc((size_t)n * sizeof *part.vertices)};
    bf_site_t *seen = calloc((size_t)n, sizeof *seen), mark = 0, first = 0;
    bf_status_t status = build_graph(circuit, n, &graph);
    if (!part.vertices || !seen)
        status = no_memory(n);
    for (bf_site_t v = 0; v < n && status >= 0; v++) {
        if (seen[v] > 0)
            continue;
        lay_out_rcm(&graph, v, seen, &mark, &part);
        if (order == BF_ORDER_SPECTRAL)
            status = lay_out_spectral(&graph, &part);
        assign(&part, first, site_of);
        first += part.count;
    }
    free(graph.edges);
    free(graph.first);
    free(part.vertices);
    free(seen);
    return status;
}
