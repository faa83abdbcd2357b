#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tables.py NABLA: data npz, data csv, split, limit and scale against numpy.

numpy and the module csv write files of every form, and the rows that nabla trains on
must be the rows that they hold.
"""
import csv
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

try:
    import numpy
except ImportError:
    print("skipped: numpy is not installed (Debian: python3-numpy)")
    sys.exit(77)

FOLDER = tempfile.TemporaryDirectory(prefix="nabla-tables-")
DRAW = numpy.random.default_rng(11)
TYPES = ["f4", "f8", "u1", "i4", "i8", "b1"]
SHAPES = [(6, 5), (6, 2, 3), (6, 3, 2, 2), (6, 1, 4, 4), (6,)]


def path(name):
    return os.path.join(FOLDER.name, name)


def rows_of(nabla, commands, rows, part="train", names=("x", "y")):
    """x and y of the first rows of a part as arrays (rows, columns), or what went wrong."""
    shown = f"sample 1:{rows} {part}; print {', '.join(names)}"
    result = program.run(nabla, "-q", "-c", f"set digits 17; {commands}; {shown}")
    if result.status or result.crash():
        raise AssertionError(f"status {result.status} {result.crash() or ''}\n{result.err}")
    return [numpy.array(json.loads(line)) for line in result.out.splitlines()[-len(names):]]


def same(found, expected, tolerance=0.0):
    """None, or how the arrays differ."""
    expected = numpy.asarray(expected, float)
    if found.shape != expected.shape:
        return f"shape {found.shape}, expected {expected.shape}"
    off = numpy.abs(found - expected).max()
    return None if off <= tolerance else f"off by {off}"


def attempt(tally, name, test, *arguments):
    try:
        tally.check(name, test(*arguments))
    except AssertionError as error:
        tally.check(name, error)


def one_hot(labels):
    return (numpy.asarray(labels)[:, None] == numpy.unique(labels)[None, :]).astype(float)


# ---- Arrays ------------------------------------------------------------------

def numbers(kind, shape):
    if kind[0] == "f":
        return DRAW.normal(size=shape).astype(kind)
    if kind == "b1":
        return DRAW.integers(0, 2, shape).astype(bool)
    least = 0 if kind == "u1" else -(2 ** 31)
    return DRAW.integers(least, 255 if kind == "u1" else 2 ** 31 - 1, shape).astype(kind)


def check_array(nabla, save, kind, shape, order):
    x = numpy.array(numbers(kind, shape), order=order)
    y = numpy.array(DRAW.normal(size=(shape[0], 2)), order=order)
    save(path("a.npz"), x=x, y=y)
    found = rows_of(nabla, f"data npz {path('a.npz')}; scale none", shape[0])
    return same(found[0], x.reshape(shape[0], -1)) or same(found[1], y)


def check_parts(nabla):
    arrays = {"x_train": DRAW.integers(0, 256, (20, 4, 4)).astype("u1"), "y_train": numpy.arange(20) % 4 * 2,
              "x_test": DRAW.integers(0, 256, (5, 4, 4)).astype("u1"), "y_test": numpy.array([6, 0, 8, 2, 4])}
    numpy.savez_compressed(path("p.npz"), **arrays)
    every = one_hot(numpy.concatenate([arrays["y_train"], arrays["y_test"]]))
    problem = None
    for part, rows, targets in (("train", 20, every[:20]), ("test", 5, every[20:])):
        x, y = rows_of(nabla, f"data npz {path('p.npz')}; scale none", rows, part)
        problem = problem or same(x, arrays[f"x_{part}"].reshape(rows, -1)) or same(y, targets)
    images, _ = rows_of(nabla, f"data npz {path('p.npz')}", 20)  # images begin with standard
    problem = problem or same(images.mean(0), numpy.zeros(16), 1e-12) or same(images.std(0), numpy.ones(16), 1e-12)
    return problem


def check_scale(nabla, kind, scale):
    """Statistics of the rows that train, after a split, on all parts."""
    x = numpy.array(numbers(kind, (40, 7)))
    x[:, 3] = 1
    test = numpy.array(numbers(kind, (9, 7)))
    numpy.savez(path("s.npz"), x=x, y=DRAW.normal(size=40), x_test=test, y_test=DRAW.normal(size=9))
    first = f"data npz {path('s.npz')}; split 0.6 0.4; limit 20 8"
    raw, _ = rows_of(nabla, first, 20)
    held, _ = rows_of(nabla, first, 16, "validation")
    byte = 255 if kind == "u1" else 1
    mean, deviation = raw.mean(0), raw.std(0)
    least, span = raw.min(0), raw.max(0) - raw.min(0)
    shift, factor = {
        "none": (0, 1),
        "unit": (0, 1 / 255) if kind == "u1" else (least, 1 / numpy.where(span > 0, span, 1)),
        "standard": (mean, 1 / numpy.where(deviation > 0, deviation, byte)),
        "mean": (mean, 1 / byte)}[scale]
    problem = None
    for part, rows in (("train", raw), ("validation", held), ("test", test[:8].astype(float))):
        found, _ = rows_of(nabla, f"{first}; scale {scale}", len(rows), part)
        expected = (rows - shift) * factor
        problem = problem or same(found, expected, 1e-9 * max(1, numpy.abs(expected).max()))
    return problem


# ---- Split -------------------------------------------------------------------

def check_split(nabla, rows, train, validation, counts):
    """Every row once, in a part of the right size, shuffled."""
    x = numpy.arange(rows, dtype="f8").reshape(-1, 1)
    numpy.savez(path("r.npz"), x=x, y=x)
    commands = f"data npz {path('r.npz')}; split {train} {validation}"
    kept = rows_of(nabla, commands, counts[0])[0].ravel().tolist()
    held = rows_of(nabla, commands, counts[1], "validation")[0].ravel().tolist()
    if len(set(kept + held)) != sum(counts):
        return f"rows are there twice: {kept} {held}"
    if sum(counts) > 10 and kept == sorted(kept):
        return "the rows are not shuffled"
    again = rows_of(nabla, f"{commands}; undo; redo", counts[0])[0].ravel().tolist()
    whole = rows_of(nabla, f"{commands}; undo", counts[0] + counts[1])[0].ravel().tolist()
    if again != kept or whole != list(range(sum(counts))):
        return f"undo and redo lead to {again} and {whole}"
    return None


# ---- Tables ------------------------------------------------------------------

def check_csv(nabla, newline, quoting, header, target):
    x = DRAW.normal(size=(12, 3))
    words = numpy.array(["north, by west", 'a "quoted" word', "south", "été"])[DRAW.permutation(12) % 4]
    with open(path("t.csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator=newline, quoting=quoting)
        if header:
            writer.writerow(["left side", "kind, of", "up", "down"])
        for row, word in zip(x, words):
            writer.writerow([repr(float(row[0])), word, repr(float(row[1])), repr(float(row[2]))])
    found = rows_of(nabla, f"data csv {path('t.csv')} target={target}", 12)
    order = sorted(set(words), key=lambda word: word.encode())
    return same(found[0], x) or same(found[1], (words[:, None] == numpy.array(order)[None, :]).astype(float))


def check_gz(nabla):
    import gzip
    x = DRAW.normal(size=(5, 4))
    with gzip.open(path("t.csv.gz"), "wt") as file:
        numpy.savetxt(file, x, delimiter=",", fmt="%.17g")
    found = rows_of(nabla, f"data csv {path('t.csv.gz')} target=2:3", 5)
    return same(found[0], x[:, [0, 3]]) or same(found[1], x[:, [1, 2]])


def picture(nabla, x, commands):
    """What is drawn of the images x, and the pixels of the first where it is drawn one to one."""
    numpy.savez(path("p.npz"), x=x, y=numpy.arange(len(x)) % 2)
    result = program.run(nabla, "--color", "always", "-c", f"data npz {path('p.npz')}; {commands}",
                         COLORTERM="truecolor")
    if result.status or result.crash():
        raise AssertionError(f"status {result.status} {result.crash() or ''}\n{result.err}")
    return [line for line in result.out.splitlines() if "\033[38;2" in line]


def check_pictures(nabla, kind):
    """Layouts of the same images give the same pictures, of the right colours."""
    planes = numbers(kind, (2, 3, 8, 6))
    for commands in ("data show 2", "net 144-2-1; sample 1; worst 1"):
        first = picture(nabla, planes, commands)
        last = picture(nabla, planes.transpose(0, 2, 3, 1).copy(), commands)
        if not first or first != last and commands == "data show 2":
            return f"{commands}: {first}\n{last}"
    if picture(nabla, planes[:, 0], "data show 1") != picture(nabla, planes[:, 0, :, :, None], "data show 1"):
        return "one channel"
    least, most = (0, 255) if kind == "u1" else (planes[1].min(), planes[1].max())
    levels = (planes[1].astype(float) - least) / (most - least) * 255
    found = numpy.array([[[int(n) for n in half.split(";")] for half in re.findall(r"[34]8;2;(\d+;\d+;\d+)", line)]
                         for line in picture(nabla, planes, "data show 2")])  # (4, 12, 3): upper, lower
    found = found.reshape(4, 6, 2, 3).transpose(0, 2, 1, 3).reshape(8, 6, 3)
    return same(found, levels.transpose(1, 2, 0), 0.5001)


def main(nabla):
    tally = program.Tally()
    for save in (numpy.savez, numpy.savez_compressed):
        for kind in TYPES:
            for shape in SHAPES:
                for order in "CF":
                    attempt(tally, f"{save.__name__} {kind} {shape} {order}", check_array, nabla, save, kind, shape,
                            order)
    attempt(tally, "train and test", check_parts, nabla)
    for kind in ("u1", "f8"):
        for scale in ("none", "unit", "standard", "mean"):
            attempt(tally, f"scale {scale} of {kind}", check_scale, nabla, kind, scale)
    for rows, train, validation, counts in (
            (50, 40, 10, (40, 10)), (50, 0.8, 0.2, (40, 10)), (51, 0.5, 0.5, (25, 26)), (3, 1, 2, (1, 2)),
            (1000, 0.999, 0.001, (999, 1))):
        attempt(tally, f"split {train} {validation} of {rows}", check_split, nabla, rows, train, validation, counts)
    for newline in ("\n", "\r\n"):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
            attempt(tally, f"csv {newline!r} {quoting}", check_csv, nabla, newline, quoting, True, 2)
            attempt(tally, f"csv {newline!r} {quoting} without names", check_csv, nabla, newline, quoting, False, 2)
    attempt(tally, "csv.gz", check_gz, nabla)
    for kind in ("u1", "f4"):
        attempt(tally, f"pictures of {kind}", check_pictures, nabla, kind)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
