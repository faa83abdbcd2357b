/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of help that are no command's. */
#include <string.h>

#include "base/compiler.h"
#include "command/inform.h"
#include "formula/mistake.h"

static const char start_text[] =
    "The pen-and-paper exercise, from the definition to the first update:\n"
    "\n"
    "  net 3-2-2 sigmoid                        three inputs, two layers of two units\n"
    "  w1 = [[.15,.2],[.25,.3],[.35,.4]]        weights of one's own\n"
    "  input 0.5 0.5 0.1; target 0.9 0.1        one sample\n"
    "  step                                     one operation, as a sheet shows it\n"
    "  forward; backward; update                whole phases\n"
    "  explain dL/dw1[1,1]                      where a number comes from\n"
    "\n"
    "At the prompt the line may be shorter (f, b, u, s), Tab completes, and Enter\n"
    "on an empty line repeats the last step. break, watch and display stop and show\n"
    "on the way: help break.\n";

static const char names_text[] =
    "x y          input and target, one row a sample       yhat   the output, aL\n"
    "w2 b2        weights and biases of layer 2            loss   L\n"
    "z2 a2        weighted sum, activation of layer 2\n"
    "delta2       dL/dz2      dw2 db2 da2   dL/dw2, dL/db2, dL/da2\n"
    "gw2 penalty  dw2 with the gradient of l1 and l2, and their value\n"
    "mw2 vw2      what the optimizer keeps of w2 from update to update; mb2 vb2\n"
    "mu2 var2 xhat2 gamma2 beta2 u2 rmean2 rvar2, du2 dgamma2 dbeta2: help batchnorm\n"
    "mask2 h2 dh2: help dropout\n"
    "\n"
    "w1[j,k] joins source j to destination k; indices start at 1, : is all, 2:4 a\n"
    "range. With one sample z1 is a vector, z1[unit]; with a batch a matrix,\n"
    "z1[sample,unit]. Also understood: W1 X dW1, ∂L/∂w1[1,1], dC/dw1, ∇w1, δ2, ŷ, η\n"
    "or eta or alpha for lr. da2[1]/dz2[1] without blanks is that local derivative;\n"
    "old(EXPR) is as it was before the last update. Names that end in a layer's\n"
    "number are the network's; lr l1 l2 momentum rho epsilon are settings; any other\n"
    "name is a variable of your own: t = [1, 2, 3].\n";

static const char expressions_text[] =
    "[1, 2, 3] is a vector, [1, 2; 3, 4] and [[1, 2], [3, 4]] are matrices.\n"
    "\n"
    "  or  and  not              1 and 0 for true and false\n"
    "  ==  !=  <  <=  >  >=      element by element\n"
    "  +  -                      with broadcasting, as * / ^\n"
    "  *  /  @                   @ multiplies matrices\n"
    "  - (sign)\n"
    "  ^                         from the right; -2^2 is -4\n"
    "  '  [ ]                    transpose, elements\n"
    "\n"
    "from loose to tight. A vector is one row, as one sample is; ' makes it a\n"
    "column. z1 is x @ w1 + b1, dw1 is x' @ delta1, what layer 2 sends back is\n"
    "delta2 @ w2'.\n";

static const char functions_text[] =
    "sum mean max min argmax take an axis as second argument: 1 down the columns, 2\n"
    "along the rows. sigmoid'(z), or σ'(z), is an activation's derivative.\n";

static const char freshness_text[] =
    "A number is shown only where it belongs to the present weights and rows.\n"
    "Every write is stamped: a quantity is fresh when it was computed, what it is\n"
    "computed from is fresh, and none of that was written later. Reading a stale\n"
    "one is an error that names the command which computes it anew. After update\n"
    "all that depends on the weights is stale: forward computes it anew, old(loss)\n"
    "and unstep show the last. Asking twice gives the same numbers: nothing\n"
    "accumulates.\n";

static const char files_text[] =
    "nabla FILE runs a script, nabla FILE.md plays a lesson, source FILE runs a\n"
    "script from the prompt. A script is lines of statements; ; separates them, #\n"
    "begins a comment, an open bracket or a final \\ continues on the next line. It\n"
    "stops at the first error unless nabla was started with -k. Words must be\n"
    "whole there. Data sets are looked for in $NABLA_DATA, then in\n"
    "$XDG_DATA_HOME/nabla.\n";

