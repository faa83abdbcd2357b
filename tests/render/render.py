#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""render.py NABLA FOLDER: what explain and export write is taken by those who read it.

pdflatex compiles every LaTeX file, with no line wider than the page; KaTeX renders every
formula; every page is well-formed, with MathML elements of as many children as they take;
Chromium lays every formula out.  Who is not there is left out, and the test says so;
FOLDER keeps KaTeX, which npm fetches once.  Cases walk the tables that the program lists.
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

NABLA, KEPT = sys.argv[1], sys.argv[2]
FOLDER = tempfile.TemporaryDirectory(prefix="nabla-render-")
ROWS = "x = [[.5,.5,.1],[-.4,.2,.3],[1,-2,.5],[.1,.2,.3]]; "
ONE = "input 0.5 -0.5 0.1; "
CLASSES = "y = [[1,0],[0,1],[0,1],[1,0]]; "
WIDER_THAN = 2.0  # points that a line may stand out into the margin
ARITY = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "mover": 2, "munder": 2}
FRAGMENT = ("\\documentclass[10pt,a4paper]{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage{amsmath}\n"
            "\\usepackage[margin=20mm]{geometry}\n\\begin{document}\n%s\n\\end{document}\n")


def choices(commands):
    """What the program lists where a word is none of a table."""
    error = program.run(NABLA, "-q", "-c", commands).err.splitlines()[0]
    listed = re.search(r"one of ([^;]*?)(, found .*)?$", error, re.I).group(1)
    return [word for word in re.split(r",? or |, |\|", listed) if word]


def cases():
    """Names and what sets the network and its rows up."""
    made = {"exercise": program.EXERCISE + ";",
            "turned": "set index to-from; net 3-2-2 sigmoid; " + ONE + "target 1 0; ",
            "digits": "set digits 12; " + program.EXERCISE + ";",
            "deep": "net 3-1-1-2-1 tanh linear; " + ONE + "target 1; ",
            "three": "net 3-2-3 lecun sigmoid loss=sse; " + ONE + "target 1 0 1; ",
            "frozen": "net 3-2-2 sigmoid; freeze w1 b2; " + ONE + "target 1 0; ",
            "many": "net 3-4-2 tanh softmax; x = rand(20,3); y = zeros(20,2); ",
            "large": "net 64-32-32-10 lecun softmax; x = rand(2,64); y = zeros(2,10); ",
            "tiny": "net 3-2-2 sigmoid; w2 = [[1e-9,-1e-12],[1e-10,1e-7]]; " + ONE + "target 1 0; ",
            "huge": "net 3-2-2 sigmoid; w2 = [[1e9,-1e12],[-1e10,1e17]]; " + ONE + "target 1 0; ",
            "batchnorm": "net 3 - 3 batchnorm relu - 2 batchnorm softmax; " + ROWS + CLASSES,
            "dropout": "net 3 - 3 tanh dropout(0.4) - 2 sigmoid; " + ONE + "target 1 0; ",
            "both": "net 3 - 3 batchnorm leakyrelu dropout(0.5) - 2 softmax; set optimizer adam; set l2 0.1; "
                    + ROWS + CLASSES}
    for activation in choices("net 3-2-2 nothing"):
        inner = f"{activation} softmax" if activation != "softmax" else "sigmoid softmax"
        made[activation] = f"net 3-2-2 {inner}; {ONE}target 1 0; "
        made[activation + " batch"] = f"net 3-2-2 {inner} loss=mse; {ROWS}{CLASSES}"
    for loss in choices("net 3-2 sigmoid loss=nothing"):
        made[loss] = f"net 3-2-2 sigmoid loss={loss}; {ONE}target 1 0; "
        made[loss + " batch"] = f"net 3-2-2 tanh sigmoid loss={loss}; {ROWS}{CLASSES}"
    forms = choices("set l2-form nothing")
    for i, optimizer in enumerate(choices("set optimizer nothing")):
        made[optimizer] = (f"net 3-2-2 sigmoid; set optimizer {optimizer}; set l2 0.1; set l1 0.02; "
                           f"set l2-form {forms[i % len(forms)]}; set regularize-bias on; {ONE}target 1 0; ")
    return made


SETUPS = cases()
QUANTITIES = [f"{stem}{layer}" for layer in (1, 2) for stem in
              "w b gamma beta z mu var xhat u a mask h delta du dw db dgamma dbeta da dh gw gb mw vw rmean".split()]


