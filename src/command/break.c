/* SPDX-License-Identifier: GPL-3.0-or-later */
/* break, watch, delete, display, undisplay, info: what stops.h keeps. */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "command/command.h"
#include "command/confirm.h"
#include "command/display.h"
#include "command/peek.h"
#include "command/place.h"
#include "command/step.h"
#include "command/stops.h"

#define NUMBER_MOST 1000000000u

/* ---- Adding ---- */

/* Takes text and tree of `stop`, also on failure; numbers it. */
static enum nb_status stop_add(struct session *session, const struct stop *stop,
                               struct nb_error *error)
{
    struct stop added = *stop;
    struct stops *stops = stops_of(session);
    struct stop *grown = stops && stop->text ? array_grow(stops->stops, stops->count,
                                                          &stops->capacity, sizeof *stops->stops)
                                             : NULL;
    if (!grown) {
        free(added.text);
        lang_tree_free(&added.tree);
        return error_memory(error);
    }
    stops->stops = grown;
    added.number = ++stops->last_stop;
    grown[stops->count++] = added;
    return NB_OK;
}

/* The operation that writes a quantity; NB_NOWHERE: none. */
static size_t writing_op(const struct nb_net *net, size_t id)
{
    for (size_t i = 0; i < nb_plan_length(net); i++)
        for (size_t w = 0; w < nb_plan_op(net, i)->nwrites; w++)
            if (nb_plan_op(net, i)->writes[w] == id)
                return i;
    return NB_NOWHERE;
}

/* "when delta1 is computed, by operation 11 of 15" */
static void add_computed(const struct session *session, const struct stop *stop, struct text *text)
{
    const struct nb_net *net = session->net;
    size_t id = net ? nb_quantity_id(net, stop->named, stop->layer) : NB_NOWHERE;
    size_t op = id == NB_NOWHERE ? NB_NOWHERE : writing_op(net, id);
    bool parameter = nb_quantity_rows()[stop->named].role != NB_COMPUTED;
    text_printf(text, "when %.*s is %s", (int)stop->name, stop->text,
                parameter ? "updated" : "computed");
    if (stop->tree)
        text_printf(text, ", if %s", stop->text + stop->condition);
    if (op == NB_NOWHERE)
        text_add(text, ", which this network does not do");
    else if (!stop->tree)
        text_printf(text, ", by operation %zu of %zu", op + 1, nb_plan_length(net));
}

static void add_when(const struct session *session, const struct stop *stop, struct text *text)
{
    switch (stop->kind) {
    case STOP_BREAK:
        add_computed(session, stop, text);
        break;
    case STOP_IF:
        text_printf(text, "when %s", stop->text + stop->condition);
        break;
    case STOP_NAN:
        text_add(text, "when a number is not finite");
        break;
    default:
        text_printf(text, "when %s changes", stop->text);
    }
}

static enum nb_status print_added(struct session *session, const struct stop *stop,
                                  struct nb_error *error)
{
    enum nb_status status = stop_add(session, stop, error);
    struct text line = TEXT_INIT;
    if (status)
        return status;
    const struct stop *added = &session->stops->stops[session->stops->count - 1];
    text_printf(&line, "%s %u: ", stop_kind_name(added->kind), added->number);
    line.bytes[0] = (char)(line.bytes[0] - 'a' + 'A');
    add_when(session, added, &line);
    text_add_char(&line, '\n');
    sink_text(session->out, &line);
    text_release(&line);
    return NB_OK;
}

/* ---- break, watch ---- */

static bool is_word(const struct call *call, struct lang_span word, const char *wanted)
{
    return word.length == strlen(wanted) &&
           memcmp(call->source + word.at, wanted, word.length) == 0;
}

/* Behind the first `if` of the arguments and its blanks, and where it begins;
 * the end of the arguments where there is none. */
static size_t find_if(const struct call *call, size_t *begin)
{
    size_t at = call->rest.at, end = call->rest.at + call->rest.length;
    struct lang_span word;
    *begin = end;
    while (lang_next_word(call->source, end, &at, &word)) {
        bool bracket = word.length > 2 && call->source[word.at + 2] == '('; /* if(loss > 2) */
        if (bracket)
            word.length = 2;
        if (is_word(call, word, "if")) {
            *begin = word.at;
            return word.at + word.length;
        }
    }
    return end;
}

