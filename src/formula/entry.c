/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formula/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formula/build.h"
#include "formula/layout.h"
#include "formula/render.h"

static void entry_init(struct entry *entry)
{
    *entry = (struct entry){ .name = TEXT_INIT };
}

static void entry_release(struct entry *entry)
{
    text_release(&entry->name);
    term_free(&entry->term);
    term_free(&entry->in_full);
    entry_init(entry);
}

void entry_list_init(struct entry_list *list)
{
    *list = (struct entry_list){ .items = NULL };
    entry_init(&list->spare);
}

struct entry *entry_list_add(struct entry_list *list)
{
    struct entry *grown =
        array_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    if (!grown) {
        entry_release(&list->spare);
        return &list->spare;
    }
    list->items = grown;
    entry_init(&grown[list->count]);
    return &grown[list->count++];
}

void entry_list_release(struct entry_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        entry_release(&list->items[i]);
    free(list->items);
    entry_release(&list->spare);
    entry_list_init(list);
}

/* ---- Pieces of an equation ---- */

#define ROUNDS_MOST 9
#define ADAM_HEIGHT 6 /* of terms whose numbers in full are hard to read */
#define ADAM_ROUND  3

struct pieces {
    size_t count;
    struct text piece[ROUNDS_MOST];
    struct text result;
};

static void render_at(struct text *text, const struct notation *notation, int fold,
                      const struct term *term)
{
    struct render render = { notation, fold, false };
    render_term(text, &render, term);
}

static bool same(const struct text *a, const struct text *b)
{
    return strcmp(a->bytes, b->bytes) == 0;
}

/* Adds a piece unless it says what the last one or the result says. */
static void pieces_add(struct pieces *pieces, const struct notation *notation, int fold,
                       const struct term *term)
{
    if (pieces->count == ROUNDS_MOST)
        return;
    struct text *piece = &pieces->piece[pieces->count];
    render_at(piece, notation, fold, term);
    bool repeats = pieces->count && same(piece, &pieces->piece[pieces->count - 1]);
    if (repeats || same(piece, &pieces->result))
        text_release(piece);
    else
        pieces->count++;
}

static void pieces_init(struct pieces *pieces, const struct notation *notation, double result)
{
    pieces->count = 0;
    for (size_t i = 0; i < ROUNDS_MOST; i++)
        text_init(&pieces->piece[i]);
    text_init(&pieces->result);
    symbol_number(&pieces->result, notation, result);
}

static void pieces_release(struct pieces *pieces)
{
    for (size_t i = 0; i < ROUNDS_MOST; i++)
        text_release(&pieces->piece[i]);
    text_release(&pieces->result);
}

/* The rounds from `first` on of what stands behind the entry. */
static void pieces_add_rounds(struct pieces *pieces, const struct notation *notation,
                              const struct entry *entry, size_t first)
{
    const struct term *term = entry->in_full ? entry->in_full : entry->term;
    size_t height = term_height(term);
    for (size_t round = first; round < height || round == first; round++)
        pieces_add(pieces, notation, (int)round, term);
}

static size_t last_round(const struct term *term)
{
    size_t height = term_height(term);
    return height ? height - 1 : 0;
}

/* ---- In full ---- */

static const char *sign_of(const struct notation *notation, enum nb_op_kind kind)
{
    return !build_is_in_place(kind) ? "=" : notation->unicode ? "←" : "<-";
}