static const char keys_text[] =
    "Tab          complete commands, arguments, choices, quantities, files\n"
    "Up, Ctrl-R   earlier lines\n"
    "Enter        on an empty line: repeat the last step, unstep or continue; in a\n"
    "             lesson, go on\n"
    "Ctrl-C       drop the line; during training, stop after the batch\n"
    "Ctrl-D       leave\n"
    "\n"
    "Short forms, at the prompt only: f forward, b backward, s step, u update, p\n"
    "print, c continue, n next, h or ? help, q quit, and any beginning that fits one\n"
    "command.\n";

static const char training_text[] =
    "train runs the same plan that step walks through, batch after batch: k stepped\n"
    "iterations and then E epochs without a data set equal k+E epochs bit for bit\n"
    "in double.\n"
    "\n"
    "  data xor; train epochs=2000 batch=full lr=0.5; evaluate\n"
    "  data cifar10-mini; net 3072-100-100-10 relu softmax; train epochs=5 lr=0.05\n"
    "\n"
    "Without a data set it trains on the rows of x and y. Ctrl-C stops after the\n"
    "batch.\n";

static const char optimizers_text[] =
    "w is any parameter, g its gradient with that of l2 and l1, η is lr, t counts\n"
    "updates from 1.\n"
    "\n"
    "  sgd       w ← w − η·g\n"
    "  momentum  v ← μ·v + g, w ← w − η·v                            momentum 0.9\n"
    "  nesterov  v ← μ·v + g, w ← w − η·(g + μ·v)                    momentum 0.9\n"
    "  rmsprop   v ← ρ·v + (1−ρ)·g², w ← w − η·g/(√v + ε)   rho 0.99, epsilon 1e-8\n"
    "  adam      m ← β1·m + (1−β1)·g, v ← β2·v + (1−β2)·g²,\n"
    "            w ← w − η·(m/(1−β1^t))/(√(v/(1−β2^t)) + ε)\n"
    "                      adam-beta1 0.9, adam-beta2 0.999, epsilon 1e-8\n"
    "  adamw     w ← w − η·λ·w for weights, λ is l2; then adam without l2 in g\n"
    "\n"
    "set optimizer adam; set lr 0.001 hold for step and train, train optimizer=adam\n"
    "for one run. vw1 and mw1 are v and m of w1 (momentum's v, and rmsprop's, too);\n"
    "init sets them back. All are as PyTorch defines them.\n";

static const char schedules_text[] =
    "A schedule lowers the rate during train: set schedule exp(1e-4), or train\n"
    "schedule=exp(1e-4). t counts completed epochs from 0, with per=step updates; it\n"
    "starts at 0 with each train, and T is the epochs of that run. Stepping keeps lr.\n"
    "\n"
    "  none           η\n"
    "  exp(k)         η·e^(−k·t)\n"
    "  step(c,every)  η·c^⌊t/every⌋; step(0.92): every epoch\n"
    "  inverse(k)     η/(1 + k·t)\n"
    "  cosine         η·(1 + cos(π·t/T))/2\n";

static const char regularization_text[] =
    "A penalty keeps weights small. loss and dw never contain it: penalty is its\n"
    "value, and gw1 = dw1 + its gradient is what the optimizer uses (without a\n"
    "penalty gw1 is dw1). set l2 1e-4, with one of three forms:\n"
    "\n"
    "  set l2-form half        λ/2·Σw², gradient λ·w (PyTorch's weight_decay)\n"
    "  set l2-form full        λ·Σw², gradient 2λ·w\n"
    "  set l2-form per-sample  λ/(2N)·Σw², gradient λ/N·w, N training samples\n"
    "\n"
    "set l1 1e-5 adds λ·Σ|w|, gradient λ·sign(w). Weights are penalised, biases with\n"
    "set regularize-bias on, gamma and beta never. adamw takes l2 as decay of its\n"
    "weights instead: help optimizers. See also: help dropout.\n";

