"""The programs compared, and how one measurement of one of them is taken: one process, watched from outside."""
import csv
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent

# name in tables -> (adapter, variant, virtual environment)
PEERS = {
    "quimb": ("quimb_mps", "", "venv"),
    "tenpy": ("tenpy_tebd", "", "venv"),
    "tenpy-sz": ("tenpy_tebd", "sz", "venv"),
    "aer": ("aer", "lapack", "venv"),
    "aer-our-blas": ("aer", "lapack", "venv"),
    "aer-own-svd": ("aer", "own", "venv"),
    "yaqs": ("yaqs", "mpo", "venv"),
    "matcha": ("matcha", "", "venv-matcha"),
}
OURS = "bondflow"
TITLES = {
    OURS: "bondflow", "quimb": "quimb", "tenpy": "TeNPy", "tenpy-sz": "TeNPy, Sz conserved", "aer": "Aer, LAPACK SVD",
    "aer-our-blas": "Aer, LAPACK SVD, BLAS of bondflow", "aer-own-svd": "Aer, its own SVD",
    "yaqs": "MQT YAQS", "matcha": "Quantum Matcha TEA",
}
NEIGHBOURS_ONLY = ("tenpy", "tenpy-sz", "matcha")
NOT_ASKED = "not asked"  # why a tool has no line at all


