#!/usr/bin/env bash
# Bad tables and templates: exit code 2, one line that names row and column, no result; --bad-rows skip goes on without the row.
. "$(dirname "$0")/lib.sh"
printf '0,0,-1,0\n1,0,-1,$0\n1,1,-1,$1*$2\n3,0,1,$2\n' >three.gates
printf 'OPENQASM 3.0;\ninput float a;\ninput float b;\nqubit[2] q;\nrx(a) q[0];\nrx(a / b) q[1];\n' >named.qasm

# bad PATTERN WHAT TABLE CIRCUIT: refused; an earlier result stays. Every eighth time on two ranks.
count=0
bad() {
    printf 'precious\n' >keep.csv
    if [ $((count++ % 8)) -gt 0 ]; then
        run --quiet --params "$3" --out keep.csv "$4"
    else
        mpi 2 "$XYZ" --quiet --params "$3" --out keep.csv "$4"
    fi
    refused 2 "$1" "$2"
    [ "$(cat keep.csv)" = precious ] || fail "$2: the existing --out file was changed"
    rm -f keep.csv*
}

# cell TEXT: a table of five rows with this in row 4, column b.
cell() {
    printf 'a,b,c\n1,2,3\n0.5,0.25,1\n-1,2e-3,4\n0.1,%s,0.3\n1,1,1\n' "$1"
}
for text in '' abc nan inf -inf 1e999 '1 2' 0x; do
    cell "$text" >t.csv
    bad 't\.csv.*row 4.*column .*b' "cell '$text'" t.csv three.gates
done
printf 'a,b,c\n1,2,3\n1,2\n' >t.csv
bad 't\.csv.*row 2' 'short row' t.csv three.gates
printf 'a,b,c\n1,2,3\n1,2,3,4\n' >t.csv
bad 't\.csv.*row 2' 'long row' t.csv three.gates
printf 'a,b,c\n1,"2,3\n' >t.csv
bad 't\.csv.*row 1.*quote' 'open quote' t.csv three.gates
printf 'a,b,a\n1,2,3\n' >t.csv
bad 'two columns.*"a"' 'two columns of one name' t.csv three.gates
printf 'a,b,c\n' >t.csv
bad 't\.csv' 'no rows' t.csv three.gates
: >t.csv
bad 't\.csv' 'empty file' t.csv three.gates
printf 'a,b\n1,2\n' >t.csv
bad 'column.*\$2|\$2' 'too few columns' t.csv three.gates
printf 'a,x\n1,2\n' >t.csv
bad 'input b' 'a name is missing' t.csv named.qasm
printf 'b,a\n1,2\n0,1\n' >t.csv
bad 'row 2' 'a / 0' t.csv named.qasm
bad 'absent\.csv' 'missing table' absent.csv named.qasm
bad 'not a regular file' 'a directory' . named.qasm
printf '\x93NUMPY\x01\x00\x76\x00{' >t.npy
bad 't\.npy' 'cut off header' t.npy three.gates
"$ROWS_TOOL" table t.npy 10 3 1
truncate -s -8 t.npy
bad 't\.npy' 'cut off numbers' t.npy three.gates
"$ROWS_TOOL" table t.npy 10 3 1
printf '\xff\xff\xff\xff\xff\xff\xff\x7f' | dd of=t.npy bs=1 seek=$((128 + 8 * (3 * 6 + 1))) conv=notrunc 2>/dev/null
bad 't\.npy.*row 7.*column 2' 'NaN in .npy' t.npy three.gates
bad 'absent\.h5' 'missing HDF5 file' absent.h5:/x three.gates

# Templates.
cell 1 >t.csv
printf 'OPENQASM 3.0;\ninput float a;\nqubit[2] q;\nrx(a + zeta) q[0];\n' >bad.qasm
bad 'bad\.qasm:4:8:.*zeta' 'unknown name' t.csv bad.qasm
printf 'OPENQASM 3.0;\ninput array[float, 2] x;\nqubit q;\nrx(x[2]) q;\n' >bad.qasm
bad 'bad\.qasm:4:' 'index out of range' t.csv bad.qasm
printf 'OPENQASM 3.0;\ninput float a;\nqubit q;\nrx(sqrt(-a)) q;\n' >bad.qasm
bad 'row 1' 'root of a negative number' t.csv bad.qasm
printf '1,0,-1,$x\n' >bad.gates
bad 'bad\.gates:1:' 'column without number' t.csv bad.gates

