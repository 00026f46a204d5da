/* cmd_lm.h - the parts of `heed lm`. SPDX-License-Identifier: Apache-2.0
 *
 * Each is a subcommand of its own: its name is "lm build" and so on, its
 * argv[0] "build". */
#ifndef HEED_TOOLS_CMD_LM_H
#define HEED_TOOLS_CMD_LM_H

#include "tools/cli.h"

extern const cli_command cli_command_lm_build;
extern const cli_command cli_command_lm_compile;
extern const cli_command cli_command_lm_query;

#endif /* HEED_TOOLS_CMD_LM_H */
