/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of help that are no command's. */
#include <string.h>

#include "base/compiler.h"
#include "command/inform.h"

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
    "on an empty line repeats the last step.\n";

static const char names_text[] =
    "x y          input and target, one row a sample       yhat   the output, aL\n"
    "w2 b2        weights and biases of layer 2            loss   L\n"
    "z2 a2        weighted sum, activation of layer 2\n"
    "delta2       dL/dz2      dw2 db2 da2   dL/dw2, dL/db2, dL/da2\n"
    "\n"
    "w1[j,k] joins source j to destination k; indices start at 1, : is all, 2:4 a\n"
    "range. With one sample z1 is a vector, z1[unit]; with a batch a matrix,\n"
    "z1[sample,unit]. Also understood: W1 X dW1, ∂L/∂w1[1,1], dC/dw1, ∇w1, δ2, ŷ, η\n"
    "or eta or alpha for lr. da2[1]/dz2[1] without blanks is that local derivative;\n"
    "old(EXPR) is as it was before the last update. Names that end in a layer's\n"
    "number are the network's; any other name is a variable of your own: t = [1, 2,\n"
    "3].\n";

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
    "Enter        on an empty line: repeat the last step or unstep; in a lesson, go on\n"
    "Ctrl-C       drop the line; during training, stop after the batch\n"
    "Ctrl-D       leave\n"
    "\n"
    "Short forms, at the prompt only: f forward, b backward, s step, u update, p\n"
    "print, n next, h or ? help, q quit, and any beginning that fits one command.\n";

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

static const char data_text[] =
    "data NAME loads a set, data alone describes it, scale changes how its numbers\n"
    "are scaled. An iteration begins with the next batch of the training order\n"
    "unless rows are pinned by input, x = or sample; reset lets them go.\n";

static const char lessons_text[] =
    "lessons lists them, lesson NAME begins one, next (or Enter) goes on, again\n"
    "repeats the section, leave ends it. Everything that a lesson does can be done\n"
    "at the prompt, and all commands work while it is played.\n";

static const struct topic rows[] = {
    { "start", "the first five minutes", start_text, NULL },
    { "names", "quantities, their spellings and indices", names_text, NULL },
    { "expressions", "operators, vectors and matrices", expressions_text, NULL },
    { "functions", "the functions of expressions", functions_text, lang_functions },
    { "activations", "what a layer does to its weighted sums", "", nb_activations },
    { "losses", "what training makes small", "", nb_losses },
    { "initializers", "how weights are drawn: net ... init=, init", "", nb_initializers },
    { "freshness", "which numbers are shown, and which are stale", freshness_text, NULL },
    { "training", "train, and how it is the same as stepping", training_text, NULL },
    { "datasets", "rows to train on", data_text, NULL },
    { "playing", "how lessons are played", lessons_text, NULL },
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
