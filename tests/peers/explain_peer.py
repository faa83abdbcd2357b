#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""explain_peer.py NABLA: the numbers that explanations print against PyTorch in float64.

Of random networks, and of one with batch norm and dropout, every derivative's value, its
paths (factors multiplied, shares added), the lines of "the same, shorter" and the formula
in matrices, typed as it stands; of local derivatives the value, by PyTorch's own graph;
of every optimiser, penalty and schedule what an update makes of a parameter.  No page is
wider than a terminal, and the letters of a question are not those of its sums.
"""
import json
import os
import random
import re
import sys
import unicodedata

sys.path.insert(0, os.path.dirname(__file__))
from learning_peer import OPTIMIZERS, PENALTIES, SCHEDULES, Net, learn, settings
from torch_peer import ACTIVATIONS, LOSSES, OUTPUTS, Case, program, torch

DIGITS = 12
NETWORKS, QUESTIONS = 60, 14
COLUMNS, UPDATES = 80, 3
# Printed to 12 digits; values, and products and sums of what is printed.
CLOSE, WORKED, QUOTIENT = 1e-9, 1e-7, 2e-3
NUMBER = r"\(?−?[0-9.]+(?:e[-+]?[0-9]+)?\)?"
SUPER, SUB = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"), str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def number(text):
    return float(text.strip("()").replace("−", "-"))


def near(a, b, tolerance):
    return abs(a - b) <= tolerance * max(1, abs(b))


def smooth(name, page):
    """Is a difference quotient as good as the derivative? Not across a corner, nor where log falls away at 0."""
    return "turned its corner" not in page and not name.startswith("da")


def value_of(page):
    return re.search(r"^value (.*); difference quotient (.*); relative error (.*)$", page, re.M).groups()


def paths_of(page):
    """[(factors, share)] and the total; shares of paths left out have no factors."""
    section = re.search(r"Path by path\n\n(.*?)\n\n", page, re.S)
    if not section:
        return None
    shares, factors, total = [], [], None
    for line in section[1].splitlines():
        words, sign, right = line.rpartition(" =  ") if " =  " in line else (line, "", "")
        words = re.sub(r"^ *(path [0-9]+|….*$)? *", "", words)
        if "─" in line:
            continue
        if words and not re.match(NUMBER + "|·", words):  # the total's name
            total = number(right)
            continue
        factors += [number(n) for n in re.findall(NUMBER, words)]
        if sign:
            shares.append((factors, number(right)))
            factors = []
    return shares, total


def check_paths(page, expected):
    found = paths_of(page)
    if not found:
        return None
    shares, total = found
    if total is None or not near(total, expected, CLOSE):
        return f"the paths come to {total}, expected {expected}"
    if not near(sum(share for _, share in shares), total, WORKED):
        return f"shares {[share for _, share in shares]} do not add up to {total}"
    for factors, share in shares:
        product = 1.0
        for factor in factors:
            product *= factor
        if factors and not near(product, share, WORKED):
            return f"{factors} multiply to {product}, not {share}"
    return None


def check_lines(page, quantities):
    """δ²₁ = … = 0.5 below "The same, shorter", of one sample."""
    section = re.search(r"The same, shorter.*?\n\n(.*?)\n\n[0-9]  ", page, re.S)
    if not section:
        return None
    name = None
    for line in section[1].splitlines():
        begins = re.match(r" {7}(δ|∂L/∂a)([¹²³⁴⁵]+)([₀-₉]+) +=", line)
        if re.match(r" {7}\S", line):
            name = begins and ({"δ": "delta", "∂L/∂a": "da"}[begins[1]] + begins[2].translate(SUPER),
                               int(begins[3].translate(SUB)) - 1)
        result = re.search(r"= (" + NUMBER + r")$", line)
        if name and result and name[0] in quantities:
            wanted = quantities[name[0]][0, name[1]].item()
            if not near(number(result[1]), wanted, CLOSE):
                return f"{name}: {result[1]}, expected {wanted}"
    return None


def typed(name, place, batch):
    """The element as it is typed; place counts from 0, (row, column)."""
    if name[0] == "d" and name[1] in "wW":
        return f"{name}[{place[0] + 1},{place[1] + 1}]"
    if batch and re.match("(delta|da|du|dh)[0-9]", name):
        return f"{name}[{place[0] + 1},{place[1] + 1}]"
    return f"{name}[{place[1] + 1}]"


def explained(nabla, script, questions):
    """A page for each question, or what went wrong."""
    lines = script + [f"set digits {DIGITS}"]
    for question in questions:
        lines += ["print 424242424242", question]
    result = program.run(nabla, "-q", stdin="\n".join(lines) + "\n", timeout=120)
    if result.status or result.crash():
        return f"status {result.status} {result.err[:1000]}"
    return result.out.split("424242424242\n")[1:]


def too_wide(page):
    """A line that does not fit; the last is whole, for those who read it by program."""
    columns = lambda line: sum(not unicodedata.combining(c) for c in line)
    wide = [line for line in page.rstrip("\n").split("\n")[:-1] if columns(line) > COLUMNS or line.endswith(" ")]
    return f"not as a line should be: {wide[0]!r}" if wide else None


def check_pages(nabla, script, quantities, batch, draw, depths=("", " depth=0", " depth=1", " depth=2")):
    """Some elements of every derivative, to some depth."""
    asked = []
    for name, values in quantities.items():
        for _ in range(QUESTIONS):
            place = (draw.randrange(values.shape[0]), draw.randrange(values.shape[1]))
            asked.append((name, place, draw.choice(depths)))
    asked = draw.sample(asked, min(len(asked), 4 * QUESTIONS))
    pages = explained(nabla, script, [f"explain {typed(n, p, batch)}{depth}" for n, p, depth in asked])
    if isinstance(pages, str):
        return pages
    for (name, place, depth), page in zip(asked, pages):
        expected = quantities[name][place].item()
        value, quotient, _ = value_of(page)
        problem = None
        if not near(float(value), expected, CLOSE):
            problem = f"value {value}, expected {expected}"
        elif smooth(name, page) and not near(float(quotient), expected, QUOTIENT):
            problem = f"quotient {quotient}, expected {expected}"
        problem = problem or too_wide(page) or check_paths(page, expected) or (None if batch else check_lines(page, quantities))
        if problem:
            return f"{typed(name, place, batch)}{depth}: {problem}"
    return None


def check_matrices(nabla, script, names):
    """What a whole quantity's page gives to type is that quantity; a single number has no such page."""
    pages = explained(nabla, script, [f"explain {name}" for name in names])
    if isinstance(pages, str):
        return pages
    formulas = [re.search(r"As typed: (.*?)\n(?:\n|   ∘)", page, re.S) for page in pages]
    single = lambda page: "In matrices" not in page and value_of(page)[0][0] != "["
    missing = [name for name, page, formula in zip(names, pages, formulas) if not formula and not single(page)]
    if missing:
        return f"no formula for {missing}"
    names, formulas = zip(*[(name, formula) for name, formula in zip(names, formulas) if formula])
    # Where an output is nearly 1, 1 - a has few digits.
    shows = [f"print norm(({' '.join(formula[1].split())}) - {name}) / max(1, norm({name}))" for name, formula in zip(names, formulas)]
    result = program.run(nabla, "-q", stdin="\n".join(script + shows) + "\n")
    if result.status or result.crash():
        return f"status {result.status} {result.err[:1000]}"
    for name, formula, distance in zip(names, formulas, result.out.splitlines()[-len(names):]):
        if not float(distance) < 1e-8:
            return f"{name}: {formula[1]} is off by {distance}"
    return None


