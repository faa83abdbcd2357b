/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A judgement in words: the exact first lines, and below them how the number comes out. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "formula/advice.h"
#include "formula/layout.h"
#include "formula/search.h"
#include "formula/sheet.h"

#define DIGITS_MOST   17
#define DIGITS_FEW    2 /* with so many, much would be right */
#define BRANCHES_MOST 3
#define UPDATED_MOST  8
#define PLACES_NAMED  6
#define CARRIED_NAMED 4
#define COLUMNS_LABEL 15 /* "comes out as   " */

/* One page on its way. */
struct page {
    const struct subject *subject;
    const struct given *given;
    const struct judgement *judgement;
    const struct notation *notation;
    struct sink *sink;
    size_t first; /* the number that is spoken about: the first wrong one */
};

static struct advice advice_for(const struct page *page, const struct finding *finding)
{
    return advice_of(page->subject, page->judgement, page->notation, finding, 0);
}

static void put_words(const struct page *page, const struct advice *advice, const char *words)
{
    struct text text = TEXT_INIT;
    advice_say(advice, &text, words);
    layout_paragraph(page->sink, LAYOUT_INDENT, text.bytes);
    text_release(&text);
}

static void put_plain(const struct page *page, const char *words)
{
    struct text text = TEXT_INIT;
    symbol_words(&text, page->notation->unicode, words);
    layout_paragraph(page->sink, LAYOUT_INDENT, text.bytes);
    text_release(&text);
}

/* ---- Right ---- */

/* Significant digits that a number was written with. */
static int digits_of(double number, double half)
{
    if (number == 0 || half <= 0)
        return DIGITS_MOST;
    int digits = (int)floor(log10(fabs(number)) + 1e-12) - (int)lround(log10(2 * half)) + 1;
    return digits < 1 ? 1 : digits > DIGITS_MOST ? DIGITS_MOST : digits;
}

static int fewest_digits(const struct page *page)
{
    int fewest = DIGITS_MOST;
    for (size_t i = 0; i < page->judgement->count; i++) {
        int digits = digits_of(page->given->numbers[i], page->given->half[i]);
        fewest = digits < fewest ? digits : fewest;
    }
    return fewest;
}

static void print_right(const struct page *page)
{
    int digits = fewest_digits(page);
    const char *s = digits == 1 ? "" : "s";
    sink_styled(page->sink, STYLE_GOOD, "right");
    sink_puts(page->sink, "\n");
    if (digits <= DIGITS_FEW)
        sink_printf(page->sink,
                    "       but with %d digit%s written, much would be; a sheet asks for 3 or 4\n",
                    digits, s);
    else if (digits < DIGITS_MOST)
        sink_printf(page->sink, "       to all %d digits written\n", digits);
}

/* ---- How it comes out ---- */

/* The number, as it was written. */
static void add_number(const struct page *page, struct text *text)
{
    double value = page->given->numbers[page->first];
    int digits = digits_of(value, page->given->half[page->first]);
    struct formula_style style = *page->notation->style;
    struct notation notation = *page->notation;
    style.digits = digits < DIGITS_MOST ? digits : style.digits;
    notation.style = &style;
    symbol_number(text, &notation, value);
}

static void print_number(const struct page *page)
{
    struct text number = TEXT_INIT;
    add_number(page, &number);
    sink_printf(page->sink, "%*s%-*s%s\n", LAYOUT_INDENT, "", COLUMNS_LABEL, "your number",
                number.bytes);
    text_release(&number);
}

/* The formula as it was broken: the da of a delta, and what it is multiplied with. */
struct coming {
    struct term *term;
    struct text slope; /* σ'(z¹₁), or empty */
    double by;         /* its number */
};

