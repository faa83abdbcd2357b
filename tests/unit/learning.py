#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes with torch.optim the numbers that test_learning.c expects, as rows of its table.

One weight, one bias, one sample: L = (2w + b - 3)²/2 from w = 0.5, b = 0.25; three updates
in float64.  l1 and clipping, which torch.optim lacks, are put into the gradient by hand.
"""
import torch

torch.set_default_dtype(torch.float64)
MOMENTS = ("exp_avg", "momentum_buffer", "exp_avg_sq", "square_avg")
SGD, RMSPROP, ADAM, ADAMW = (torch.optim.SGD, torch.optim.RMSprop, torch.optim.Adam, torch.optim.AdamW)


def moments(optimizer, parameter):
    """m and v, 0 where the optimiser has none."""
    found = [optimizer.state[parameter][key].item() for key in MOMENTS
             if optimizer.state[parameter].get(key) is not None]
    return [0] * (2 - len(found)) + found


def steps(make, decay=0, bias_decay=0, l1=0, clip=0, **options):
    w, b = torch.tensor(0.5, requires_grad=True), torch.tensor(0.25, requires_grad=True)
    optimizer = make([{"params": [w], "weight_decay": decay}, {"params": [b], "weight_decay": bias_decay}], **options)
    for _ in range(3):
        optimizer.zero_grad()
        ((2 * w + b - 3) ** 2 / 2).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([w, b], clip)
        w.grad += l1 * w.detach().sign()
        optimizer.step()
        yield [w.item(), b.item(), *moments(optimizer, w), *moments(optimizer, b)]


CASES = [
    ("sgd", "", steps(SGD, lr=0.1)),
    ("momentum", ".momentum = 0.9", steps(SGD, lr=0.1, momentum=0.9)),
    ("nesterov", ".momentum = 0.9", steps(SGD, lr=0.1, momentum=0.9, nesterov=True)),
    ("nesterov", ".momentum = 0.5", steps(SGD, lr=0.1, momentum=0.5, nesterov=True)),
    ("rmsprop", ".rho = 0.99, .epsilon = 1e-8", steps(RMSPROP, lr=0.1)),
    ("rmsprop", ".rho = 0.5, .epsilon = 0.01", steps(RMSPROP, lr=0.1, alpha=0.5, eps=0.01)),
    ("adam", ".beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8", steps(ADAM, lr=0.1)),
    ("adam", ".beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.01", steps(ADAM, lr=0.1, betas=(0.5, 0.75), eps=0.01)),
    ("adamw", ".beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8", steps(ADAMW, lr=0.1)),
    ("adamw", ".beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .l2 = 0.25", steps(ADAMW, 0.25, lr=0.1)),
    ("adamw", ".beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .l2 = 0.25, .l2_form = NB_L2_FULL,"
              " .regularize_bias = true", steps(ADAMW, 0.25, lr=0.1)),
    ("adam", ".beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .l2 = 0.25", steps(ADAM, 0.25, lr=0.1)),
    ("nesterov", ".momentum = 0.9, .l2 = 0.25", steps(SGD, 0.25, lr=0.1, momentum=0.9, nesterov=True)),
    ("sgd", ".l2 = 0.25", steps(SGD, 0.25, lr=0.1)),
    ("sgd", ".l2 = 0.25, .l2_form = NB_L2_FULL", steps(SGD, 0.5, lr=0.1)),
    ("sgd", ".l2 = 0.25, .l2_form = NB_L2_PER_SAMPLE", steps(SGD, 0.25, lr=0.1)),
    ("sgd", ".l2 = 0.25, .l2_form = NB_L2_PER_SAMPLE, .samples = 10", steps(SGD, 0.025, lr=0.1)),
    ("sgd", ".l2 = 0.25, .regularize_bias = true", steps(SGD, 0.25, 0.25, lr=0.1)),
    ("sgd", ".l1 = 0.125", steps(SGD, l1=0.125, lr=0.1)),
    ("momentum", ".momentum = 0.9, .l1 = 0.125, .l2 = 0.25", steps(SGD, 0.25, l1=0.125, lr=0.1, momentum=0.9)),
    ("sgd", ".clip = 1", steps(SGD, clip=1, lr=0.1)),
    ("sgd", ".clip = 100", steps(SGD, clip=100, lr=0.1)),
    ("sgd", ".clip = 1, .l2 = 0.25", steps(SGD, 0.25, clip=1, lr=0.1)),
]

if __name__ == "__main__":
    for name, settings, rows in CASES:
        learning = f".optimizer = NB_{name.upper()}, .lr = 0.1" + (", " + settings if settings else "")
        print("{ { %s }, { %s } }," % (learning, ", ".join("{ " + ", ".join(map(repr, row)) + " }" for row in rows)))
