/* quiet.c - keeps sound libraries from writing to the terminal.
 * SPDX-License-Identifier: Apache-2.0
 *
 * heed does not depend on ALSA or JACK, PortAudio may: so their hooks are
 * looked up by name in the running process. Each library has a variable with
 * its handler, and a function that sets it. */
#include "audio/quiet.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static void drop_alsa(const char *file, int line, const char *function,
                      int error, const char *format, ...)
{
    (void)file;
    (void)line;
    (void)function;
    (void)error;
    (void)format;
}

static void drop_jack(const char *message)
{
    (void)message;
}

/* C does not convert what dlsym() gives to a function; their sizes agree where
 * dlsym() exists. Leaves `*function` NULL if there is none. */
static void find_function(void *function, void *process, const char *name)
{
    void *symbol = dlsym(process, name);

    memcpy(function, &symbol, sizeof symbol);
}

/* Each sets a handler and returns the one before, or NULL if that is the same
 * or the library is not there. */
static heed_quiet_alsa set_alsa(void *process, heed_quiet_alsa handler)
{
    const heed_quiet_alsa *current = dlsym(process, "snd_lib_error");
    const heed_quiet_alsa before = current != NULL ? *current : NULL;
    int (*set)(heed_quiet_alsa) = NULL;

    find_function(&set, process, "snd_lib_error_set_handler");
    if (before == NULL || before == handler || set == NULL)
        return NULL;
    (void)set(handler);
    return before;
}

static heed_quiet_jack set_jack(void *process, const char *variable,
                                const char *setter, heed_quiet_jack handler)
{
    const heed_quiet_jack *current = dlsym(process, variable);
    const heed_quiet_jack before = current != NULL ? *current : NULL;
    void (*set)(heed_quiet_jack) = NULL;

    find_function(&set, process, setter);
    if (before == NULL || before == handler || set == NULL)
        return NULL;
    set(handler);
    return before;
}

static heed_quiet set_all(heed_quiet_alsa alsa_error,
                          heed_quiet_jack jack_error, heed_quiet_jack jack_info)
{
    heed_quiet before = {NULL, NULL, NULL};
    void *process = dlopen(NULL, RTLD_LAZY);

    if (process == NULL)
        return before;
    if (alsa_error != NULL)
        before.alsa_error = set_alsa(process, alsa_error);
    if (jack_error != NULL)
        before.jack_error = set_jack(process, "jack_error_callback",
                                     "jack_set_error_function", jack_error);
    if (jack_info != NULL)
        before.jack_info = set_jack(process, "jack_info_callback",
                                    "jack_set_info_function", jack_info);
    dlclose(process);
    return before;
}

void heed_quiet_begin(heed_quiet *quiet)
{
    *quiet = set_all(drop_alsa, drop_jack, drop_jack);
}

void heed_quiet_end(const heed_quiet *quiet)
{
    (void)set_all(quiet->alsa_error, quiet->jack_error, quiet->jack_info);
}