/* Weights as the update makes them, term by term. */
static struct term *build_updated(const struct page *page, const struct site *site)
{
    struct sheet_base base;
    struct sheet_plan plan = { .base = &base };
    struct sheet *sheet = NULL;
    struct term *sum = NULL;
    size_t w = nb_quantity_id(site->net, NB_W, site->op->layer), units;
    size_t delta = nb_quantity_id(site->net, NB_DELTA, site->op->layer);
    units = build_units(site->net, site->op->layer);
    if (units > UPDATED_MOST || sheet_base_init(&base, page->subject->net, NULL))
        return NULL;
    if (!sheet_new(&plan, &sheet, NULL))
        for (size_t k = 0; k < units; k++) {
            double updated = sheet_updated(sheet, w, site->col, k);
            struct term *product = term_product(term_fixed(term_element(w, site->col, k), updated),
                                                term_element(delta, site->row, k));
            sum = k > 0 ? term_sum(sum, product) : product;
        }
    sheet_free(&sheet);
    sheet_base_release(&base);
    return sum;
}

static struct term *build_broken(const struct page *page, const struct advice *advice)
{
    const struct mistake *mistake = &mistakes[advice->cause.mistake];
    if (advice->cause.mistake == MISTAKE_UPDATED_WEIGHTS)
        return build_updated(page, &advice->site);
    struct term *term = build_term(&advice->site);
    return term ? mistake->rewrite(&advice->site, term, advice->cause.variant) : NULL;
}

static void add_slope(const struct advice *advice, struct coming *coming)
{
    const struct site *told = &advice->told;
    bool at_a = advice->cause.mistake == MISTAKE_DERIVATIVE_AT_ACTIVATION;
    struct term *slope = at_a ? mistake_slope_elsewhere(told)
                              : build_slope(told->net, told->op->layer, told->row, told->col);
    advice_say(advice, &coming->slope, at_a ? "{f}'({a})" : "{slope}");
    coming->by = slope ? term_value(told->net, slope) : 0;
    term_free(&slope);
}

/* A mistake in the da of a delta, or in its f', is shown as a product with f'. */
static void coming_init(struct coming *coming, const struct page *page, const struct advice *advice)
{
    bool at_a = advice->cause.mistake == MISTAKE_DERIVATIVE_AT_ACTIVATION;
    *coming = (struct coming){ .slope = TEXT_INIT, .by = 1 };
    if (at_a && advice_has_slope(advice))
        coming->term = term_element(nb_quantity_id(advice->told.net, NB_DA, advice->told.op->layer),
                                    advice->told.row, advice->told.col);
    else
        coming->term = build_broken(page, advice);
    if (advice_has_slope(advice) && (at_a || advice->site.id != advice->told.id))
        add_slope(advice, coming);
}

static void coming_symbols(const struct coming *coming, const struct advice *advice,
                           struct text *text)
{
    bool factor = coming->slope.length > 0;
    advice_symbols(advice, text, coming->term, factor);
    if (factor) {
        symbol_words(text, advice->notation->unicode, "·");
        text_add(text, coming->slope.bytes);
    }
}

static void coming_numbers(struct coming *coming, const struct advice *advice, struct text *text)
{
    bool factor = coming->slope.length > 0, wide = coming->term->kind == TERM_PRODUCT && factor;
    double value = term_value(advice->told.net, coming->term) * coming->by;
    coming->term = term_shaped(coming->term, wide ? TERM_WIDE : 0);
    text_add(text, "= ");
    advice_numbers(advice, text, coming->term, factor);
    if (factor) {
        symbol_words(text, advice->notation->unicode, " · ");
        symbol_number(text, advice->notation, coming->by);
    }
    if (factor || term_height(coming->term) > 0) {
        text_add(text, " = ");
        symbol_number(text, advice->notation, value);
    }
}

/* A formula that takes more than two lines explains nothing. */
static bool is_readable(const struct page *page, const struct text *symbols)
{
    size_t columns = layout_columns(page->sink) - LAYOUT_INDENT - COLUMNS_LABEL;
    return symbols->length > 0 && symbol_width(symbols) <= 2 * columns;
}

