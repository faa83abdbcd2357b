#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""mistakes.py NABLA [NETWORKS]: the catalogue of mistakes, measured.

Random networks and batches, exact, and rounded to 3 and 4 decimals.  Each mistake of the
catalogue is made in arithmetic of this file's own, in every layer or in one, and a number
that it spoils, or a whole quantity, is written with 2 to 6 digits and handed to `check`,
which is to name the mistake.  Numbers at random are handed over too, which are to get no
name.  Prints both tables, and what came of it by digits.
"""
import collections
import math
import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

try:
    import numpy as np
except ImportError:
    print("skipped: numpy is not installed (Debian: python3-numpy)")
    sys.exit(77)

DIGITS, ROUNDS = (2, 3, 4, 5, 6), (None, 3, 4)  # that are written, decimals that sheets are rounded to
DIGITS_ENOUGH = 3  # from here on both limits hold
NAMED_LEAST, CHANCE_MOST = 0.98, 0.02
CHANCE_OF_THREE = 0.03  # by themselves
# With 2 digits they cannot: what is done most meets a twentieth of all numbers, all mistakes an eighth.
NAMED_OF_TWO, CHANCE_OF_TWO = 0.70, 0.10
FACTORS = ("factor-2", "factor-half", "wrong-sign")  # named with 2 digits, too
RANDOM = 2  # numbers at random of a network and number of digits
WHOLE = 0.25  # of the checks are of whole quantities


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# f and f' at the same place
FUNCTIONS = {
    "linear": (lambda z: z * 1.0, lambda z: np.ones_like(z)),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "lecun": (lambda z: 1.7159 * np.tanh(2 * z / 3), lambda z: 1.7159 * 2 / 3 * (1 - np.tanh(2 * z / 3) ** 2)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leakyrelu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "softmax": (softmax, None),
}
# f' by f's value a, as a sheet of rounded numbers has it, or by z
BY_A = {
    "linear": lambda a, z: np.ones_like(a),
    "sigmoid": lambda a, z: a * (1 - a),
    "tanh": lambda a, z: 1 - a ** 2,
    "lecun": lambda a, z: 1.7159 * 2 / 3 * (1 - (a / 1.7159) ** 2),
    "relu": lambda a, z: (z > 0) * 1.0,
    "leakyrelu": lambda a, z: np.where(z > 0, 1.0, 0.01),
}
# what remains of dL/da f' where they cancel
DIRECT = {
    ("sigmoid", "binary-cross-entropy"): lambda a, y: a - y,
    ("sigmoid", "cross-entropy"): lambda a, y: -y * (1 - a),
}
# of one row each: the loss, and its derivative by the output
LOSSES = {
    "half-sse": (lambda a, y: ((a - y) ** 2).sum(1) / 2, lambda a, y: a - y),
    "sse": (lambda a, y: ((a - y) ** 2).sum(1), lambda a, y: 2 * (a - y)),
    "mse": (lambda a, y: ((a - y) ** 2).mean(1), lambda a, y: 2 * (a - y) / a.shape[1]),
    "cross-entropy": (lambda a, y: -(y * np.log(a)).sum(1), lambda a, y: -y / a),
    "binary-cross-entropy": (lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(1),
                             lambda a, y: (1 - y) / (1 - a) - y / a),
}
OUTPUTS = {"cross-entropy": ("softmax", "sigmoid"), "binary-cross-entropy": ("sigmoid",)}


def half_away(value, decimals):
    """Rounded as by hand."""
    scaled = np.abs(value) * 10.0 ** decimals
    return np.sign(value) * np.floor(np.round(scaled, 6) + 0.5) / 10.0 ** decimals


class Network:
    def __init__(self, seed):
        draw = random.Random(seed)
        rng = np.random.default_rng(seed)
        self.loss = draw.choice(list(LOSSES))
        hidden = draw.choice(["sigmoid", "sigmoid", "tanh", "lecun", "relu", "leakyrelu"])
        output = draw.choice(OUTPUTS.get(self.loss, ("linear", "sigmoid", "tanh", "softmax")))
        self.sizes = [draw.randint(2, 5) for _ in range(draw.choice([3, 3, 4]))]
        if draw.random() < 0.3:
            self.sizes[1:] = [self.sizes[1]] * (len(self.sizes) - 1)
        self.layers = len(self.sizes) - 1
        self.f = [None] + [hidden] * (self.layers - 1) + [output]
        self.n = draw.choice([1, 1, 1, 2, 3, 4])
        self.lr = draw.choice([0.1, 0.5, 1.0])
        self.l2 = draw.choice([0, 0, 0.05])
        self.x = rng.normal(size=(self.n, self.sizes[0])).round(2)
        y = rng.random((self.n, self.sizes[-1]))
        self.y = (y / y.sum(1, keepdims=True)).round(2) if output == "softmax" else y.round(2)
        self.w = [None] + [rng.normal(size=s).round(2) for s in zip(self.sizes, self.sizes[1:])]
        self.b = [None] + [rng.normal(size=s).round(2) for s in self.sizes[1:]]
        self.round = None  # decimals of the sheet

    def script(self):
        layers = [f"{size} {f}" for size, f in zip(self.sizes[1:], self.f[1:])]
        lines = [f"set l2 {self.l2}", f"net {self.sizes[0]} - {' - '.join(layers)} loss={self.loss} precision=double",
                 f"lr = {self.lr}"]
        for l in range(1, self.layers + 1):
            lines += [f"w{l} = {self.w[l].tolist()}", f"b{l} = {self.b[l].tolist()}"]
        rows = lambda m: m.tolist() if self.n > 1 else m[0].tolist()
        lines += [f"set round {'off' if self.round is None else self.round}"]
        return lines + [f"x = {rows(self.x)}", f"y = {rows(self.y)}", "forward quiet", "backward quiet"]

    def run(self, *mistakes):
        """Every quantity, with mistakes made: {name: array}; each is (slug, layers or None for all, detail)."""
        made = {slug: (where, detail) for slug, where, detail in mistakes}
        on = lambda name, l: name in made and (made[name][0] is None or l in made[name][0])
        detail = lambda name: made[name][1]
        rounds = "rounded-early" in made
        decimals = detail("rounded-early") if rounds else self.round
        keep = (lambda v: v) if decimals is None else (lambda v: half_away(v, decimals))
        by_a = self.round is not None and not rounds  # a sheet's f' is that of its a
        loss, L, q = detail("wrong-loss") if "wrong-loss" in made else self.loss, self.layers, {}
        a = {0: self.x}
        z = {}
        for l in range(1, L + 1):
            w = self.w[l].T if on("transposed-weights", l) and detail("transposed-weights") == "forward" else self.w[l]
            z[l] = keep(a[l - 1] @ w + (0 if on("missing-bias", l) else self.b[l]))
            a[l] = keep(FUNCTIONS[self.f[l]][0](z[l]))
            q[f"z{l}"], q[f"a{l}"] = z[l], a[l]
        q["loss"] = keep(LOSSES[loss][0](a[L], self.y).mean())
        da, nw, nb = keep(LOSSES[loss][1](a[L], self.y) / self.n), {}, {}
        for l in range(L, 0, -1):
            at = a[l] if on("derivative-at-activation", l) else z[l]
            if on("missing-derivative", l):
                delta = da
            elif self.f[l] == "softmax":
                s = a[l] if decimals is not None and at is z[l] else softmax(at)
                delta = s * (da - (da * s).sum(1, keepdims=True))
                if decimals is not None and loss == "cross-entropy" and at is z[l]:
                    delta = (s * self.y.sum(1, keepdims=True) - self.y) / self.n
                if on("one-path", l) and detail("one-path") == "softmax":
                    delta = da * s * (1 - s)
            elif by_a:
                delta = da * BY_A[self.f[l]](a[l] if at is z[l] else FUNCTIONS[self.f[l]][0](at), at)
            else:
                delta = da * FUNCTIONS[self.f[l]][1](at)
            if by_a and l == L and (self.f[l], loss) in DIRECT and at is z[l] and not on("missing-derivative", l):
                delta = DIRECT[self.f[l], loss](a[l], self.y) / self.n
            delta = keep(delta)
            ones = np.ones_like(a[l - 1])
            dw, db = keep((ones if on("missing-input", l) else a[l - 1]).T @ delta), keep(delta.sum(0))
            q[f"delta{l}"], q[f"dw{l}"], q[f"db{l}"] = delta, dw, db
            penalty = 0 if "missing-regularization" in made else self.l2
            keep_new = keep if by_a else (lambda v: v)
            gw = keep_new(dw + penalty * self.w[l])
            q[f"update w{l}"] = nw[l] = keep_new(self.w[l] - self.lr * gw)
            q[f"update b{l}"] = nb[l] = keep_new(self.b[l] - self.lr * db)
            if l == 1:
                break
            w = nw[l] if on("updated-weights", l) else self.w[l]
            if on("transposed-weights", l) and detail("transposed-weights") == "backward":
                w = w.T
            if on("one-path", l) and detail("one-path") != "softmax":
                k = min(detail("one-path"), self.sizes[l] - 1)
                da = delta[:, k:k + 1] @ w[:, k:k + 1].T
            else:
                da = delta @ w.T
            da = q[f"da{l - 1}"] = keep(da)
        for name, value in q.items():
            scale = math.prod(self.scale(slug, detail, name) for slug, _, detail in mistakes)
            if scale != 1 and name.startswith("update"):
                before = (self.w if name[7] == "w" else self.b)[int(name[8:])]
                value = before + scale * (value - before)
            else:
                value = value * scale
            q[name] = keep(value) if by_a and scale != 1 else value
        return q

    def scale(self, slug, detail, name):
        forward = name[0] in "za"
        if slug in ("factor-2", "factor-half", "wrong-sign"):
            return {"factor-2": 2, "factor-half": 0.5, "wrong-sign": -1}[slug]
        if slug == "sum-not-mean" and not forward:
            return self.n if detail == "rows" else self.sizes[-1]
        if slug == "mean-not-sum" and not forward:
            return 1 / (self.n if detail == "rows" else self.sizes[-1])
        return 1

    # ---- The mistakes that this network allows

    def mistakes(self, draw):
        """(slug, layers, detail), one of each."""
        layers = list(range(1, self.layers + 1))
        somewhere = lambda some: None if draw.random() < 0.5 else [draw.choice(some)]
        square = [l for l in layers if self.sizes[l - 1] == self.sizes[l]]
        curved = [l for l in layers if self.f[l] not in ("linear", "relu", "leakyrelu")]
        found = [("factor-2", None, None), ("factor-half", None, None), ("wrong-sign", None, None),
                 ("missing-bias", somewhere(layers), None), ("missing-input", [draw.choice(layers)], None),
                 ("updated-weights", somewhere(layers[1:]), None),
                 ("rounded-early", None, draw.randint(1, 4)), ("neighbour", None, None)]
        softmax_too = self.f[-1] == "softmax" and draw.random() < 0.3
        found.append(("one-path", None if softmax_too else somewhere(layers[1:]),
                      "softmax" if softmax_too else draw.randrange(5)))
        sloped = [l for l in layers if self.f[l] != "linear"]
        found.append(("missing-derivative", somewhere(sloped), None))
        if curved:
            found.append(("derivative-at-activation", somewhere(curved), None))
        ways = [(l, "forward") for l in square] + [(l, "backward") for l in square if l > 1]
        if ways:
            l, way = draw.choice(ways)
            found.append(("transposed-weights", [l], way))
        if self.n > 1:
            found.append((draw.choice(["sum-not-mean", "mean-not-sum"]), None, "rows"))
        found.append(("sum-not-mean" if self.loss == "mse" else "mean-not-sum", None, "outputs"))
        others = [l for l in LOSSES if l != self.loss and self.f[-1] in OUTPUTS.get(l, (self.f[-1],))]
        found.append(("wrong-loss", None, draw.choice(others)))
        if self.l2:
            found.append(("missing-regularization", None, None))
        return found


def significant(number, decimals=None):
    """How many digits a number has that is written as 1.25e-02, on a sheet of so many decimals."""
    mantissa, exponent = number.split("e")
    digits = len(mantissa.lstrip("-").replace(".", ""))
    return digits if decimals is None else min(digits, int(exponent) + 1 + decimals)


def written(value, digits, decimals=None):
    """With so many digits, and on a rounded sheet no more decimals than it has; None: none is left."""
    number = f"{value:.{digits - 1}e}"
    digits = significant(number, decimals)
    return f"{value:.{digits - 1}e}" if digits > 0 else None


def agrees(number, right, decimals=None):
    """The rule of `check`: to the digits written, and within 5 %; on a rounded sheet to its decimals."""
    mantissa, exponent = number.split("e")
    half = 0.5 * 10.0 ** (int(exponent) - len(mantissa.lstrip("-")[2:]))
    half = half if decimals is None else max(half, 0.5 * 10.0 ** -decimals)
    return abs(float(number) - right) <= half * (1 + 1e-9) and abs(float(number) - right) <= 0.05 * abs(right)


class Case(collections.namedtuple("Case", "wanted digits round whole place number right")):
    """One check: what is wanted of it is a slug, two of them, or None for a number at random."""


class Run:
    """One script of many checks, and what is expected of each."""

    def __init__(self):
        self.lines, self.cases = ["set digits 6"], []

    def network(self, net):
        self.lines += net.script()

    def check(self, net, name, index, number, wanted, right):
        """`index` is None for a whole quantity, `number` a list of what is written then."""
        quantity = name.split()[-1]
        matrix = quantity.startswith(("w", "dw")) or net.n > 1 and quantity.startswith(("z", "a", "delta", "da"))
        value = np.asarray(right[name])
        if index is None:
            rows = [f"[{', '.join(row)}]" for row in np.reshape(number, np.atleast_2d(value).shape)]
            place, text = "", f"[{', '.join(rows)}]" if matrix else rows[0]
            digits = max(significant(n, net.round) for n in number if n != "0.0")
            right_value = math.nan
        else:
            inside = index if matrix else index[-1:]
            place, text = "[" + ",".join(str(i + 1) for i in inside) + "]" if inside else "", number
            digits, right_value = significant(number, net.round), float(value[index])
            alike = sum((np.abs(np.abs(v) - abs(right_value)) <= 1e-5 * abs(right_value)).sum() for v in right.values())
            right_value = right_value if alike == 1 else math.nan
        self.lines += [f"check {name}{place} = {text}", "print 271828"]
        self.cases.append(Case(wanted, digits, net.round, index is None, f"{name}{place}", text, right_value))

    def play(self, nabla):
        with tempfile.NamedTemporaryFile("w", suffix=".nabla") as file:
            file.write("\n".join(self.lines) + "\n")
            file.flush()
            run = program.run(nabla, file.name, timeout=600)
        if run.status not in (0, 1):
            raise SystemExit(f"nabla failed: {run.status} {run.err}")
        answers = [re.split(r"^(right|wrong)$", a, flags=re.M)[1:] for a in run.out.split("271828\n")[:-1]]
        assert len(answers) == len(self.cases), (len(answers), len(self.cases))
        return [(verdict, re.findall(r"^mistake: (\S+)", said, re.M),
                 [float(n.replace("−", "-")) for n in re.findall(r"[−-]?\d+\.\d+(?:e[+-]\d+)?", said)])
                for verdict, said in answers]


def elements(value):
    return list(np.ndindex(*np.shape(value)))


def spoiled(draw, net, right, wrong, digits):
    """An element that a mistake spoils: (name, index, number), or None."""
    names = list(right)
    draw.shuffle(names)
    for name in names:
        places = elements(right[name])
        draw.shuffle(places)
        for index in places:
            r, w = float(np.asarray(right[name])[index]), float(np.asarray(wrong[name])[index])
            if not math.isfinite(w) or w == 0 or r == 0:
                continue
            number = written(w, digits, net.round)
            if number and not agrees(number, r, net.round):
                return name, index, number
    return None


def spoiled_whole(draw, net, right, wrong, digits):
    """A quantity that a mistake spoils, all of it written: (name, None, numbers), or None."""
    names = [n for n in right if np.size(right[n]) > 1]
    draw.shuffle(names)
    for name in names:
        if not np.isfinite(wrong[name]).all():
            continue
        numbers = [written(w, digits, net.round) if w else "0.0" for w in np.ravel(wrong[name])]
        both = [(n, float(r)) for n, r in zip(numbers, np.ravel(right[name]))]
        if all(n and r for n, r in both) and \
                any(n != "0.0" and not agrees(n, r, net.round) for n, r in both):
            return name, None, numbers
    return None


def neighbour(draw, net, right, digits):
    names = [n for n in right if np.size(right[n]) > 1]
    name = draw.choice(names)
    values = np.asarray(right[name])
    index, other = draw.sample(elements(values), 2)
    number = written(float(values[other]), digits, net.round) if values[other] else None
    return (name, index, number) if number and not agrees(number, float(values[index]), net.round) else None


def at_random(draw, net, right, digits):
    """A number of the right magnitude that nothing gives, as spoiled() has them; of a whole quantity all,
    or one."""
    name = draw.choice([n for n in right if np.size(right[n]) > 1] if draw.random() < WHOLE else list(right))
    values = np.asarray(right[name])
    index = draw.choice(elements(values))
    off = lambda value: value * draw.choice([-1, 1, 1]) * draw.uniform(0.3, 3)
    if values[index] == 0 or not np.isfinite(values).all():
        return None
    number = f"{off(float(values[index])):.{digits - 1}e}"
    if agrees(number, float(values[index]), net.round) or significant(number, net.round) < 1:
        return None
    if np.size(values) == 1 or draw.random() >= WHOLE:
        return name, index, number
    every = draw.random() < 0.5
    numbers = []
    for at in elements(values):
        value = float(values[at])
        shown = f"{off(value) if every else value:.{digits - 1}e}" if value else "0.0"
        numbers.append(number if at == index else shown)
    return name, None, numbers


def pair(draw, net, right):
    """Two mistakes at once, one of them at least no factor."""
    factors = ("factor-2", "factor-half", "wrong-sign")
    found = [m for m in net.mistakes(draw) if m[0] not in ("neighbour", "rounded-early", "sum-not-mean", "mean-not-sum")]
    first = draw.choice([m for m in found if m[0] not in factors])
    second = draw.choice([m for m in found if m[0] != first[0]])
    spoil = spoiled(draw, net, right, net.run(first, second), draw.randint(5, 6))
    alone = spoil and [float(np.asarray(net.run(m)[spoil[0]])[spoil[1]]) for m in (first, second)]
    if spoil and not any(agrees(spoil[2], value) for value in alone):
        return spoil, tuple(sorted((first[0], second[0])))
    return None, None


def measure_network(run, draw, net):
    right = net.run()
    for made in net.mistakes(draw):
        digits = draw.choice(DIGITS)
        if made[0] == "rounded-early" and net.round is not None and made[2] >= net.round:
            continue
        if made[0] == "neighbour":
            spoil = neighbour(draw, net, right, digits)
        else:
            how = spoiled_whole if draw.random() < WHOLE else spoiled
            spoil = how(draw, net, right, net.run(made), digits)
        if spoil:
            run.check(net, *spoil, made[0], right)
    for digits in DIGITS * RANDOM:
        spoil = at_random(draw, net, right, digits)
        if spoil:
            run.check(net, *spoil, None, right)
    spoil, slugs = pair(draw, net, right) if net.round is None else (None, None)
    if spoil:
        run.check(net, *spoil, slugs, right)


def measure(nabla, networks):
    run, draw = Run(), random.Random(7)
    for seed in range(networks):
        net = Network(seed)
        net.round = ROUNDS[seed // 2 % 2 + 1] if seed % 2 else None
        run.network(net)
        with np.errstate(all="ignore"):
            measure_network(run, draw, net)
    return run, run.play(nabla)


def outcome(wanted, named):
    """Is it as wanted?  Two at once are named both, one of them, wrongly, or not."""
    if wanted is None:
        return not named
    if isinstance(wanted, str):
        return wanted in named
    return tuple(sorted(named)) == wanted


def tally_of(outcomes, select):
    """Checks, and those that ended as wanted."""
    some = [hit for case, hit in outcomes if select(case)]
    return len(some), sum(some)


def is_made(case, digits, slugs=None):
    return isinstance(case.wanted, str) and case.digits in digits and (slugs is None or case.wanted in slugs)


def is_random(case, digits):
    return case.wanted is None and case.digits in digits


def share(counts, wanted=True):
    made, hit = counts
    return f"{(hit if wanted else made - hit) / made:8.2%} {made:6d}" if made else f"{'':15s}"


def print_rows(outcomes, rows, wanted=True):
    """A line each of (what, which cases); of numbers at random those that got a name."""
    for name, of_row in rows:
        cells = [share(tally_of(outcomes, lambda c: of_row(c) and c.round == decimals and c.whole == whole), wanted)
                 for whole in (False, True) for decimals in ROUNDS]
        print(f"{name:<26}" + "".join(cells))


def tables(run, answers, verbose):
    outcomes = [(case, outcome(case.wanted, named)) for case, (_, named, _) in zip(run.cases, answers)]
    slugs = sorted({case.wanted for case in run.cases if isinstance(case.wanted, str)})
    columns = [f"{'exact' if decimals is None else f'round {decimals}'}{whole}"
               for whole in ("", ", whole") for decimals in ROUNDS]
    print(f"{'mistakes named':26s}" + "".join(f"{column:>15s}" for column in columns))
    enough, each = range(DIGITS_ENOUGH, 7), range(1, 7)
    print_rows(outcomes, [(slug, lambda c, slug=slug: is_made(c, enough, [slug])) for slug in slugs])
    print_rows(outcomes, [(f"all, {n} digits", lambda c, n=n: is_made(c, [n])) for n in each])
    print("\nnumbers at random named")
    print_rows(outcomes, [(f"{n} digits", lambda c, n=n: is_random(c, [n])) for n in each], False)
    two = [(case, named) for case, (_, named, _) in zip(run.cases, answers) if isinstance(case.wanted, tuple)]
    both = sum(outcome(case.wanted, named) for case, named in two)
    other = sum(bool(named) and not outcome(case.wanted, named) for case, named in two)
    print(f"\ntwo at once: {len(two)}, {both / max(1, len(two)):.2%} named, {other} by other names")
    if verbose:
        for (case, hit), (verdict, named, _) in zip(outcomes, answers):
            if not hit or verdict != "wrong":
                print(*case, verdict, *named)
    return outcomes


# ---- Files of arrays

def saved(net, q, folder, dtype=float, **more):
    """The quantities of a run as a program would save them: updated weights as w1, the output as yhat."""
    arrays = {name: value for name, value in q.items() if not name.startswith("update")}
    arrays["yhat"] = arrays.pop(f"a{net.layers}")
    path = os.path.join(folder, "mine.npz")
    np.savez(path, **{name: np.asarray(value, dtype) for name, value in {**arrays, **more}.items()})
    return path


def check_file(nabla, net, path):
    script = "\n".join(net.script()[:-2] + [f'check "{path}"'])
    return program.run(nabla, "-c", script)


def files(nabla, tally):
    """Programs with a mistake, judged by the arrays that they save."""
    draw = random.Random(3)
    judged = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(20):
            net = Network(seed)
            right = net.run()
            mine = saved(net, right, folder, draw.choice([np.float32, np.float64]),
                         w1=right["update w1"] if seed % 2 else net.w[1])
            done = check_file(nabla, net, mine)
            tally.check(f"file {seed}", "" if done.status == 0 and "\nright\n" in done.out else done.out + done.err)
            for made in net.mistakes(draw):
                wrong = net.run(made)
                names = [n for n in right if not np.allclose(wrong[n], right[n], rtol=1e-3) and n[:6] != "update"]
                if made[0] in ("neighbour", "rounded-early") or made[2] == "outputs" or not names:
                    continue
                done = check_file(nabla, net, saved(net, wrong, folder))
                named = re.findall(r"^mistake: (\S+)", done.out, re.M)
                judged += 1
                tally.check(f"file {seed} {made}", "" if done.status == 1 and made[0] in named else done.out + done.err)
        tally.check("files were judged", "" if judged > 100 else judged)
        net = Network(1)
        turned = {f"dw{l}": net.run()[f"dw{l}"].T for l in range(1, net.layers + 1)}
        cases = [(saved(net, net.run(), folder, **turned), 3, "its transpose would fit"),
                 (os.path.join(folder, "none.npz"), 4, "none.npz")]
        for path, status, said in cases:
            done = check_file(nabla, net, path)
            tally.check(f"{status} {said}", "" if done.status == status and said in done.err else done.err)
        short = {name: np.vectorize(lambda v: float(f"{v:.5g}"))(value) for name, value in net.run().items()}
        done = check_file(nabla, net, saved(net, short, folder))
        tally.check("rounded arrays", "" if done.status == 1 and "were they rounded?" in done.out else done.out)
        np.savez(os.path.join(folder, "other.npz"), weights=np.zeros(3))
        done = check_file(nabla, net, os.path.join(folder, "other.npz"))
        tally.check("no names", "" if done.status == 3 and "numpy.savez" in done.err else done.err)


def shown(run, answers):
    """Right numbers that stand in what is said about a wrong one; a number of several places may."""
    return [f"check {place} = {number} shows {right}" for (*_, place, number, right), (_, _, numbers)
            in zip(run.cases, answers) if any(abs(n - right) <= 1e-5 * abs(right) for n in numbers)]


def judge(tally, outcomes):
    """The limits, with enough digits, and with 2."""
    def limit(name, select, least):
        made, hit = tally_of(outcomes, select)
        tally.check(name, "" if made and hit >= least * made else f"{hit} of {made}")

    enough = range(DIGITS_ENOUGH, 7)
    slugs = {case.wanted for case, _ in outcomes if isinstance(case.wanted, str)}
    tally.check("all slugs are measured", "" if len(slugs) == 16 else f"only {sorted(slugs)}")
    for slug in slugs:
        limit(slug, lambda c: is_made(c, enough, [slug]) and c.round is None, NAMED_LEAST)
    for decimals in ROUNDS:
        limit(f"named, round {decimals}", lambda c: is_made(c, enough) and c.round == decimals, NAMED_LEAST)
        limit(f"at random, round {decimals}", lambda c: is_random(c, enough) and c.round == decimals, 1 - CHANCE_MOST)
    limit("at random, 3 digits", lambda c: is_random(c, [3]), 1 - CHANCE_OF_THREE)
    limit("factors, 2 digits", lambda c: is_made(c, [2], FACTORS), NAMED_LEAST)
    limit("named, 2 digits", lambda c: is_made(c, [2]), NAMED_OF_TWO)
    limit("at random, 2 digits", lambda c: is_random(c, [2]), 1 - CHANCE_OF_TWO)


def main(nabla, networks="500", verbose=""):
    run, answers = measure(nabla, int(networks))
    tally = program.Tally()
    judge(tally, tables(run, answers, verbose))
    with np.errstate(all="ignore"):
        files(nabla, tally)
    tally.check("right numbers are not shown", "\n".join(shown(run, answers)))
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
