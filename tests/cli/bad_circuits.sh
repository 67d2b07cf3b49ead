#!/usr/bin/env bash
# Bad circuit files: exit code 2, one message with file:line:column where there is one, no numbers, nothing overwritten.
. "$(dirname "$0")/lib.sh"

head='OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[4];\n'

# qasm PLACE PATTERN WHAT BODY: the body, after three good lines, is refused at bad.qasm:PLACE.
qasm() {
    printf "$head%b" "$4" >bad.qasm
    refuse 2 "bad\\.qasm:$1: .*($2)" "$3" bad.qasm
}

# gates PLACE PATTERN WHAT BODY: the same for a gate list.
gates() {
    printf '%b' "$4" >bad.gates
    refuse 2 "bad\\.gates:$1: .*($2)" "$3" bad.gates
}

refuse 2 'absent\.qasm.*(no such file|not found|missing|cannot)' 'missing file' absent.qasm
mkdir directory.qasm
refuse 2 'directory' 'a directory' directory.qasm
: >empty.qasm
refuse 2 'empty' 'empty file' empty.qasm
: >empty.gates
refuse 2 'empty' 'empty gate list' empty.gates
printf '\n\n# only a comment\n' >blank.gates
refuse 2 'empty|no gate|--sites' 'gate list without gates' blank.gates
printf '   \n\n// nothing\n' >blank.qasm
refuse 2 'blank\.qasm' 'OpenQASM without a statement' blank.qasm
printf 'OPENQASM 2.0;\n' >none.qasm
refuse 2 'none\.qasm.*(qreg|qubit|register)' 'no qubits' none.qasm
head -c 100000 /dev/zero >zeros.qasm
refuse 2 'zeros\.qasm' 'zero bytes' zeros.qasm
head -c 100000 "$XYZ" >binary.qasm
refuse 2 'binary\.qasm' 'a binary' binary.qasm

qasm 5:1 'frobnicate' 'unknown gate' 'h q[0];\nfrobnicate q[1];\n'
qasm '4:[0-9]+' '4|range|qubit' 'qubit out of range' 'h q[4];\n'
qasm '4:[0-9]+' 'range|qubit|index|number|too large' 'huge index' 'h q[99999999999999999999];\n'
qasm '4:[0-9]+' 'index|integer|number|expected' 'negative index' 'h q[-1];\n'
qasm '4:[0-9]+' 'same|twice|distinct|differ' 'same qubit twice' 'cx q[2],q[2];\n'
qasm '4:[0-9]+' 'param|angle|argument' 'too few parameters' 'u3(0.1,0.2) q[0];\n'
qasm '4:[0-9]+' 'param|angle|argument' 'too many parameters' 'rx(0.1,0.2) q[0];\n'
qasm '4:[0-9]+' 'param|angle|argument|expected' 'no parameters' 'rz q[0];\n'
qasm '4:[0-9]+' 'qubit|argument|operand' 'too few qubits' 'cx q[0];\n'
qasm '4:[0-9]+' 'qubit|argument|operand|expected' 'too many qubits' 'h q[0],q[1];\n'
qasm '4:[0-9]+' 'expected' 'open parenthesis' 'rx(0.1 q[0];\n'
qasm '4:[0-9]+' 'expected' 'closing parenthesis too many' 'rx(0.1)) q[0];\n'
qasm '4:[0-9]+' 'expected' 'open bracket' 'h q[0;\n'
qasm '[0-9]+:[0-9]+' 'expected' 'file ends inside a statement' 'h q[0'
qasm '[0-9]+:[0-9]+' 'expected|\}' 'open brace' 'gate g a { h a;\n'
qasm '4:[0-9]+' 'expected|unknown|statement|gate' 'brace too many' '}\n'
qasm '4:[0-9]+' 'register|unknown|declared' 'unknown register' 'h r[0];\n'
qasm '4:[0-9]+' 'finite|zero|not a number' 'NaN angle' 'rx(0/0) q[0];\n'
qasm '4:[0-9]+' 'finite|zero|not a number' 'infinite angle' 'rx(1/0) q[0];\n'
qasm '4:[0-9]+' 'finite|range|large|number' 'angle beyond all numbers' 'rx(1e999) q[0];\n'
qasm '4:[0-9]+' 'finite|negative|not a number' 'angle without a value' 'rx(sqrt(-1)) q[0];\n'
qasm '4:[0-9]+' 'finite|negative|positive|not a number' 'logarithm of a negative number' 'rx(ln(-1)) q[0];\n'
qasm '4:[0-9]+' 'nan|name|expected|unknown' 'angle called nan' 'rx(nan) q[0];\n'
qasm '4:[0-9]+' 'declared|already|twice|redefin' 'register declared twice' 'qreg q[2];\n'
qasm '[0-9]+:[0-9]+' 'recurs|itself|unknown|defined' 'gate that calls itself' 'gate g a { g a; }\ng q[0];\n'
qasm '5:4' 'unknown register.*bit' 'condition on nothing' 'h q[0];\nif(c==1) x q[0];\n'
qasm '5:4' 'qubits.*bit' 'condition on qubits' 'creg c[1];\nif(q==1) x q[0];\n'
qasm '5:4' 'one bit.*register' 'condition on one bit' 'creg c[2];\nif(c[0]==1) x q[0];\n'
qasm '5:5' 'expected ==' 'comparison that is not in the language' 'creg c[2];\nif(c!=1) x q[0];\n'
qasm '5:10' 'gate, measure or reset' 'declaration under a condition' 'creg c[2];\nif(c==1) creg d[1];\n'
qasm '4:[0-9]+' 'reset|register' 'reset of nothing' 'reset r[0];\n'
for word in while switch defcal def extern delay box duration stretch; do
    printf 'OPENQASM 3;\nqubit[2] q;\nbit[2] c = measure q;\n  %s (c == 1) { x q[0]; }\n' "$word" >bad.qasm
    refuse 2 "bad\.qasm:4:3: '$word' is not in this version" "$word" bad.qasm