def check_letters(nabla, script, quantities, batch, draw):
    """Every letter as every index: no sum takes it, and the values are those that are meant."""
    asked = []
    for name, values in quantities.items():
        letters = draw.sample("ijkmprs", 2)
        if draw.random() < 0.3:
            letters[0] = str(draw.randrange(values.shape[0]) + 1)
        both = name[0] == "d" and name[1] in "wW" or batch and re.match("(delta|da|du|dh)[0-9]", name)
        asked.append((name, letters if both else letters[1:]))
    pages = explained(nabla, script, [f"explain {name}[{','.join(letters)}]" for name, letters in asked])
    if isinstance(pages, str):
        return pages
    raised, lowered = dict(zip("ijkmprs", "ⁱʲᵏᵐᵖʳˢ")), dict(zip("ijkmprs", "ᵢⱼₖₘₚᵣₛ"))
    for (name, letters), page in zip(asked, pages):
        question = f"{name}[{','.join(letters)}]"
        taken = [l for l in letters if l in lowered and ("Σ" + lowered[l] in page or "Σ" + raised[l] in page)]
        values = quantities[name]
        if letters[0].isdigit():
            values = values[int(letters[0]) - 1]
        got = torch.tensor(json.loads(value_of(page)[0]), dtype=torch.float64)
        if taken:
            return f"{question}: a sum has the letter {taken[0]}"
        if not torch.allclose(got.flatten(), values.flatten(), rtol=CLOSE, atol=CLOSE):
            return f"{question}: value {got}, expected {values}"
        if too_wide(page):
            return f"{question}: {too_wide(page)}"
    return None


