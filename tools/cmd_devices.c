/* cmd_devices.c - the microphones there are. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/cli.h"
#include "tools/output.h"

#include <stdio.h>
#include <string.h>

enum { OPT_JSON, OPT_HELP };

static const cli_option options[] = {
    [OPT_JSON] = {"json", '\0', NULL, "print JSON Lines, one object a device"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

typedef struct listing {
    cli_sink sink;
    size_t n_devices;
} listing;

/* A name is the device's own: what a terminal might obey is replaced. */
static void print_name(const char *name)
{
    for (; *name != '\0'; name++)
        putchar((unsigned char)*name < ' ' || *name == '\x7f' ? '?' : *name);
}

static void print_line(void *user, const heed_device *device)
{
    listing *list = user;

    if (list->n_devices++ == 0)
        puts("  number  rate       channels  interface         name");
    printf("%c %6u  %6u Hz  %8u  %-16s  ", device->is_default ? '*' : ' ',
           device->number, device->sample_rate_hz, device->channels,
           device->host);
    print_name(device->name);
    putchar('\n');
}

static void print_json(void *user, const heed_device *device)
{
    listing *list = user;
    char numbers[160];

    list->n_devices++;
    snprintf(numbers, sizeof numbers,
             "{\"number\":%u,\"name\":", device->number);
    cli_sink_puts(&list->sink, numbers);
    cli_json_write_string(&list->sink, device->name, strlen(device->name));
    cli_sink_puts(&list->sink, ",\"host\":");
    cli_json_write_string(&list->sink, device->host, strlen(device->host));
    snprintf(numbers, sizeof numbers,
             ",\"channels\":%u,\"sample_rate_hz\":%u,\"latency_s\":%.4f,"
             "\"default\":%s}\n",
             device->channels, device->sample_rate_hz, device->latency_s,
             device->is_default ? "true" : "false");
    cli_sink_puts(&list->sink, numbers);
}

static cli_exit print_devices(bool json)
{
    cli_messages messages = {0};
    const heed_log log = cli_messages_log(&messages);
    listing list = {.n_devices = 0};

    (void)cli_sink_open(&list.sink, NULL);
    if (heed_devices(json ? print_json : print_line, &list, &log) != HEED_OK)
        return CLI_EXIT_INPUT;
    if (list.n_devices > 0)
        return cli_stdout_flush();
    cli_messages_error(&messages, "there is no microphone");
    return CLI_EXIT_INPUT;
}

static cli_exit run(int argc, char **argv)
{
    cli_parser parser;
    bool json = false;
    int found;

    cli_parser_init(&parser, "devices", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        if (found == OPT_HELP)
            return cli_help_print(&cli_command_devices);
        if (found == CLI_PARSER_OPERAND)
            fprintf(stderr,
                    "heed: '%s' is not needed\n"
                    "heed: see `heed devices --help`\n",
                    parser.value);
        if (found != OPT_JSON)
            return CLI_EXIT_USAGE;
        json = true;
    }
    return print_devices(json);
}

const cli_command cli_command_devices = {
    .name = "devices",
    .summary = "list the microphones",
    .operands = "",
    .about = "Lists the devices that can be heard, and marks the default one "
             "with a star.\n",
    .options = options,
    .notes =
        "A number is good until devices come or go; a name, or a part of it,\n"
        "for longer.\n\n"
        "Examples:\n"
        "  heed devices\n"
        "  heed devices --json\n",
    .run = run,
};