/* "comes out as   w²₁₁·δ²₁·σ'(z¹₁)", and with numbers put in */
static void print_coming(const struct page *page, const struct advice *advice)
{
    struct coming coming;
    struct text symbols = TEXT_INIT, numbers = TEXT_INIT;
    coming_init(&coming, page, advice);
    if (coming.term)
        coming_symbols(&coming, advice, &symbols);
    if (is_readable(page, &symbols)) {
        coming_numbers(&coming, advice, &numbers);
        print_number(page);
        layout_equation(page->sink, LAYOUT_INDENT, "comes out as   ", "", symbols.bytes);
        layout_equation(page->sink, LAYOUT_INDENT + COLUMNS_LABEL, "", "", numbers.bytes);
        sink_puts(page->sink, "\n");
    }
    term_free(&coming.term);
    text_release(&coming.slope);
    text_release(&symbols);
    text_release(&numbers);
}

/* ---- Paths ---- */

/* "┌── w²₁₁ ──── δ²₁    you came back this way" */
static void add_branch(const struct page *page, const struct site *site, size_t k, bool taken,
                       struct text *text)
{
    const struct notation *notation = page->notation;
    size_t layer = site->op->layer;
    symbol_words(text, notation->unicode, "── ");
    symbol_element(text, notation, nb_quantity_id(site->net, NB_W, layer), site->col, k);
    symbol_words(text, notation->unicode, " ──── ");
    symbol_element(text, notation, nb_quantity_id(site->net, NB_DELTA, layer), site->row, k);
    text_printf(text, "    %s\n", taken ? "you came back this way" : "and left this one out");
}

static void add_stem(const struct advice *advice, struct text *text)
{
    text_pad(text, LAYOUT_INDENT);
    advice_say(advice, text,
               advice->site.id != advice->told.id ? "{asked} ── {unit} ──" : "{unit} ──");
}

/* The ways by which the next layer feels the unit: above, beside and below the stem. */
static void print_paths(const struct page *page, const struct advice *advice)
{
    static const char *const forks[] = { "┌", "┤", "└" };
    struct text text = TEXT_INIT, stem = TEXT_INIT;
    size_t units = build_units(advice->site.net, advice->site.op->layer), k = 0;
    size_t path = mistake_path(&advice->site, advice->cause.variant);
    if (advice->site.op->kind != NB_OP_GRAD_A || units > BRANCHES_MOST)
        return;
    add_stem(advice, &stem);
    for (size_t line = 0; line < BRANCHES_MOST; line++) {
        bool middle = line == 1, branch = !middle || units == BRANCHES_MOST;
        if (middle)
            text_add(&text, stem.bytes);
        text_pad(&text, symbol_width(&stem));
        symbol_words(&text, page->notation->unicode, middle && branch ? "┼" : forks[line]);
        if (branch) {
            add_branch(page, &advice->site, k, k == path, &text);
            k++;
        } else {
            text_add(&text, "\n");
        }
    }
    text_add_char(&text, '\n');
    sink_text(page->sink, &text);
    text_release(&text);
    text_release(&stem);
}

/* A paragraph, and at the right margin what to type; on a line of its own where it must be. */
static void print_with_hint(const struct page *page, const char *words, const struct text *hint)
{
    struct text text = TEXT_INIT;
    struct sink sink = sink_to_text(&text, page->notation->unicode, page->sink->width);
    size_t columns = layout_columns(page->sink);
    layout_paragraph(&sink, LAYOUT_INDENT, words);
    text_cut(&text, text.length - 1);
    const char *newline = strrchr(text.bytes, '\n');
    const char *last = newline ? newline + 1 : text.bytes;
    if (utf8_width(last, strlen(last)) + 2 + symbol_width(hint) > columns)
        text_add_char(&text, '\n');
    text_add_right(&text, columns, hint->bytes);
    text_add_char(&text, '\n');
    sink_text(page->sink, &text);
    text_release(&text);
}