def local_of(case, top, bottom):
    """∂top/∂bottom of one element by another, by autograd through case's layers."""
    nodes, a = {"x": case.x.clone().requires_grad_()}, None
    a = nodes["x"]
    for layer, f in enumerate(case.activations, 1):
        w, b = case.w[layer - 1].clone().requires_grad_(), case.b[layer - 1].clone().requires_grad_()
        nodes[f"w{layer}"], nodes[f"b{layer}"] = w, b
        nodes[f"z{layer}"] = a @ w + b
        a = nodes[f"a{layer}"] = ACTIVATIONS[f](nodes[f"z{layer}"])
    (name, place), (of, at) = top, bottom
    below = nodes[of]
    gradient = torch.autograd.grad(nodes[name][place], below, allow_unused=True)[0]
    return gradient[at if below.dim() == 2 else at[1]].item()


def check_locals(nabla, case, draw):
    layers, questions, expected = len(case.w), [], []
    for _ in range(QUESTIONS):
        l = draw.randint(1, layers)
        top = (draw.choice("za") + str(l), (draw.randrange(case.rows), draw.randrange(case.sizes[l])))
        m = draw.randint(1, l)
        kind = draw.choice("zawbx")
        if kind in "za" and (m == l and (kind == "a" or top[0][0] == "z")):
            kind = "w"
        name = "x" if kind == "x" else kind + str(m)
        widths = {"x": case.sizes[0], "w": case.sizes[m]}
        place = (top[1][0] if kind != "w" else draw.randrange(case.sizes[m - 1]),
                 draw.randrange(widths.get(kind, case.sizes[m])))
        index = lambda n, p: f"[{p[0] + 1},{p[1] + 1}]" if n[0] == "w" or (case.batch and n[0] in "zax") else f"[{p[1] + 1}]"
        questions.append(f"explain d{top[0]}{index(*top)}/d{name}{index(name, place)}")
        expected.append(local_of(case, top, (name, place)))
    pages = explained(nabla, case.script() + ["forward quiet"], questions)
    if isinstance(pages, str):
        return pages
    for question, page, wanted in zip(questions, pages, expected):
        value, quotient, _ = value_of(page)
        problem = None if near(float(value), wanted, CLOSE) else f"value {value}, expected {wanted}"
        problem = problem or too_wide(page) or check_paths(page, wanted)
        if not problem and smooth(question, page) and not near(float(quotient), wanted, QUOTIENT):
            problem = f"quotient {quotient}, expected {wanted}"
        if problem:
            return f"{question}: {problem}"
    return None


def two_dimensional(values):
    return {name: value.detach().reshape(-1, value.shape[-1]) if value.dim() else value.detach().reshape(1, 1)
            for name, value in values.items()}


def check_case(nabla, case, draw):
    values = two_dimensional(case.reference())
    derivatives = {n: values[n] for n in case.quantities() if n[0] == "d"}
    script = case.script() + ["forward quiet; backward quiet"]
    names = [n for n in case.quantities() if n != "loss"]
    return (check_pages(nabla, script, derivatives, case.batch, draw) or
            check_matrices(nabla, script, names) or
            check_matrices(nabla, script + ["set index to-from"], names) or
            check_letters(nabla, script, derivatives, case.batch, draw) or
            check_locals(nabla, case, draw))


