#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""peers.py NABLA PEAK [PEERS] [--workloads W1,W5] [--rounds 3] [--epochs 2] [--programs torch_peer.py,…]

Runs the workloads in turns, nabla, then each peer, then nabla again, and prints the table
of ratios: the peer's time over nabla's, the median of the rounds.  PEERS is the folder of
the peers' programs (or $NABLA_PEERS); each takes --workload --data --epochs --threads and
prints a line of JSON with median_s.  The images are those of $NABLA_DATA.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

import bench

GOALS = {"W1": (2.0, 2.6), "W2": (1.5, 2.0), "W3": (2.0, 2.6), "W4": (1.4, 1.7), "W5": (5, 8), "W6": (90, 200),
         "W7": (1000, 3000)}
STEPS = {"W6": 3000, "W7": 3000}  # that a repetition of a peer has
# Debian's PyTorch is fair only with the BLAS whose threads are those of PyTorch.
OPENMP_BLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nabla")
    parser.add_argument("peak")
    parser.add_argument("peers", nargs="?", default=os.environ.get("NABLA_PEERS"))
    parser.add_argument("--workloads", default=",".join(GOALS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--programs", default="torch_peer.py")
    return parser.parse_args()


def peer_seconds(path, name, epochs):
    """Seconds of one epoch by a peer's program; None where it has no such workload."""
    command = [path, "--workload", name, "--data", bench.DATA, "--epochs", str(epochs),
               "--threads", str(bench.THREADS)]
    if name in STEPS:
        command += ["--steps", str(STEPS[name])]
    environment = dict(os.environ)
    if os.path.isdir(OPENMP_BLAS):
        environment["LD_LIBRARY_PATH"] = OPENMP_BLAS
    done = subprocess.run(["/usr/bin/python3", *command], env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"{os.path.basename(path)} {name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])["median_s"] / STEPS.get(name, 1)


def our_seconds(result):
    return result["seconds"] if "seconds" in result else result["microseconds"] * 1e-6


def in_turns(options, path, name):
    """Per round (ours, theirs, share): ours is the mean of the runs before and after theirs."""
    rounds, before = [], bench.measure(options.nabla, options.peak, name, options.epochs)
    for _ in range(options.rounds):
        theirs = peer_seconds(path, name, options.epochs)
        after = bench.measure(options.nabla, options.peak, name, options.epochs)
        if theirs is None:
            return None
        rounds.append(((our_seconds(before) + our_seconds(after)) / 2, theirs, after["share"]))
        before = after
    return rounds


def readable(seconds):
    return f"{seconds:.3g} s" if seconds > 0.01 else f"{seconds * 1e6:.3g} µs"


def main():
    options = arguments()
    if not options.peers or not bench.DATA:
        print("skipped: no folder of peers (argument or NABLA_PEERS), or NABLA_DATA is not set")
        return 77
    print("| workload | peer | nabla | peer's | ratio | range | at least | aim | share of peak |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in options.workloads.split(","):
        for peer in options.programs.split(","):
            rounds = in_turns(options, os.path.join(options.peers, peer), name)
            if not rounds:
                continue
            ratios = sorted(theirs / ours for ours, theirs, _ in rounds)
            ours, theirs, share = (statistics.median(column) for column in zip(*rounds))
            print(f"| {name} | {peer.split('_')[0]} | {readable(ours)} | {readable(theirs)} "
                  f"| {statistics.median(ratios):.3g}× | {ratios[0]:.3g}–{ratios[-1]:.3g} "
                  f"| {GOALS[name][0]}× | {GOALS[name][1]}× | {share:.2%} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