static void print_why_paths(const struct page *page, const struct advice *advice)
{
    struct text words = TEXT_INIT, typed = TEXT_INIT;
    size_t layer = advice->site.op->layer, units = build_units(advice->site.net, layer);
    bool delta = advice->told.id != advice->site.id && advice_has_slope(advice);
    if (advice->site.op->kind != NB_OP_GRAD_A)
        return;
    advice_say(advice, &words, "{unit} feeds ");
    if (units == 2)
        text_printf(&words, "both units of layer %zu, so the loss feels it twice: ", layer);
    else
        text_printf(&words, "all %zu units of layer %zu, so the loss feels it %zu times: ", units,
                    layer, units);
    advice_say(advice, &words,
               delta ? "add first, then multiply the sum by {slope}." : "add what comes back.");
    text_add(&typed, "(explain ");
    symbol_typed(&typed, page->notation, advice->told.id, advice->told.row, advice->told.col);
    text_add(&typed, " works it out)");
    print_with_hint(page, words.bytes, &typed);
    text_release(&words);
    text_release(&typed);
}

/* ---- Remarks ---- */

/* "0.04232 is ∂L/∂a¹₁, the derivative at the output of the unit (da1[1])." */
static void print_at_output(const struct page *page, const struct advice *advice)
{
    struct text words = TEXT_INIT;
    const struct site *told = &advice->told;
    size_t da = nb_quantity_id(told->net, NB_DA, told->op->layer);
    if (!advice_has_slope(advice) || da == NB_NOWHERE)
        return;
    add_number(page, &words);
    text_add(&words, " is ");
    symbol_element(&words, page->notation, da, told->row, told->col);
    text_add(&words, ", the derivative at the output of the unit (");
    symbol_typed(&words, page->notation, da, told->row, told->col);
    text_add(&words, ").");
    layout_paragraph(page->sink, LAYOUT_INDENT, words.bytes);
    text_release(&words);
    put_words(page, advice,
              "{asked} is the derivative before the {name}: one factor further back.");
}

static const char *const remarks[MISTAKES] = {
    [MISTAKE_DERIVATIVE_AT_ACTIVATION] = "{a} has been through {f} already.",
    [MISTAKE_UPDATED_WEIGHTS] =
        "Gradients belong to the weights of the forward pass, so all of them come first.",
    [MISTAKE_MISSING_INPUT] =
        "A nudge of a weight moves the sum behind it by the input times the nudge.",
};

static void print_remark(const struct page *page, const struct advice *advice)
{
    if (advice->cause.mistake == MISTAKE_ONE_PATH)
        print_why_paths(page, advice);
    if (remarks[advice->cause.mistake])
        put_words(page, advice, remarks[advice->cause.mistake]);
}

/* Not the sums of another loss, which are those of the right one; not a gradient for the
 * weight that was asked. */
static bool comes_out(const struct advice *advice)
{
    bool part = advice->subject->kind == SUBJECT_UPDATE && advice->site.id != advice->subject->id;
    return advice->cause.mistake != MISTAKE_WRONG_LOSS && !part;
}

static void print_own(const struct page *page, const struct finding *finding)
{
    struct advice advice = advice_for(page, finding);
    const struct cause *cause = &finding->cause[0];
    bool element = page->subject->kind != SUBJECT_LOCAL;
    if (cause->mistake == MISTAKE_MISSING_DERIVATIVE) {
        print_at_output(page, &advice);
    } else if (mistakes[cause->mistake].rewrite && element) {
        if (cause->mistake == MISTAKE_ONE_PATH)
            print_paths(page, &advice);
        if (comes_out(&advice))
            print_coming(page, &advice);
        print_remark(page, &advice);
    }
}

/* ---- Carried on ---- */

