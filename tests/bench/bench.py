#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench.py NABLA WORKLOAD: measures one workload and prints it as one line of JSON.

    W7      3-2-2 sigmoid, one sample, double: seconds of one iteration inside train
    W6      2-4-4-1 sigmoid, mse, 21 points, full batch, double: epochs a second
    W2 W3   CIFAR-10, SGD, batch 128 and 32: seconds of an epoch of 50,000 images
    start   nabla -c quit: seconds from start to end
    memory  peak memory of training on the whole of CIFAR-10, in MB

The images are those of $NABLA_DATA; without it W2 and W3 take the small set that ships
and scale its time up, and memory is skipped (77).
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
THREADS = os.cpu_count()


def seconds(nabla, *commands):
    """Wall time of a run that must succeed."""
    arguments = [word for command in commands for word in ("-c", command)]
    begin = time.perf_counter()
    result = program.run(nabla, "-q", *arguments, timeout=600, **({"NABLA_DATA": DATA} if DATA else {}))
    end = time.perf_counter()
    if result.status:
        sys.exit(f"{commands}: status {result.status}\n{result.err}")
    return end - begin


def per_epoch(nabla, epochs, *setup):
    """Median seconds of an epoch: a long run less a short one, three times."""
    def run(count):
        return seconds(nabla, *setup, f"train epochs={count} batch=full quiet")
    return statistics.median((run(epochs) - run(1)) / (epochs - 1) for _ in range(3))


def w7(nabla):
    time_of_one = per_epoch(nabla, 1000000, program.EXERCISE)
    return {"seconds_per_iteration": time_of_one, "goal": 0.5e-6}


def w6(nabla):
    time_of_one = per_epoch(nabla, 50000, "data xor; net 2-4-4-1 sigmoid loss=mse precision=double; lr = 1")
    return {"epochs_per_second": 1 / time_of_one}


def cifar(nabla, net, batch):
    name = "cifar10" if DATA else "cifar10-mini"
    with tempfile.NamedTemporaryFile(suffix=".csv") as log:
        seconds(nabla, f"data {name}; {net} precision=single",
                f'train epochs=3 batch={batch} lr=0.1 quiet log="{log.name}"')
        epochs = [float(row["seconds"]) for row in csv.DictReader(open(log.name, encoding="utf-8"))]
    scale = 1 if DATA else 50
    return {"data": name, "batch": batch, "seconds_per_epoch": scale * statistics.median(epochs),
            "epochs": [scale * epoch for epoch in epochs]}


def w2(nabla):
    return cifar(nabla, "net 3072-250-150-10 sigmoid softmax", 128)


def w3(nabla):
    return cifar(nabla, "net 3072-200-100-10 sigmoid softmax", 32)


def start(nabla):
    times = [seconds(nabla, "quit") for _ in range(31)]
    return {"seconds": statistics.median(times), "slowest": max(times), "goal": 0.03}


def memory(nabla):
    if not DATA:
        print("skipped: NABLA_DATA is not set")
        sys.exit(77)
    commands = ["-c", "data cifar10; net 3072-250-150-10 sigmoid softmax; train epochs=1 batch=128 quiet"]
    child = subprocess.Popen([nabla, *commands], env=program.environment(NABLA_DATA=DATA), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"status {status}")
    return {"peak_mb": usage.ru_maxrss / 1024, "goal": 450}


WORKLOADS = {"W7": w7, "W6": w6, "W2": w2, "W3": w3, "start": start, "memory": memory}

if __name__ == "__main__":
    program_path, workload = sys.argv[1:]
    print(json.dumps({"workload": workload, "threads": THREADS, **WORKLOADS[workload](program_path)}))
