/* json.c - JSON by way of json-c. SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 16

static struct json_object *need(struct json_object *object)
{
    if (object == NULL) {
        fputs("heed: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return object;
}

struct json_object *eval_json_object(void)
{
    return need(json_object_new_object());
}

struct json_object *eval_json_array(void)
{
    return need(json_object_new_array());
}

void eval_json_put(struct json_object *object, const char *name,
                   struct json_object *value)
{
    if (json_object_object_add(object, name, value) != 0)
        need(NULL);
}

void eval_json_put_string(struct json_object *object, const char *name,
                          const char *string)
{
    eval_json_put(object, name,
                  string != NULL ? need(json_object_new_string(string)) : NULL);
}

void eval_json_put_count(struct json_object *object, const char *name,
                         size_t count)
{
    eval_json_put(object, name, need(json_object_new_int64((int64_t)count)));
}

struct json_object *eval_json_number(double number, int decimals)
{
    char text[64];

    snprintf(text, sizeof text, "%.*f", decimals, number);
    return need(json_object_new_double_s(number, text));
}

void eval_json_put_number(struct json_object *object, const char *name,
                          double number, int decimals)
{
    eval_json_put(object, name, eval_json_number(number, decimals));
}

void eval_json_put_known(struct json_object *object, const char *name,
                         double number, int decimals)
{
    if (number < 0.0)
        eval_json_put(object, name, NULL);
    else
        eval_json_put_number(object, name, number, decimals);
}

void eval_json_push(struct json_object *array, struct json_object *value)
{
    if (json_object_array_add(array, value) != 0)
        need(NULL);
}

/* The member, or NULL if it is missing or null. */
static struct json_object *member(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;

    (void)json_object_object_get_ex(object, name, &value);
    return value;
}

bool eval_json_get_string(struct json_object *object, const char *name,
                          const char **out)
{
    struct json_object *value = member(object, name);

    if (value == NULL)
        return true;
    if (!json_object_is_type(value, json_type_string) ||
        strlen(json_object_get_string(value)) !=
            (size_t)json_object_get_string_len(value))
        return false;
    *out = json_object_get_string(value);
    return true;
}

bool eval_json_get_number(struct json_object *object, const char *name,
                          double *out)
{
    struct json_object *value = member(object, name);
    double number;

    if (value == NULL)
        return true;
    if (!json_object_is_type(value, json_type_double) &&
        !json_object_is_type(value, json_type_int))
        return false;
    number = json_object_get_double(value);
    if (!isfinite(number) || fabs(number) > 1e15)
        return false;
    *out = number;
    return true;
}

bool eval_json_get_count(struct json_object *object, const char *name,
                         size_t *out)
{
    struct json_object *value = member(object, name);

    if (value == NULL)
        return true;
    if (!json_object_is_type(value, json_type_int) ||
        json_object_get_int64(value) < 0)
        return false;
    *out = (size_t)json_object_get_int64(value);
    return true;
}

bool eval_json_get_array(struct json_object *object, const char *name,
                         struct json_object **out)
{
    struct json_object *value = member(object, name);

    if (value == NULL)
        return true;
    if (!json_object_is_type(value, json_type_array))
        return false;
    *out = value;
    return true;
}

struct json_object *eval_json_parse(const char *line, const char **fault)
{
    struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
    struct json_object *object;
    const size_t n = strlen(line);

    if (tokener == NULL)
        need(NULL);
    *fault = NULL;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
                                        JSON_TOKENER_ALLOW_TRAILING_CHARS);
    object = json_tokener_parse_ex(tokener, line, (int)(n < 1u << 30 ? n : 0));
    if (json_tokener_get_error(tokener) == json_tokener_continue)
        *fault = "not a whole JSON value";
    else if (json_tokener_get_error(tokener) != json_tokener_success)
        *fault = json_tokener_error_desc(json_tokener_get_error(tokener));
    else if (!json_object_is_type(object, json_type_object))
        *fault = "not a JSON object";
    else if (json_tokener_get_parse_end(tokener) < n &&
             strspn(line + json_tokener_get_parse_end(tokener), " \t") +
                     json_tokener_get_parse_end(tokener) <
                 n)
        *fault = "text after the JSON object";
    json_tokener_free(tokener);
    if (*fault == NULL)
        return object;
    json_object_put(object);
    return NULL;
}

void eval_json_write(struct json_object *object, bool pretty, eval_text *out)
{
    const int flags =
        JSON_C_TO_STRING_NOSLASHESCAPE |
        (pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
                : JSON_C_TO_STRING_PLAIN);
    const char *text = json_object_to_json_string_ext(object, flags);

    if (text == NULL)
        need(NULL);
    eval_text_puts(out, text);
    eval_text_puts(out, "\n");
    json_object_put(object);
}