static enum nb_status parse_condition(struct session *session, const struct call *call, size_t at,
                                      struct stop *stop, struct nb_error *error)
{
    struct peek peek = { 0 };
    size_t end = call->rest.at + call->rest.length;
    while (at < end && (call->source[at] == ' ' || call->source[at] == '\t'))
        at++;
    if (at == end)
        return error_at(error, NB_USAGE, at, "a condition comes behind if: break if loss > 2");
    stop->condition = at - call->rest.at;
    enum nb_status status =
        peek_parse(session, call->source, at, end, true, &stop->tree, &peek, error);
    stop->gradient |= peek.gradient;
    return status;
}

/* The quantity in source[call->rest.at..end). */
static enum nb_status parse_quantity(struct session *session, const struct call *call, size_t end,
                                     struct stop *stop, struct nb_error *error)
{
    struct place place;
    struct call rest = *call;
    while (end > call->rest.at && (call->source[end - 1] == ' ' || call->source[end - 1] == '\t'))
        end--;
    rest.rest.length = stop->name = end - call->rest.at;
    enum nb_status status = place_parse(session, &rest, NULL, &place, error);
    if (status)
        return status;
    if (place.quantity.role == NB_GIVEN)
        return error_at(error, NB_FAILED, place.name.at,
                        "%s is given, not computed: choose what is made of it, as %s",
                        place.quantity.name, place.quantity.kind == NB_X ? "z1" : "loss");
    stop->named = place.quantity.kind;
    stop->layer = place.quantity.layer;
    stop->gradient = stop->named == NB_DW || stop->named == NB_GW;
    stop->element = place.element && place.quantity.rows * place.quantity.cols != 1;
    stop->row = place.row;
    stop->col = place.col;
    return NB_OK;
}

static char *typed(const struct call *call, struct nb_error *error)
{
    char *text = string_copy_part(call->source + call->rest.at, call->rest.length);
    if (!text)
        error_memory(error);
    return text;
}

static enum nb_status break_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct stop stop = { .kind = STOP_BREAK };
    size_t begin, end = call->rest.at + call->rest.length, behind = find_if(call, &begin);
    enum nb_status status = NB_OK;
    if (begin == call->rest.at)
        stop.kind = STOP_IF;
    else if (is_word(call, call->rest, "nan"))
        stop.kind = STOP_NAN;
    else
        status = parse_quantity(session, call, begin, &stop, error);
    if (status == NB_USAGE && begin == end)
        error_at(error, NB_USAGE, error->at,
                 "break takes a quantity or an element of it, as delta1; a condition comes behind "
                 "if: break if loss > 2");
    if (!status && begin < end)
        status = parse_condition(session, call, behind, &stop, error);
    if (!status && !(stop.text = typed(call, error)))
        status = NB_SYSTEM;
    if (status) {
        lang_tree_free(&stop.tree);
        return status;
    }
    return print_added(session, &stop, error);
}

static enum nb_status watch_command(struct session *session, const struct call *call,
                                    struct nb_error *error)
{
    struct stop stop = { .kind = STOP_WATCH };
    size_t end = call->rest.at + call->rest.length;
    enum nb_status status = parse_quantity(session, call, end, &stop, error);
    if (status)
        return status;
    stop.text = typed(call, error);
    return stop.text ? print_added(session, &stop, error) : NB_SYSTEM;
}

/* ---- display ---- */

static void display_print(struct session *session, const struct display *display,
                          enum display_mode mode)
{
    struct peek peek = { .batch = mode != DISPLAY_STEPPED, .fused = mode == DISPLAY_FUSED_BATCH };
    struct text label = TEXT_INIT;
    struct value value = { 0 };
    struct nb_error error;
    text_printf(&label, "%u: %s", display->number, display->text);
    error_clear(&error);
    if (!peek_evaluate(session, &peek, display->tree, &value, &error) && !peek.unfresh) {
        display_labelled(session, label.bytes, display->tree, &value, &error);
    } else {
        text_add(&label, session->out->unicode ? " = —" : " = -");
        if (!peek.unfresh)
            text_printf(&label, "  (%s)", error.text);
        text_add_char(&label, '\n');
        sink_text(session->out, &label);
    }
    value_release(&value);
    text_release(&label);
}

