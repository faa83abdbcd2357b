/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conventions: what every symbol means, and what is in force here. */
#include <string.h>

#include "base/error.h"
#include "command/inform.h"
#include "command/session.h"
#include "command/settings.h"
#include "command/wrap.h"

static const char symbols[] =
    "conventions\n\n"
    "n rows in the batch, l = 1..L the layer, j the source unit, k the destination\n"
    "unit; indices start at 1.\n"
    "\n"
    "forward\n"
    "  x = a0         n × n0             input, one row a sample\n"
    "  w1..wL         n(l-1) × n(l)      w1[j,k] joins source j to destination k\n"
    "  b1..bL         n(l)               bias of destination k\n"
    "  z1..zL         n × n(l)           z[k] = Σⱼ a[j]·w[j,k] + b[k]\n"
    "  a1..aL         n × n(l)           a = f(z); yhat = aL\n"
    "  y              n × C              target; for classes, one-hot\n"
    "with batch norm and dropout: z → u = γ·x̂ + β → a = f(u) → h = a·mask, and the\n"
    "next layer reads h; without them u is z and h is a\n"
    "  mu var         n(l)               mean, biased variance of z over the batch\n"
    "  xhat           n × n(l)           x̂ = (z − mu)/√(var + 1e-5)\n"
    "  gamma beta     n(l)               γ and β, at first 1 and 0\n"
    "  rmean rvar     n(l)               ← 0.9·running + 0.1·batch (rvar: unbiased)\n"
    "                                    with each update; for evaluation\n"
    "  mask           n × n(l)           1/(1 − p) where kept, else 0; not in\n"
    "                                    evaluation\n"
    "backward, derivatives of the loss of the whole batch (the 1/n is inside delta)\n"
    "  delta1..deltaL                    ∂L/∂z\n"
    "  dw db da                          ∂L/∂w, ∂L/∂b, ∂L/∂a\n"
    "  dgamma dbeta du dh                ∂L/∂γ, ∂L/∂β, ∂L/∂u, ∂L/∂h\n"
    "  softmax with cross-entropy        deltaL = (ŷ·Σy − y)/n\n"
    "  gw             as w               dw and the penalty's gradient; loss and dw\n"
    "                                    never contain it, penalty is its value\n"
    "\n";

static const char clipping[] =
    "  l1             λ·Σ|w|, gradient λ·sign(w)\n"
    "  clip=c         all of dw, db times min(1, c/(‖all‖ + 1e-6)), before weight\n"
    "                 decay; clip=0, the default: no limit\n";

static const char moments[] =
    "  g the gradient with that of l2 and l1, η lr, μ momentum, λ l2, t = 1, 2, ...\n"
    "  m ← β1·m + (1−β1)·g, v ← β2·v + (1−β2)·g², m̂ = m/(1−β1^t), v̂ = v/(1−β2^t)\n";

static void add_table(struct text *text, const char *title,
                      const struct nb_choice *(*choices)(size_t *count), size_t marked)
{
    size_t count;
    const struct nb_choice *rows = choices(&count);
    text_printf(text, "%s\n", title);
    for (size_t i = 0; i < count; i++) {
        text_printf(text, "%s %s ", i == marked ? "▸" : " ", rows[i].name);
        text_pad(text, 26);
        text_printf(text, "%s\n", rows[i].summary);
    }
}

static bool uses(const struct nb_spec *spec, size_t activation)
{
    for (size_t l = 0; spec && l < spec->layers; l++)
        if ((size_t)spec->layer[l].activation == activation)
            return true;
    return false;
}

static void add_activations(struct text *text, const struct nb_spec *spec)
{
    size_t count;
    const struct nb_choice *rows = nb_activations(&count);
    text_add(text, "activations\n");
    for (size_t i = 0; i < count; i++) {
        text_printf(text, "%s %s ", uses(spec, i) ? "▸" : " ", rows[i].name);
        text_pad(text, 26);
        text_printf(text, "%s\n", rows[i].summary);
    }
}

/* What the optimizer of now uses, with its values. */
static void add_in_force(struct text *text, const struct session *session)
{
    size_t count;
    const struct setting *rows = settings_table(&count);
    text_printf(text, "in force\n  index %s: w[%s] joins source j to destination k\n",
                session->settings.to_from ? "to-from" : "from-to",
                session->settings.to_from ? "k,j" : "j,k");
    text_printf(text, "  optimizer %s", nb_optimizers(&count)[session->settings.optimizer].name);
    settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        bool used = rows[i].optimizers >> session->settings.optimizer & 1;
        bool plain = rows[i].named && rows[i].optimizers == 0 &&
                     (rows[i].get(&session->settings) != 0 || strcmp(rows[i].name, "lr") == 0);
        if (!used && !plain)
            continue;
        text_printf(text, ", %s ", rows[i].name);
        setting_add_value(&rows[i], &session->settings, text);
    }
    if (session->settings.round >= 0)
        text_printf(text,
                    "\n  round %d: stepping rounds what it writes to so many decimals, halves "
                    "away from 0",
                    session->settings.round);
    text_printf(text, "\n  digits %d, seed %llu", session->settings.digits,
                (unsigned long long)session->settings.seed);
    text_add(text, session->net ? "; ▸ marks what this network uses\n" : "; no network yet\n");
}

enum nb_status conventions_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    const struct nb_spec *spec = session->net ? nb_net_spec(session->net) : NULL;
    const struct settings *settings = &session->settings;
    struct text text = TEXT_INIT;
    (void)call;
    text_add(&text, symbols);
    add_activations(&text, spec);
    add_table(&text, "loss", nb_losses, spec ? (size_t)spec->loss : SIZE_MAX);
    add_table(&text,
              "initial weights (biases 0; default he before relu and leakyrelu, else fan-in)",
              nb_initializers, spec ? (size_t)spec->init.kind : SIZE_MAX);
    add_table(&text, "l2, of weights (regularize-bias on: and biases), N training samples",
              nb_l2_forms, spec && settings->l2 != 0 ? (size_t)settings->l2_form : SIZE_MAX);
    text_add(&text, clipping);
    add_table(&text, "update", nb_optimizers, spec ? (size_t)settings->optimizer : SIZE_MAX);
    text_add(&text, moments);
    add_table(&text, "schedules of lr, t completed epochs (per=step: updates) from 0, by train",
              nb_schedules, spec ? (size_t)settings->schedule.kind : SIZE_MAX);
    add_in_force(&text, session);
    text_add(&text, "gradient check\n  Q = (L(θ+h) − L(θ−h))/2h, h = 1e-5·max(1, |θ|)\n"
                    "  relative error |V − Q|/max(|V|, |Q|, 1e-8)\n");
    enum nb_status status = text_status(&text, error);
    wrap_print(session->out, &text);
    text_release(&text);
    return status;
}
