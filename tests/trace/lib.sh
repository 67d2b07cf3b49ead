# Shared by the shell tests of traces; source it. Needs TRACE_FACTS besides what mpi/lib.sh needs.
. "$(dirname "${BASH_SOURCE[0]}")/../mpi/lib.sh"
: "${TRACE_FACTS:?path of trace_facts}"

# facts RUN: what is in a trace, into ./facts.
facts() {
    "$TRACE_FACTS" "$1" >facts 2>facts.err || fail "$1 cannot be read: $(cat facts.err)"
}

# fact NAME: its value.
fact() { awk -v name="$1" '$1 == name { print $2 }' facts; }

# holds WHAT NAME VALUE...: the facts have these values.
holds() {
    local what=$1
    shift
    while [ $# -gt 0 ]; do
        [ "$(fact "$1")" = "$2" ] || fail "$what: $1 is $(fact "$1"), expected $2"
        shift 2
    done
}

# whole WHAT: a trace of a run that ended well.
whole() {
    holds "$1" complete 1 dropped 0 repeated 0 not_run 0 unmatched 0 disorder 0 overlaps 0 early 0 backwards 0
    [ "$(fact tasks)" = "$(fact submitted)" ] || fail "$1: $(fact tasks) tasks of $(fact submitted)"
}