/* What a quantity is with the mistake in it: "[−0.13531, 0.684629]". */
static void add_carried(const struct page *page, const struct cause *cause, struct text *text)
{
    struct sheet_base base;
    struct sheet_plan plan = { .base = &base, .causes = cause, .count = 1 };
    struct sheet *sheet = NULL;
    struct nb_quantity quantity;
    nb_quantity_get(page->subject->net, cause->place, &quantity);
    if (sheet_base_init(&base, page->subject->net, NULL))
        return;
    if (!sheet_new(&plan, &sheet, NULL) && quantity.rows == 1) {
        text_add(text, quantity.cols > 1 ? " is [" : " is ");
        for (size_t col = 0; col < quantity.cols; col++) {
            text_add(text, col > 0 ? ", " : "");
            symbol_number(text, page->notation, sheet_value(sheet, cause->place, 0, col));
        }
        text_add(text, quantity.cols > 1 ? "], and with that" : ", and with that");
    }
    sheet_free(&sheet);
    sheet_base_release(&base);
}

static void print_carried(const struct page *page, const struct cause *cause)
{
    struct text words = TEXT_INIT;
    struct nb_quantity quantity;
    if (cause->place >= PLACE_HIDDEN) {
        put_plain(page, "The same in each of these layers gives your number.");
        return;
    }
    nb_quantity_get(page->subject->net, cause->place, &quantity);
    text_printf(&words, "So %s", quantity.name);
    if (quantity.rows * quantity.cols <= CARRIED_NAMED && quantity.rows == 1)
        add_carried(page, cause, &words);
    else
        text_add(&words, " is wrong, and with that");
    text_printf(&words,
                " your number comes out: from there on your steps are right. Put %s right, "
                "and work down from it again.",
                quantity.name);
    layout_paragraph(page->sink, LAYOUT_INDENT, words.bytes);
    text_release(&words);
}

/* ---- Wrong ---- */

static void print_mistakes(const struct page *page)
{
    const struct judgement *judgement = page->judgement;
    for (size_t i = 0; i < judgement->findings_count; i++)
        for (size_t cause = 0; cause < judgement->findings[i].count; cause++)
            answer_line(page->sink, page->subject, judgement, &judgement->findings[i], cause, NULL,
                        page->notation);
}

/* Which of a whole quantity are wrong. */
static void print_places(const struct page *page)
{
    const struct judgement *judgement = page->judgement;
    struct text words = TEXT_INIT;
    size_t named = 0, right = judgement->count - judgement->wrong_count;
    if (judgement->wrong_count == judgement->count) {
        text_printf(&words,
                    judgement->count == 2 ? "Both numbers are wrong."
                                          : "All %zu numbers are wrong.",
                    judgement->count);
    } else {
        text_add(&words, "Wrong:");
        for (size_t i = 0; i < judgement->count && named < PLACES_NAMED; i++) {
            struct element place = search_place(page->subject, i);
            if (!judgement->wrong[i])
                continue;
            text_add(&words, named++ > 0 ? ", " : " ");
            symbol_typed(&words, page->notation, place.id, place.row, place.col);
        }
        if (named < judgement->wrong_count)
            text_printf(&words, " and %zu more", judgement->wrong_count - named);
        if (right == 1)
            text_add(&words, ". The other is right.");
        else
            text_printf(&words, ". The other %zu are right.", right);
    }
    layout_paragraph(page->sink, LAYOUT_INDENT, words.bytes);
    text_release(&words);
}

static void add_next(const struct page *page, struct text *line)
{
    const struct judgement *judgement = page->judgement;
    for (size_t i = 0; i < judgement->next_count; i++) {
        const struct element *next = &judgement->next[i];
        struct nb_quantity quantity;
        struct text item = TEXT_INIT;
        nb_quantity_get(page->subject->net, next->id, &quantity);
        text_add(&item, page->subject->past ? "check old(" : "check ");
        if (judgement->next_whole)
            text_add(&item, quantity.name);
        else
            symbol_typed(&item, page->notation, next->id, next->row, next->col);
        symbol_words(&item, page->notation->unicode, page->subject->past ? ") = …" : " = …");
        text_add(line, i == 0 ? "" : i % 3 == 0 ? "\n       " : "    ");
        text_add(line, item.bytes);
        text_release(&item);
    }
}

