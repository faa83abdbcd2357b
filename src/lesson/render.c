/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lesson/render.h"

#include <string.h>

#include <cmark.h>

#include "lesson/math.h"
#include "lesson/table.h"

#define WIDTH_LEAST 20
#define WIDTH_BEST  78 /* longer lines are hard to read */
#define WIDTH_ASCII 66 /* names take more room than letters */

#define WORDS_INDENT "      " /* as wide as "   1  " */

/* Text flows into lines.  `margin` stands before every line, `bullet` in its
 * place before the first; escapes take no columns. */
struct flow {
    struct sink *sink;
    struct text margin, bullet; /* bullet: empty once it is written */
    struct text line, word;
    size_t column, word_width; /* columns of line and word */
    size_t width;
    int depth; /* of lists and quotes; words of a block may nest deeper than is shown */
    const struct lesson_values *values; /* NULL: nobody knows any */
};

/* ---- Lines --------------------------------------------------------------- */

static void flow_line(struct flow *flow)
{
    struct text *before = flow->bullet.length ? &flow->bullet : &flow->margin;
    sink_text(flow->sink, before);
    sink_text(flow->sink, &flow->line);
    sink_puts(flow->sink, "\n");
    text_clear(&flow->bullet);
    text_clear(&flow->line);
    flow->column = 0;
}

static void flow_word(struct flow *flow)
{
    size_t margin = utf8_width(flow->margin.bytes, flow->margin.length);
    size_t room = flow->width > margin + WIDTH_LEAST ? flow->width - margin : WIDTH_LEAST;
    if (flow->column && flow->column + 1 + flow->word_width > room)
        flow_line(flow);
    if (flow->column && flow->word_width) {
        text_add_char(&flow->line, ' ');
        flow->column++;
    }
    text_add_part(&flow->line, flow->word.bytes, flow->word.length);
    flow->column += flow->word_width;
    text_clear(&flow->word);
    flow->word_width = 0;
}

static void flow_end(struct flow *flow)
{
    flow_word(flow);
    if (flow->line.length)
        flow_line(flow);
}

static void flow_add(struct flow *flow, const char *bytes)
{
    while (*bytes) {
        size_t length = strcspn(bytes, " \n\t");
        text_add_part(&flow->word, bytes, length);
        flow->word_width += utf8_width(bytes, length);
        bytes += length;
        if (*bytes) {
            flow_word(flow);
            bytes++;
        }
    }
}

/* Code keeps its blanks and is not broken. */
static void flow_add_whole(struct flow *flow, const char *bytes)
{
    text_add(&flow->word, bytes);
    flow->word_width += utf8_width(bytes, strlen(bytes));
}

static void flow_style(struct flow *flow, enum sink_style style)
{
    text_add(&flow->word, style_escape(flow->sink->color, style));
}

/* ---- Inlines ---------------------------------------------------------------- */

static bool add_value(struct flow *flow, const char *code)
{
    struct text text = TEXT_INIT;
    bool known = code[0] == '=' && flow->values &&
                 !flow->values->add(flow->values->context, code + 1, &text);
    if (known) {
        flow_style(flow, STYLE_NAME);
        flow_add_whole(flow, text.bytes);
        flow_style(flow, STYLE_PLAIN);
    }
    text_release(&text);
    return known;
}

static void add_code(struct flow *flow, const char *code)
{
    if (add_value(flow, code))
        return;
    const char *quote = flow->sink->color ? "" : "`";
    flow_style(flow, STYLE_NAME);
    flow_add_whole(flow, quote);
    flow_add_whole(flow, code);
    flow_add_whole(flow, quote);
    flow_style(flow, STYLE_PLAIN);
}

/* The address of a link, unless it is what the link says. */
static void add_address(struct flow *flow, cmark_node *link)
{
    cmark_node *label = cmark_node_first_child(link);
    const char *address = cmark_node_get_url(link);
    const char *said = label ? cmark_node_get_literal(label) : NULL;
    if (!address || !address[0] || (said && !strcmp(said, address)))
        return;
    flow_add(flow, " ");
    flow_add_whole(flow, "(");
    flow_add_whole(flow, address);
    flow_add_whole(flow, ")");
}

