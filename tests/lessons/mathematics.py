#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""mathematics.py NABLA LESSONS: what stands in $...$ is shown as the same mathematics.

Every formula of the lessons is in formulas.txt with the form it is to have, written by
hand.  Beyond that formulas are made at random; what is shown and the TeX are read by two
readers that know nothing of each other, and have the same value for random numbers."""
import glob
import math
import os
import random
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import program  # noqa: E402

MADE = 600  # formulas at random


def show(nabla, formulas):
    """The formulas as a lesson shows them."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.md")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# Title\n\n" + "".join(f"@ ${tex}$\n\n" for tex in formulas))
        shown = program.run(nabla, path).out
    paragraphs = [" ".join(lines.split("\n")) for lines in shown.split("\n\n")]
    return [line[2:].replace("\u00a0", " ").strip() for line in paragraphs if line.startswith("@ ")]


# ---- The lessons' own ------------------------------------------------------------------


def formulas_of(path):
    """Every formula of a lesson, outside of code that is shown; a display's lines are many."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"^```(?!ask).*?^```$", "", text, flags=re.M | re.S)
    text = re.sub(r"`[^`\n]+`", "", text.replace("```", ""))
    for display in re.findall(r"^\$\$\n(.*?)^\$\$$", text, flags=re.M | re.S):
        yield from (line.strip() for line in display.splitlines())
    text = re.sub(r"^\$\$\n.*?^\$\$$", "", text, flags=re.M | re.S)
    yield from re.findall(r"(?<![\\$])\$([^\s$](?:[^$\n]*[^\s$])?)\$(?!\d)", text)


def test_lessons(nabla, lessons, tally):
    with open(os.path.join(HERE, "formulas.txt"), encoding="utf-8") as file:
        known = dict(line.rstrip("\n").split("\t") for line in file if "\t" in line)
    used = set()
    for path in sorted(glob.glob(os.path.join(lessons, "**", "*.md"), recursive=True)):
        missing = [tex for tex in formulas_of(path) if tex not in known]
        used.update(formulas_of(path))
        tally.check(path + ": formulas are known", missing and f"not in formulas.txt: {missing}")
    tally.check("lessons have formulas", None if len(used) > 50 else f"only {len(used)}")
    for (tex, wanted), got in zip(known.items(), show(nabla, known)):
        tally.check(tex, None if got == wanted else f"{got!r}, not {wanted!r}")


# ---- Made at random ----------------------------------------------------------------------

LETTERS = ["a", "b", "c", "w", "x", "y", "z", "\\sigma ", "\\mu ", "\\eta ", "\\hat{y}"]
SHOWN = {"\\sigma": "σ", "\\mu": "μ", "\\eta": "η"}


def make_atom(rng, deep):
    kind = rng.randrange(12 if deep else 4)
    inner = make(rng, deep - 1) if deep else ""
    if kind < 2:
        return rng.choice(LETTERS)
    if kind == 2:
        return str(rng.randrange(2, 10))
    if kind == 3:
        return rng.choice(LETTERS) + "_" + rng.choice(["1", "k", "{i,j}", "{12}"])
    if kind < 7:
        return "\\frac{%s}{%s}" % (inner, make(rng, deep - 1))
    if kind == 7:
        return "\\sqrt{%s}" % inner
    if kind == 8:
        return "(%s)" % inner
    if kind == 9:
        return ("(%s)" if "|" in inner else "|%s|") % inner
    if kind == 10:
        return rng.choice(["\\ln(%s)", "\\max(%s)", "\\left(%s\\right)"]) % inner
    return rng.choice(["\\frac{1}{2}", "\\frac{\\partial L}{\\partial %s}" % rng.choice(LETTERS)])


def make_factor(rng, deep):
    atom = make_atom(rng, deep)
    if deep and rng.random() < 0.25:
        bare = atom in LETTERS or rng.random() < 0.3
        power = rng.choice(["2", "3", "{-1}", "{%s}" % make(rng, deep - 1)])
        return (atom if bare else "{%s}" % atom) + "^" + power
    return atom


def make_term(rng, deep):
    """Behind a / only a · follows: a/bc means one thing to some and another to others."""
    term, divided = make_factor(rng, deep), False
    while rng.random() < 0.4:
        join = rng.choice(["\\cdot ", "", "", "/", " "])
        factor = make_factor(rng, deep)
        if divided or (factor[0].isdigit() and join != "/"):
            join = "\\cdot "
        divided = join == "/"
        term += join + factor
    if rng.random() < 0.08 and not divided:
        term += rng.choice(["\\sum_k ", "\\ln "]) + make_atom(rng, deep)
    return term


def make(rng, deep):
    text = rng.choice(["", "", "", "-"]) + make_term(rng, deep)
    while rng.random() < 0.25:
        text += rng.choice([" + ", "-"]) + make_term(rng, deep)
    return text


# ---- Values ------------------------------------------------------------------------------


def variable(name):
    """A number of each name's own."""
    return random.Random(name).uniform(0.3, 2.5)


