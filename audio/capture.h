/* capture.h - the callback of the microphone. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The interface is in asr/heed.h; this is what PortAudio calls, for a test
 * that calls it in PortAudio's place. */
#ifndef HEED_AUDIO_CAPTURE_H
#define HEED_AUDIO_CAPTURE_H
#include <portaudio.h>

/* `user` is a heed_capture_queue. Copies, or counts what finds no room, and
 * returns paContinue. Real time: yes. */
int heed_capture_callback(const void *input, void *output,
                          unsigned long n_frames,
                          const PaStreamCallbackTimeInfo *time,
                          PaStreamCallbackFlags flags, void *user);

#endif /* HEED_AUDIO_CAPTURE_H */
