/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define METADATA "__metadata__"

/* ---- Numbers ---- */

static void put_bits(char *to, uint64_t bits, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (char)(unsigned char)(bits >> (8 * i));
}

static uint64_t get_bits(const char *from, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)(unsigned char)from[i] << (8 * i);
    return bits;
}

static void put_double(char *to, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_bits(to, bits, 8);
}

static double get_double(const char *from)
{
    uint64_t bits = get_bits(from, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void put_single(char *to, double value)
{
    float single = (float)value;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    put_bits(to, bits, 4);
}

static double get_single(const char *from)
{
    uint32_t bits = (uint32_t)get_bits(from, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static void put_whole(char *to, double value)
{
    put_bits(to, (uint64_t)(int64_t)value, 8);
}

/* Two's complement, by hand: the conversion is the implementation's to define. */
static double get_whole(const char *from)
{
    uint64_t bits = get_bits(from, 8);
    return bits >> 63 ? -(double)(~bits) - 1 : (double)bits;
}

static void put_byte(char *to, double value)
{
    put_bits(to, (uint64_t)value, 1);
}

static double get_byte(const char *from)
{
    return (double)get_bits(from, 1);
}

static const struct {
    const char *name;
    size_t size;
    void (*put)(char *to, double value);
    double (*get)(const char *from);
} types[TENSOR_TYPES] = {
    [TENSOR_F64] = { "F64", 8, put_double, get_double },
    [TENSOR_F32] = { "F32", 4, put_single, get_single },
    [TENSOR_I64] = { "I64", 8, put_whole, get_whole },
    [TENSOR_U8] = { "U8", 1, put_byte, get_byte },
};

/* ---- The structure ---- */

void safetensors_init(struct safetensors *file)
{
    *file = (struct safetensors){ 0 };
    text_init(&file->numbers);
}

void safetensors_release(struct safetensors *file)
{
    for (size_t i = 0; i < file->text_count; i++) {
        free(file->texts[i].name);
        free(file->texts[i].value);
    }
    free(file->texts);
    free(file->tensors);
    text_release(&file->numbers);
    safetensors_init(file);
}

const char *safetensors_text(const struct safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->text_count; i++)
        if (strcmp(file->texts[i].name, name) == 0)
            return file->texts[i].value;
    return NULL;
}

const struct tensor *safetensors_find(const struct safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

void safetensors_values(const struct safetensors *file, const struct tensor *tensor, double *values)
{
    const char *from = file->numbers.bytes + tensor->offset;
    for (size_t i = 0; i < tensor->count; i++)
        values[i] = types[tensor->type].get(from + i * types[tensor->type].size);
}

void safetensors_add_text(struct safetensors *file, const char *name, const char *value)
{
    struct safetensors_text *grown =
        array_grow(file->texts, file->text_count, &file->text_capacity, sizeof *grown);
    struct safetensors_text text = { string_copy(name), string_copy(value) };
    if (grown)
        file->texts = grown;
    if (grown && text.name && text.value) {
        file->texts[file->text_count++] = text;
        return;
    }
    file->failed = true;
    free(text.name);
    free(text.value);
}

static struct tensor *tensor_new(struct safetensors *file)
{
    struct tensor *grown = array_grow(file->tensors, file->count, &file->capacity, sizeof *grown);
    if (!grown) {
        file->failed = true;
        return NULL;
    }
    file->tensors = grown;
    grown[file->count] = (struct tensor){ 0 };
    return &grown[file->count++];
}

void safetensors_add(struct safetensors *file, const char *name, enum tensor_type type, size_t rows,
                     size_t cols, const double *values)
{
    struct tensor *tensor = tensor_new(file);
    char chunk[4096];
    size_t size = types[type].size, most = sizeof chunk / size, length = strlen(name);
    if (!tensor)
        return;
    tensor->type = type;
    tensor->rank = 2;
    tensor->shape[0] = rows;
    tensor->shape[1] = cols;
    tensor->count = rows * cols;
    tensor->offset = file->numbers.length;
    memcpy(tensor->name, name, length < TENSOR_NAME ? length : TENSOR_NAME - 1);
    for (size_t first = 0; first < tensor->count; first += most) {
        size_t left = tensor->count - first, n = left < most ? left : most;
        for (size_t i = 0; i < n; i++)
            types[type].put(chunk + i * size, values[first + i]);
        text_add_part(&file->numbers, chunk, n * size);
    }
}

/* ---- Writing ---- */

static json_t *tensor_json(const struct tensor *tensor)
{
    json_t *shape = json_array();
    size_t end = tensor->offset + tensor->count * types[tensor->type].size;
    for (size_t i = 0; i < tensor->rank; i++)
        json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", types[tensor->type].name, "shape", shape,
                     "data_offsets", (json_int_t)tensor->offset, (json_int_t)end);
}

static json_t *header_json(const struct safetensors *file)
{
    json_t *header = json_object(), *texts = json_object();
    bool ok = json_object_set_new(header, METADATA, texts) == 0;
    for (size_t i = 0; i < file->text_count && ok; i++)
        ok =
            json_object_set_new(texts, file->texts[i].name, json_string(file->texts[i].value)) == 0;
    for (size_t i = 0; i < file->count && ok; i++)
        ok =
            json_object_set_new(header, file->tensors[i].name, tensor_json(&file->tensors[i])) == 0;
    if (ok)
        return header;
    json_decref(header);
    return NULL;
}

enum nb_status safetensors_write(const struct safetensors *file, struct text *bytes,
                                 struct nb_error *error)
{
    for (size_t i = 0; i < file->text_count; i++)
        if (!utf8_valid(file->texts[i].value, strlen(file->texts[i].value)))
            return error_set(error, NB_SYSTEM,
                             "the file holds UTF-8 alone, and %s has bytes that are none",
                             file->texts[i].name);
    json_t *header = file->failed || file->numbers.failed ? NULL : header_json(file);
    char *dump = header ? json_dumps(header, JSON_COMPACT) : NULL;
    char length[8];
    json_decref(header);
    if (!dump)
        return error_memory(error);
    size_t dumped = strlen(dump), blanks = (8 - dumped % 8) % 8; /* numbers stand on 8 bytes */
    put_bits(length, dumped + blanks, sizeof length);
    text_add_part(bytes, length, sizeof length);
    text_add_part(bytes, dump, dumped);
    text_repeat(bytes, " ", blanks);
    text_add_part(bytes, file->numbers.bytes, file->numbers.length);
    free(dump);
    return text_status(bytes, error);
}

/* ---- Reading ---- */

struct reader {
    struct safetensors *file;
    const char *name; /* of the file */
    size_t size;      /* bytes of all numbers */
    struct nb_error *error;
};

static enum nb_status damaged(const struct reader *reader, const char *tensor, const char *what)
{
    return error_set(reader->error, NB_SYSTEM, "%s is damaged: the array %.40s %s", reader->name,
                     tensor, what);
}

static bool read_size(const json_t *number, size_t *size)
{
    if (!json_is_integer(number) || json_integer_value(number) < 0 ||
        (uint64_t)json_integer_value(number) > SIZE_MAX)
        return false;
    *size = (size_t)json_integer_value(number);
    return true;
}

static bool read_type(const json_t *value, enum tensor_type *type)
{
    const char *name = json_string_value(value);
    for (*type = 0; name && *type < TENSOR_TYPES; (*type)++)
        if (strcmp(types[*type].name, name) == 0)
            return true;
    return false;
}

static bool read_shape(const json_t *shape, struct tensor *tensor)
{
    tensor->rank = json_array_size(shape);
    tensor->count = 1;
    if (!json_is_array(shape) || tensor->rank > TENSOR_RANK)
        return false;
    for (size_t i = 0; i < tensor->rank; i++)
        if (!read_size(json_array_get(shape, i), &tensor->shape[i]) ||
            !size_multiply(tensor->count, tensor->shape[i], &tensor->count))
            return false;
    return true;
}

static enum nb_status read_tensor(struct reader *reader, const char *name, const json_t *entry)
{
    const json_t *offsets = json_object_get(entry, "data_offsets");
    struct tensor tensor = { 0 };
    size_t end, bytes;
    if (strlen(name) >= TENSOR_NAME)
        return damaged(reader, name, "has too long a name");
    memcpy(tensor.name, name, strlen(name));
    if (!read_type(json_object_get(entry, "dtype"), &tensor.type))
        return damaged(reader, name, "is of a type other than F64, F32, I64, U8");
    if (!read_shape(json_object_get(entry, "shape"), &tensor))
        return damaged(reader, name, "has no shape that can be read");
    if (json_array_size(offsets) != 2 || !read_size(json_array_get(offsets, 0), &tensor.offset) ||
        !read_size(json_array_get(offsets, 1), &end))
        return damaged(reader, name, "has no place that can be read");
    if (tensor.offset > end || end > reader->size)
        return damaged(reader, name, "reaches beyond the end of the file");
    if (!size_multiply(tensor.count, types[tensor.type].size, &bytes) ||
        bytes != end - tensor.offset)
        return damaged(reader, name, "has a shape that does not fit its place");
    struct tensor *added = tensor_new(reader->file);
    if (!added)
        return error_memory(reader->error);
    *added = tensor;
    return NB_OK;
}

static enum nb_status read_texts(struct reader *reader, json_t *texts)
{
    const char *name;
    json_t *value;
    if (!json_is_object(texts))
        return error_set(reader->error, NB_SYSTEM, "%s is damaged: its metadata is no object",
                         reader->name);
    json_object_foreach(texts, name, value)
    {
        if (!json_is_string(value))
            return error_set(reader->error, NB_SYSTEM,
                             "%s is damaged: its metadata %.40s is no "
                             "text",
                             reader->name, name);
        safetensors_add_text(reader->file, name, json_string_value(value));
    }
    return NB_OK;
}

static int by_offset(const void *a, const void *b)
{
    const struct tensor *one = a, *other = b;
    if (one->offset != other->offset)
        return one->offset < other->offset ? -1 : 1;
    return one->count < other->count ? -1 : one->count > other->count;
}

/* One after the other, from the first byte to the last. */
static enum nb_status check_places(const struct reader *reader)
{
    struct safetensors *file = reader->file;
    size_t end = 0;
    if (file->count)
        qsort(file->tensors, file->count, sizeof *file->tensors, by_offset);
    for (size_t i = 0; i < file->count; i++) {
        const struct tensor *tensor = &file->tensors[i];
        if (tensor->offset != end)
            return damaged(reader, tensor->name,
                           tensor->offset < end ? "overlaps another" : "begins behind a gap");
        end += tensor->count * types[tensor->type].size;
    }
    if (end == reader->size)
        return NB_OK;
    return error_set(reader->error, NB_SYSTEM,
                     "%s is damaged: it has %zu bytes of numbers, its arrays are %zu", reader->name,
                     reader->size, end);
}

static enum nb_status read_header(struct reader *reader, json_t *header)
{
    enum nb_status status = NB_OK;
    const char *name;
    json_t *entry;
    if (!json_is_object(header))
        return error_set(reader->error, NB_SYSTEM, "%s is no safetensors file", reader->name);
    json_object_foreach(header, name, entry)
    {
        status = strcmp(name, METADATA) == 0 ? read_texts(reader, entry)
                                             : read_tensor(reader, name, entry);
        if (status)
            return status;
    }
    status = check_places(reader);
    if (!status && reader->file->failed)
        status = error_memory(reader->error);
    return status;
}

enum nb_status safetensors_parse(struct safetensors *file, const char *name, const char *bytes,
                                 size_t length, struct nb_error *error)
{
    json_error_t problem;
    uint64_t header_length = length < 10 ? 0 : get_bits(bytes, 8);
    if (length < 10 || header_length < 2 || header_length > TENSOR_HEADER || bytes[8] != '{')
        return error_set(error, NB_SYSTEM, "%s is no safetensors file: it does not begin as one",
                         name);
    if (header_length > length - 8)
        return error_set(error, NB_SYSTEM,
                         "%s is damaged: it ends at byte %zu, within its header of %llu bytes",
                         name, length, (unsigned long long)header_length);
    size_t start = 8 + (size_t)header_length;
    json_t *header = json_loadb(bytes + 8, (size_t)header_length, JSON_REJECT_DUPLICATES, &problem);
    if (!header)
        return error_set(error, NB_SYSTEM, "%s is damaged at byte %d: %.80s", name,
                         problem.position + 8, problem.text);
    struct reader reader = { file, name, length - start, error };
    enum nb_status status = read_header(&reader, header);
    json_decref(header);
    if (status)
        return status;
    text_add_part(&file->numbers, bytes + start, length - start);
    return text_status(&file->numbers, error);
}
