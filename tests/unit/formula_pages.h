/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the screen says about the pen-and-paper exercise; the numbers were
 * computed apart from nabla. */
#ifndef NABLA_TESTS_FORMULA_PAGES_H
#define NABLA_TESTS_FORMULA_PAGES_H

/* clang-format off */
/* forward */
static const char page_forward[] =
    "Forward pass                        3-2-2 sigmoid · loss ½Σ(ŷ − y)² · one sample\n"
    "\n"
    "  z1   weighted sum, layer 1             z¹ₖ = x₁·w¹₁ₖ + x₂·w¹₂ₖ + x₃·w¹₃ₖ + b¹ₖ\n"
    "\n"
    "       z¹₁ = 0.5·0.15 + 0.5·0.25 + 0.1·0.35 + 0.35                = 0.585\n"
    "       z¹₂ = 0.5·0.2 + 0.5·0.3 + 0.1·0.4 + 0.3                    = 0.59\n"
    "\n"
    "  a1   sigmoid, layer 1                          a¹ₖ = σ(z¹ₖ) = 1 / (1 + e^−z¹ₖ)\n"
    "\n"
    "       a¹₁ = σ(0.585)        = 1 / (1 + 0.557106)                 = 0.642217\n"
    "       a¹₂ = σ(0.59)         = 1 / (1 + 0.554327)                 = 0.643365\n"
    "\n"
    "  z2   weighted sum, layer 2                     z²ₖ = a¹₁·w²₁ₖ + a¹₂·w²₂ₖ + b²ₖ\n"
    "\n"
    "       z²₁ = 0.642217·0.4 + 0.643365·0.5 + 0.6                    = 1.17857\n"
    "       z²₂ = 0.642217·0.45 + 0.643365·0.55 + 0.65                 = 1.29285\n"
    "\n"
    "  a2   sigmoid, layer 2: the output ŷ       ŷₖ = a²ₖ = σ(z²ₖ) = 1 / (1 + e^−z²ₖ)\n"
    "\n"
    "       a²₁ = σ(1.17857)      = 1 / (1 + 0.307719)                 = 0.76469\n"
    "       a²₂ = σ(1.29285)      = 1 / (1 + 0.274488)                 = 0.784629\n"
    "\n"
    "loss   half the squared error                    L = ½·[(ŷ₁ − y₁)² + (ŷ₂ − y₂)²]\n"
    "\n"
    "       L = ½·[(0.76469 − 0.9)² + (0.784629 − 0.1)²]\n"
    "         = ½·[(−0.13531)² + 0.684629²]\n"
    "         = ½·[0.0183087 + 0.468717]                               = 0.243513\n"
    "\n"
    "       output ŷ = [0.76469, 0.784629]   target y = [0.9, 0.1]   loss 0.243513\n"
    "next   da2: how the loss changes with each output        (step, or backward)\n";

/* step */
static const char page_z1[] =
    " 1/15  z1   weighted sum, layer 1                                        forward\n"
    "\n"
    "       z¹ₖ = Σⱼ xⱼ·w¹ⱼₖ + b¹ₖ\n"
    "\n"
    "       z¹₁ = x₁·w¹₁₁ + x₂·w¹₂₁ + x₃·w¹₃₁ + b¹₁\n"
    "           = 0.5·0.15 + 0.5·0.25 + 0.1·0.35 + 0.35\n"
    "           = 0.075 + 0.125 + 0.035 + 0.35\n"
    "           = 0.585\n"
    "\n"
    "       z¹₂ = x₁·w¹₁₂ + x₂·w¹₂₂ + x₃·w¹₃₂ + b¹₂\n"
    "           = 0.5·0.2 + 0.5·0.3 + 0.1·0.4 + 0.3\n"
    "           = 0.1 + 0.15 + 0.04 + 0.3\n"
    "           = 0.59\n";

/* until da1 */
static const char page_da1[] =
    "10/15  da1   what layer 2 sends back to the outputs of layer 1          backward\n"
    "\n"
    "       ∂L/∂a¹ⱼ = Σₖ w²ⱼₖ·δ²ₖ          one term for each unit that a¹ⱼ feeds\n"
    "\n"
    "       ∂L/∂a¹₁ = w²₁₁·δ²₁ + w²₁₂·δ²₂\n"
    "               = 0.4·(−0.0243475) + 0.45·0.115693\n"
    "               = −0.00973898 + 0.0520618\n"
    "               = 0.0423228\n"
    "\n"
    "       ∂L/∂a¹₂ = w²₂₁·δ²₁ + w²₂₂·δ²₂\n"
    "               = 0.5·(−0.0243475) + 0.55·0.115693\n"
    "               = −0.0121737 + 0.0636311\n"
    "               = 0.0514574\n";

