/* device.c - microphones by number, name or part of a name.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audio/device.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"

/* Names of devices that fit, as told when more than one does. */
#define LIST_BYTES 400

const char *heed_device_error_text(PaError error)
{
    const char *text;

    switch (error) {
    case paDeviceUnavailable:
    /* What PortAudio makes of every other refusal of ALSA's. */
    case paBadIODeviceCombination:
        return "it is busy, gone or not allowed";
    case paInvalidSampleRate:
        return "it refuses the sample rate";
    case paInvalidChannelCount:
        return "it refuses the number of channels";
    case paUnanticipatedHostError:
        text = Pa_GetLastHostErrorInfo()->errorText;
        return text != NULL && text[0] != '\0'
                   ? text
                   : "the sound system does not say why";
    default:
        return Pa_GetErrorText(error);
    }
}

heed_status heed_device_initialize(heed_quiet *quiet, const heed_log *log)
{
    PaError error;

    heed_quiet_begin(quiet);
    error = Pa_Initialize();
    if (error == paNoError)
        return HEED_OK;
    heed_quiet_end(quiet);
    heed_log_error(log, "no sound system: %s", heed_device_error_text(error));
    return HEED_ERR_DEVICE;
}

void heed_device_terminate(const heed_quiet *quiet)
{
    (void)Pa_Terminate();
    heed_quiet_end(quiet);
}

static bool is_input(PaDeviceIndex number)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(number);

    return info != NULL && info->maxInputChannels > 0;
}

/* Whether `part` is in `text`, capitals being small letters. */
static bool contains(const char *text, const char *part)
{
    for (; *text != '\0'; text++) {
        size_t n = 0;

        while (part[n] != '\0' && tolower((unsigned char)text[n]) ==
                                      tolower((unsigned char)part[n]))
            n++;
        if (part[n] == '\0')
            return true;
    }
    return part[0] == '\0';
}

static heed_status find_default(PaDeviceIndex *out, const heed_log *log)
{
    *out = Pa_GetDefaultInputDevice();
    if (*out != paNoDevice)
        return HEED_OK;
    for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); i++) {
        if (!is_input(i))
            continue;
        heed_log_error(log,
                       "no microphone is the default one; there is %d '%s'", i,
                       Pa_GetDeviceInfo(i)->name);
        return HEED_ERR_DEVICE;
    }
    heed_log_error(log, "there is no microphone");
    return HEED_ERR_DEVICE;
}

static heed_status find_number(PaDeviceIndex *out, const char *digits,
                               const heed_log *log)
{
    const long number = strtol(digits, NULL, 10);

    if (number < Pa_GetDeviceCount() && is_input((PaDeviceIndex)number)) {
        *out = (PaDeviceIndex)number;
        return HEED_OK;
    }
    heed_log_error(log, "there is no microphone number %s", digits);
    return HEED_ERR_DEVICE;
}

/* A name first; else a part, which must not be of several names. The same
 * name in several host interfaces: the first counts. */
static heed_status find_name(PaDeviceIndex *out, const char *wanted,
                             const heed_log *log)
{
    char list[LIST_BYTES] = "";
    size_t n_found = 0;

    for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); i++) {
        const char *name = Pa_GetDeviceInfo(i)->name;
        const size_t used = strlen(list);

        if (!is_input(i))
            continue;
        if (strcmp(name, wanted) == 0) {
            *out = i;
            return HEED_OK;
        }
        if (!contains(name, wanted))
            continue;
        *out = i;
        n_found++;
        snprintf(list + used, sizeof list - used, "%s%d '%s'",
                 n_found > 1 ? ", " : "", i, name);
    }
    if (n_found == 1)
        return HEED_OK;
    if (n_found == 0)
        heed_log_error(log, "there is no microphone called '%s'", wanted);
    else
        heed_log_error(log, "'%s' is a part of several names: %s", wanted,
                       list);
    return HEED_ERR_DEVICE;
}

heed_status heed_device_find(PaDeviceIndex *out, const char *wanted,
                             const heed_log *log)
{
    heed_status status;

    if (wanted == NULL || wanted[0] == '\0' || strcmp(wanted, "default") == 0)
        status = find_default(out, log);
    else if (wanted[strspn(wanted, "0123456789")] == '\0')
        status = find_number(out, wanted, log);
    else
        status = find_name(out, wanted, log);
    if (status != HEED_OK)
        *out = paNoDevice;
    return status;
}

heed_status heed_devices(void (*found)(void *user, const heed_device *device),
                         void *user, const heed_log *log)
{
    heed_quiet quiet;
    heed_status status;

    if (found == NULL)
        return HEED_ERR_ARG;
    status = heed_device_initialize(&quiet, log);
    if (status != HEED_OK)
        return status;
    for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); i++) {
        const PaDeviceInfo *info = Pa_GetDeviceInfo(i);

        if (!is_input(i))
            continue;
        found(user, &(heed_device){
                        .number = (unsigned)i,
                        .name = info->name,
                        .host = Pa_GetHostApiInfo(info->hostApi)->name,
                        .channels = (unsigned)info->maxInputChannels,
                        .sample_rate_hz = (unsigned)info->defaultSampleRate,
                        .latency_s = info->defaultHighInputLatency,
                        .is_default = i == Pa_GetDefaultInputDevice()});
    }
    heed_device_terminate(&quiet);
    return HEED_OK;
}