static void enter_inline(struct flow *flow, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
        flow_add(flow, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_CODE:
        add_code(flow, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_SOFTBREAK:
        flow_add(flow, " ");
        break;
    case CMARK_NODE_LINEBREAK:
        flow_end(flow);
        break;
    case CMARK_NODE_STRONG:
    case CMARK_NODE_EMPH:
        flow_style(flow, STYLE_TITLE);
        break;
    case CMARK_NODE_IMAGE:
        flow_add_whole(flow, "[");
        flow_add(flow, "image: ");
        break;
    default: /* what HTML there is says nothing on a terminal */
        break;
    }
}

static void leave_inline(struct flow *flow, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_STRONG:
    case CMARK_NODE_EMPH:
        flow_style(flow, STYLE_PLAIN);
        break;
    case CMARK_NODE_LINK:
        add_address(flow, node);
        break;
    case CMARK_NODE_IMAGE:
        flow_add_whole(flow, "]");
        break;
    default:
        break;
    }
}

static void add_inlines(struct flow *flow, cmark_node *block)
{
    cmark_iter *iter = cmark_iter_new(block);
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (node == block)
            continue;
        if (event == CMARK_EVENT_ENTER)
            enter_inline(flow, node);
        else
            leave_inline(flow, node);
    }
    cmark_iter_free(iter);
}

/* ---- Blocks ------------------------------------------------------------------ */

static void add_block(struct flow *flow, const struct lesson *lesson, cmark_node *node);

/* Lines as they stand, behind the margin. */
static void add_verbatim(struct flow *flow, const char *bytes, size_t length, const char *indent)
{
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(bytes + at, '\n', length - at);
        size_t width = newline ? (size_t)(newline - bytes) - at : length - at;
        text_add(&flow->line, width ? indent : "");
        text_add_part(&flow->line, bytes + at, width);
        flow_line(flow);
        at += width + 1;
    }
}

/* The lines of the prose that a node covers. */
static void find_lines(const struct lesson *lesson, cmark_node *node, size_t *at, size_t *length)
{
    const char *bytes = lesson->prose.bytes;
    int first = cmark_node_get_start_line(node), last = cmark_node_get_end_line(node);
    for (*at = 0; first > 1 && bytes[*at]; first--, last--)
        *at += strcspn(bytes + *at, "\n") + 1;
    *length = 0;
    for (; last >= first && *at + *length < lesson->prose.length; last--)
        *length += strcspn(bytes + *at + *length, "\n") + 1;
}

static bool add_table(struct flow *flow, const char *bytes, size_t length)
{
    struct text table = TEXT_INIT;
    size_t margin = utf8_width(flow->margin.bytes, flow->margin.length);
    size_t room = flow->width > margin + WIDTH_LEAST ? flow->width - margin : WIDTH_LEAST;
    bool set = table_set(bytes, length, room, flow->sink->unicode, &table);
    add_verbatim(flow, table.bytes, table.length, "");
    text_release(&table);
    return set;
}

/* The lines of a quote without its signs. */
static void add_unquoted(struct text *text, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        at += strspn(bytes + at, " \t>");
        size_t line = strcspn(bytes + at, "\n");
        text_add_part(text, bytes + at, line < length - at ? line + 1 : length - at);
        at += line + 1;
    }
}

static void add_paragraph(struct flow *flow, const struct lesson *lesson, cmark_node *node)
{
    size_t at, length;
    struct text lines = TEXT_INIT;
    find_lines(lesson, node, &at, &length);
    add_unquoted(&lines, lesson->prose.bytes + at, length);
    bool table = lines.bytes[0] == '|' && add_table(flow, lines.bytes, lines.length);
    text_release(&lines);
    if (table)
        return;
    add_inlines(flow, node);
    flow_end(flow);
}

static void add_heading(struct flow *flow, cmark_node *node)
{
    bool underlined = cmark_node_get_heading_level(node) <= 2;
    flow_style(flow, STYLE_TITLE);
    add_inlines(flow, node);
    flow_style(flow, STYLE_PLAIN);
    flow_word(flow);
    size_t width = flow->column;
    flow_end(flow);
    if (!underlined)
        return;
    text_add(&flow->line, style_escape(flow->sink->color, STYLE_FAINT));
    text_repeat(&flow->line, flow->sink->unicode ? "─" : "-", width);
    text_add(&flow->line, style_escape(flow->sink->color, STYLE_PLAIN));
    flow_line(flow);
}

/* Blocks within a list item or a quote, behind a deeper margin. */
static void add_children(struct flow *flow, const struct lesson *lesson, cmark_node *parent,
                         const char *first, const char *others, bool spaced)
{
    size_t margin = flow->margin.length;
    if (flow->depth == LESSON_DEPTH_MOST)
        return;
    flow->depth++;
    if (!flow->bullet.length)
        text_add(&flow->bullet, flow->margin.bytes);
    text_add(&flow->bullet, first);
    text_add(&flow->margin, others);
    for (cmark_node *child = cmark_node_first_child(parent); child;
         child = cmark_node_next(child)) {
        add_block(flow, lesson, child);
        if (spaced && cmark_node_next(child))
            flow_line(flow);
    }
    flow->depth--;
    text_clear(&flow->bullet);
    text_cut(&flow->margin, margin);
}