void displays_print(struct session *session, enum display_mode mode)
{
    for (size_t i = 0; session->stops && i < session->stops->display_count; i++)
        display_print(session, &session->stops->displays[i], mode);
}

static enum nb_status display_add(struct session *session, struct display *display,
                                  struct nb_error *error)
{
    struct stops *stops = stops_of(session);
    struct display *grown = stops && display->text
                                ? array_grow(stops->displays, stops->display_count,
                                             &stops->display_capacity, sizeof *stops->displays)
                                : NULL;
    if (!grown) {
        free(display->text);
        lang_tree_free(&display->tree);
        return error_memory(error);
    }
    stops->displays = grown;
    display->number = ++stops->last_display;
    grown[stops->display_count++] = *display;
    return NB_OK;
}

static enum nb_status display_command(struct session *session, const struct call *call,
                                      struct nb_error *error)
{
    struct display display = { 0 };
    struct peek peek = { 0 };
    if (!call->rest.length) {
        displays_print(session, DISPLAY_STEPPED);
        return NB_OK;
    }
    enum nb_status status =
        peek_parse(session, call->source, call->rest.at, call->rest.at + call->rest.length, false,
                   &display.tree, &peek, error);
    if (status)
        return status;
    display.text = typed(call, error);
    status = display_add(session, &display, error);
    if (!status)
        display_print(session, &display, DISPLAY_STEPPED);
    return status;
}

/* ---- delete, undisplay ---- */

/* Two lists whose items are deleted by their numbers. */
struct list {
    const char *name, *names, *listing;
    size_t (*count)(const struct stops *stops);
    unsigned (*number)(const struct stops *stops, size_t index);
    void (*remove)(struct stops *stops, size_t index);
};

static size_t stop_count(const struct stops *stops)
{
    return stops->count;
}

static unsigned stop_number(const struct stops *stops, size_t index)
{
    return stops->stops[index].number;
}

static void stop_remove(struct stops *stops, size_t index)
{
    struct stop *stop = &stops->stops[index];
    free(stop->text);
    free(stop->before);
    lang_tree_free(&stop->tree);
    memmove(stop, stop + 1, (--stops->count - index) * sizeof *stop);
}

static size_t display_count_of(const struct stops *stops)
{
    return stops->display_count;
}

static unsigned display_number(const struct stops *stops, size_t index)
{
    return stops->displays[index].number;
}

static void display_remove(struct stops *stops, size_t index)
{
    struct display *display = &stops->displays[index];
    free(display->text);
    lang_tree_free(&display->tree);
    memmove(display, display + 1, (--stops->display_count - index) * sizeof *display);
}

static const struct list stop_list = { "break",    "breaks",    "info breaks",
                                       stop_count, stop_number, stop_remove };
static const struct list display_list = { "display",        "displays",     "info display",
                                          display_count_of, display_number, display_remove };

static size_t list_find(const struct list *list, const struct stops *stops, uint64_t number)
{
    for (size_t i = 0; stops && i < list->count(stops); i++)
        if (list->number(stops, i) == number)
            return i;
    return NB_NOWHERE;
}

static enum nb_status no_such(const struct stops *stops, const struct list *list, uint64_t number,
                              size_t at, struct nb_error *error)
{
    bool display = list == &stop_list && list_find(&display_list, stops, number) != NB_NOWHERE;
    bool stop = list == &display_list && list_find(&stop_list, stops, number) != NB_NOWHERE;
    unsigned long long shown = number;
    if (display)
        return error_at(error, NB_FAILED, at,
                        "there is no %s %llu: undisplay %llu ends the display", list->name, shown,
                        shown);
    if (stop)
        return error_at(error, NB_FAILED, at, "there is no %s %llu: delete %llu deletes the break",
                        list->name, shown, shown);
    return error_at(error, NB_FAILED, at, "there is no %s %llu: %s lists what there is", list->name,
                    shown, list->listing);
}