static const char batchnorm_text[] =
    "net 784 - 64 batchnorm relu - 10 softmax gives layer 1 batch norm. With mu1 and\n"
    "var1 the mean and the (biased) variance of z1 over the batch,\n"
    "\n"
    "  xhat1 = (z1 − mu1)/√(var1 + 1e-5)    u1 = gamma1·xhat1 + beta1    a1 = f(u1)\n"
    "\n"
    "gamma1 and beta1 are parameters, at first 1 and 0, with dgamma1 and dbeta1; du1\n"
    "is ∂L/∂u1, delta1 stays ∂L/∂z1. An operation of the update phase lets rmean1 and\n"
    "rvar1 follow: 0.9 of the old and 0.1 of the batch's (rvar1 of the unbiased\n"
    "variance); evaluation uses them. One row has no variance: take several, as\n"
    "sample 1:32 does. A last batch of one row is left out by train.\n";

static const char dropout_text[] =
    "net 784 - 64 relu dropout(0.4) - 10 softmax leaves out 0.4 of the units of layer\n"
    "1 while training: mask1 is 0 for those and 1/(1 − 0.4) for the kept ones,\n"
    "\n"
    "  h1 = a1·mask1, which layer 2 reads    da1 = dh1·mask1\n"
    "\n"
    "Nothing happens in evaluation. The mask is drawn by seed, iteration and layer,\n"
    "so asking twice or stepping back shows the same one. The output has none.\n"
    "With batch norm the order is batchnorm, activation, dropout.\n";

static const char mistakes_text[] =
    "check compares a wrong number with what these mistakes give, made in its own\n"
    "formula, in every layer, or in a number that it is made of. All that give it to\n"
    "the digits written are named, or two at once where only these two do; so write\n"
    "3 or 4 digits. A number that none gives gets no name.\n";

static const char data_text[] =
    "data NAME loads a set, data alone describes it, scale changes how its numbers\n"
    "are scaled. An iteration begins with the next batch of the training order\n"
    "unless rows are pinned by input, x = or sample; reset lets them go.\n";

static const char lessons_text[] =
    "lessons lists them, lesson NAME begins one, next (or Enter) goes on, again\n"
    "repeats the section, leave ends it. Everything that a lesson does can be done\n"
    "at the prompt, and all commands work between its questions; what that changes\n"
    "is undone when it goes on. set pager on shows long sections page by page.\n"
    "\n"
    "A question waits for a number or arithmetic: 0.0097, or 0.0423*0.6422*0.3578.\n"
    "hint helps, skip goes on without, reveal shows the answer and its derivation,\n"
    "as the last wrong try does. You may look at everything meanwhile, and keep\n"
    "numbers of your own, s = 0.5*0.15. What is given (x, y, w, b, lr), and what the\n"
    "question shows or tells to print, is free to print and to reckon with; so is\n"
    "check of another number than the one asked for. After a look at other computed\n"
    "numbers, or where the answer itself names some, it counts as assisted and earns\n"
    "no points. What would change the numbers that are asked about (step, train,\n"
    "w1 = ..., undo) waits until it is answered. What you have done is kept, and\n"
    "lessons lists it. lesson NAME present is for a projector. Writing lessons:\n"
    "help authoring.\n";

static const char authoring_text[] =
    "A lesson is a Markdown file: front matter, prose, fenced blocks.\n"
    "\n"
    "  ---\n"
    "  title: From pen and paper      order: 1 its place, skip: never no question\n"
    "  order: 1                       is let go, vary: seed rand draws the numbers\n"
    "  ---\n"
    "  ```nabla                       commands; nabla silent, nabla fails,\n"
    "  forward                        nabla needs=cifar10: with that data only\n"
    "  ```\n"
    "  ```output                      what it prints: numbers to the digits written,\n"
    "  loss 0.2435 ...                ... for anything\n"
    "  ```\n"
    "  ```ask d21 points=2 tries=3    an id of its own\n"
    "  question: What is δ2[1]?       Markdown; a line that begins with a blank goes on\n"
    "  answer: delta2[1]              by names, not typed numbers; or update w1[1,1]\n"
    "  digits: 4                      or tolerance: 1e-3, a difference\n"
    "  wrong: a2[1] - y[1] => That is ∂L/∂a.      each wrong number and why\n"
    "  hint: δ = ∂L/∂a · ∂a/∂z                    one after the other\n"
    "  ```\n"
    "\n"
    "choices: a | b | c asks for one of them; answer: is its words or its number.\n"
    "The answer may be asked for before it is computed. `=x[1]` in prose is that\n"
    "number, not within $...$, which is TeX and shown in one line of Unicode:\n"
    "$\\frac{a}{b}c$ is (a/b)c. What a question or a hint shows so, or tells to print\n"
    "(`print z1, w2`), may be printed without losing the points; what is asked for\n"
    "may not. A heading begins a section. nabla --test FILE plays it all, answers\n"
    "each question by its own answer, and finds a wrong: that is right, and TeX that\n"
    "cannot be shown; --seeds 1..50 does so for 50 variants of a lesson that varies.\n";

