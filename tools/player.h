/* player.h - a sound file in place of a microphone. SPDX-License-Identifier:
 * Apache-2.0
 *
 * A thread reads the file and puts it, 10 ms at a time and no sooner than it
 * would have been spoken, into the queue that a microphone's callback fills:
 * what happens to sound that is not heard in time is the same. */
#ifndef HEED_TOOLS_PLAYER_H
#define HEED_TOOLS_PLAYER_H

#include "asr/heed.h"
#include "audio/soundfile.h"

typedef struct cli_player cli_player;

/* Starts to play `sound`, borrowed and not to be used before the player is
 * destroyed, of which `backlog_s` seconds can wait to be read, in `*out` (NULL
 * on failure); release: cli_player_destroy(). Returns HEED_OK or
 * HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status cli_player_create(cli_player **out,
                                             heed_soundfile *sound,
                                             double backlog_s);

/* Stops and releases; NULL is fine. */
void cli_player_destroy(cli_player *player);

/* As heed_capture_read(); at the end of the file, what heed_soundfile_read()
 * returned there. */
HEED_NODISCARD heed_status cli_player_read(cli_player *player, float *samples,
                                           heed_capture_block *block);

/* Plays no more; what waits can still be read. */
void cli_player_stop(cli_player *player);

#endif /* HEED_TOOLS_PLAYER_H */
