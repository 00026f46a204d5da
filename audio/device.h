/* device.h - microphones by number, name or part of a name.
 * SPDX-License-Identifier: Apache-2.0
 *
 * PortAudio keeps one list of devices for the process, made when it is
 * initialised: it must be, around every call here but heed_devices(). */
#ifndef HEED_AUDIO_DEVICE_H
#define HEED_AUDIO_DEVICE_H
#include <portaudio.h>

#include "asr/base/status.h"
#include "audio/quiet.h"

/* Initialises PortAudio, silently; undone by heed_device_terminate(). Returns
 * HEED_OK, or HEED_ERR_DEVICE with a line to `log`. One thread at a time. */
HEED_NODISCARD heed_status heed_device_initialize(heed_quiet *quiet,
                                                  const heed_log *log);
void heed_device_terminate(const heed_quiet *quiet);

/* Finds the input device that `wanted` means: NULL, "" or "default"; a number;
 * a name; a part of one name only, capitals or not. Returns HEED_OK with
 * `*out` set, or HEED_ERR_DEVICE with a line to `log`. */
HEED_NODISCARD heed_status heed_device_find(PaDeviceIndex *out,
                                            const char *wanted,
                                            const heed_log *log);

/* Returns what is wrong, in words for who has to mend it, valid until the next
 * call of PortAudio. */
const char *heed_device_error_text(PaError error);

#endif /* HEED_AUDIO_DEVICE_H */