/* Nothing to check next: all of it is given, or the number itself. */
static void print_no_next(const struct page *page)
{
    struct nb_quantity quantity;
    nb_quantity_get(page->subject->net, page->subject->id, &quantity);
    bool given = page->subject->kind == SUBJECT_QUANTITY && quantity.op == NB_NOWHERE;
    if (given)
        put_plain(page, "It is no number that was worked out: look at it with print.");
    else if (page->subject->kind == SUBJECT_LOCAL)
        put_plain(page, "and no common mistake gives this number. Where there are others between "
                        "the two, take it apart into their derivatives.");
    else if (page->subject->element)
        put_plain(page, "and no common mistake gives this number. All that it is made of is "
                        "given: put the numbers in once more.");
    else
        put_plain(page, "No common mistake gives these numbers. All that they are made of is "
                        "given: put the numbers in once more.");
}

static void print_next(const struct page *page)
{
    struct text line = TEXT_INIT;
    const char *numbers = page->judgement->next_count == 1 ? "this" : "those, in this order";
    if (page->judgement->next_count == 0) {
        print_no_next(page);
        return;
    }
    sink_printf(page->sink,
                "       %s common mistake gives %s. The error may sit in a\n"
                "       number that %s made of. Check %s:\n",
                page->subject->element ? "and no" : "No",
                page->subject->element ? "this number" : "these numbers",
                page->subject->element ? "it is" : "they are", numbers);
    text_pad(&line, LAYOUT_INDENT);
    add_next(page, &line);
    text_add_char(&line, '\n');
    sink_text(page->sink, &line);
    text_release(&line);
}

static void print_findings(const struct page *page)
{
    const struct judgement *judgement = page->judgement;
    const struct finding *finding = &judgement->findings[0];
    struct advice advice = advice_for(page, finding);
    if (judgement->findings_count > 1 && finding->index != NB_NOWHERE)
        return;
    if (judgement->findings_count > 1)
        put_plain(page, "Each of these gives your number.");
    else if (finding->count > 1)
        put_plain(page, "Both together give your number.");
    else if (!advice.own)
        print_carried(page, &finding->cause[0]);
    else
        print_own(page, finding);
}

static void print_wrong(const struct page *page)
{
    struct text below = TEXT_INIT;
    struct sink *sink = page->sink;
    struct sink collected = sink_to_text(&below, page->notation->unicode, sink->width);
    struct page inner = *page;
    inner.sink = &collected;
    sink_styled(sink, STYLE_BAD, "wrong");
    sink_puts(sink, "\n");
    print_mistakes(page);
    if (!page->subject->element)
        print_places(&inner);
    if (page->judgement->findings_count > 0)
        print_findings(&inner);
    else
        print_next(&inner);
    if (page->judgement->doubtful)
        put_plain(&inner, "So few digits may also fit by chance.");
    while (below.length > 1 && below.bytes[below.length - 2] == '\n')
        text_cut(&below, below.length - 1); /* no blank line at the end */
    if (below.length > 0 && page->judgement->findings_count > 0)
        sink_puts(sink, "\n");
    sink_text(sink, &below);
    text_release(&below);
}

void answer_print(const struct subject *subject, const struct given *given,
                  const struct judgement *judgement, const struct notation *notation,
                  struct sink *sink)
{
    const struct finding *finding = judgement->findings_count ? &judgement->findings[0] : NULL;
    struct page page = {
        subject, given, judgement, notation, sink, advice_index(judgement, finding)
    };
    if (judgement->right)
        print_right(&page);
    else
        print_wrong(&page);
}
