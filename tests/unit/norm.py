#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes with PyTorch the numbers that test_norm.c expects of batch norm.

2-3-2, batch norm and tanh, then linear, half the squared error, sgd at 0.1, four rows:
every quantity of the first iteration, the running statistics and losses of three.
"""
import torch

torch.set_default_dtype(torch.float64)

X = torch.tensor([[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.125, 0.5]])
Y = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [-1.0, 0.25]])


def main():
    first, norm, last = torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 2)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[0.5, -0.25, 1.0], [0.75, 0.5, -1.5]]).T)
        first.bias.copy_(torch.tensor([0.1, 0.2, -0.3]))
        norm.weight.copy_(torch.tensor([1.0, 0.5, 2.0]))
        norm.bias.copy_(torch.tensor([0.0, 0.25, -0.5]))
        last.weight.copy_(torch.tensor([[0.3, -0.4], [0.6, 0.2], [-0.7, 0.9]]).T)
        last.bias.copy_(torch.tensor([0.05, -0.15]))
    parameters = [p for m in (first, norm, last) for p in m.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    half_sse = lambda yhat: ((yhat - Y) ** 2).sum(1).mean() / 2
    for iteration in range(3):
        z = first(X)
        u = norm(z)
        a = torch.tanh(u)
        loss = half_sse(last(a))
        for value in (z, u, a):
            value.retain_grad()
        optimizer.zero_grad()
        loss.backward()
        if iteration == 0:
            mu, var = z.mean(0), z.var(0, unbiased=False)
            rows = {"NB_Z": z, "NB_MU": mu, "NB_VAR": var, "NB_XHAT": (z - mu) / torch.sqrt(var + 1e-5), "NB_U": u,
                    "NB_A": a, "NB_DELTA": z.grad, "NB_DU": u.grad, "NB_DA": a.grad, "NB_DW": first.weight.grad.T,
                    "NB_DB": first.bias.grad, "NB_DGAMMA": norm.weight.grad, "NB_DBETA": norm.bias.grad}
            for name, value in rows.items():
                print("{ %s, { %s } }," % (name, ", ".join(map(repr, value.flatten().tolist()))))
        optimizer.step()
        norm.eval()
        evaluated = half_sse(last(torch.tanh(norm(first(X))))).item()
        norm.train()
        print("{ %r, %r, { %s }, { %s }, { %s }, { %s } }," % (loss.item(), evaluated, *(
            ", ".join(map(repr, v.tolist())) for v in (norm.running_mean, norm.running_var, norm.weight, norm.bias))))


if __name__ == "__main__":
    main()