def there(setup):
    """Which quantities the network has: those that can be printed after an iteration."""
    shown = "".join(f"print {name}\n" for name in QUANTITIES)
    result = program.run(NABLA, "-q", "-k", stdin=f"{setup}\nforward quiet\nbackward quiet\n{shown}")
    missing = set(re.findall(r"^print (\w+)$", result.err, re.M))
    return [name for name in QUANTITIES if name not in missing]


def explanations(setup):
    """explain of every quantity: whole, an element, what an update makes of it."""
    asked = ["explain loss", "explain x", "explain y", "explain delta2[1] jacobian", "explain delta1[j]",
             "explain dw1[j,k]", "explain a2[k]", "explain dw1[1,1] depth=1", "explain da2[1]/dz2[1]",
             "explain dL/da1[1]", "explain dz2[1]/dx[1]"]
    for name in there(setup):
        asked.append(f"explain {name}")
        asked.append(f"explain {name}[1,1]")
        asked.append(f"explain {name}[2]")
        asked.append(f"explain {name}[i]")
        asked.append(f"explain {name}[i,k]")
        asked.append(f"explain update {name}[1,1]")
        asked.append(f"explain update {name}[2]")
    return asked


def path(name, ending):
    return os.path.join(FOLDER.name, name.replace(" ", "-") + ending)


def write_all(name):
    """The files of a case: the exercise as .tex and .html, fragments of both kinds."""
    setup = SETUPS[name]
    done = f"{setup}\nforward quiet\nbackward quiet\n"
    asked = explanations(setup) if not name.startswith(("many", "large")) else ["explain w1[1,1]", "explain dw1[1,1]"]
    problems = []
    texts = {}
    for medium in ("latex", "mathml"):
        lines = "".join(f"{line} as {medium}\n" for line in asked)
        result = program.run(NABLA, "-q", "-k", stdin=done + lines)
        problems.append(result.crash())
        texts[medium] = result.out[result.out.index("\n", result.out.index("backward: ")):]
    exported = f'export "{path(name, ".tex")}"\nexport "{path(name, ".html")}"\n'
    result = program.run(NABLA, "-q", stdin=done + exported)
    problems.append(result.crash() or result.err)
    with open(path(name, "-fragment.tex"), "w", encoding="utf-8") as file:
        file.write(FRAGMENT % texts["latex"])
    with open(path(name, "-fragment.html"), "w", encoding="utf-8") as file:
        file.write("<!DOCTYPE html>\n<html><head><title>t</title></head><body>" + texts["mathml"] + "</body></html>\n")
    return [p for p in problems if p]


# ---- pdflatex ----

def compile_latex(file):
    """None, or what pdflatex says."""
    run = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", os.path.basename(file)],
                         cwd=FOLDER.name, capture_output=True, timeout=120)
    said = run.stdout.decode("utf-8", "replace")
    if run.returncode:
        at = said.find("\n!")
        return said[at:at + 800] if at >= 0 else said[-800:]
    wide = [w for w in re.findall(r"Overfull \\hbox \(([0-9.]+)pt too wide\)[^\n]*", said) if float(w) > WIDER_THAN]
    return f"{len(wide)} lines are too wide, by up to {max(map(float, wide))}pt" if wide else None


# ---- KaTeX ----

KATEX = """
const katex = require(process.argv[1]);
const formulas = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const bad = [];
for (const [text, display] of formulas)
  try { katex.renderToString(text, { displayMode: display, throwOnError: true, strict: 'error' }); }
  catch (error) { bad.push(text + '\\n    ' + error.message); }
console.log(JSON.stringify(bad));
"""


def katex_path():
    """Where node finds KaTeX, fetched where it must be; None: nowhere."""
    if not shutil.which("node"):
        return None
    for found in ("katex", "/usr/share/nodejs/katex", os.path.join(KEPT, "node_modules", "katex")):
        if subprocess.run(["node", "-e", f"require({json.dumps(found)})"], capture_output=True).returncode == 0:
            return found
    if not shutil.which("npm"):
        return None
    os.makedirs(KEPT, exist_ok=True)
    try:
        fetched = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", KEPT, "katex"],
                                 capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return None
    return os.path.join(KEPT, "node_modules", "katex") if fetched.returncode == 0 else None