def power(base, exponent):
    """Likewise where a real power is not defined: any function of both will do."""
    try:
        return math.copysign(abs(base) ** exponent, base) + 0.01 * base
    except (OverflowError, ZeroDivisionError):
        return 0.77


def root(x):
    return math.sqrt(abs(x)) + 0.1 * x


FUNCTIONS = {
    "ln": lambda x: math.log(1 + abs(x)) + 0.1 * x,
    "max": lambda x: math.atan(x) + 0.3,
    "sum": lambda x: math.sin(x) + 2 * x + 0.5,
    "bars": lambda x: abs(x) + 0.2,
}


class Fault(Exception):
    pass


class Reader:
    """Tokens, and what both readers have in common: nothing but arithmetic."""

    def __init__(self, tokens):
        self.tokens, self.at = tokens, 0

    def peek(self, step=0):
        return self.tokens[self.at + step] if self.at + step < len(self.tokens) else ""

    def take(self, wanted=None):
        token = self.peek()
        if wanted is not None and token != wanted:
            raise Fault(f"{wanted!r} expected, {token!r} found")
        self.at += 1
        return token

    def sum(self):
        sign = -1 if self.peek() in ("-", "−") else 1
        self.at += sign < 0
        value = sign * self.product()
        while self.peek() in ("+", "-", "−"):
            sign = 1 if self.take() == "+" else -1
            value += sign * self.product()
        return value

    def whole(self):
        value = self.sum()
        if self.peek():
            raise Fault(f"{self.peek()!r} is left")
        return value


class Tex(Reader):
    def __init__(self, text):
        text = text.replace("\\left", "").replace("\\right", "").replace("\\hat{y}", "ŷ")
        super().__init__(re.findall(r"\\[a-z]+|\d+|[^\s]", text))

    def product(self):
        value = self.factor()
        while True:
            token = self.peek()
            if token == "/":
                self.take()
                value /= self.factor() or 1e-9
            elif token == "\\cdot":
                self.take()
                value *= self.factor()
            elif token and token not in ("+", "-", ")", "}") and not (token == "|" and self.bars):
                value *= self.factor()
            else:
                return value

    bars = 0

    def group(self):
        self.take("{")
        outer, self.bars = self.bars, 0
        value = self.sum()
        self.bars = outer
        self.take("}")
        return value

    def bracketed(self):
        self.take("(")
        outer, self.bars = self.bars, 0
        value = self.sum()
        self.bars = outer
        self.take(")")
        return value

    def factor(self):
        token = self.peek()
        if token == "\\sum":
            for _ in range(3):
                self.take()
            return FUNCTIONS["sum"](self.product())
        value = self.atom()
        if self.peek() == "^":
            self.take()
            exponent = self.group() if self.peek() == "{" else float(self.take())
            value = power(value, exponent)
        return value

    def atom(self):
        token = self.peek()
        if token == "{":
            return self.group()
        if token == "(":
            return self.bracketed()
        self.take()
        if token == "|":
            outer, self.bars = self.bars, 1
            value = FUNCTIONS["bars"](self.sum())
            self.bars = outer
            self.take("|")
            return value
        if token == "\\frac":
            return self.fraction()
        if token == "\\sqrt":
            return root(self.group())
        if token in ("\\ln", "\\max"):
            value = self.factor() if self.peek() != "(" else self.bracketed()
            return FUNCTIONS[token[1:]](value)
        if token.isdigit():
            return float(token)
        return variable(SHOWN.get(token, token) + self.index())

    def index(self):
        if self.peek() != "_":
            return ""
        self.take()
        if self.peek() != "{":
            return "_" + self.take()
        inside = ""
        self.take("{")
        while self.peek() != "}":
            inside += self.take()
        self.take("}")
        return "_" + inside.replace(",", "")

    def fraction(self):
        if self.peek(1) == "\\partial" and self.peek(2) == "L":
            self.at += 6
            name = self.take()
            self.take("}")
            return variable("d" + SHOWN.get(name, name))
        top = self.group()
        return top / (self.group() or 1e-9)


RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᵉʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", "0123456789+−=()abehijklmnoprstuvwxyz"))
NAMES = "abcwxyzσμηŷ"
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ,", "0123456789aehijklmnoprstuvx,"))


class Line(Reader):
    """What is shown.  Where it could be read in two ways it is a fault: a/bc, √ab, ln a/b."""

    def __init__(self, text):
        raised, lowered = "[" + "".join(RAISED) + "]+", "[" + "".join(LOWERED) + "]+"
        text = re.sub(f"({raised})({lowered})", r"\2\1", text)
        super().__init__(re.findall(
            rf"ln|max|Σₖ|∂L/∂[{NAMES}]|½|[{NAMES}](?:{lowered})?|\d+|{raised}|[^\s]", text))
        self.bars = 0

    def product(self):
        value = self.run()
        while self.peek() in ("·", "/"):
            if self.take() == "·":
                value *= self.run()
            else:
                value /= self.run(below=True) or 1e-9
        return value

    def ends(self):
        token = self.peek()
        return not token or token in "+−)·/" or (token == "|" and self.bars > 0)

    def run(self, below=False):
        """Factors side by side."""
        value, loose, count, first = 1.0, False, 0, self.at
        while not self.ends():
            if loose:
                raise Fault("a factor behind ln x, √x or Σ")
            factor, loose = self.factor()
            value, count = value * factor, count + 1
        if not count:
            raise Fault(f"nothing at {first}")
        if below and count > 1:
            raise Fault("a/bc")
        if loose and self.peek() == "/":
            raise Fault("ln a/b")
        return value

    def bracketed(self, ends=")"):
        self.take()
        outer, self.bars = self.bars, int(ends == "|")
        value = self.sum()
        self.bars = outer
        self.take(ends)
        return value

    def factor(self):
        token = self.peek()
        loose = False
        if token == "(":
            value = self.bracketed()
        elif token == "|":
            value = FUNCTIONS["bars"](self.bracketed("|"))
        elif token == "Σₖ":
            self.take()
            return FUNCTIONS["sum"](self.product()), True
        elif token in ("ln", "max"):
            self.take()
            loose = self.peek() != "("
            value = FUNCTIONS[token](self.bracketed() if not loose else self.factor()[0])
            if loose:
                return value, True
        elif token == "√":
            self.take()
            loose = self.peek() != "("
            value = root(self.bracketed() if not loose else self.simple())
        else:
            value = self.simple()
        return self.raised(value, loose), loose

    def simple(self):
        token = self.take()
        if token == "½":
            if self.peek().isdigit() or (self.at > 1 and self.peek(-2).isdigit()):
                raise Fault("a mixed number")
            return 0.5
        if token.isdigit():
            return float(token)
        if token.startswith("∂L/∂"):
            return variable("d" + token[-1])
        if token[0] not in NAMES:
            raise Fault(f"{token!r} is no name")
        index = "".join(LOWERED[c] for c in token[1:])
        return variable(token[0] + ("_" + index.replace(",", "") if index else ""))

    def raised(self, value, loose):
        token = self.peek()
        if token == "^":
            self.take()
            exponent = self.bracketed()
        elif token and token[0] in RAISED:
            exponent = Line("".join(RAISED[c] for c in self.take())).whole()
        else:
            return value
        if loose:
            raise Fault("√x²")
        return power(value, exponent)


def compare(tex, shown):
    try:
        wanted, got = Tex(tex).whole(), Line(shown).whole()
    except Fault as fault:
        return f"{shown}: {fault}"
    except OverflowError:
        return None
    same = math.isclose(wanted, got, rel_tol=1e-6) or max(abs(wanted), abs(got)) > 1e100
    return None if same else f"{shown}: {got}, not {wanted}"


def test_made(nabla, tally):
    rng = random.Random(1)
    made = [make(rng, 2).strip() for _ in range(MADE)]
    shown = show(nabla, made)
    tally.check("all are shown", None if len(shown) == MADE else f"{len(shown)} of {MADE}")
    for tex, line in zip(made, shown):
        tally.check(tex, compare(tex, line))


def main(nabla, lessons):
    tally = program.Tally()
    test_lessons(nabla, lessons, tally)
    test_made(nabla, tally)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