static const char grading_text[] =
    "A student plays with nabla --student ID LESSON.md and hands in what answers to\n"
    "FILE writes, or a session that transcript recorded. The teacher types\n"
    "\n"
    "  nabla --grade LESSON.md --answers FILE... --csv scores.csv\n"
    "\n"
    "An answers file has a line id: value for each question. A value is a number,\n"
    "arithmetic with numbers, or a choice; commands, the network's own names and\n"
    "files have no place in it. Lines that begin with # say whose it is, and must\n"
    "agree with the lesson:\n"
    "\n"
    "  # lesson: 01-pen-and-paper\n"
    "  # student: 4711\n"
    "  # seed: 943162418\n"
    "  # assisted: d21\n"
    "  d21: -0.02435\n"
    "\n"
    "answers to FILE puts numbers where names were typed. An answer that it says was\n"
    "assisted, which earned nothing at the prompt, is right here and earns nothing.\n"
    "Where the lesson says vary: seed, the seed of a student is the 32-bit FNV-1a\n"
    "hash of the ID; else that of the file, or of --seed. The lesson is played once for\n"
    "each seed. A question gives all of its points, or the share of the elements of a\n"
    "vector or matrix that are right. In a recorded session (FILE.md) the first right\n"
    "answer counts, among as many as the question has tries. An id that comes twice in\n"
    "an answers file does not count at all.\n"
    "\n"
    "--json writes one student's results.json for Gradescope, --junit and --csv hold\n"
    "many. The status is 0 whatever the score. A line that is no answer, or has an id\n"
    "that is unknown or comes twice, does not count, which is said with its place, on\n"
    "the sheet and in results.json. The status is 2 where a whole file does not count,\n"
    "as the answers of somebody else or to another lesson, and 4 where it cannot be\n"
    "read.\n";

static const struct topic rows[] = {
    { "start", "the first five minutes", start_text, NULL },
    { "names", "quantities, their spellings and indices", names_text, NULL },
    { "expressions", "operators, vectors and matrices", expressions_text, NULL },
    { "functions", "the functions of expressions", functions_text, lang_functions },
    { "activations", "what a layer does to its weighted sums", "", nb_activations },
    { "losses", "what training makes small", "", nb_losses },
    { "initializers", "how weights are drawn: net ... init=, init", "", nb_initializers },
    { "optimizers", "how an update uses the gradient", optimizers_text, NULL },
    { "schedules", "how the rate falls during train", schedules_text, NULL },
    { "regularization", "penalties for large weights: l1, l2", regularization_text, NULL },
    { "batchnorm", "u = gamma·xhat + beta, and its quantities", batchnorm_text, NULL },
    { "dropout", "units left out while training", dropout_text, NULL },
    { "freshness", "which numbers are shown, and which are stale", freshness_text, NULL },
    { "mistakes", "what check recognises in a wrong number", mistakes_text, mistake_choices },
    { "training", "train, and how it is the same as stepping", training_text, NULL },
    { "datasets", "rows to train on", data_text, NULL },
    { "playing", "how lessons are played", lessons_text, NULL },
    { "authoring", "how lessons are written", authoring_text, NULL },
    { "grading", "answers, scores, and the students' own numbers", grading_text, NULL },
    { "files", "scripts, lessons, data", files_text, NULL },
    { "keys", "the keyboard at the prompt", keys_text, NULL },
};

const struct topic *topics(size_t *count)
{
    *count = COUNT_OF(rows);
    return rows;
}

const struct topic *topic_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
