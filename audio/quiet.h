/* quiet.h - keeps sound libraries from writing to the terminal.
 * SPDX-License-Identifier: Apache-2.0
 *
 * While PortAudio looks for devices, ALSA and JACK print a line to stderr for
 * everything that is not there: a hundred on an ordinary machine. Both have a
 * hook for such messages, one for the whole process. */
#ifndef HEED_AUDIO_QUIET_H
#define HEED_AUDIO_QUIET_H

typedef void (*heed_quiet_alsa)(const char *file, int line,
                                const char *function, int error,
                                const char *format, ...);
typedef void (*heed_quiet_jack)(const char *message);

/* The handlers that were there before; NULL: nothing to put back. */
typedef struct heed_quiet {
    heed_quiet_alsa alsa_error;
    heed_quiet_jack jack_error;
    heed_quiet_jack jack_info;
} heed_quiet;

/* Silences those of the two that this process has loaded, until
 * heed_quiet_end(), which puts back what was there before. */
void heed_quiet_begin(heed_quiet *quiet);
void heed_quiet_end(const heed_quiet *quiet);

#endif /* HEED_AUDIO_QUIET_H */
