"""mqt-yaqs: digital simulation without noise. Variants are its gate modes; "swaps" is the plain two-site update."""
import numpy as np
from mqt.yaqs import DigitalSimParams, Observable, Simulator, State

import worker


def prepare(job, path):
    return worker.merged(worker.loaded(path))


def simulate(job, prepared):
    n = job["qubits"]
    observables = [Observable(matrix, q) for q in range(n) for matrix in worker.PAULIS]
    parameters = DigitalSimParams(observables=observables, max_bond_dim=job["max_dim"], svd_threshold=job["cutoff"],
                                  trunc_mode="relative_discarded_weight", gate_mode=job["variant"], num_traj=1)
    simulator = Simulator(parallel=False, show_progress=False)
    state = State(n, initial="zeros")
    seconds, result = worker.clocked(lambda: simulator.run(state, prepared[0], parameters))
    values = [float(np.real(series[-1])) for series in result.expectation_values]
    return {"evolve": None, "measure": None, "total": seconds, "xyz": [values[3 * q:3 * q + 3] for q in range(n)],
            "bond": int(np.max(result.max_bond))}


if __name__ == "__main__":
    worker.main(prepare, simulate)