/* Deletes by the numbers of the call, or only makes sure that all are there. */
static enum nb_status list_delete(struct session *session, const struct call *call,
                                  const struct list *list, bool dry, struct nb_error *error)
{
    size_t at = call->rest.at, end = call->rest.at + call->rest.length;
    struct lang_span word;
    uint64_t number;
    while (lang_next_word(call->source, end, &at, &word)) {
        if (!number_parse_whole(call->source + word.at, word.length, NUMBER_MOST, &number))
            return error_at(error, NB_USAGE, word.at, "%s takes numbers, which %s lists: %s",
                            call->command->name, list->listing, call->command->usage);
        size_t index = list_find(list, session->stops, number);
        if (index == NB_NOWHERE && dry)
            return no_such(session->stops, list, number, word.at, error);
        if (index != NB_NOWHERE && !dry)
            list->remove(session->stops, index);
    }
    return NB_OK;
}

static void list_clear(struct session *session, const struct list *list)
{
    size_t count = session->stops ? list->count(session->stops) : 0;
    if (count)
        sink_printf(session->out, "deleted %zu %s\n", count, count == 1 ? list->name : list->names);
    else
        sink_printf(session->out, "there are no %s to delete\n", list->names);
    while (count > 0)
        list->remove(session->stops, --count);
}

static enum nb_status list_command(struct session *session, const struct call *call,
                                   const struct list *list, struct nb_error *error)
{
    if (!call->rest.length) {
        list_clear(session, list);
        return NB_OK;
    }
    enum nb_status status = list_delete(session, call, list, true, error);
    return status ? status : list_delete(session, call, list, false, error);
}

static enum nb_status delete_command(struct session *session, const struct call *call,
                                     struct nb_error *error)
{
    bool all = !call->rest.length && session->stops && session->stops->count;
    if (all && !session_confirm(session, "delete all breaks?"))
        return NB_OK;
    return list_command(session, call, &stop_list, error);
}

static enum nb_status undisplay_command(struct session *session, const struct call *call,
                                        struct nb_error *error)
{
    return list_command(session, call, &display_list, error);
}

/* ---- info ---- */

enum info { INFO_BREAKS, INFO_DISPLAY };

static const struct nb_choice *info_choices(size_t *count)
{
    static const struct nb_choice rows[] = {
        [INFO_BREAKS] = { "breaks", "where stepping and training stop" },
        [INFO_DISPLAY] = { "display", "what is shown at each stop" },
    };
    *count = COUNT_OF(rows);
    return rows;
}

static void info_breaks(const struct session *session, struct text *text)
{
    const struct stops *stops = session->stops;
    if (!stops || !stops->count)
        text_add(text, "no breaks are set: break delta1, break if loss > 2, watch w1[1,1]\n");
    for (size_t i = 0; stops && i < stops->count; i++) {
        const struct stop *stop = &stops->stops[i];
        text_printf(text, "%u  %s  ", stop->number, stop_kind_name(stop->kind));
        add_when(session, stop, text);
        if (stop->hits)
            text_printf(text, "; reached %llu time%s", (unsigned long long)stop->hits,
                        stop->hits == 1 ? "" : "s");
        text_add_char(text, '\n');
    }
}

static void info_display(const struct session *session, struct text *text)
{
    const struct stops *stops = session->stops;
    if (!stops || !stops->display_count)
        text_add(text, "nothing is displayed: display loss\n");
    for (size_t i = 0; stops && i < stops->display_count; i++)
        text_printf(text, "%u  %s\n", stops->displays[i].number, stops->displays[i].text);
}

static enum nb_status info_command(struct session *session, const struct call *call,
                                   struct nb_error *error)
{
    struct text text = TEXT_INIT;
    bool breaks = call_choice(call, "list", INFO_BREAKS) == INFO_BREAKS;
    (breaks ? info_breaks : info_display)(session, &text);
    enum nb_status status = text_status(&text, error);
    sink_text(session->out, &text);
    text_release(&text);
    return status;
}

