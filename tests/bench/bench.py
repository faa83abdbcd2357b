#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench.py NABLA PEAK WORKLOAD: measures one workload and prints it as one line of JSON.

    W1..W4  CIFAR-10, W5 20,000 images of MNIST: seconds of an epoch
    W6 W7   double, whole batches of 21 rows and of one: epochs a second
    start   nabla -c quit: seconds from start to end
    load    seconds to load the whole of CIFAR-10
    memory  peak memory of W1, in MB
    explain seconds of the slowest of QUESTIONS about a network of W1's size

Every workload comes with its GFLOP/s and its share of what the matrix product reaches,
measured right before and after it by the program PEAK.  The images are those of $NABLA_DATA;
without it the small sets that ship are taken, and load and memory are skipped (77).
"""
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

DATA = os.environ.get("NABLA_DATA")
THREADS = int(os.environ.get("NABLA_THREADS", os.cpu_count()))
CIFAR = ("data cifar10" if DATA else "data cifar10-mini", 50000)
MNIST = ("data mnist; limit 20000" if DATA else "data mnist-mini", 20000)


class Workload:
    """A network, its data and how it trains; `gflop` is the work of one epoch's products."""

    def __init__(self, sizes, net, data, options, batch=None):
        self.sizes, self.batch = sizes, batch
        self.setup, self.rows = data
        self.net, self.options = net, options
        first, *rest = [i * o for i, o in zip(sizes, sizes[1:])]
        self.gflop = self.rows * (4 * first + 6 * sum(rest)) * 1e-9

    def single(self):
        return self.batch is not None


WORKLOADS = {
    "W1": Workload([3072, 250, 150, 10], "3072-250-150-10 sigmoid softmax", CIFAR, "optimizer=adam lr=0.001", 64),
    "W2": Workload([3072, 250, 150, 10], "3072-250-150-10 sigmoid softmax", CIFAR, "lr=0.1", 128),
    "W3": Workload([3072, 200, 100, 10], "3072-200-100-10 sigmoid softmax", CIFAR, "lr=0.1", 32),
    "W4": Workload([3072, 2000, 700, 10], "3072 - 2000 relu dropout(0.4) - 700 batchnorm relu - 10 softmax", CIFAR,
                   "optimizer=adam lr=0.001", 256),
    "W5": Workload([784, 64, 10], "784-64-10 sigmoid softmax", MNIST, "optimizer=momentum lr=0.1", 32),
    "W6": Workload([2, 4, 4, 1], "2-4-4-1 sigmoid loss=mse", ("data xor", 21), "lr=1"),
    "W7": Workload([3, 2, 2], "3-2-2 sigmoid", ("input 0.5 0.5 0.1; target 0.9 0.1", 1), "lr=0.1"),
}
EPOCHS = {"W6": 100000, "W7": 1000000}


def run(nabla, *commands):
    """Wall time of a run that must succeed."""
    arguments = [word for command in commands for word in ("-c", command)]
    begin = time.perf_counter()
    result = program.run(nabla, "-q", "--threads", str(THREADS), *arguments, timeout=1200,
                         **({"NABLA_DATA": DATA} if DATA else {}))
    end = time.perf_counter()
    if result.status:
        sys.exit(f"{commands}: status {result.status}\n{result.err}")
    return end - begin


def peak(program_path, single):
    """GFLOP/s of the product."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": str(THREADS)}
    return float(subprocess.check_output([program_path, "single" if single else "double"], env=environment))


def epoch_seconds(nabla, workload, epochs):
    """Seconds of each epoch, as the run's own log has them."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as log:
        commands = [f"net {workload.net} precision=single", workload.setup]
        run(nabla, *commands[::-1], f'train epochs={epochs} batch={workload.batch} {workload.options} quiet '
                                    f'log="{log.name}"')
        rows = list(csv.DictReader(open(log.name, encoding="utf-8")))
    return [float(row["seconds"]) * (1 if DATA else workload.rows / 1000) for row in rows]


def small_seconds(nabla, name, workload):
    """Seconds of one whole-batch epoch: a long run less a short one."""
    commands = [f"net {workload.net} precision=double", workload.setup]
    commands = commands if name == "W7" else commands[::-1]
    longer = EPOCHS[name]
    train = lambda epochs: run(nabla, *commands, f"train epochs={epochs} batch=full {workload.options} quiet")
    return (train(longer) - train(longer // 10)) / (longer - longer // 10)


def measure(nabla, peak_program, name, epochs=3):
    workload = WORKLOADS[name]
    top = peak(peak_program, workload.single())
    if workload.single():
        times = epoch_seconds(nabla, workload, epochs)
    else:
        times = [small_seconds(nabla, name, workload) for _ in range(epochs)]
    seconds = statistics.median(times)
    top = max(top, peak(peak_program, workload.single()))
    rate = workload.gflop / seconds
    unit = {"seconds": round(seconds, 4)} if workload.single() else {"epochs_per_second": round(1 / seconds),
                                                                      "microseconds": round(seconds * 1e6, 4)}
    return {"workload": name, "threads": THREADS, "data": workload.setup, **unit,
            "slowest": round(max(times) / seconds, 3), "gflops": round(rate, 3), "peak": top,
            "share": round(rate / top, 4)}


def start(nabla):
    times = [run(nabla, "quit") for _ in range(31)]
    return {"workload": "start", "seconds": statistics.median(times), "slowest": max(times), "goal": 0.03}


def needs_data():
    if not DATA:
        print("skipped: NABLA_DATA is not set")
        sys.exit(77)


def load(nabla):
    needs_data()
    empty = statistics.median(run(nabla, "quit") for _ in range(5))
    times = [run(nabla, "data cifar10") - empty for _ in range(5)]
    return {"workload": "load", "seconds": round(statistics.median(times), 3), "goal": 0.5}


def memory(nabla):
    needs_data()
    commands = ["-c", f"{CIFAR[0]}; net {WORKLOADS['W1'].net} precision=single",
                "-c", "train steps=20 batch=64 optimizer=adam lr=0.001 quiet"]
    child = subprocess.Popen([nabla, *commands], env=program.environment(NABLA_DATA=DATA), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"status {status}")
    return {"workload": "memory", "peak_mb": round(usage.ru_maxrss / 1024), "goal": 300}


QUESTIONS = ["explain dw1[1,1]", "explain dw1[5,7] depth=2", "explain delta1[1,3]", "explain delta3[1,2] jacobian",
             "explain dw1", "explain delta1", "explain a3[1,2] depth=2", "explain delta1[1,j]",
             "explain da3[1,1]/dw1[2,3]", "explain update w1[1,2]"]
ASKED = 20  # times in a row


def explain(nabla):
    commands = [f"net {WORKLOADS['W1'].net}; x = rand(1,3072); t = zeros(1,10); t[1,3] = 1; y = t",
                "forward quiet; backward quiet"]
    fastest = lambda *more: min(run(nabla, *commands, *more) for _ in range(3))
    empty = fastest()
    times = {question: (fastest("; ".join([question] * ASKED)) - empty) / ASKED for question in QUESTIONS}
    question = max(times, key=times.get)
    return {"workload": "explain", "seconds": round(times[question], 4), "slowest": question, "goal": 0.05}


OTHERS = {"explain": explain, "start": start, "load": load, "memory": memory}

if __name__ == "__main__":
    nabla_path, peak_path, wanted = sys.argv[1:]
    print(json.dumps(OTHERS[wanted](nabla_path) if wanted in OTHERS else measure(nabla_path, peak_path, wanted)))
