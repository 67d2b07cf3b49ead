/* Findings: how they are made, which of all ranks' is kept, which comes first. */
#include "runtime/doctor/checks.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bf_finding_t *bf_find(bf_patient_t *patient, int layer, const char *check)
{
    bf_checkup_t *checkup = patient->checkup;
    bf_finding_t *finding = &checkup->finding[checkup->n < BF_FINDINGS_MAX ? checkup->n++ : BF_FINDINGS_MAX - 1];
    *finding = (bf_finding_t){
        .layer = layer, .check = check, .loss = 1.0, .rank = bf_session_rank(patient->session), .values = json_object()};
    return finding;
}

void bf_find_say(bf_finding_t *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(finding->said, sizeof finding->said, format, args);
    va_end(args);
}

void bf_find_add(bf_finding_t *finding, const char *format, ...)
{
    const size_t used = strlen(finding->said);
    const int more = snprintf(finding->said + used, sizeof finding->said - used, "%s", used ? "; " : "");
    const size_t at = used + (size_t)more;
    if (at >= sizeof finding->said)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(finding->said + at, sizeof finding->said - at, format, args);
    va_end(args);
}

void bf_find_wrong(bf_finding_t *finding, bf_verdict_t verdict, double loss, const char *remedy, ...)
{
    if (loss > finding->loss)
        finding->loss = loss;
    if (verdict <= finding->verdict)
        return;
    finding->verdict = verdict;
    va_list args;
    va_start(args, remedy);
    vsnprintf(finding->remedy, sizeof finding->remedy, remedy, args);
    va_end(args);
}

void bf_find_integer(bf_finding_t *finding, const char *name, long long value)
{
    json_object_set_new(finding->values, name, json_integer(value));
}

void bf_find_real(bf_finding_t *finding, const char *name, double value)
{
    json_object_set_new(finding->values, name, json_real(value));
}

void bf_find_text(bf_finding_t *finding, const char *name, const char *value)
{
    json_object_set_new(finding->values, name, value ? json_string(value) : json_null());
}

const char *bf_set_in_environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* A finding as it travels: everything but what every rank knows. */
typedef struct parcel {
    double loss;
    char said[sizeof(((bf_finding_t *)0)->said)];
    char remedy[sizeof(((bf_finding_t *)0)->remedy)];
    char values[4096];
} parcel_t;

static void send_finding(const bf_finding_t *finding, MPI_Comm comm)
{
    parcel_t parcel = {.loss = finding->loss};
    memcpy(parcel.said, finding->said, sizeof parcel.said);
    memcpy(parcel.remedy, finding->remedy, sizeof parcel.remedy);
    json_dumpb(finding->values, parcel.values, sizeof parcel.values - 1, JSON_COMPACT);
    MPI_Send(&parcel, (int)sizeof parcel, MPI_BYTE, 0, 0, comm);
}

static void receive_finding(bf_finding_t *finding, int rank, MPI_Comm comm)
{
    parcel_t parcel;
    MPI_Recv(&parcel, (int)sizeof parcel, MPI_BYTE, rank, 0, comm, MPI_STATUS_IGNORE);
    finding->loss = parcel.loss;
    finding->rank = rank;
    memcpy(finding->said, parcel.said, sizeof parcel.said);
    memcpy(finding->remedy, parcel.remedy, sizeof parcel.remedy);
    json_decref(finding->values);
    finding->values = json_loads(parcel.values, 0, NULL);
    if (!finding->values)
        finding->values = json_object();
}

void bf_find_worst(bf_session_t *session, bf_checkup_t *checkup)
{
    if (session->size == 1)
        return;
    for (int i = 0; i < checkup->n; i++) {
        bf_finding_t *finding = &checkup->finding[i];
        struct {
            int badness;
            int rank;
        } mine = {-(int)finding->verdict, session->rank}, worst;
        MPI_Allreduce(&mine, &worst, 1, MPI_2INT, MPI_MINLOC, session->comm);
        finding->verdict = (bf_verdict_t)-worst.badness;
        if (worst.rank == 0)
            continue;
        if (session->rank == worst.rank)
            send_finding(finding, session->comm);
        else if (session->rank == 0)
            receive_finding(finding, worst.rank, session->comm);
    }
}

void bf_checkup_clear(bf_checkup_t *checkup)
{
    for (int i = 0; i < checkup->n; i++)
        json_decref(checkup->finding[i].values);
    checkup->n = 0;
}

const bf_finding_t *bf_checkup_first(const bf_checkup_t *checkup)
{
    const bf_finding_t *first = NULL;
    for (int i = 0; i < checkup->n; i++) {
        const bf_finding_t *finding = &checkup->finding[i];
        if (finding->verdict == BF_FINE)
            continue;
        if (!first || finding->verdict > first->verdict || (finding->verdict == first->verdict && finding->loss > first->loss))
            first = finding;
    }
    return first;
}

bf_verdict_t bf_checkup_verdict(const bf_checkup_t *checkup)
{
    const bf_finding_t *first = bf_checkup_first(checkup);
    return first ? first->verdict : BF_FINE;
}
