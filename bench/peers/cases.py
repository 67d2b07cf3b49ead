"""The circuits of the comparison: written once, from fixed seeds, as OpenQASM 2 files that every program reads."""
import cmath
import dataclasses
import math
import pathlib
import random

CUTOFF = 1e-12
OURS = "bondflow"
MANY_TOOLS = (OURS, "aer", "aer-own-svd", "quimb")
BRICKWORK_TARGETS = {128: 5, 256: 5, 512: 6}


@dataclasses.dataclass(frozen=True)
class Case:
    """One line of the comparison: a circuit, or a table of them, at one MaxDim and Cutoff."""

    name: str
    title: str
    qubits: int
    max_dim: int
    gates: object  # a function of no arguments that returns [(name, qubits, parameters)], or text; of the row for kind "rows"
    kind: str = "xyz"  # "xyz": one circuit; "rows": one circuit a row; "shots": samples of the final state
    count: int = 1  # rows or shots
    cutoff: float = CUTOFF
    family: str = ""  # cases of one family differ in MaxDim only and share a curve in the plots
    exact: object = False  # True: small enough for a state vector; or a function that gives <X>, <Y>, <Z> in closed form
    quick: bool = False
    tools: tuple = ()  # () means all; else those it makes sense for, the likely fastest first
    target: float = 0.0  # the ratio to the fastest peer that the project aims at; 0: none stated
    distant: bool = False  # has gates on qubits that are not neighbours
    full: bool = False  # every peer at every thread count; otherwise those that were ever fastest, on one thread
    heavy: bool = False  # many seconds: only the peers that are fastest at large bonds, ours on all threads, and measured last
    costly: bool = False  # only when asked for by name
    conserves_sz: bool = False  # every pair's merged gates do, and before them there are X gates only
    easier: str = ""  # a like case: a peer that is far behind there is not asked here

    @property
    def ours_only(self):
        return self.tools == (OURS,)


def bonds(n, parity):
    return range(parity, n - 1, 2)


def random_u3(generator, qubit):
    """A Haar-random direction of the qubit's axis: u3 with cos(theta) uniform."""
    theta = math.acos(1 - 2 * generator.random())
    return "u3", (qubit,), (theta, generator.uniform(-math.pi, math.pi), generator.uniform(-math.pi, math.pi))


def brickwork(n, depth, seed=2024):
    """`depth` layers of random u3 on every qubit and CZ on every second bond, even and odd layers in turn."""
    generator = random.Random(seed)
    gates = []
    for layer in range(depth):
        gates += [random_u3(generator, q) for q in range(n)]
        gates += [("cz", (q, q + 1), ()) for q in bonds(n, layer % 2)]
    return gates


def kicked_ising(n, steps, angle=0.6, kick=0.6):
    """Trotter steps of the Ising chain: ZZ on every bond, the kick X on every qubit."""
    gates = []
    for _ in range(steps):
        gates += [("rzz", (q, q + 1), (angle,)) for parity in (0, 1) for q in bonds(n, parity)]
        gates += [("rx", (q,), (kick,)) for q in range(n)]
    return gates


def heisenberg(n, steps, dt=0.1, seed=7):
    """Trotter steps of the Heisenberg chain in a random field, from the Neel state: XX, YY and ZZ by dt on every bond."""
    generator = random.Random(seed)
    field = [generator.uniform(-1, 1) for _ in range(n)]
    gates = [("x", (q,), ()) for q in range(1, n, 2)]
    for _ in range(steps):
        for parity in (0, 1):
            for q in bonds(n, parity):
                gates += [("rxx", (q, q + 1), (2 * dt,)), ("rzz", (q, q + 1), (2 * dt,))]
                # YY is XX turned by S: qelib1.inc has no ryy.
                gates += [("sdg", (p,), ()) for p in (q, q + 1)]
                gates += [("rxx", (q, q + 1), (2 * dt,))] + [("s", (p,), ()) for p in (q, q + 1)]
        gates += [("rz", (q,), (2 * dt * field[q],)) for q in range(n)]
    return gates


def feature_angles(n, reps, distance, row):
    """The numbers of one row: an angle for each qubit and one for each pair of neighbours up to `distance`."""
    generator = random.Random(1000 * n + row)
    a = [generator.uniform(-0.4, 1.0) for _ in range(n)]
    b = {(q, q + d): generator.uniform(0.7, 1.1) / d for d in range(1, distance + 1) for q in range(n - d)}
    return a, b