def formulas_of(file):
    """Every formula of a LaTeX file, and whether it is set off from the text."""
    with open(file, encoding="utf-8") as opened:
        body = opened.read().split("\\begin{document}")[1]
    body = re.sub(r"^%.*$", "", body, flags=re.M)
    displayed = re.findall(r"\\begin\{align\*\}.*?\\end\{align\*\}", body, re.S)
    inline = re.findall(r"\$([^$]+)\$", re.sub(r"\\begin\{align\*\}.*?\\end\{align\*\}", "", body, flags=re.S))
    return [(text, True) for text in displayed] + [(text, False) for text in inline]


def check_katex(tally, katex):
    formulas = sorted({f for name in SETUPS for ending in (".tex", "-fragment.tex") for f in formulas_of(path(name, ending))})
    run = subprocess.run(["node", "-e", KATEX, "--", katex], input=json.dumps(formulas).encode(), capture_output=True,
                         timeout=300)
    bad = json.loads(run.stdout) if run.returncode == 0 else [run.stderr.decode()]
    tally.check(f"KaTeX, {len(formulas)} formulas", "\n".join(bad[:3]))


# ---- MathML ----

def check_page(file):
    """None, or why the page is not well-formed."""
    with open(file, encoding="utf-8") as opened:
        text = opened.read()
    try:
        root = xml.fromstring(text)
    except xml.ParseError as error:
        line = text.splitlines()[error.position[0] - 1]
        return f"{error}: {line[max(0, error.position[1] - 80):error.position[1] + 80]}"
    for element in root.iter():
        if len(element) != ARITY.get(element.tag, len(element)):
            return f"<{element.tag}> has {len(element)} children"
        if element.tag in ("mi", "mn", "mo") and not (element.text or "").strip():
            return f"<{element.tag}> is empty"
    return None if root.find(".//math") is not None else "there is no formula"


LAID_OUT = """
<script>
const bad = [];
for (const math of document.querySelectorAll('math')) {
  const box = math.getBoundingClientRect();
  if (!(box.width > 3 && box.height > 3)) bad.push(math.outerHTML.slice(0, 200));
}
for (const fraction of document.querySelectorAll('mfrac')) {
  const [above, below] = [...fraction.children].map(child => child.getBoundingClientRect());
  if (!(above.bottom <= below.top + 1)) bad.push(fraction.outerHTML.slice(0, 200));
}
for (const indexed of document.querySelectorAll('msubsup')) {
  const [base, below, above] = [...indexed.children].map(child => child.getBoundingClientRect());
  if (!(above.top < below.top && below.left >= base.left)) bad.push(indexed.outerHTML.slice(0, 200));
}
document.body.setAttribute('data-bad', JSON.stringify(bad));
</script></body>"""


def lay_out(chromium, file):
    """None, or formulas that Chromium does not lay out."""
    with open(file, encoding="utf-8") as opened:
        text = opened.read().replace("</body>", LAID_OUT)
    probe = file.replace(".html", "-probe.html")
    with open(probe, "w", encoding="utf-8") as opened:
        opened.write(text)
    run = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "file://" + probe],
                         capture_output=True, timeout=120)
    found = re.search(r'data-bad="([^"]*)"', run.stdout.decode("utf-8", "replace"))
    if not found:
        return "Chromium did not run the probe"
    return None if found.group(1) == "[]" else found.group(1)[:600]


# ---- All ----

def main():
    tally = program.Tally()
    absent = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, problems in zip(SETUPS, pool.map(write_all, SETUPS)):
            tally.check("writing " + name, "\n".join(problems))
        pages = [path(name, ending) for name in SETUPS for ending in (".html", "-fragment.html")]
        for page in pages:
            tally.check(os.path.basename(page), check_page(page))
        if shutil.which("pdflatex"):
            files = [path(name, ending) for name in SETUPS for ending in (".tex", "-fragment.tex")]
            for file, problem in zip(files, pool.map(compile_latex, files)):
                tally.check("pdflatex " + os.path.basename(file), problem)
        else:
            absent.append("pdflatex (Debian: texlive-latex-base)")
        chromium = shutil.which("chromium")
        if chromium:
            shown = [path(name, ".html") for name in ("exercise", "both", "deep")]
            for page, problem in zip(shown, pool.map(lambda p: lay_out(chromium, p), shown)):
                tally.check("Chromium " + os.path.basename(page), problem)
        else:
            absent.append("chromium")
    katex = katex_path()
    if katex:
        check_katex(tally, katex)
    else:
        absent.append("KaTeX (node and npm)")
    if absent:
        print("left out, for want of: " + ", ".join(absent))
    return tally.done()


sys.exit(main())