static void print_block(const struct entry *entry, const struct notation *notation,
                        enum nb_op_kind kind, struct sink *sink)
{
    struct pieces pieces;
    struct text margin = TEXT_INIT;
    const char *sign = sign_of(notation, kind);
    pieces_init(&pieces, notation, entry->result);
    if (entry->last_round) {
        pieces_add(&pieces, notation, (int)last_round(entry->term), entry->term);
    } else {
        pieces_add(&pieces, notation, RENDER_SYMBOLS, entry->term);
        pieces_add_rounds(&pieces, notation, entry, 0);
    }
    text_repeat(&margin, " ", symbol_width(&entry->name) + strlen(sign) - strlen("="));
    if (build_is_in_place(kind) && notation->unicode)
        text_cut(&margin, symbol_width(&entry->name));
    for (size_t i = 0; i < pieces.count; i++)
        layout_equation(sink, LAYOUT_INDENT, i ? margin.bytes : entry->name.bytes, i ? "=" : sign,
                        pieces.piece[i].bytes);
    sink_printf(sink, "%*s%s %s ", LAYOUT_INDENT, "",
                pieces.count ? margin.bytes : entry->name.bytes, pieces.count ? "=" : sign);
    sink_styled(sink, STYLE_RESULT, pieces.result.bytes);
    sink_puts(sink, "\n");
    pieces_release(&pieces);
    text_release(&margin);
}

bool entry_is_short(enum nb_op_kind kind)
{
    static const bool is_short[NB_OP_KINDS] = {
        [NB_OP_DROPOUT] = true,      [NB_OP_LOSS_GRAD] = true,  [NB_OP_DROPOUT_GRAD] = true,
        [NB_OP_DELTA_DIRECT] = true, [NB_OP_GRAD_W] = true,     [NB_OP_GRAD_B] = true,
        [NB_OP_CLIP] = true,         [NB_OP_REGULARIZE] = true, [NB_OP_STATISTICS] = true,
        [NB_OP_UPDATE] = true,
    };
    return is_short[kind];
}

enum { CELL_NAME, CELL_SYMBOLS, CELL_NUMBERS, CELL_RESULT, CELLS };

static void fill_row(struct layout_row *row, const struct notation *notation,
                     const struct entry *entry)
{
    text_add(&row->cell[CELL_NAME], entry->name.bytes);
    symbol_number(&row->cell[CELL_RESULT], notation, entry->result);
    render_at(&row->cell[CELL_SYMBOLS], notation, RENDER_SYMBOLS, entry->term);
    render_at(&row->cell[CELL_NUMBERS], notation, 0, entry->term);
    if (same(&row->cell[CELL_NUMBERS], &row->cell[CELL_RESULT]))
        text_clear(&row->cell[CELL_NUMBERS]);
}

static void print_row(const struct layout_table *table, const struct layout_row *row,
                      const char *sign, struct sink *sink)
{
    struct text line = TEXT_INIT;
    size_t column = LAYOUT_INDENT;
    text_pad(&line, column);
    for (size_t i = 0; i < CELL_RESULT; i++) {
        size_t width = layout_table_width(table, i);
        if (!width)
            continue;
        if (i && row->cell[i].length)
            text_printf(&line, " %s ", i == CELL_SYMBOLS ? sign : "=");
        text_add(&line, row->cell[i].bytes);
        column += width + (i ? i == CELL_SYMBOLS ? 2 + utf8_width(sign, strlen(sign)) : 3 : 0);
        text_pad(&line, column);
    }
    sink_text(sink, &line);
    sink_puts(sink, " = ");
    sink_styled(sink, STYLE_RESULT, row->cell[CELL_RESULT].bytes);
    sink_puts(sink, "\n");
    text_release(&line);
}

/* A line each, in columns; false where one would be too long. */
static bool print_rows(const struct entry_list *list, const struct notation *notation,
                       enum nb_op_kind kind, struct sink *sink)
{
    struct layout_table table;
    size_t total = LAYOUT_INDENT;
    layout_table_init(&table);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].term)
            fill_row(layout_table_add(&table), notation, &list->items[i]);
    for (size_t i = 0; i < CELLS; i++)
        total += layout_table_width(&table, i) + 3;
    bool fits = total - 3 <= layout_columns(sink);
    for (size_t i = 0; fits && i < table.count; i++)
        print_row(&table, &table.rows[i], sign_of(notation, kind), sink);
    layout_table_release(&table);
    return fits;
}

bool entry_list_print_full(const struct entry_list *list, const struct notation *notation,
                           enum nb_op_kind kind, struct sink *sink)
{
    if (entry_is_short(kind) && print_rows(list, notation, kind, sink))
        return false;
    entry_list_print_blocks(list, notation, kind, sink);
    sink_puts(sink, "\n");
    return true;
}

