/* eval_machine.h - on what it ran. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_MACHINE_H
#define HEED_TOOLS_EVAL_MACHINE_H

struct json_object;

/* Adds `processor`, `cores` and `system` to an object. */
void cli_machine_describe(struct json_object *object);

#endif /* HEED_TOOLS_EVAL_MACHINE_H */
