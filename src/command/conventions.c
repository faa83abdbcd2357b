/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conventions: what every symbol means, and what is in force here. */
#include "base/error.h"
#include "command/inform.h"
#include "command/session.h"

static const char symbols[] =
    "conventions\n\n"
    "n rows in the batch, l = 1..L the layer, j the source unit, k the destination unit;\n"
    "indices start at 1.\n"
    "\n"
    "forward\n"
    "  x = a0         n × n0             input, one row a sample\n"
    "  w1..wL         n(l-1) × n(l)      w1[j,k] joins source j to destination k\n"
    "  b1..bL         n(l)               bias of destination k\n"
    "  z1..zL         n × n(l)           z[k] = Σⱼ a[j]·w[j,k] + b[k]\n"
    "  a1..aL         n × n(l)           a = f(z); yhat = aL\n"
    "  y              n × C              target; for classes, one-hot\n"
    "backward, derivatives of the loss of the whole batch (the 1/n is inside delta)\n"
    "  delta1..deltaL                    ∂L/∂z\n"
    "  dw db da                          ∂L/∂w, ∂L/∂b, ∂L/∂a\n"
    "update\n"
    "  w ← w − η·∂L/∂w, b ← b − η·∂L/∂b, η is lr\n"
    "\n";

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

enum nb_status conventions_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    const struct nb_spec *spec = session->net ? nb_net_spec(session->net) : NULL;
    struct text text = TEXT_INIT;
    (void)call;
    text_add(&text, symbols);
    add_activations(&text, spec);
    add_table(&text, "loss", nb_losses, spec ? (size_t)spec->loss : SIZE_MAX);
    add_table(&text,
              "initial weights (biases 0; default he before relu and leakyrelu, else fan-in)",
              nb_initializers, spec ? (size_t)spec->init.kind : SIZE_MAX);
    text_printf(&text, "in force\n  index %s: w[%s] joins source j to destination k\n",
                session->settings.to_from ? "to-from" : "from-to",
                session->settings.to_from ? "k,j" : "j,k");
    text_printf(&text, "  lr %.6g, digits %d, seed %llu", session->settings.lr,
                session->settings.digits, (unsigned long long)session->settings.seed);
    text_add(&text, spec ? "; ▸ marks what this network uses\n" : "; no network yet\n");
    text_add(&text, "gradient check\n  Q = (L(θ+h) − L(θ−h))/2h, h = 1e-5·max(1, |θ|)\n"
                    "  relative error |V − Q|/max(|V|, |Q|, 1e-8)\n");
    enum nb_status status = text_status(&text, error);
    sink_text(session->out, &text);
    text_release(&text);
    return status;
}