static void add_list(struct flow *flow, const struct lesson *lesson, cmark_node *list)
{
    bool ordered = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
    bool tight = cmark_node_get_list_tight(list);
    int number = cmark_node_get_list_start(list);
    for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item)) {
        struct text first = TEXT_INIT, others = TEXT_INIT;
        if (ordered)
            text_printf(&first, "%2d. ", number++);
        else
            text_printf(&first, "  %s ", flow->sink->unicode ? "•" : "-");
        text_repeat(&others, " ", utf8_width(first.bytes, first.length));
        add_children(flow, lesson, item, first.bytes, others.bytes, !tight);
        text_release(&first);
        text_release(&others);
        if (!tight && cmark_node_next(item))
            flow_line(flow);
    }
}

static void add_rule(struct flow *flow)
{
    text_repeat(&flow->line, flow->sink->unicode ? "─" : "-", 20);
    flow_line(flow);
}

static void add_block(struct flow *flow, const struct lesson *lesson, cmark_node *node)
{
    const char *bar = flow->sink->unicode ? "│ " : "| ";
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HEADING:
        add_heading(flow, node);
        break;
    case CMARK_NODE_PARAGRAPH:
        add_paragraph(flow, lesson, node);
        break;
    case CMARK_NODE_CODE_BLOCK:
        add_verbatim(flow, cmark_node_get_literal(node), strlen(cmark_node_get_literal(node)),
                     "    ");
        break;
    case CMARK_NODE_LIST:
        add_list(flow, lesson, node);
        break;
    case CMARK_NODE_BLOCK_QUOTE:
        add_children(flow, lesson, node, bar, bar, true);
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        add_rule(flow);
        break;
    default: /* HTML, which is for browsers */
        break;
    }
}

static struct flow flow_begin(const struct lesson_values *values, struct sink *sink)
{
    size_t best = sink->unicode ? WIDTH_BEST : WIDTH_ASCII;
    return (struct flow){ .sink = sink,
                          .margin = TEXT_INIT,
                          .bullet = TEXT_INIT,
                          .line = TEXT_INIT,
                          .word = TEXT_INIT,
                          .width = (size_t)sink->width < best ? (size_t)sink->width : best,
                          .values = values };
}

static void flow_release(struct flow *flow)
{
    text_release(&flow->margin);
    text_release(&flow->bullet);
    text_release(&flow->line);
    text_release(&flow->word);
}

void lesson_render(const struct lesson *lesson, const struct lesson_part *part,
                   const struct lesson_values *values, struct sink *sink)
{
    struct flow flow = flow_begin(values, sink);
    if (cmark_node_get_type(part->node) != CMARK_NODE_HTML_BLOCK) {
        add_block(&flow, lesson, part->node);
        sink_puts(sink, "\n");
    }
    flow_release(&flow);
}

void lesson_render_words(const char *words, size_t number, const struct lesson_values *values,
                         struct sink *sink)
{
    struct text prose = TEXT_INIT;
    struct flow flow = flow_begin(values, sink);
    math_replace(&prose, words, strlen(words), NULL);
    const struct lesson said = { .prose = prose };
    cmark_node *document = cmark_parse_document(prose.bytes, prose.length, CMARK_OPT_DEFAULT);
    if (number)
        text_printf(&flow.bullet, "  %2zu  ", number);
    text_add(&flow.margin, WORDS_INDENT);
    for (cmark_node *node = document ? cmark_node_first_child(document) : NULL; node;
         node = cmark_node_next(node))
        add_block(&flow, &said, node);
    if (document)
        cmark_node_free(document);
    text_release(&prose);
    flow_release(&flow);
}

void lesson_plain_words(const char *words, const struct lesson_values *values, struct text *text)
{
    struct text lines = TEXT_INIT;
    struct sink sink = sink_to_text(&lines, true, 80);
    bool begun = false;
    lesson_render_words(words, 0, values, &sink);
    for (const char *at = lines.bytes; *(at += strspn(at, " \n"));) {
        size_t length = strcspn(at, " \n");
        if (begun)
            text_add_char(text, ' ');
        text_add_part(text, at, length);
        begun = true;
        at += length;
    }
    text->failed |= lines.failed;
    text_release(&lines);
}
