#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""torch_peer.py NABLA: random networks and batches against PyTorch's autograd in float64.

Every activation before every output and loss, every quantity to 1e-9, the weights after
some epochs of SGD to 1e-10, and stepping then training against training, bit for bit.
"""
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

try:
    import torch
except ImportError:
    print("skipped: PyTorch is not installed (Debian: python3-torch)")
    sys.exit(77)

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

ACTIVATIONS = {
    "linear": lambda z: z * 1,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "lecun": lambda z: 1.7159 * torch.tanh(2 * z / 3),
    "relu": torch.relu,
    "leakyrelu": lambda z: torch.nn.functional.leaky_relu(z, 0.01),
    "softmax": lambda z: torch.softmax(z, 1),
}


def squared(a, y):
    return ((a - y) ** 2).sum(1)


LOSSES = {
    "half-sse": lambda a, y: squared(a, y).mean() / 2,
    "sse": lambda a, y: squared(a, y).mean(),
    "mse": torch.nn.functional.mse_loss,
    "cross-entropy": lambda a, y: -(y * torch.log(a)).sum(1).mean(),
    "binary-cross-entropy": lambda a, y: torch.nn.functional.binary_cross_entropy(a, y, reduction="sum") / len(a),
}
OUTPUTS = {"cross-entropy": ["softmax", "sigmoid"], "binary-cross-entropy": ["sigmoid"]}


class Case:
    """One network: sizes, activations, loss, parameters and rows."""

    def __init__(self, seed, hidden, output, loss):
        draw = random.Random(seed)
        generator = torch.Generator().manual_seed(seed)
        self.loss, self.lr, self.epochs = loss, round(draw.uniform(0.001, 0.02), 4), draw.randint(2, 6)
        self.sizes = [draw.randint(1, 9) for _ in range(draw.randint(2, 5))]
        self.activations = [hidden] * (len(self.sizes) - 2) + [output]
        self.rows = draw.choice([1, 1, 2, 5, 17])
        self.batch = self.rows > 1 or draw.random() < 0.5
        normal = lambda *shape: torch.randn(*shape, generator=generator)
        self.x = normal(self.rows, self.sizes[0])
        self.y = torch.softmax(normal(self.rows, self.sizes[-1]), 1)
        if self.sizes[-1] == 1:
            self.y = torch.sigmoid(normal(self.rows, 1))
        self.w = [normal(i, o) for i, o in zip(self.sizes, self.sizes[1:])]
        self.b = [normal(o) for o in self.sizes[1:]]

    def definition(self):
        layers = [f"{size} {activation}" for size, activation in zip(self.sizes[1:], self.activations)]
        return f"net {self.sizes[0]} - " + " - ".join(layers) + f" loss={self.loss} precision=double"

    def script(self):
        rows = (lambda m: m.tolist()) if self.batch else (lambda m: m[0].tolist())
        lines = ["set digits 17", self.definition(), f"lr = {self.lr}"]
        for layer, (w, b) in enumerate(zip(self.w, self.b), 1):
            lines += [f"w{layer} = {json.dumps(w.tolist())}", f"b{layer} = {json.dumps(b.tolist())}"]
        return lines + [f"x = {json.dumps(rows(self.x))}", f"y = {json.dumps(rows(self.y))}"]

    def quantities(self):
        """Names in the order of computation, without the da that a direct delta leaves out."""
        names = []
        for layer in range(1, len(self.sizes)):
            names += [f"{stem}{layer}" for stem in ("z", "a", "delta", "dw", "db", "da")]
        if self.activations[-1] == "softmax" and self.loss == "cross-entropy":
            names.remove(f"da{len(self.w)}")
        return names + ["loss"]

    def reference(self):
        """{name: tensor} by autograd."""
        values, a = {}, self.x
        w = [m.clone().requires_grad_() for m in self.w]
        b = [v.clone().requires_grad_() for v in self.b]
        for layer, f in enumerate(self.activations, 1):
            z = a @ w[layer - 1] + b[layer - 1]
            a = ACTIVATIONS[f](z)
            z.retain_grad()
            a.retain_grad()
            values[f"z{layer}"], values[f"a{layer}"] = z, a
        loss = LOSSES[self.loss](a, self.y)
        loss.backward()
        for layer in range(1, len(self.sizes)):
            values[f"delta{layer}"] = values[f"z{layer}"].grad
            values[f"da{layer}"] = values[f"a{layer}"].grad
            values[f"dw{layer}"], values[f"db{layer}"] = w[layer - 1].grad, b[layer - 1].grad
        values["loss"] = loss
        return values

    def trained(self):
        """w and b after `epochs` full-batch steps of torch.optim.SGD."""
        w = [m.clone().requires_grad_() for m in self.w]
        b = [v.clone().requires_grad_() for v in self.b]
        optimizer = torch.optim.SGD(w + b, lr=self.lr)
        for _ in range(self.epochs):
            a = self.x
            for f, m, v in zip(self.activations, w, b):
                a = ACTIVATIONS[f](a @ m + v)
            optimizer.zero_grad()
            LOSSES[self.loss](a, self.y).backward()
            optimizer.step()
        return [p.detach() for p in w + b]


def numbers(nabla, script, count):
    """The last `count` lines that a script prints, as tensors; a string where it failed."""
    result = program.run(nabla, "-q", stdin="\n".join(script) + "\n")
    if result.status or result.crash():
        return f"status {result.status} {result.err[:1000]}"
    lines = result.out.splitlines()[-count:]
    return [torch.tensor(json.loads(line)) for line in lines]


def distance(printed, expected):
    """The largest difference relative to max(1, |expected|), infinite where shapes differ."""
    if printed.numel() != expected.numel():
        return float("inf")
    expected = expected.detach().reshape(printed.shape)
    worst = ((printed - expected).abs() / expected.abs().clamp(min=1)).max().item()
    return worst if worst == worst else float("inf")


def check_quantities(nabla, case):
    names = case.quantities()
    printed = numbers(nabla, case.script() + ["forward quiet", "backward quiet", "print " + ", ".join(names)],
                      len(names))
    if isinstance(printed, str):
        return printed
    expected = case.reference()
    shapes = [name for name, value in zip(names, printed) if name[0] in "za" and value.dim() != 1 + case.batch]
    if shapes:
        return f"shape of {shapes}"
    far = {name: distance(value, expected[name]) for name, value in zip(names, printed)}
    return "\n".join(f"{name}: off by {d:g}" for name, d in far.items() if d > 1e-9)


def check_training(nabla, case):
    names = [f"{stem}{layer}" for stem in "wb" for layer in range(1, len(case.sizes))]
    show = "print " + ", ".join(names)
    trained = numbers(nabla, case.script() + [f"train epochs={case.epochs} quiet", show], len(names))
    if isinstance(trained, str):
        return trained
    far = [distance(value, expected) for value, expected in zip(trained, case.trained())]
    if max(far) > 1e-10:
        return f"after {case.epochs} epochs: off by {max(far):g}"
    both = ["step 2 iteration"] + [f"train epochs={case.epochs - 2} quiet"] * (case.epochs > 2)
    stepped = numbers(nabla, case.script() + both + [show], len(names))
    if isinstance(stepped, str):
        return stepped
    if not all(torch.equal(p, q) for p, q in zip(trained, stepped)):
        return f"2 stepped iterations and {case.epochs - 2} epochs differ from {case.epochs} epochs"
    return None


def main(nabla):
    tally = program.Tally()
    seed = 0
    for loss in LOSSES:
        for output in OUTPUTS.get(loss, list(ACTIVATIONS)):
            for hidden in (f for f in ACTIVATIONS if f != "softmax"):
                seed += 1
                case = Case(seed, hidden, output, loss)
                where = f"seed {seed}: {case.definition()}, {case.rows} rows"
                tally.check(where, check_quantities(nabla, case))
                tally.check(where + ", training", check_training(nabla, case))
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
