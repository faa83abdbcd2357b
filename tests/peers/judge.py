#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""judge.py NABLA: predict, confusion, worst and doctor against numpy.

Networks are read out with print; numpy runs them forward and back, and what the
commands say must follow from its numbers.
"""
import csv
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

try:
    import numpy
except ImportError:
    print("skipped: numpy is not installed (Debian: python3-numpy)")
    sys.exit(77)

FOLDER = tempfile.TemporaryDirectory(prefix="nabla-judge-")
CSV = os.path.join(FOLDER.name, "p.csv")


def sigmoid(z):
    return 1 / (1 + numpy.exp(-z))


def softmax(z):
    e = numpy.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


# name: f(z), f'(z), the largest f'
ACTIVATIONS = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), 0.25),
    "tanh": (numpy.tanh, lambda z: 1 - numpy.tanh(z) ** 2, 1),
    "lecun": (lambda z: 1.7159 * numpy.tanh(2 * z / 3),
              lambda z: 1.7159 * 2 / 3 * (1 - numpy.tanh(2 * z / 3) ** 2), 1.7159 * 2 / 3),
    "relu": (lambda z: numpy.maximum(z, 0), lambda z: (z > 0) * 1.0, None),
}

# rows of 4 numbers, three classes, some far out so that units die and saturate
DRAW = numpy.random.default_rng(7)
X = DRAW.normal(size=(40, 4)) * [1, 2, 3, 4]
Y = numpy.eye(3)[DRAW.integers(0, 3, 40)]


def text(matrix):
    return json.dumps(numpy.asarray(matrix).tolist())


def commands(hidden, first=""):
    return f"set digits 17; net 4-7-6-3 {hidden} softmax seed=5; x = {text(X)}; y = {text(Y)}; lr = 0.05; {first}"


class Peer:
    """The same network in numpy: forward, per-row losses, gradients."""

    def __init__(self, nabla, hidden, first):
        names = ["w1", "b1", "w2", "b2", "w3", "b3"]
        result = program.run(nabla, "-q", "-c", commands(hidden, first), "-c", "print " + ", ".join(names))
        values = [numpy.array(json.loads(line)) for line in result.out.split("\n")[-7:-1]]
        self.w, self.b = values[0::2], values[1::2]
        f, slope, self.steepest = ACTIVATIONS[hidden]
        self.z, self.a = [], [X]
        for layer in range(3):
            self.z.append(self.a[-1] @ self.w[layer] + self.b[layer])
            self.a.append((f if layer < 2 else softmax)(self.z[-1]))
        self.losses = -(Y * numpy.log(self.a[3])).sum(1)
        delta, self.dw = (self.a[3] - Y) / len(X), [None] * 3
        for layer in (2, 1, 0):
            self.dw[layer] = self.a[layer].T @ delta
            if layer:
                delta = delta @ self.w[layer].T * slope(self.z[layer - 1])
        self.slopes = [slope(z) for z in self.z[:2]]
        self.predicted, self.target = self.a[3].argmax(1), Y.argmax(1)

    def off(self, layer):
        """Percent of dead relu units or of saturated activations."""
        if self.steepest is None:
            return 100 * (self.a[layer + 1] == 0).all(0).mean()
        return 100 * (self.slopes[layer] < 0.05 * self.steepest).mean()


def near(found, expected, digits):
    return abs(float(found) - expected) <= 10.0 ** (1 - digits) * max(abs(expected), 1e-12)


def csv_problem(result, peer):
    with open(CSV, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    if rows[0] != ["row", "target", "predicted", "output_1", "output_2", "output_3"]:
        return f"header {rows[0]}"
    for i, row in enumerate(rows[1:]):
        if row[:3] != [str(i + 1), str(peer.target[i] + 1), str(peer.predicted[i] + 1)]:
            return f"row {row}, expected {i + 1}, {peer.target[i] + 1}, {peer.predicted[i] + 1}"
        if not all(near(a, b, 12) for a, b in zip(row[3:], peer.a[3][i])):
            return f"row {row}, expected {peer.a[3][i]}"
    right = (peer.predicted == peer.target).sum()
    if len(rows) != 41 or f"{right} of 40 right" not in result.out:
        return f"{len(rows)} rows, {right} right\n{result.out}"
    return None


def confusion_problem(result, peer):
    counts = numpy.zeros((3, 3), int)
    numpy.add.at(counts, (peer.target, peer.predicted), 1)
    lines = [line.split() for line in result.out.strip().split("\n")[-4:]]
    for k in range(3):
        expected = [str(k + 1), *map(str, counts[k]), str(counts[k].sum()), f"{counts[k, k] / counts[k].sum():.4f}"]
        if lines[k] != expected:
            return f"{lines[k]}, expected {expected}"
    expected = ["total", *map(str, counts.sum(0)), "40", f"{counts.trace() / 40:.4f}"]
    return None if lines[3] == expected else f"{lines[3]}, expected {expected}"


def worst_problem(result, peer):
    order = numpy.argsort(-peer.losses, kind="stable")[:6]
    lines = [line.split() for line in result.out.strip().split("\n")[-6:]]
    for line, row in zip(lines, order):
        if line[0] != str(row + 1) or not near(line[1], peer.losses[row], 4) or \
                line[2:4] != [str(peer.target[row] + 1), str(peer.predicted[row] + 1)] or \
                abs(float(line[4]) - peer.a[3][row].max()) > 5.1e-5:
            return f"{line}, expected row {row + 1}, loss {peer.losses[row]}"
    return None


def doctor_problem(result, peer):
    lines = result.out.split("\n")
    table = [line.split() for line in lines[next(i for i, line in enumerate(lines) if "norm dw" in line) + 1:]]
    if not near(table[0][2], X.mean(), 3) or not near(table[0][3], X.std(), 3):
        return f"x {table[0]}, expected {X.mean()} {X.std()}"
    for layer in range(3):
        row, a = table[layer + 1], peer.a[layer + 1]
        w, dw = numpy.linalg.norm(peer.w[layer]), numpy.linalg.norm(peer.dw[layer])
        expected = [w, dw, 0.05 * dw / w, a.mean(), a.std()]
        if not all(near(found, value, 3) for found, value in zip(row[3:8], expected)):
            return f"layer {layer + 1}: {row}, expected {expected}"
        off = peer.off(layer) if layer < 2 else 0
        if off >= 0.05 and (len(row) < 9 or abs(float(row[8].rstrip("%")) - off) > 0.51):
            return f"layer {layer + 1}: {row}, expected {off} %"
    loss = next(line.split() for line in lines if line.startswith("loss "))
    if not near(loss[1].rstrip(";"), peer.losses.mean(), 6) or not near(loss[-1], numpy.log(3), 6):
        return f"{loss}, expected {peer.losses.mean()} {numpy.log(3)}"
    return None


CHECKS = [(f"predict to {CSV}; predict", csv_problem), ("confusion", confusion_problem),
          ("worst 6", worst_problem), ("doctor", doctor_problem)]


def check_optimizers(tally, nabla):
    """update/w is what the optimiser's next update does, state and all."""
    for optimizer in ("momentum", "nesterov", "rmsprop", "adam", "adamw"):
        first = f"set optimizer {optimizer}; set l2 0.01; forward quiet; backward quiet; update quiet"
        result = program.run(nabla, "-q", "-c", commands("tanh", first), "-c",
                             "doctor; print w1, w2, w3; forward quiet; backward quiet; update quiet; print w1, w2, w3")
        found = [line.split()[5] for line in result.out.split("\n") if line[:8].strip() in ("1", "2", "3")]
        values = [numpy.array(json.loads(line)) for line in result.out.split("\n") if line.startswith("[[")]
        wrong = result.err or (None if len(values) == 6 and len(found) == 3 else result.out)
        for ratio, before, after in zip(found, values[:3], values[3:]):
            expected = numpy.linalg.norm(after - before) / numpy.linalg.norm(before)
            if not near(ratio, expected, 3):
                wrong = f"{ratio}, expected {expected}"
        tally.check(f"doctor with {optimizer}", wrong)


def main(nabla):
    tally = program.Tally()
    nabla = os.path.abspath(nabla)
    for hidden in ACTIVATIONS:
        for first in ("", "train epochs=30 quiet"):
            peer = Peer(nabla, hidden, first)
            for command, problem in CHECKS:
                result = program.run(nabla, "-q", "-c", commands(hidden, first), "-c", command)
                wrong = result.err or problem(result, peer)
                tally.check(f"{hidden} {first}: {command}", wrong)
    check_optimizers(tally, nabla)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