/* ---- The rows ---- */

/* clang-format off */
const struct command break_commands[] = {
    { .name = "break",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "break QUANTITY [if EXPR], break if EXPR, or break nan",
      .summary = "stop where a quantity is computed, or when something becomes true",
      .help = "continue, forward, backward, until and step stop right behind the operation, train "
              "behind the batch,\nand train resume goes on. update always runs to its end, and tells "
              "of a break there.\n\n"
              "A condition is any expression. It is looked at where an operation has written something "
              "that it\nreads, and only when all that it reads is fresh; in train with the numbers of "
              "the batch. break nan\nstops at the first number that is not finite. info breaks lists "
              "all with their numbers, delete N\ndeletes one.",
      .example = "break delta1; break if loss > 2; break nan; continue; info breaks; delete",
      .run = break_command,
      .arguments = { { .name = "quantity", .kind = ARG_REST, .required = true,
                       .help = "delta1, or if and a condition, or nan" } } },
    { .name = "watch",
      .group = GROUP_STEP,
      .needs = NEEDS_NET,
      .usage = "watch QUANTITY",
      .summary = "stop when a quantity, or one element of it, changes",
      .help = "Stops as break does, and shows the number before and after.",
      .example = "watch w1[1,1]; continue; delete",
      .run = watch_command,
      .arguments = { { .name = "quantity", .kind = ARG_REST, .required = true,
                       .help = "what to watch: w1, delta1[2]" } } },
    { .name = "continue",
      .group = GROUP_STEP,
      .needs = NEEDS_NET | CHANGES_STATE | MOVES_NUMBERS,
      .usage = "continue",
      .summary = "run on to the next break, and print the operation that reached it",
      .help = "Runs through as many iterations as it takes, 100,000 at most. Where no break is set it "
              "stops at\nthe end of the iteration. A run that stopped at a break is gone on with by "
              "train resume.",
      .example = "break delta1; continue; continue; delete",
      .run = continue_command },
    { .name = "display",
      .group = GROUP_STEP,
      .usage = "display [EXPR]",
      .summary = "show an expression now and at every stop",
      .help = "After each step, pass or break its value is printed, a dash where something in it is "
              "not fresh.\ndisplay alone shows all of them. undisplay N ends one, info display lists "
              "them.",
      .example = "display loss; display w1[1,1] - old(w1[1,1]); step 2; undisplay",
      .run = display_command,
      .arguments = { { .name = "expression", .kind = ARG_REST,
                       .help = "what to show: loss, w1[1,1], norm(dw1)" } } },
    { .name = "undisplay",
      .group = GROUP_STEP,
      .usage = "undisplay [N...]",
      .summary = "show expressions of these numbers no longer, or none at all",
      .help = "The numbers are those that display and info display print.",
      .example = "display loss; undisplay 1",
      .run = undisplay_command,
      .arguments = { { .name = "numbers", .kind = ARG_REST, .help = "which; none: all" } } },
    { .name = "delete",
      .group = GROUP_STEP,
      .usage = "delete [N...]",
      .summary = "delete breaks and watches by their numbers, or all of them",
      .help = "The numbers are those that break, watch and info breaks print. Numbers are not used "
              "again. Before all of them go, nabla asks at a terminal.",
      .example = "break delta1; watch w1; delete 1; delete",
      .run = delete_command,
      .arguments = { { .name = "numbers", .kind = ARG_REST, .help = "which; none: all" } } },
    { .name = "info",
      .group = GROUP_STEP,
      .usage = "info breaks|display",
      .summary = "list breaks and watches, or what is displayed",
      .help = "Breaks and watches come with their numbers and how often they were reached.",
      .example = "break delta1; info breaks; delete",
      .run = info_command,
      .arguments = { { .name = "list", .kind = ARG_CHOICE, .required = true,
                       .choices = info_choices, .help = "what to list" } } },
    { .name = NULL },
};
/* clang-format on */