/* step */
static const char page_delta1[] =
    "11/15  delta1   back through the sigmoid of layer 1                     backward\n"
    "\n"
    "       δ¹ⱼ = ∂L/∂z¹ⱼ = ∂L/∂a¹ⱼ · σ'(z¹ⱼ)          σ'(z) = σ(z)·(1 − σ(z))\n"
    "\n"
    "       δ¹₁ = ∂L/∂a¹₁ · a¹₁·(1 − a¹₁)\n"
    "           = 0.0423228 · 0.642217·(1 − 0.642217)\n"
    "           = 0.0423228 · 0.229774\n"
    "           = 0.0097247\n"
    "\n"
    "       δ¹₂ = ∂L/∂a¹₂ · a¹₂·(1 − a¹₂)\n"
    "           = 0.0514574 · 0.643365·(1 − 0.643365)\n"
    "           = 0.0514574 · 0.229446\n"
    "           = 0.0118067\n";

/* explain dL/dw1[1,1] */
static const char page_explain[] =
    "∂L/∂w¹₁₁                                                                dw1[1,1]\n"
    "How fast the loss grows when the weight from x₁ to unit 1 of layer 1 grows.\n"
    "\n"
    "1  The way from the weight to the loss\n"
    "\n"
    "                                      ┌── w²₁₁ ──▶ z²₁ ──σ──▶ a²₁ ──┐\n"
    "       x₁ ── w¹₁₁ ──▶ z¹₁ ──σ──▶ a¹₁ ─┤                             ├──▶ L\n"
    "                                      └── w²₁₂ ──▶ z²₂ ──σ──▶ a²₂ ──┘\n"
    "\n"
    "   Along a path the factors multiply; where paths meet again, they add.\n"
    "\n"
    "2  The chain rule\n"
    "\n"
    "       ∂L     ∂z¹₁   ∂a¹₁   ⎛ ∂z²₁   ∂a²₁    ∂L      ∂z²₂   ∂a²₂    ∂L  ⎞\n"
    "     ───── = ───── · ──── · ⎜ ──── · ──── · ────  +  ──── · ──── · ──── ⎟\n"
    "     ∂w¹₁₁   ∂w¹₁₁   ∂z¹₁   ⎝ ∂a¹₁   ∂z²₁   ∂a²₁     ∂a¹₁   ∂z²₂   ∂a²₂ ⎠\n"
    "\n"
    "3  Each factor\n"
    "\n"
    "       ∂z¹₁/∂w¹₁₁  = x₁                                      = 0.5\n"
    "       ∂a¹₁/∂z¹₁   = a¹₁·(1 − a¹₁) = 0.642217·(1 − 0.642217) = 0.229774\n"
    "\n"
    "       path 1, through unit 1 of layer 2\n"
    "       ∂z²₁/∂a¹₁   = w²₁₁                                    = 0.4\n"
    "       ∂a²₁/∂z²₁   = a²₁·(1 − a²₁) = 0.76469·(1 − 0.76469)   = 0.179939\n"
    "       ∂L/∂a²₁     = a²₁ − y₁      = 0.76469 − 0.9           = −0.13531\n"
    "\n"
    "       path 2, through unit 2 of layer 2\n"
    "       ∂z²₂/∂a¹₁   = w²₁₂                                    = 0.45\n"
    "       ∂a²₂/∂z²₂   = a²₂·(1 − a²₂) = 0.784629·(1 − 0.784629) = 0.168986\n"
    "       ∂L/∂a²₂     = a²₂ − y₂      = 0.784629 − 0.1          = 0.684629\n"
    "\n"
    "4  Path by path\n"
    "\n"
    "       path 1   0.5 · 0.229774 · 0.4  · 0.179939 · (−0.13531)  =  −0.00111888\n"
    "       path 2   0.5 · 0.229774 · 0.45 · 0.168986 · 0.684629    =   0.00598124\n"
    "                                                               ──────────────\n"
    "                                                      ∂L/∂w¹₁₁ =   0.00486235\n"
    "\n"
    "5  The same, shorter: name what comes back to each z a delta\n"
    "\n"
    "       δ²₁      = (a²₁ − y₁)·a²₁·(1 − a²₁)\n"
    "                = (−0.13531) · 0.179939                         = −0.0243475\n"
    "       δ²₂      = (a²₂ − y₂)·a²₂·(1 − a²₂)\n"
    "                = 0.684629 · 0.168986                           = 0.115693\n"
    "       δ¹₁      = (w²₁₁·δ²₁ + w²₁₂·δ²₂)·a¹₁·(1 − a¹₁)\n"
    "                = (0.4·(−0.0243475) + 0.45·0.115693) · 0.229774 = 0.0097247\n"
    "       ∂L/∂w¹₁₁ = x₁·δ¹₁\n"
    "                = 0.5 · 0.0097247                               = 0.00486235\n"
    "\n"
    "6  Test: nudge w¹₁₁ by h = 0.0001 both ways and run forward again\n"
    "\n"
    "       [L(0.1501) − L(0.1499)] / 0.0002\n"
    "       = [0.243513212312 − 0.243512239842] / 0.0002  = 0.00486235\n"
    "\n"
    "With it: w¹₁₁ ← w¹₁₁ − η·∂L/∂w¹₁₁ = 0.15 − 0.1·0.00486235 = 0.149514\n"
    "\n"
    "value 0.00486235; difference quotient 0.00486235; relative error 1.45512e-10\n";

/* clang-format on */

#endif
