/* json.h - JSON by way of json-c. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_JSON_H
#define HEED_TOOLS_EVAL_JSON_H

#include "tools/eval/memory.h"

#include <json-c/json.h>
#include <stdbool.h>

/* A value, never NULL; ends the program if there is no memory. */
struct json_object *eval_json_object(void);
struct json_object *eval_json_array(void);

/* Each adds one member to an object. A number has that many decimals; one
 * that is unknown (below 0) is null; so is a NULL string. */
void eval_json_put(struct json_object *object, const char *name,
                   struct json_object *value);
void eval_json_put_string(struct json_object *object, const char *name,
                          const char *string);
void eval_json_put_count(struct json_object *object, const char *name,
                         size_t count);
void eval_json_put_number(struct json_object *object, const char *name,
                          double number, int decimals);
void eval_json_put_known(struct json_object *object, const char *name,
                         double number, int decimals);

/* Adds `value` to an array. */
void eval_json_push(struct json_object *array, struct json_object *value);

/* A number with that many decimals. */
struct json_object *eval_json_number(double number, int decimals);

/* Each gets one member; false if it is there and of another type. A member
 * that is missing, or null, leaves `*out` as it was. */
bool eval_json_get_string(struct json_object *object, const char *name,
                          const char **out);
bool eval_json_get_number(struct json_object *object, const char *name,
                          double *out);
bool eval_json_get_count(struct json_object *object, const char *name,
                         size_t *out);
bool eval_json_get_array(struct json_object *object, const char *name,
                         struct json_object **out);

/* Parses one line: an object, released by json_object_put(), or NULL and what
 * is wrong in `*fault`. */
struct json_object *eval_json_parse(const char *line, const char **fault);

/* Writes `object` to `out` and releases it. `pretty`: on several lines. */
void eval_json_write(struct json_object *object, bool pretty, eval_text *out);

#endif /* HEED_TOOLS_EVAL_JSON_H */