# refuse_options PATTERN WHAT OPTIONS...
refuse_options() {
    run "${@:3}"
    refused 2 "$1" "$2"
}
refuse_options 'out' 'no result file' --quiet --params t.csv three.gates
refuse_options 'resume' '--resume alone' --resume three.gates
refuse_options 'params' '--classical alone' --classical three.gates
refuse_options 'bad-rows' 'unknown policy' --bad-rows maybe --params t.csv --out r.csv three.gates
refuse_options 'ledger' '--ledger' --quiet --ledger l.csv --params t.csv --out r.csv three.gates
refuse_options 'zz' 'distance too long' --quiet --observables zz:2 --params t.csv --out r.csv three.gates
refuse_options 'input' 'inputs without a table' --quiet named.qasm
ls -A | grep -q '^r\.csv' && fail "left files behind: $(ls -A)"

# --bad-rows skip: NaN and a status for the bad rows, the others as if they were alone.
printf 'b,a\n1,0.5\n0,1\n2,\n4,0.25\nx,1\n1,1,1\n1,-1\n' >t.csv
printf 'b,a\n1,0.5\n4,0.25\n1,-1\n' >good.csv
run --quiet --params good.csv --out good_result.csv named.qasm
wanted 0 'good rows'
for ranks in 1 2; do
    rm -f r.*
    mpi "$ranks" "$XYZ" --quiet --bad-rows skip --params t.csv --out r.csv named.qasm
    wanted 0 "--bad-rows skip, $ranks ranks"
    [ "$(head -n 1 r.csv)" = 'row,x0,y0,z0,x1,y1,z1,status' ] || fail "skip: header $(head -n 1 r.csv)"
    [ "$(cut -d, -f8 r.csv | tail -n +2 | tr '\n' ' ')" = '0 1 1 0 1 1 0 ' ] || fail "skip: status $(cut -d, -f8 r.csv | tr '\n' ' ')"
    grep -E ',1$' r.csv | grep -vqE '^[0-9],,,,,,,1$' && fail "skip: numbers in a bad row: $(cat r.csv)"
    grep -E ',0$' r.csv | sed 's/,0$//' | cut -d, -f2- | cmp -s - <(tail -n +2 good_result.csv | cut -d, -f2-) || fail 'skip: good rows changed'
done
run --quiet --bad-rows skip --params t.csv --out r.npy named.qasm
wanted 0 'skip to .npy'
[ "$(tail -c +129 r.npy | od -An -v -t f8 -w56 | awk '{ printf "%s%s ", $7, ($1 == "nan" || $1 == "-nan") ? "n" : "" }')" = '0 1n 1n 0 1n 1n 0 ' ] ||
    fail "skip: .npy $(tail -c +129 r.npy | od -An -v -t f8 -w56)"
run --quiet --bad-rows skip --params t.csv --out r.h5 named.qasm
wanted 0 'skip to HDF5'
[ "$("$ROWS_TOOL" dump r.h5 /status | od -An -v -t u1 | tr -d ' \n')" = 0110110 ] || fail "skip: HDF5 $("$ROWS_TOOL" dump r.h5 /status | od -An -t u1)"
bad 'dataset' 'no dataset named' r.h5 named.qasm
bad 'nothing' 'another dataset' r.h5:/nothing named.qasm

# Columns go to inputs by name, in any order, with others between; else in order.
printf 'a,other,b\n0.5,9,1\n0.25,9,4\n-1,9,1\n' >named.csv
run --quiet --params named.csv --out r.csv named.qasm
wanted 0 'columns by name'
cmp -s r.csv good_result.csv || fail 'columns by name'
printf 'u,v\n0.5,1\n0.25,4\n-1,1\n' >order.csv
run --quiet --params order.csv --out r.csv named.qasm
wanted 0 'columns in order'
cmp -s r.csv good_result.csv || fail 'columns in order'
gzip -k named.csv
run --quiet --params named.csv.gz --out r.csv named.qasm
wanted 0 'gzip'
cmp -s r.csv good_result.csv || fail 'gzip'
sed 's/$/\r/; s/other/"o,""ther"/' named.csv >dos.csv
run --quiet --params dos.csv --out r.csv named.qasm
wanted 0 'CRLF and quotes'
cmp -s r.csv good_result.csv || fail 'CRLF and quotes'
finish