void entry_list_print_blocks(const struct entry_list *list, const struct notation *notation,
                             enum nb_op_kind kind, struct sink *sink)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            sink_puts(sink, "\n");
        if (list->items[i].term)
            print_block(&list->items[i], notation, kind, sink);
    }
}

/* ---- Compact ---- */

/* Numbers put in; the step of adam with what t stands for worked out. */
static int first_round(const struct term *term)
{
    size_t height = term_height(term);
    return height > ADAM_HEIGHT ? ADAM_ROUND : height ? 0 : RENDER_SYMBOLS;
}

static void gather_compact(struct pieces *pieces, const struct notation *notation,
                           const struct entry *entry, bool all_rounds)
{
    if (entry->last_round)
        pieces_add(pieces, notation, (int)last_round(entry->term), entry->term);
    else if (all_rounds)
        pieces_add_rounds(pieces, notation, entry, 0);
    else
        pieces_add(pieces, notation, first_round(entry->term), entry->term);
    if (entry->in_full)
        pieces_add(pieces, notation, (int)last_round(entry->in_full), entry->in_full);
}

/* Several pieces stand side by side where that leaves room for the result. */
static bool join_pieces(struct text *line, const struct pieces *pieces, size_t column,
                        size_t second)
{
    struct text joined = TEXT_INIT;
    text_add(&joined, line->bytes);
    for (size_t i = 0; i < pieces->count; i++) {
        if (i == 1)
            text_pad(&joined, second);
        text_add(&joined, i ? i == 1 ? "= " : " = " : "");
        text_add(&joined, pieces->piece[i].bytes);
    }
    bool fits = symbol_width(&joined) < column;
    if (fits) {
        text_clear(line);
        text_add(line, joined.bytes);
    }
    text_release(&joined);
    return fits;
}

/* A piece on a line, or on several; `line` holds what begins it and is left
 * holding the last line. */
static void break_piece(struct text *line, const char *piece, size_t columns, struct sink *sink)
{
    size_t margin = symbol_width(line);
    for (const char *rest = piece;;) {
        size_t part = layout_break(rest, columns > margin + 20 ? columns - margin : 20);
        text_add_part(line, rest, part);
        rest += part;
        if (!*rest)
            break;
        rest += *rest == ' ';
        text_add_char(line, '\n');
        sink_text(sink, line);
        text_clear(line);
        text_pad(line, margin);
    }
}

static void print_compact(const struct entry *entry, const struct notation *notation,
                          enum nb_op_kind kind, struct sink *sink)
{
    struct pieces pieces;
    struct text line = TEXT_INIT;
    size_t column = layout_result_column(sink, notation->style->digits);
    bool apart = kind == NB_OP_LOSS && !notation->style->batch;
    pieces_init(&pieces, notation, entry->result);
    gather_compact(&pieces, notation, entry, apart);
    text_pad(&line, LAYOUT_INDENT);
    text_printf(&line, "%s %s ", entry->name.bytes, sign_of(notation, kind));
    size_t margin = symbol_width(&line) - 2;
    size_t second = margin + 2 + (size_t)notation->style->digits + 10;
    if (!pieces.count) {
        text_cut(&line, line.length - 1 - strlen(sign_of(notation, kind)));
    } else if (apart || !join_pieces(&line, &pieces, column, second)) {
        for (size_t i = 0; i < pieces.count; i++) {
            if (i) {
                text_add_char(&line, '\n');
                sink_text(sink, &line);
                text_clear(&line);
                text_pad(&line, margin);
                text_add(&line, "= ");
            }
            break_piece(&line, pieces.piece[i].bytes, layout_columns(sink), sink);
        }
    }
    layout_result(sink, &line, column, pieces.result.bytes);
    pieces_release(&pieces);
    text_release(&line);
}

void entry_list_print_compact(const struct entry_list *list, const struct notation *notation,
                              enum nb_op_kind kind, struct sink *sink)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].term)
            print_compact(&list->items[i], notation, kind, sink);
}
