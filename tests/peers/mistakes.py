#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""mistakes.py NABLA [NETWORKS]: the catalogue of mistakes, measured.

Random networks and batches.  Each mistake of the catalogue is made in arithmetic of
this file's own, in every layer or in one, and a number that it spoils is written with 4
to 6 digits and handed to `check`, which is to name the mistake.  Numbers at random are
handed over too, which are to get no name.  Prints both tables.
"""
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

NAMED_LEAST, CHANCE_MOST = 0.98, 0.02


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

    def script(self):
        layers = [f"{size} {f}" for size, f in zip(self.sizes[1:], self.f[1:])]
        lines = [f"set l2 {self.l2}", f"net {self.sizes[0]} - {' - '.join(layers)} loss={self.loss} precision=double",
                 f"lr = {self.lr}"]
        for l in range(1, self.layers + 1):
            lines += [f"w{l} = {self.w[l].tolist()}", f"b{l} = {self.b[l].tolist()}"]
        rows = lambda m: m.tolist() if self.n > 1 else m[0].tolist()
        return lines + [f"x = {rows(self.x)}", f"y = {rows(self.y)}", "forward quiet", "backward quiet"]

    def run(self, *mistakes):
        """Every quantity, with mistakes made: {name: array}; each is (slug, layers or None for all, detail)."""
        made = {slug: (where, detail) for slug, where, detail in mistakes}
        on = lambda name, l: name in made and (made[name][0] is None or l in made[name][0])
        detail = lambda name: made[name][1]
        rounds = "rounded-early" in made
        keep = (lambda v: half_away(v, detail("rounded-early"))) if rounds else (lambda v: v)
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
                s = a[l] if rounds else softmax(at)
                delta = s * (da - (da * s).sum(1, keepdims=True))
                if rounds and loss == "cross-entropy":
                    delta = (s * self.y.sum(1, keepdims=True) - self.y) / self.n
                if on("one-path", l) and detail("one-path") == "softmax":
                    delta = da * s * (1 - s)
            else:
                delta = da * FUNCTIONS[self.f[l]][1](at)
            delta = keep(delta)
            ones = np.ones_like(a[l - 1])
            dw, db = keep((ones if on("missing-input", l) else a[l - 1]).T @ delta), keep(delta.sum(0))
            q[f"delta{l}"], q[f"dw{l}"], q[f"db{l}"] = delta, dw, db
            penalty = 0 if "missing-regularization" in made else self.l2
            q[f"update w{l}"] = nw[l] = self.w[l] - self.lr * (dw + penalty * self.w[l])
            q[f"update b{l}"] = nb[l] = self.b[l] - self.lr * db
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
                q[name] = before + scale * (value - before)
            else:
                q[name] = value * scale
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


class Run:
    """One script of many checks, and what is expected of each."""

    def __init__(self):
        self.lines, self.wanted = ["set digits 6"], []

    def network(self, net):
        self.lines += net.script()

    def check(self, net, name, index, number, wanted, right):
        quantity = name.split()[-1]
        vector = index if net.n > 1 or quantity[0] == "w" or quantity.startswith("dw") else index[-1:]
        place = "[" + ",".join(str(i + 1) for i in vector) + "]" if vector else ""
        self.lines += [f"check {name}{place} = {number}", "print 271828"]
        value = float(np.asarray(right[name])[index])
        alike = sum((np.abs(np.abs(v) - abs(value)) <= 1e-5 * abs(value)).sum() for v in right.values())
        self.wanted.append((wanted, f"{name}{place}", number, value if alike == 1 else math.nan))

    def play(self, nabla):
        with tempfile.NamedTemporaryFile("w", suffix=".nabla") as file:
            file.write("\n".join(self.lines) + "\n")
            file.flush()
            run = program.run(nabla, file.name, timeout=600)
        if run.status not in (0, 1):
            raise SystemExit(f"nabla failed: {run.status} {run.err}")
        answers = [re.split(r"^(right|wrong)$", a, flags=re.M)[1:] for a in run.out.split("271828\n")[:-1]]
        assert len(answers) == len(self.wanted), (len(answers), len(self.wanted))
        return [(verdict, re.findall(r"^mistake: (\S+)", said, re.M),
                 [float(n.replace("−", "-")) for n in re.findall(r"[−-]?\d+\.\d+(?:e[+-]\d+)?", said)])
                for verdict, said in answers]


def written(value, digits):
    return f"{value:.{digits - 1}e}"


def agrees(number, right):
    """The rule of `check`: to the digits written, and within 5 %."""
    mantissa, exponent = number.split("e")
    half = 0.5 * 10.0 ** (int(exponent) - len(mantissa.split(".")[1]))
    return abs(float(number) - right) <= half * (1 + 1e-9) and abs(float(number) - right) <= 0.05 * abs(right)


def elements(value):
    return list(np.ndindex(*np.shape(value)))


def spoiled(draw, right, wrong, digits):
    """An element that a mistake spoils: (name, index, number), or None."""
    names = [n for n in right if n not in ("loss",) or True]
    draw.shuffle(names)
    for name in names:
        places = elements(right[name])
        draw.shuffle(places)
        for index in places:
            r, w = float(np.asarray(right[name])[index]), float(np.asarray(wrong[name])[index])
            if not math.isfinite(w) or w == 0 or r == 0:
                continue
            number = written(w, digits)
            if not agrees(number, r):
                return name, index, number
    return None


def neighbour(draw, right, digits):
    names = [n for n in right if np.size(right[n]) > 1]
    name = draw.choice(names)
    values = np.asarray(right[name])
    index, other = draw.sample(elements(values), 2)
    number = written(float(values[other]), digits)
    return None if agrees(number, float(values[index])) or values[other] == 0 else (name, index, number)


def pair(draw, net, right):
    """Two mistakes at once, one of them at least no factor."""
    factors = ("factor-2", "factor-half", "wrong-sign")
    found = [m for m in net.mistakes(draw) if m[0] not in ("neighbour", "rounded-early", "sum-not-mean", "mean-not-sum")]
    first = draw.choice([m for m in found if m[0] not in factors])
    second = draw.choice([m for m in found if m[0] != first[0]])
    spoil = spoiled(draw, right, net.run(first, second), draw.randint(5, 6))
    alone = spoil and [float(np.asarray(net.run(m)[spoil[0]])[spoil[1]]) for m in (first, second)]
    if spoil and not any(agrees(spoil[2], value) for value in alone):
        return spoil, tuple(sorted((first[0], second[0])))
    return None, None


def measure(nabla, networks):
    run, draw = Run(), random.Random(7)
    for seed in range(networks):
        net = Network(seed)
        run.network(net)
        with np.errstate(all="ignore"):
            right = net.run()
            for made in net.mistakes(draw):
                digits = draw.randint(4, 6)
                spoil = neighbour(draw, right, digits) if made[0] == "neighbour" else \
                    spoiled(draw, right, net.run(made), digits)
                if spoil:
                    run.check(net, *spoil, made[0], right)
            for digits in (4, 5, 6):
                name = draw.choice(list(right))
                index = draw.choice(elements(right[name]))
                value = float(np.asarray(right[name])[index])
                number = written(value * draw.choice([-1, 1, 1]) * draw.uniform(0.3, 3), digits)
                if value and not agrees(number, value):
                    run.check(net, name, index, number, digits, right)
            spoil, slugs = pair(draw, net, right)
            if spoil:
                run.check(net, *spoil, slugs, right)
    return run, run.play(nabla)


def outcome(wanted, named):
    """Is it as wanted?  Two at once are named both, one of them, wrongly, or not."""
    if isinstance(wanted, int):
        return bool(named)
    if isinstance(wanted, str):
        return wanted in named
    return tuple(sorted(named)) == wanted


def tables(run, answers, verbose):
    slugs, chances, pairs, misses = {}, {}, [0, 0, 0], []
    for (wanted, place, number, right), (verdict, named, _) in zip(run.wanted, answers):
        hit = outcome(wanted, named)
        if isinstance(wanted, tuple):
            pairs = [pairs[0] + 1, pairs[1] + hit, pairs[2] + (bool(named) and not hit)]
        else:
            count = (chances if isinstance(wanted, int) else slugs).setdefault(wanted, [0, 0])
            count[0] += 1
            count[1] += hit
        if hit == isinstance(wanted, int) or verdict != "wrong":
            misses.append((wanted, place, number, verdict, named, right))
    print(f"{'mistake':28s}{'made':>8s}{'named':>8s}{'share':>9s}")
    for slug in sorted(slugs):
        made, named = slugs[slug]
        print(f"{slug:28s}{made:8d}{named:8d}{named / made:9.2%}")
    print(f"{'two at once':28s}{pairs[0]:8d}{pairs[1]:8d}{pairs[1] / pairs[0]:9.2%}   and {pairs[2]} by other names")
    print(f"\n{'at random, digits':28s}{'given':>8s}{'named':>8s}{'share':>9s}")
    for digits in sorted(chances):
        given, named = chances[digits]
        print(f"{digits:<28d}{given:8d}{named:8d}{named / given:9.2%}")
    if verbose:
        for miss in misses:
            print(*miss)
    return slugs, chances


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
        np.savez(os.path.join(folder, "other.npz"), weights=np.zeros(3))
        done = check_file(nabla, net, os.path.join(folder, "other.npz"))
        tally.check("no names", "" if done.status == 3 and "numpy.savez" in done.err else done.err)


def shown(run, answers):
    """Right numbers that stand in what is said about a wrong one; a number of several places may."""
    return [f"check {place} = {number} shows {right}" for (_, place, number, right), (_, _, numbers)
            in zip(run.wanted, answers) if any(abs(n - right) <= 1e-5 * abs(right) for n in numbers)]


def main(nabla, networks="500", verbose=""):
    run, answers = measure(nabla, int(networks))
    slugs, chances = tables(run, answers, verbose)
    tally = program.Tally()
    tally.check("all slugs are measured", "" if len(slugs) == 16 else f"only {sorted(slugs)}")
    for slug, (made, named) in slugs.items():
        tally.check(slug, "" if named >= NAMED_LEAST * made else f"{named} of {made} named")
    given, named = (sum(row[i] for row in chances.values()) for i in (0, 1))
    tally.check("numbers at random", "" if named <= CHANCE_MOST * given else f"{named} of {given} named")
    with np.errstate(all="ignore"):
        files(nabla, tally)
    tally.check("right numbers are not shown", "\n".join(shown(run, answers)))
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