def our_blas(program):
    """What makes a peer's BLAS calls land in the OpenBLAS that bondflow uses, with the kernels it uses; None without one."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    found = re.search(r"libopenblas\S* => (\S+)", listed)
    return {"LD_PRELOAD": found.group(1)} | kernels_for_this_processor() if found else None


def kernels_for_this_processor():
    """OPENBLAS_CORETYPE for an OpenBLAS that may be older than the processor and would then run its slowest kernels."""
    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace") if os.path.exists("/proc/cpuinfo") else ""
    if " avx512f " in flags and " avx512vl " in flags:
        return {"OPENBLAS_CORETYPE": "SKYLAKEX"}
    return {"OPENBLAS_CORETYPE": "HASWELL"} if " avx2 " in flags and " fma " in flags else {}


# A process counts the memory of the one it was forked from as its own; so it is started from an interpreter with next to nothing in it.
LAUNCH = """import json, os, sys, time
start = time.perf_counter()
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, code, used = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    json.dump([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], file)
code = os.waitstatus_to_exitcode(code)
os.kill(os.getpid(), -code) if code < 0 else sys.exit(code)
"""


def watched(command, environment, limit, log):
    """Run a command for at most `limit` seconds.

    @return (status, seconds on the wall, seconds of processor time, largest resident MiB); status is "ok", "limit", "failed", or the signal it died of
    """
    start = time.perf_counter()
    usage = pathlib.Path(f"{log}.usage")
    usage.unlink(missing_ok=True)
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen([sys.executable, "-I", "-S", "-c", LAUNCH, usage, *command], env=environment, stdout=output,
                                   stderr=output, stdin=subprocess.DEVNULL, start_new_session=True)
    killed = False
    try:
        while (code := process.poll()) is None:
            seconds = time.perf_counter() - start
            if seconds > limit and not killed:
                os.killpg(process.pid, signal.SIGKILL)  # the group that Popen has just made: this process and its children
                killed = True
            time.sleep(min(0.02, 0.002 + seconds / 50))
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    seconds = time.perf_counter() - start
    died = signal.Signals(-code).name if code < 0 else "failed"
    status = "limit" if killed else "ok" if code == 0 else died
    seconds, cpu, peak = json.loads(usage.read_text(encoding="ascii")) if usage.exists() and not killed else (seconds, None, None)
    return status, seconds, cpu, peak


def last_line(log):
    lines = pathlib.Path(log).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""


def infidelity(state, exact):
    """1 - |<exact|state>|^2 of both normalised; as the square of what is left of the state, so that small ones are not 1 - 1."""
    import numpy as np

    state, exact = state / np.linalg.norm(state), exact / np.linalg.norm(exact)
    return float(np.linalg.norm(state - exact * np.vdot(exact, state)) ** 2)


class Bench:
    """Where the programs are, and where their files go."""

    def __init__(self, program, work, limit):
        self.program, self.work, self.limit = pathlib.Path(program), pathlib.Path(work), limit
        self.allowed = limit
        self._folder = tempfile.TemporaryDirectory(dir=self.work)  # of this run alone; goes when it ends
        self.scratch = pathlib.Path(self._folder.name)
        self.vector = self.scratch / "vector.npy"
        self._exact = {}  # by the text of the circuit
        self.blas = our_blas(program)

    def missing(self, case, tool):
        """@return why this tool has no line in this case, or None"""
        if case.tools and tool not in case.tools or tool == "tenpy-sz" and not case.conserves_sz:
            return NOT_ASKED
        if tool in NEIGHBOURS_ONLY and case.distant:
            return "gates on distant qubits"
        if tool == "aer-our-blas" and not self.blas:
            return "bondflow uses no shared OpenBLAS"
        if tool != OURS and not (self.work / PEERS[tool][2] / "bin" / "python").exists():
            return "not installed"
        return None

    def measure(self, case, circuits, tool, threads, split, limit=None, exact=None):
        """One process, one measurement, of at most `limit` seconds; another one for our state when there is an exact one.

        @return a dictionary with at least status, wall, peak_mib
        """
        self.allowed = min(limit or self.limit, self.limit)
        self.vector.unlink(missing_ok=True)
        run = self._ours if tool == OURS else self._peer
        result = run(case, circuits, tool, threads, split, exact is not None)
        if exact is not None and self.vector.exists():
            import numpy as np

            result["infidelity"] = infidelity(np.load(self.vector), exact)
        return result

    def exact(self, case, circuits, threads):
        """<X>, <Y>, <Z> in closed form or from a state vector, and this vector; None where there is neither."""
        if callable(case.exact):
            return case.exact(), None
        if not case.exact:
            return None, None
        text = pathlib.Path(circuits[0]).read_text(encoding="ascii")
        if text not in self._exact:
            import numpy as np

            self.allowed = self.limit
            result = self._adapter("exact", "", "venv", case, circuits, threads, False, vector=True)
            self._exact[text] = result.get("xyz"), np.load(self.vector) if result["status"] == "ok" else None
        return self._exact[text]

    def _environment(self, threads):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("OMP_", "OPENBLAS_", "MKL_", "NUMBA_", "STARPU_"))}
        return kept | {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                                                       "NUMBA_NUM_THREADS")}

    def _peer(self, case, circuits, tool, threads, split, vector):
        adapter, variant, place = PEERS[tool]
        extra = self.blas if tool == "aer-our-blas" else {}
        return self._adapter(adapter, variant, place, case, circuits, threads, split, vector, extra)

    def _adapter(self, adapter, variant, place, case, circuits, threads, split, vector, extra=None):
        out, log = self.scratch / "result.json", self.scratch / "log"
        job = {"circuits": circuits, "qubits": case.qubits, "max_dim": case.max_dim, "cutoff": case.cutoff, "threads": threads,
               "variant": variant, "kind": case.kind, "shots": case.count, "split": split,
               "vector": str(self.vector) if vector else None, "out": str(out)}
        (self.scratch / "job.json").write_text(json.dumps(job), encoding="utf-8")
        begun = pathlib.Path(f"{out}.begun")
        for old in (out, begun):
            old.unlink(missing_ok=True)
        environment = self._environment(threads) | (extra or {})
        command = [self.work / place / "bin" / "python", HERE / "adapters" / f"{adapter}.py", self.scratch / "job.json"]
        status, wall, _, _ = watched(command, environment, self.allowed, log)
        result = {"status": status, "wall": wall}
        if status not in ("ok", "limit"):
            result["reason"] = last_line(log)
        if status == "limit":
            result["limit"] = max(time.time() - begun.stat().st_mtime, 0) if begun.exists() else 0
        if status == "ok":
            result |= json.loads(out.read_text(encoding="utf-8"))
            result["peak_mib"] += result.pop("children_mib", 0)
        return result

    def _ours(self, case, circuits, tool, threads, split, vector):
        environment = self._environment(threads) | {"STARPU_NCPU": str(threads)}
        if case.kind == "rows":
            return self._our_rows(case, environment)
        if case.kind == "shots":
            return self._our_shots(case, circuits[0], environment)
        result = self._our_circuit(case, circuits[0], environment)
        if vector and result["status"] == "ok":
            start = time.perf_counter()
            self._our_state(case, circuits[0], environment)
            result["aside"] = time.perf_counter() - start
        return result

    def _call(self, case, arguments, environment, program=None):
        summary, log = self.scratch / "summary.json", self.scratch / "log"
        command = [program or self.program, "--cutoff", repr(case.cutoff), "--max-dim", str(case.max_dim), "--progress", "off",
                   "--quiet", "--summary", summary, *arguments]
        status, wall, cpu, peak = watched(command, environment, self.allowed, log)
        result = {"status": status, "wall": wall, "cpu": cpu, "peak_mib": peak}
        if status not in ("ok", "limit"):
            result["reason"] = last_line(log)
        return result, json.loads(summary.read_text(encoding="utf-8")) if status == "ok" else None

    def _our_circuit(self, case, circuit, environment):
        xyz_file = self.scratch / "xyz.csv"
        result, summary = self._call(case, ["--out", xyz_file, circuit], environment)
        if summary:
            seconds = summary["seconds"]
            with open(xyz_file, encoding="ascii") as file:
                xyz = [[float(row[axis]) for axis in "xyz"] for row in csv.DictReader(file)]
            result |= {"evolve": seconds["evolve"], "measure": seconds["measure"],
                       "total": seconds["evolve"] + seconds["measure"], "xyz": xyz, "bond": summary["largest_bond"],
                       "error": 1 - summary["error"]["fidelity_estimate"], "blas": summary["runtime"].rsplit("(", 1)[-1].rstrip(")"),
                       "version": summary["version"]}
        return result

    def _our_state(self, case, circuit, environment):
        """The same state once more: the amplitudes of all bit strings, in ascending order."""
        import numpy as np

        n = case.qubits
        strings, amplitudes = self.scratch / "strings", self.scratch / "amplitudes.csv"
        strings.write_text("".join(f"{index:0{n}b}\n" for index in range(2**n)), encoding="ascii")
        result, _ = self._call(case, ["--amplitudes", strings, "--amplitudes-out", amplitudes, "--bit-0", "left", circuit], environment,
                               self.program.parent / "circuit_sample")
        if result["status"] == "ok":
            re, im = np.loadtxt(amplitudes, delimiter=",", skiprows=1, usecols=(1, 2), unpack=True)
            np.save(self.vector, re + 1j * im)

    def _our_rows(self, case, environment):
        """A table in one process."""
        from cases import write_table

        template, table = write_table(case, self.work / "circuits")
        rows_file = self.scratch / "rows.csv"
        result, summary = self._call(case, ["--out", rows_file, "--params", table, template], environment)
        if summary:
            with open(rows_file, encoding="ascii") as file:
                first = next(csv.DictReader(file))
            xyz = [[float(first[f"{axis}{q}"]) for axis in "xyz"] for q in range(case.qubits)]
            result |= {"evolve": None, "measure": None, "total": result["wall"], "xyz": xyz,
                       "error": summary["error"]["worst_sum_eps"]}
        return result

    def _our_shots(self, case, circuit, environment):
        counts = self.scratch / "counts.csv"
        result, summary = self._call(case, ["--shots", str(case.count), "--seed", "1", f"--counts={counts}", circuit], environment,
                                     self.program.parent / "circuit_sample")
        if summary:
            with open(counts, encoding="ascii") as file:
                samples = sum(int(row["count"]) for row in csv.DictReader(file))
            result |= {"evolve": None, "measure": None, "total": result["wall"], "samples": samples, "bond": summary["largest_bond"],
                       "error": 1 - summary["error"]["fidelity_estimate"]}
        return result
