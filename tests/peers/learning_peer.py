#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""learning_peer.py NABLA: a hundred updates of every way to learn against PyTorch in float64.

Every optimiser with every penalty, stepped; with every schedule, trained; and batch norm
with dropout, forward, backward and over updates, PyTorch taking nabla's own masks.
"""
import json
import math
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from torch_peer import distance, numbers, program, torch

UPDATES, LR = 100, 0.05
TOLERANCE = 1e-10
# A bias before batch norm has no effect: its gradient is rounding, of which the
# optimisers that divide by its size make steps.  The running mean follows it.
ROUNDED, ROUNDED_TOLERANCE = ("b1", "b2", "rmean1", "rmean2"), 1e-8
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "rmsprop": (torch.optim.RMSprop, {"alpha": 0.99, "eps": 1e-8}),
    "adam": (torch.optim.Adam, {"betas": (0.9, 0.999), "eps": 1e-8}),
    "adamw": (torch.optim.AdamW, {"betas": (0.9, 0.999), "eps": 1e-8}),
}
# With 0.005, 100 clipped steps of rmsprop multiply one rounding of x by a million, in PyTorch too.
RATES = {"rmsprop": 0.002, "adam": 0.01, "adamw": 0.01}
PENALTIES = [
    {},
    {"l2": 0.01},
    {"l2": 0.01, "l2-form": "full"},
    {"l2": 0.6, "l2-form": "per-sample"},
    {"l2": 0.01, "regularize-bias": "on"},
    {"l1": 0.002},
    {"clip": 0.1},
    {"l1": 0.002, "l2": 0.01, "clip": 0.2, "l2-form": "full", "regularize-bias": "on"},
]
NORMED = [{}, {"l1": 0.002, "l2": 0.01, "l2-form": "full"}]
# By completed epochs t of T, which are updates here: the batch is full.
SCHEDULES = {
    "none": lambda t, T: 1,
    "exp(0.02)": lambda t, T: math.exp(-0.02 * t),
    "step(0.92)": lambda t, T: 0.92 ** t,
    "step(0.5,30)": lambda t, T: 0.5 ** (t // 30),
    "inverse(0.1)": lambda t, T: 1 / (1 + 0.1 * t),
    "cosine": lambda t, T: (1 + math.cos(math.pi * t / T)) / 2,
}


class Net:
    """4-6-5-3: tanh, sigmoid, softmax; optionally batch norm in two layers and dropout in one."""
    sizes, rows = [4, 6, 5, 3], 7

    def __init__(self, seed, normed=False):
        generator = torch.Generator().manual_seed(seed)
        normal = lambda *shape: torch.randn(*shape, generator=generator)
        self.normed = normed
        self.x, self.y = normal(self.rows, 4), torch.eye(3)[torch.arange(self.rows) % 3]
        self.start = {}
        for layer in (1, 2, 3):
            self.start[f"w{layer}"] = normal(self.sizes[layer - 1], self.sizes[layer]) / 2
            self.start[f"b{layer}"] = normal(self.sizes[layer]) / 4
            if normed and layer < 3:
                self.start[f"gamma{layer}"] = 1 + normal(self.sizes[layer]) / 4
                self.start[f"beta{layer}"] = normal(self.sizes[layer]) / 4
        self.restart()

    def restart(self):
        self.p = {name: value.clone().requires_grad_() for name, value in self.start.items()}
        self.running = {f"{stem}{l}": torch.full((self.sizes[l],), value)
                        for stem, value in (("rmean", 0.0), ("rvar", 1.0)) for l in (1, 2)}

    def script(self):
        norm, drop = ("batchnorm ", " dropout(0.3)") if self.normed else ("", "")
        lines = ["set digits 17", f"net 4 - 6 {norm}tanh{drop} - 5 {norm}sigmoid - 3 softmax precision=double seed=5"]
        lines += [f"{name} = {json.dumps(value.tolist())}" for name, value in self.start.items()]
        return lines + [f"x = {json.dumps(self.x.tolist())}", f"y = {json.dumps(self.y.tolist())}"]

    def forward(self, mask=None):
        """{name: tensor}, with gradients kept; running statistics follow."""
        values, a = {}, self.x
        for layer, f in enumerate((torch.tanh, torch.sigmoid, lambda u: u), 1):
            z = u = values[f"z{layer}"] = a @ self.p[f"w{layer}"] + self.p[f"b{layer}"]
            if self.normed and layer < 3:
                values[f"mu{layer}"], values[f"var{layer}"] = z.mean(0), z.var(0, unbiased=False)
                u = values[f"u{layer}"] = torch.nn.functional.batch_norm(
                    z, self.running[f"rmean{layer}"], self.running[f"rvar{layer}"], self.p[f"gamma{layer}"],
                    self.p[f"beta{layer}"], training=True, momentum=0.1, eps=1e-5)
            a = values[f"a{layer}"] = f(u)
            if mask is not None and layer == 1:
                a = values["h1"] = a * mask
        values["loss"] = torch.nn.functional.cross_entropy(a, self.y)
        for value in values.values():
            value.retain_grad()
        values["loss"].backward()
        return values

    def names(self):
        return list(self.p) + (list(self.running) if self.normed else [])

    def state(self):
        return [(self.p.get(name) if name in self.p else self.running[name]).detach() for name in self.names()]


def learner(net, name, penalty):
    """(optimizer, what is done to the gradients before its step)."""
    l1, l2, clip = (penalty.get(key, 0) for key in ("l1", "l2", "clip"))
    factor = {"half": 1, "full": 2, "per-sample": 1 / net.rows}[penalty.get("l2-form", "half")]
    decay = l2 if name == "adamw" else l2 * factor
    biases = "regularize-bias" in penalty
    weights = [p for n, p in net.p.items() if n[0] == "w"]
    own = [p for n, p in net.p.items() if n[0] == "b" and n[1:].isdigit()]
    rest = [p for n, p in net.p.items() if n.startswith(("gamma", "beta"))]
    make, options = OPTIMIZERS[name]
    optimizer = make([{"params": weights, "weight_decay": decay},
                      {"params": own, "weight_decay": decay if biases and name != "adamw" else 0},
                      {"params": rest, "weight_decay": 0}][:3 if rest else 2], lr=RATES.get(name, LR), **options)

    def prepare():
        if clip:
            torch.nn.utils.clip_grad_norm_(list(net.p.values()), clip)
        for p in weights + (own if biases else []):
            p.grad += l1 * p.detach().sign()
    return optimizer, prepare


def learn(net, name, penalty, schedule="none", masks=(), updates=UPDATES):
    net.restart()
    optimizer, prepare = learner(net, name, penalty)
    for t in range(updates):
        for group in optimizer.param_groups:
            group["lr"] = RATES.get(name, LR) * SCHEDULES[schedule](t, updates)
        optimizer.zero_grad()
        net.forward(masks[t] if masks else None)
        prepare()
        optimizer.step()
    return net.state()


def differs(printed, expected, names):
    if isinstance(printed, str):
        return printed
    allowed = lambda name: ROUNDED_TOLERANCE if "rmean1" in names and name in ROUNDED else TOLERANCE
    far = {name: distance(value, wanted) for name, value, wanted in zip(names, printed, expected)}
    return "\n".join(f"{name}: off by {d:g}" for name, d in far.items() if not d <= allowed(name))


def settings(name, penalty):
    """All but clip, which is an option of train."""
    return [f"set optimizer {name}", f"set lr {RATES.get(name, LR)}"] + [
        f"set {key} {value}" for key, value in penalty.items() if key != "clip"]


STEP = "forward quiet; backward quiet; update quiet"


def check_stepping(nabla, net, name, penalty):
    script = net.script() + settings(name, penalty) + [STEP] * UPDATES + ["print " + ", ".join(net.names())]
    return differs(numbers(nabla, script, len(net.names())), learn(net, name, penalty), net.names())


def check_training(nabla, net, name, penalty, schedule):
    """By train, whose epochs are the updates: so per=step does the same."""
    clip = f"clip={penalty['clip']} " if "clip" in penalty else ""
    for per in ("", " per=step") if schedule != "none" else ("",):
        options = f"epochs={UPDATES} batch=full {clip}schedule={schedule}{per} quiet"
        script = net.script() + settings(name, penalty) + ["train " + options, "print " + ", ".join(net.names())]
        problem = differs(numbers(nabla, script, len(net.names())), learn(net, name, penalty, schedule), net.names())
        if problem:
            return f"train {options}\n{problem}"
    return None


def check_passes(nabla, net):
    """Batch norm and dropout: every quantity of one pass."""
    net.restart()
    stems = [f"{stem}{layer}" for layer in (1, 2) for stem in ("z", "mu", "var", "u", "a")] + ["h1", "z3", "loss"]
    derived = {f"delta{l}": f"z{l}" for l in (1, 2, 3)} | {f"du{l}": f"u{l}" for l in (1, 2)}
    derived |= {"da1": "a1", "da2": "a2", "dh1": "h1"}
    slopes = [f"d{name}" for name in net.p]
    names = ["mask1"] + stems + list(derived) + slopes
    printed = numbers(nabla, net.script() + ["forward quiet; backward quiet", "print " + ", ".join(names)], len(names))
    if isinstance(printed, str):
        return printed
    mask = printed[0]
    if not all(v == 0 or abs(v - 1 / 0.7) < 1e-15 for v in mask.flatten().tolist()):
        return f"a mask of {mask}"
    values = net.forward(mask)
    expected = [mask] + [values[n] for n in stems] + [values[of].grad for of in derived.values()]
    return differs(printed, expected + [net.p[n[1:]].grad for n in slopes], names)


def check_normed(nabla, net, name, penalty):
    script = net.script() + settings(name, penalty)
    script += ["forward quiet; print mask1; backward quiet; update quiet"] * UPDATES
    script += ["print " + ", ".join(net.names())]
    result = program.run(nabla, "-q", stdin="\n".join(script) + "\n")
    if result.status or result.crash():
        return f"status {result.status} {result.err[:1000]}"
    lines = [line for line in result.out.splitlines() if line.startswith("[[")]
    masks = [torch.tensor(json.loads(line)) for line in lines if line.count("[") == net.rows + 1][:UPDATES]
    printed = [torch.tensor(json.loads(line)) for line in result.out.splitlines()[-len(net.names()):]]
    return differs(printed, learn(net, name, penalty, masks=masks), net.names())


def check_mixed(nabla, net, name, penalty):
    """Stepped iterations and then epochs are so many epochs, bit for bit."""
    show = "print " + ", ".join(net.names())
    runs = [numbers(nabla, net.script() + settings(name, penalty) + script + [show], len(net.names()))
            for script in (["train epochs=9 batch=full quiet"], [STEP] * 4 + ["train epochs=5 batch=full quiet"],
                           ["train epochs=2 quiet", "step 3 iteration", "train epochs=4 quiet"])]
    broken = [run for run in runs if isinstance(run, str)]
    if broken:
        return broken[0]
    if not all(torch.equal(a, b) for run in runs[1:] for a, b in zip(runs[0], run)):
        return "stepping and training differ"
    return None


def main(nabla):
    tally = program.Tally()
    net, normed = Net(1), Net(2, normed=True)
    tally.check("batch norm and dropout, one pass", check_passes(nabla, normed))
    for name in OPTIMIZERS:
        for penalty in PENALTIES:
            where = f"{name} {penalty}"
            if "clip" not in penalty:
                tally.check(where + ", stepped", check_stepping(nabla, net, name, penalty))
            for schedule in SCHEDULES:
                tally.check(f"{where} {schedule}, trained", check_training(nabla, net, name, penalty, schedule))
        for penalty in NORMED:
            tally.check(f"{name} {penalty}, batch norm and dropout", check_normed(nabla, normed, name, penalty))
            tally.check(f"{name} {penalty}, stepped and trained", check_mixed(nabla, normed, name, penalty))
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