done

{ printf "$head"; head -c 1000000 /dev/zero | tr '\0' 'a'; printf ' q[0];\n'; } >bad.qasm
refuse 2 'bad\.qasm:4:[0-9]+: ' 'identifier of 10^6 letters' bad.qasm
{ printf "${head}rx("; head -c 1000000 /dev/zero | tr '\0' '('; printf ') q[0];\n'; } >bad.qasm
refuse 2 'bad\.qasm:4:[0-9]+: ' '10^6 open parentheses' bad.qasm
{ printf "${head}rx("; head -c 1000000 /dev/zero | tr '\0' '-'; printf '1) q[0];\n'; } >bad.qasm
run bad.qasm
[ "$code" -eq 0 ] || refused 2 'bad\.qasm:4:[0-9]+: ' '10^6 minus signs'

gates '2:[0-9]+' 'code|0|7' 'unknown code' '0,0,-1,0\n8,1,-1,0\n'
gates '1:[0-9]+' 'code|number|integer' 'code that is no number' 'h,0,-1,0\n'
gates '1:[0-9]+' 'same|twice|distinct|differ' 'same qubit twice' '3,1,1,0.5\n'
gates '1:[0-9]+' 'qubit|negative|second|q1' 'second qubit missing' '7,0,-1,0\n'
gates '1:[0-9]+' 'qubit|negative|q0' 'negative qubit' '0,-2,-1,0\n'
gates '1:[0-9]+' 'field|column|expected|comma' 'too few fields' '0,0\n'
gates '1:[0-9]+' 'field|column|expected|end' 'too many fields' '0,0,-1,0,5\n'
gates '1:[0-9]+' 'finite|number' 'NaN angle' '1,0,-1,nan\n'
gates '1:[0-9]+' 'finite|number|range' 'infinite angle' '1,0,-1,1e999\n'
gates '1:[0-9]+' 'number|angle|expected' 'angle that is no number' '1,0,-1,half\n'
gates '1:[0-9]+' 'integer|number|qubit|expected' 'fractional qubit' '0,0.5,-1,0\n'
gates '1:[0-9]+' 'qubit|large|range|number' 'huge qubit' '0,99999999999999999999,-1,0\n'

printf "${head}h q[3];\n" >four.qasm
refuse 2 '4|--sites|qubit' 'fewer sites than the circuit needs' --sites 3 four.qasm
printf 'h q[0];\n' >noline.txt
refuse 2 'noline\.txt' 'neither OpenQASM nor a gate list' noline.txt
finish