def feature_pairs(n, distance):
    """Pairs (q, q+d) for d = 1 .. distance, each distance in sets of disjoint pairs."""
    return [(q, q + d) for d in range(1, distance + 1) for start in range(2 * d) for q in range(start, n - d, 2 * d)]


def feature_map(n, reps, distance=1, row=0):
    """H on all; `reps` times Rz on every qubit and exp(-i b/2 XX) on every pair."""
    a, b = feature_angles(n, reps, distance, row)
    gates = [("h", (q,), ()) for q in range(n)]
    for _ in range(reps):
        gates += [("rz", (q,), (a[q],)) for q in range(n)]
        gates += [("rxx", pair, (b[pair],)) for pair in feature_pairs(n, distance)]
    return gates


def ghz(n):
    return [("h", (0,), ())] + [("cx", (q, q + 1), ()) for q in range(n - 1)]


def qft(n):
    """The Fourier transform of a GHZ state, with its final swaps: every pair of qubits meets."""
    gates = ghz(n)
    for target in range(n - 1, -1, -1):
        gates.append(("h", (target,), ()))
        gates += [("cu1", (control, target), (math.pi / 2 ** (target - control),)) for control in range(target - 1, -1, -1)]
    return gates + [("swap", (q, n - 1 - q), ()) for q in range(n // 2)]


def ghz_exact(n):
    return [[0.0, 0.0, 0.0]] * n


def qft_exact(n):
    """Of (F|0..0> + F|1..1>)/sqrt 2: both are product states, every qubit in (|0> + e^{i phi}|1>)/sqrt 2."""
    phases = [-2 * math.pi * 2.0 ** (q - n) for q in range(n)]  # of F|1..1>; those of F|0..0> are 0
    xyz = []
    for q in range(n):
        overlap = 1.0 + 0.0j
        for other in range(n):
            if other != q:
                overlap *= (1 + cmath.exp(1j * phases[other])) / 2 if phases[other] != -math.pi else 0
        # rho = (|+><+| + |phi><phi| + overlap |phi><+| + its conjugate)/2, elements in units of 1/4
        e = cmath.exp(1j * phases[q])
        off = 1 + e + overlap * e + overlap.conjugate()  # <1|rho|0> * 4
        xyz.append([off.real / 2, off.imag / 2, ((overlap - overlap * e).real) / 2])
    return xyz


def brickworks(n, dims, **options):
    """One circuit at several MaxDim, and bondflow alone at slightly larger ones: who has the smaller error at equal MaxDim pays for it."""
    def one(max_dim, **more):
        return Case(f"brickwork-{n}-{max_dim}", "random brickwork, 20 layers", n, max_dim, lambda: brickwork(n, 20), family=f"brickwork-{n}",
                    **(options | more))

    listed = [one(max_dim, target=BRICKWORK_TARGETS.get(max_dim, 0) if n > 20 else 0, quick=n == 20 and max_dim <= 64,
                  full=n == 30 and max_dim != 256, heavy=max_dim >= (512 if n == 30 else 256) and n > 20,
                  costly=n == 100 and max_dim == 512, easier=f"brickwork-{n}-{max_dim // 2}" if max_dim > dims[0] else "")
              for max_dim in dims]
    for case in list(listed):
        listed += [one(case.max_dim + case.max_dim // part, tools=(OURS,), heavy=case.heavy, costly=case.costly)
                   for part in (16, 8)]
    return sorted(listed, key=lambda case: case.max_dim)


def cases():
    """All cases, in the order of the table."""
    listed = brickworks(20, (16, 32, 64, 128, 256), exact=True)
    listed += brickworks(30, (64, 128, 256, 512))
    listed += brickworks(100, (64, 128, 256, 512))
    for steps in (12, 20):
        listed.append(Case(f"ising-100x{steps}", f"kicked Ising (ZZ 0.6, X 0.6), {steps} steps", 100, 256,
                           lambda steps=steps: kicked_ising(100, steps), target=6, heavy=steps == 20,
                           easier="ising-100x12" if steps == 20 else ""))
    for steps in (12, 20):
        listed.append(Case(f"heisenberg-100x{steps}", f"Heisenberg Trotter (dt 0.1, random field), {steps} steps", 100, 256,
                           lambda steps=steps: heisenberg(100, steps), target=6, heavy=steps == 20, conserves_sz=True,
                           easier="heisenberg-100x12" if steps == 20 else ""))
    listed.append(Case("feature-100", "feature map, 5 repetitions", 100, 1024, lambda: feature_map(100, 5), quick=True))
    listed.append(Case("feature-100-d3", "feature map, 3 repetitions, pairs up to distance 3", 100, 64,
                       lambda: feature_map(100, 3, 3), distant=True))
    listed.append(Case("feature-rows-100", "feature map, 5 repetitions, a table of 100 rows", 100, 1024,
                       lambda row: feature_map(100, 5, row=row), kind="rows", count=100, target=15,
                       tools=MANY_TOOLS))
    listed.append(Case("qft-60", "Fourier transform of a GHZ state", 60, 1024, lambda: qft(60), target=20,
                       exact=lambda: qft_exact(60), distant=True))
    listed.append(Case("qft-60-shots", "Fourier transform of a GHZ state, 100 000 shots", 60, 1024, lambda: qft(60), kind="shots",
                       count=100000, target=20, distant=True, tools=MANY_TOOLS))
    listed.append(Case("ghz-500", "GHZ state", 500, 1024, lambda: ghz(500), exact=lambda: ghz_exact(500), quick=True))
    listed.append(Case("ghz-500-shots", "GHZ state, 100 000 shots", 500, 1024, lambda: ghz(500), kind="shots", count=100000, target=20,
                       tools=(OURS, "aer", "quimb")))
    for name in ("wstate", "qft", "qftentangled"):
        listed.append(Case(f"mqt-{name}-100", f"MQT Bench: {name}", 100, 256, lambda name=name: mqt_bench(name, 100),
                           distant=name != "wstate"))
    return sorted(listed, key=lambda case: case.heavy)


def mqt_bench(name, n):
    """The text of a circuit of MQT Bench at the target-independent level, without its final measurements."""
    from mqt.bench import BenchmarkLevel, get_benchmark
    from qiskit import qasm2 as exporter

    return exporter.dumps(get_benchmark(benchmark=name, level=BenchmarkLevel.INDEP, circuit_size=n).remove_final_measurements(inplace=False))


def qasm2(n, gates):
    """The text of an OpenQASM 2 file."""
    if isinstance(gates, str):
        return gates
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{n}];"]
    for name, qubits, parameters in gates:
        arguments = f"({','.join(map(repr, parameters))})" if parameters else ""
        lines.append(f"{name}{arguments} {','.join(f'q[{q}]' for q in qubits)};")
    return "\n".join(lines) + "\n"


def write_circuits(case, folder):
    """The OpenQASM 2 files of a case, one a row: written once and then kept. @return their paths"""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for row in range(case.count if case.kind == "rows" else 1):
        path = folder / (f"{case.name}-{row}.qasm" if case.kind == "rows" else f"{case.name}.qasm")
        path.write_text(qasm2(case.qubits, case.gates(row) if case.kind == "rows" else case.gates()), encoding="ascii")
        paths.append(str(path))
    return paths


def write_table(case, folder):
    """The rows of a "rows" case as bondflow reads them: an OpenQASM 3 template with inputs, and a CSV of their values."""
    n, reps = case.qubits, 5
    pairs = feature_pairs(n, 1)
    name_a, name_b = [f"a{q}" for q in range(n)], {pair: f"b{pair[0]}" for pair in pairs}
    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";']
    lines += [f"input float[64] {name};" for name in name_a + list(name_b.values())]
    lines += [f"qubit[{n}] q;", "h q;"]
    for _ in range(reps):
        lines += [f"rz({name_a[q]}) q[{q}];" for q in range(n)]
        lines += [f"rxx({name_b[pair]}) q[{pair[0]}], q[{pair[1]}];" for pair in pairs]
    template, table = pathlib.Path(folder) / f"{case.name}.template.qasm", pathlib.Path(folder) / f"{case.name}.csv"
    template.write_text("\n".join(lines) + "\n", encoding="ascii")
    rows = [",".join(name_a + list(name_b.values()))]
    for row in range(case.count):
        a, b = feature_angles(n, reps, 1, row)
        rows.append(",".join(repr(value) for value in a + [b[pair] for pair in pairs]))
    table.write_text("\n".join(rows) + "\n", encoding="ascii")
    return str(template), str(table)