def check_normed(nabla, draw):
    """Batch norm and dropout, with nabla's own mask."""
    net = Net(2, normed=True)
    script = net.script() + ["forward quiet; backward quiet"]
    mask = torch.tensor(json.loads(program.run(nabla, "-q", stdin="\n".join(script + ["print mask1"])).out.splitlines()[-1]))
    values = net.forward(mask)
    derived = {f"delta{l}": f"z{l}" for l in (1, 2, 3)} | {f"du{l}": f"u{l}" for l in (1, 2)}
    derived |= {"da1": "a1", "da2": "a2", "dh1": "h1"}
    quantities = {name: values[of].grad for name, of in derived.items()}
    quantities |= {f"d{name}": value.grad for name, value in net.p.items()}
    names = list(quantities) + [f"{s}{l}" for l in (1, 2) for s in ("z", "mu", "var", "xhat", "u", "a")] + ["h1"]
    return (check_pages(nabla, script, two_dimensional(quantities), True, draw) or
            check_matrices(nabla, script, names) or
            check_letters(nabla, script, two_dimensional(quantities), True, draw) or
            check_pages(nabla, script, {"delta3": two_dimensional(quantities)["delta3"]}, True, draw, (" jacobian",)))


def updated(nabla, net, lines, draw):
    """{(name, place): value} of some parameters, as their updates are explained."""
    places = [(name, (draw.randrange(p.shape[0]), draw.randrange(p.shape[-1]))) for name, p in net.p.items()]
    pages = explained(nabla, net.script() + lines, [f"explain update {typed('d' + n, p, False)[1:]}" for n, p in places])
    if isinstance(pages, str):
        return pages
    wide = [too_wide(page) for page in pages if too_wide(page)]
    return wide[0] if wide else dict(zip(places, (float(value_of(page)[0]) for page in pages)))


def check_updates(nabla, net, name, penalty, schedule, draw):
    """The pending update, and the one just made, stepped or by a run's schedule and clip."""
    expected = dict(zip(net.names(), learn(net, name, penalty, schedule, updates=UPDATES)))
    stepped = settings(name, penalty) + ["step 1 iteration"] * (UPDATES - 1) + ["forward quiet; backward quiet"]
    clip = f"clip={penalty['clip']} " if "clip" in penalty else ""
    trained = settings(name, penalty) + [f"train epochs={UPDATES} batch=full {clip}schedule={schedule} quiet"]
    moments = [trained]
    if schedule == "none" and not clip:
        moments += [stepped, stepped + ["update quiet"]]
    for lines in moments:
        values = updated(nabla, net, lines, draw)
        if isinstance(values, str):
            return values
        for (of, place), value in values.items():
            wanted = expected[of][place if expected[of].dim() == 2 else place[1]].item()
            if not near(value, wanted, CLOSE):
                return f"{lines[-1]}: {of} {place}: {value}, expected {wanted}"
    return None


def main(nabla):
    tally = program.Tally()
    draw = random.Random(7)
    kinds = [(hidden, output, loss) for loss in LOSSES for output in OUTPUTS.get(loss, list(ACTIVATIONS))
             for hidden in ACTIVATIONS if hidden != "softmax"]
    for seed in range(1, NETWORKS + 1):
        case = Case(seed + 1000, *draw.choice(kinds))
        case.rows, case.x, case.y = min(case.rows, 5), case.x[:5], case.y[:5]
        tally.check(f"seed {seed}: {case.definition()}, {case.rows} rows", check_case(nabla, case, draw))
    tally.check("batch norm and dropout", check_normed(nabla, draw))
    net = Net(1)
    for name in OPTIMIZERS:
        for penalty in PENALTIES:
            schedule = draw.choice(list(SCHEDULES))
            for rate in {"none", schedule}:
                tally.check(f"update by {name} {penalty} {rate}", check_updates(nabla, net, name, penalty, rate, draw))
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
