/* fake_portaudio.c - microphones with every fault. SPDX-License-Identifier:
 * Apache-2.0
 *
 * A library that is loaded before PortAudio and takes its place: a
 * loudspeaker, a stereo microphone at 48 kHz and a mono line at 16 kHz, all
 * silent. HEED_FAKE_FAULT says what is wrong with them:
 *
 *   system           there is no sound system
 *   none             there is no device
 *   default          no device is the default one
 *   busy, rate       the device is in use, or refuses the rate
 *   channels         it refuses the number of channels
 *   denied           it cannot be opened for a reason that ALSA does not say
 *   host, host-mute  the sound system says what is wrong, or that something is
 *   start            it is opened but cannot be started
 *   gone             its stream ends after a second; the first two attempts to
 *                    open it again fail, then it works
 *   broken           the same, the stream being in an error
 *   mute             after a second it delivers nothing any more
 *   never            it never delivers
 *   overflow         once, after a second, the system has lost some */
#include <portaudio.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCKS_PER_S  100
#define BLOCK_SAMPLES 480 /* enough for all rates */
#define MAX_CHANNELS  2
#define MIN(a, b)     ((a) < (b) ? (a) : (b))

static const PaDeviceInfo devices[] = {
    {.structVersion = 2, .name = "Fake Loudspeaker", .maxOutputChannels = 2},
    {.structVersion = 2,
     .name = "Fake Microphone",
     .maxInputChannels = 2,
     .defaultHighInputLatency = 0.03,
     .defaultSampleRate = 48000.0},
    {.structVersion = 2,
     .name = "Fake Line",
     .maxInputChannels = 1,
     .defaultHighInputLatency = 0.03,
     .defaultSampleRate = 16000.0}};
enum { N_DEVICES = sizeof devices / sizeof devices[0], MICROPHONE = 1 };

/* The only stream. */
static struct stream {
    PaStreamInfo info;
    PaStreamCallback *callback;
    void *user;
    unsigned long block_samples;
    pthread_t thread;
    bool running;        /* the thread is */
    atomic_bool stopped; /* the thread must end */
    atomic_bool ended;   /* by the fault */
} stream;
static int n_opened;

static bool fault_is(const char *name)
{
    const char *fault = getenv("HEED_FAKE_FAULT");

    return fault != NULL && strcmp(fault, name) == 0;
}

static bool goes_away(void)
{
    return fault_is("gone") || fault_is("broken");
}

PaError Pa_Initialize(void)
{
    return fault_is("system") ? paInternalError : paNoError;
}

PaError Pa_Terminate(void)
{
    return paNoError;
}

const char *Pa_GetErrorText(PaError error)
{
    return error == paInternalError ? "Internal PortAudio error" : "Odd error";
}

const PaHostErrorInfo *Pa_GetLastHostErrorInfo(void)
{
    static PaHostErrorInfo info = {paALSA, -5, ""};

    info.errorText = fault_is("host") ? "Input/output error" : "";
    return &info;
}

const PaHostApiInfo *Pa_GetHostApiInfo(PaHostApiIndex index)
{
    static const PaHostApiInfo info = {.structVersion = 1,
                                       .name = "Fake Audio"};

    (void)index;
    return &info;
}

PaDeviceIndex Pa_GetDeviceCount(void)
{
    return fault_is("none") ? 0 : N_DEVICES;
}

const PaDeviceInfo *Pa_GetDeviceInfo(PaDeviceIndex index)
{
    return index >= 0 && index < Pa_GetDeviceCount() ? &devices[index] : NULL;
}

PaDeviceIndex Pa_GetDefaultInputDevice(void)
{
    return fault_is("none") || fault_is("default") ? paNoDevice : MICROPHONE;
}

PaError Pa_OpenStream(PaStream **out, const PaStreamParameters *input,
                      const PaStreamParameters *output, double rate_hz,
                      unsigned long n_frames, PaStreamFlags flags,
                      PaStreamCallback *callback, void *user)
{
    static const struct {
        const char *name;
        PaError error;
    } faults[] = {{"busy", paDeviceUnavailable},
                  {"rate", paInvalidSampleRate},
                  {"channels", paInvalidChannelCount},
                  {"denied", paBadIODeviceCombination},
                  {"host", paUnanticipatedHostError},
                  {"host-mute", paUnanticipatedHostError}};

    (void)output;
    (void)n_frames;
    (void)flags;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (fault_is(faults[i].name))
            return faults[i].error;
    n_opened++;
    if (goes_away() && (n_opened == 2 || n_opened == 3))
        return paDeviceUnavailable;
    stream.info = (PaStreamInfo){1, input->suggestedLatency, 0.0, rate_hz};
    stream.callback = callback;
    stream.user = user;
    stream.block_samples =
        MIN((unsigned long)rate_hz / BLOCKS_PER_S, BLOCK_SAMPLES);
    atomic_store(&stream.stopped, false);
    atomic_store(&stream.ended, false);
    *out = &stream;
    return paNoError;
}

static double clock_s(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Delivers block number `n`, as the fault allows. */
static void deliver_block(long n)
{
    static const float silence[BLOCK_SAMPLES * MAX_CHANNELS];
    const PaStreamCallbackFlags lost =
        fault_is("overflow") && n == BLOCKS_PER_S ? paInputOverflow : 0;

    if (goes_away() && n_opened == 1 && n >= BLOCKS_PER_S)
        atomic_store(&stream.ended, true);
    if (fault_is("never") || (fault_is("mute") && n >= BLOCKS_PER_S) ||
        atomic_load(&stream.ended))
        return;
    (void)stream.callback(silence, NULL, stream.block_samples, NULL, lost,
                          stream.user);
}

/* Delivers until it is stopped, as many blocks as are due. */
static void *deliver(void *unused)
{
    static const struct timespec nap = {.tv_nsec = 5000000};
    const double start_s = clock_s();
    long n = 0;

    (void)unused;
    while (!atomic_load(&stream.stopped)) {
        nanosleep(&nap, NULL);
        while ((double)n < (clock_s() - start_s) * BLOCKS_PER_S)
            deliver_block(n++);
    }
    return NULL;
}

PaError Pa_StartStream(PaStream *s)
{
    (void)s;
    if (fault_is("start"))
        return paDeviceUnavailable;
    stream.running = pthread_create(&stream.thread, NULL, deliver, NULL) == 0;
    return stream.running ? paNoError : paInternalError;
}

PaError Pa_StopStream(PaStream *s)
{
    (void)s;
    atomic_store(&stream.stopped, true);
    if (stream.running)
        pthread_join(stream.thread, NULL);
    stream.running = false;
    return paNoError;
}

PaError Pa_CloseStream(PaStream *s)
{
    return Pa_StopStream(s);
}

PaError Pa_IsStreamActive(PaStream *s)
{
    (void)s;
    if (atomic_load(&stream.ended))
        return fault_is("broken") ? paUnanticipatedHostError : 0;
    return 1;
}

const PaStreamInfo *Pa_GetStreamInfo(PaStream *s)
{
    (void)s;
    return &stream.info;
}
