#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes, apart from nabla, the numbers that the unit tests of the engine expect.

Prints them as rows of C tables (python3-mpmath, 50 digits).  Formulas are written
from their definitions; nothing here is shared with the program.
"""
from mpmath import mp, mpf, exp, log, tanh, sqrt, erfinv

mp.dps = 50
M = (1 << 64) - 1


def c(x):
    return mp.nstr(mpf(x), 20, min_fixed=-5, max_fixed=20)


def row(*columns):
    print("    { " + ", ".join(columns) + " },")


def vector(values):
    return "{ " + ", ".join(c(v) for v in values) + " }"


# ---- Activations ---------------------------------------------------------

def sigmoid(z):
    return 1 / (1 + exp(-z))


LECUN = mpf("1.7159")
ACTIVATIONS = {
    "LINEAR": (lambda z: z, lambda z: mpf(1)),
    "SIGMOID": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "TANH": (tanh, lambda z: 1 - tanh(z) ** 2),
    "LECUN": (lambda z: LECUN * tanh(2 * z / 3), lambda z: LECUN * 2 / 3 * (1 - tanh(2 * z / 3) ** 2)),
    "RELU": (lambda z: max(z, mpf(0)), lambda z: mpf(z > 0)),
    "LEAKYRELU": (lambda z: z if z > 0 else z / 100, lambda z: mpf(1) if z > 0 else mpf(1) / 100),
}
POINTS = [-8, -2.5, -1, -0.125, 0, 0.125, 0.75, 1, 2.5, 8]


def activations():
    print("activation, z, f(z), f'(z)")
    for name, (f, d) in ACTIVATIONS.items():
        for z in POINTS:
            row("NB_" + name, c(z), c(f(mpf(z))), c(d(mpf(z))))


def softmax(z):
    e = [exp(v) for v in z]
    return [v / sum(e) for v in e]


def softmaxes():
    print("z, softmax(z), delta of half the squared error with y = 0")
    for z in ([1, 2, 3], [0, 0, 0], [-4, 0.5, 2], [30, -30, 0]):
        a = softmax([mpf(v) for v in z])
        inner = sum(v * v for v in a)
        row(vector(z), vector(a), vector([v * (v - inner) for v in a]))


# ---- Losses: two rows of two outputs ------------------------------------

Z = [[0.5, -1.25], [2, 0.75]]
Y = [[1, 0], [0.25, 0.5]]


def losses():
    n = len(Z)
    print("loss, output, value, delta (from z", Z, "and y", Y, ")")
    outputs = {"LINEAR": lambda r: r, "SIGMOID": lambda r: [sigmoid(v) for v in r], "SOFTMAX": softmax}
    values = {
        "HALF_SSE": lambda a, y: sum((p - t) ** 2 for p, t in zip(a, y)) / 2,
        "SSE": lambda a, y: sum((p - t) ** 2 for p, t in zip(a, y)),
        "MSE": lambda a, y: sum((p - t) ** 2 for p, t in zip(a, y)) / len(a),
        "CROSS_ENTROPY": lambda a, y: -sum(t * log(p) for p, t in zip(a, y)),
        "BINARY_CROSS_ENTROPY": lambda a, y: -sum(t * log(p) + (1 - t) * log(1 - p) for p, t in zip(a, y)),
    }
    for loss, value in values.items():
        for output, f in outputs.items():
            if ("CROSS" in loss and output == "LINEAR") or ("BINARY" in loss and output != "SIGMOID"):
                continue

            def total(z):
                return sum(value(f([mpf(v) for v in r]), [mpf(t) for t in y]) for r, y in zip(z, Y)) / n

            delta = []  # central differences in 50 digits: exact to more than 25
            h = mpf(10) ** -14
            for i in range(n):
                for k in range(2):
                    up = [[mpf(v) for v in r] for r in Z]
                    down = [[mpf(v) for v in r] for r in Z]
                    up[i][k] += h
                    down[i][k] -= h
                    delta.append((total(up) - total(down)) / (2 * h))
            row("NB_" + loss, "NB_" + output, c(total(Z)), vector(delta))


# ---- The generator -------------------------------------------------------

def splitmix(state):
    state = (state + 0x9E3779B97F4A7C15) & M
    z = state
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & M
    return state, z ^ z >> 31


def rotl(x, k):
    return (x << k | x >> (64 - k)) & M


class Xoshiro:
    def __init__(self, seed, purpose, index, layer):
        state = 0
        for key in (seed, purpose, index, layer):
            _, state = splitmix(state ^ key)
        self.s = []
        for _ in range(4):
            state, word = splitmix(state)
            self.s.append(word)

    def next(self):
        s = self.s
        result = rotl(s[1] * 5 & M, 7) * 9 & M
        t = s[1] << 17 & M
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        return result

    def uniform(self):
        return mpf(self.next() >> 11) / 2 ** 53

    def normal(self):
        """The quantile by the inverse error function; AS 241 is within 1e-16 of it."""
        return sqrt(mpf(2)) * erfinv(2 * (mpf(self.next() >> 12) + 0.5) / mpf(2) ** 52 - 1)

    def below(self, bound):
        limit = M - M % bound
        while True:
            value = self.next()
            if value < limit:
                return value % bound


def shuffle(seed, epoch, rows):
    stream, order = Xoshiro(seed, 1, epoch, 0), list(range(rows))
    for i in range(rows, 1, -1):
        j = stream.below(i)
        order[i - 1], order[j] = order[j], order[i - 1]
    return order


def generator():
    print("first words of the stream (1, init, 0, 1)")
    stream = Xoshiro(1, 0, 0, 1)
    print("    " + ", ".join("0x%016xu" % stream.next() for _ in range(4)))
    print("init, layer, its first three weights in 3-2-2 with seed 7")
    for name, fan in (("FAN_IN", lambda i, o: 1 / mpf(i)), ("GLOROT", lambda i, o: 2 / mpf(i + o)),
                      ("HE", lambda i, o: 2 / mpf(i))):
        for layer, (i, o) in enumerate(((3, 2), (2, 2)), 1):
            stream = Xoshiro(7, 0, 0, layer)
            row("NB_INIT_" + name, "0, 0", str(layer), vector([sqrt(fan(i, o)) * stream.normal() for _ in range(3)]))
    for layer in (1, 2):
        stream = Xoshiro(7, 0, 0, layer)
        row("NB_INIT_NORMAL", "0.5, 0", str(layer), vector([stream.normal() / 2 for _ in range(3)]))
        stream = Xoshiro(7, 0, 0, layer)
        row("NB_INIT_UNIFORM", "-0.25, 0.5", str(layer),
            vector([mpf("-0.25") + mpf("0.75") * stream.uniform() for _ in range(3)]))
    for seed, epoch in ((1, 0), (1, 1), (2, 0)):
        print("shuffle", seed, epoch, shuffle(seed, epoch, 12))


# ---- Training: 3-2-2 sigmoid, half the squared error ----------------------

W = [[[".15", ".2"], [".25", ".3"], [".35", ".4"]], [[".4", ".45"], [".5", ".55"]]]
B = [[".35", ".3"], [".6", ".65"]]
ROWS = [[".5", ".5", ".1"], [".5", ".1", ".3"], ["-1", ".25", "2"], [".75", "-.5", "0"], ["0", "1", "-1"]]
TARGETS = [[".9", ".1"], [".9", ".1"], ["0", "1"], [".5", ".5"], ["1", "0"]]


def number(a):
    return [number(v) for v in a] if isinstance(a, list) else mpf(a)


def gradients(w, b, x, y):
    """dw, db and the loss of a batch: sums of products, as on paper."""
    dw = [[[mpf(0)] * len(r) for r in m] for m in w]
    db = [[mpf(0)] * len(v) for v in b]
    loss = mpf(0)
    for xi, yi in zip(x, y):
        a = [xi]
        for m, v in zip(w, b):
            a.append([sigmoid(sum(a[-1][j] * m[j][k] for j in range(len(m))) + v[k]) for k in range(len(v))])
        loss += sum((p - t) ** 2 for p, t in zip(a[-1], yi)) / 2 / len(x)
        delta = [(p - t) * p * (1 - p) / len(x) for p, t in zip(a[-1], yi)]
        for layer in range(len(w) - 1, -1, -1):
            for j, source in enumerate(a[layer]):
                for k, d in enumerate(delta):
                    dw[layer][j][k] += source * d
            db[layer] = [s + d for s, d in zip(db[layer], delta)]
            delta = [sum(w[layer][j][k] * d for k, d in enumerate(delta)) * s * (1 - s)
                     for j, s in enumerate(a[layer])]
    return dw, db, loss


def flat(a):
    return [x for v in a for x in flat(v)] if isinstance(a, list) else [a]


def train(epochs, batch, lr):
    w, b, x, y = number(W), number(B), number(ROWS), number(TARGETS)
    for _ in range(epochs):
        mean = mpf(0)
        for at in range(0, len(x), batch):
            rows = x[at:at + batch], y[at:at + batch]
            dw, db, loss = gradients(w, b, *rows)
            mean += loss * len(rows[0]) / len(x)
            w = [[[p - lr * g for p, g in zip(r, s)] for r, s in zip(m, n)] for m, n in zip(w, dw)]
            b = [[p - lr * g for p, g in zip(v, s)] for v, s in zip(b, db)]
    print("train epochs", epochs, "batch", batch, "lr", lr, "mean loss of the last epoch", c(mean))
    print("   ", ", ".join(c(v) for v in flat(w)), "|", ", ".join(c(v) for v in flat(b)))
    print("    loss after it", c(gradients(w, b, x, y)[2]))


if __name__ == "__main__":
    activations()
    softmaxes()
    losses()
    generator()
    dw, db, loss = gradients(number(W), number(B), number(ROWS[:1]), number(TARGETS[:1]))
    print("the exercise: dw, db, loss", vector(flat(dw)), vector(flat(db)), c(loss))
    train(3, 2, mpf("0.5"))
    train(2, 5, mpf("0.5"))
