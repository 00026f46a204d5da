/* heed.h - streaming speech recognition, the public interface.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Glossary, with the words used in every name and comment of heed:
 *
 *   sample     one float of mono sound, nominally in [-1, 1].
 *   frame      one feature vector: the MFCCs of one 25 ms window.
 *   hop        the distance between the starts of two windows, in samples.
 *   chunk      the samples, or the encoder frames, handed over in one call.
 *   memory     the encoder's output, which the decoder attends to.
 *   token      one entry of the model's vocabulary, a piece of a word.
 *   utterance  what one stream hears between its start or reset and its end.
 *   segment    the part of an utterance that is searched in one go.
 *   endpoint   where a segment ends because the speaker paused.
 *   committed  text that has been reported for good: it only ever grows.
 *   tentative  text shown after the committed text, which may still change.
 *   partial    a result while the segment goes on: committed + tentative.
 *   final      a result after the segment's end: all of it is committed.
 *   model      the weights, read-only, shared by any number of streams.
 *   stream     the state of one recognition, used by one thread at a time.
 *
 * The library keeps no global state, never prints and never exits. What goes
 * wrong is returned as a `heed_status`, and the detail (which file, where,
 * why) is one line given to the caller's `heed_log`. */
#ifndef HEED_H
#define HEED_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HEED_API       __attribute__((visibility("default")))
#define HEED_NODISCARD __attribute__((warn_unused_result))
#else
#define HEED_API
#define HEED_NODISCARD
#endif

/* Every status with its value and its text: 0 is success, above 0 is expected
 * in normal use, below 0 is a failure. */
#define HEED_STATUS_MAP(X)                                  \
    X(HEED_OK, 0, "success")                                \
    X(HEED_AGAIN, 1, "more input is needed")                \
    X(HEED_END, 2, "end of input")                          \
    X(HEED_ERR_ARG, -1, "invalid argument")                 \
    X(HEED_ERR_MEMORY, -2, "out of memory")                 \
    X(HEED_ERR_IO, -3, "input or output failed")            \
    X(HEED_ERR_FORMAT, -4, "malformed data")                \
    X(HEED_ERR_UNSUPPORTED, -5, "not supported")            \
    X(HEED_ERR_STATE, -6, "call not allowed in this state") \
    X(HEED_ERR_TRUNCATED, -7, "input ends early")           \
    X(HEED_ERR_DEVICE, -8, "audio device failed")

typedef enum heed_status {
#define HEED_STATUS_ENUM(name, value, text) name = (value),
    HEED_STATUS_MAP(HEED_STATUS_ENUM)
#undef HEED_STATUS_ENUM
} heed_status;

/* Returns a short English text for `status`, never NULL, valid for ever.
 * Any thread. */
HEED_API const char *heed_status_text(heed_status status);

/* Returns the library's version as "major.minor.patch", valid for ever.
 * Any thread. */
HEED_API const char *heed_version(void);

typedef enum heed_log_level {
    HEED_LOG_ERROR = 0,   /* the call fails and says why */
    HEED_LOG_WARNING = 1, /* the call goes on; something was lost or odd */
    HEED_LOG_INFO = 2     /* nothing is wrong */
} heed_log_level;

/* Where messages go. Passed by pointer; NULL, or a NULL `write`, is silence.
 * What it points to must outlive every object created with it. */
typedef struct heed_log {
    /* Gets `user` and one line of UTF-8 without a newline, valid during the
     * call only. Called on the thread that called heed. */
    void (*write)(void *user, heed_log_level level, const char *message);
    void *user;
} heed_log;

/* ---- Model ---------------------------------------------------------- */

/* The weights and all that goes with them, read-only. */
typedef struct heed_model heed_model;

/* Opens the model file at `path` (GGUF, see asr/FORMAT.md) in `*out` (NULL on
 * failure); release: heed_model_close(). `log` may be NULL and must outlive
 * the model. Returns HEED_OK; HEED_ERR_ARG; HEED_ERR_IO if the file cannot be
 * read; HEED_ERR_FORMAT or HEED_ERR_UNSUPPORTED if it is not a model this
 * version runs; HEED_ERR_MEMORY. */
HEED_API HEED_NODISCARD heed_status heed_model_open(heed_model **out,
                                                    const char *path,
                                                    const heed_log *log);

/* Releases `model`; NULL is fine. No stream may use it any more. */
HEED_API void heed_model_close(heed_model *model);

/* What a model says about itself. Strings live as long as the model and are
 * never NULL (empty if the file does not say). */
typedef struct heed_model_info {
    const char *name;
    const char *license;
    const char *card;    /* Markdown: training, data, word error rates */
    const char *notices; /* licences and credits that travel with it */
    unsigned sample_rate_hz;
    size_t n_parameters;
    size_t n_vocabulary;
    size_t file_bytes;
    double frame_s; /* seconds per encoder frame */
} heed_model_info;

HEED_API void heed_model_describe(const heed_model *model,
                                  heed_model_info *info);

/* ---- Language model ------------------------------------------------- */

/* How likely words are after one another, read-only. */
typedef struct heed_lm heed_lm;

/* Opens the compiled language model at `path` (made by `heed lm compile`, see
 * lm/FORMAT.md) in `*out` (NULL on failure); release: heed_lm_close(). `log`
 * may be NULL and must outlive the call only. The file is mapped, and all of
 * it is checked. Returns HEED_OK; HEED_ERR_ARG; HEED_ERR_IO if the file cannot
 * be read; HEED_ERR_TRUNCATED if it ends early; HEED_ERR_FORMAT if it is
 * damaged or another kind of file; HEED_ERR_UNSUPPORTED for another version;
 * HEED_ERR_MEMORY. The model may be shared by any number of threads. */
HEED_API HEED_NODISCARD heed_status heed_lm_open(heed_lm **out,
                                                 const char *path,
                                                 const heed_log *log);

/* Releases `lm`; NULL is fine. Nobody may use it any more. */
HEED_API void heed_lm_close(heed_lm *lm);

/* ---- Hotwords ------------------------------------------------------- */

/* Phrases that are likelier to be said than others: names, terms. Read-only,
 * shared by any number of streams on any threads. */
typedef struct heed_hotwords heed_hotwords;

/* Reads the file at `path` into `*out` (NULL on failure): text in UTF-8, a
 * phrase a line, and if a tab follows, its weight, 0.1 to 10, default 1. Empty
 * lines and those that begin with '#' are passed over. Case and punctuation of
 * a phrase do not matter. At most a mebibyte, 10000 phrases, 127 bytes a
 * phrase; letters A to Z only, no digits: what is not written as it is said
 * cannot be heard. Release: heed_hotwords_close(). `model` must outlive them;
 * `log` may be NULL and must outlive the call only; a wrong line is told with
 * its number. Returns HEED_OK; HEED_ERR_ARG; HEED_ERR_IO; HEED_ERR_FORMAT;
 * HEED_ERR_MEMORY. */
HEED_API HEED_NODISCARD heed_status heed_hotwords_open(heed_hotwords **out,
                                                       const heed_model *model,
                                                       const char *path,
                                                       const heed_log *log);

/* The same from `n_bytes` bytes at `text`, which are copied. */
HEED_API HEED_NODISCARD heed_status
heed_hotwords_create(heed_hotwords **out, const heed_model *model,
                     const char *text, size_t n_bytes, const heed_log *log);

/* Releases `hotwords`; NULL is fine. No stream may use them any more. */
HEED_API void heed_hotwords_close(heed_hotwords *hotwords);

/* ---- Stream --------------------------------------------------------- */

/* One utterance in progress. Owns all mutable state, borrows the model, which
 * must outlive it. One thread at a time; streams on other threads may share
 * the model. */
typedef struct heed_stream heed_stream;

/* What a stream is tuned for: how long it listens before it decides. The
 * frames that each stands for are in the model file. */
typedef enum heed_latency {
    HEED_LATENCY_FILE = 0, /* nobody waits: the most accurate (default) */
    HEED_LATENCY_LIVE = 1  /* words are committed about a second after they
                              were spoken */
} heed_latency;

typedef struct heed_segment heed_segment;

/* Zero in any field means its default. */
typedef struct heed_stream_config {
    unsigned sample_rate_hz; /* of what is fed, 8000-192000; default 16000 */
    heed_latency latency;    /* preset of the fields below */
    size_t chunk_frames;     /* encoder frames (24 ms) per step, 1-256 */
    size_t lookahead_frames; /* provisional frames heard with a chunk, 1-256 */
    double endpoint_s;       /* pause that ends a segment, 0.2-10; default
                                1.2 */
    double max_segment_s;    /* longest segment, 4-30; default 20 */
    size_t n_texts;          /* compared at a time (beam), 1-8; default 8 */
    const heed_lm *lm;       /* scores words; borrowed, must outlive the
                                stream; default none */
    double lm_weight;        /* of its log probabilities, up to 2; default
                                0.05 */
    const heed_hotwords *hotwords; /* of the same model; borrowed, must outlive
                                      the stream; default none */
    double hotword_weight; /* what a letter of theirs is worth, up to 10;
                              default 0.5 */
    double min_confidence; /* text with less (geometric mean of its words')
                              is noise, up to 1, as is what the model takes
                              for another sound than speech; negative: all is
                              text; default 0.48 */
    /* Told of each finished segment that has words, on the thread that feeds
     * or finishes, after its words were committed. May call nothing of the
     * stream but heed_stream_result(). Default none. */
    void (*segment_ended)(void *user, const heed_segment *segment);
    void *segment_user;    /* given to it */
    size_t n_alternatives; /* texts of a segment that it is told, 1-8; default
                              1: the committed one */
    int with_details;      /* 1: it is told tokens, attention and spikes, too */
    size_t max_chunk_frames; /* that heed_stream_set_chunk() may set, up to
                                256; default chunk_frames */
} heed_stream_config;

/* A word of a result. Times count from the first sample fed since create or
 * reset, on the clock of the input's own samples, and never go backwards. */
typedef struct heed_word {
    const char *text; /* UTF-8, cased, with its punctuation */
    double start_s;
    double end_s;
    float confidence;    /* 0-1 */
    int committed;       /* 1: will never change; 0: tentative */
    const char *hotword; /* the phrase that ends with this committed word, as
                            it was given; lives as long as the hotwords; NULL:
                            none */
    size_t segment;      /* number of the segment it belongs to, from 0 */
} heed_word;

/* A snapshot of what has been heard; valid until the next call on its
 * stream. The words start at the first one not yet taken with
 * heed_stream_take(); all committed words come before all tentative ones. */
typedef struct heed_result {
    const heed_word *words;
    size_t n_words;
    size_t n_committed;     /* of `words` */
    unsigned long revision; /* grows whenever anything changed */
    double heard_s;         /* audio fed so far */
    double committed_s;     /* audio the committed text stands for */
    size_t segment;         /* being heard; what is of one before it is final */
} heed_result;

/* Creates a stream in `*out` (NULL on failure); release:
 * heed_stream_destroy(). `config` may be NULL. `log` may be NULL and must
 * outlive the stream. Returns HEED_OK; HEED_ERR_ARG if a field is out of
 * range or the language model is of another alphabet; HEED_ERR_MEMORY. */
HEED_API HEED_NODISCARD heed_status
heed_stream_create(heed_stream **out, const heed_model *model,
                   const heed_stream_config *config, const heed_log *log);

/* Releases `stream`; NULL is fine. */
HEED_API void heed_stream_destroy(heed_stream *stream);

/* Feeds `count` mono samples in [-1, 1], read during the call only; values
 * that are not finite count as 0. Returns HEED_OK if the text changed,
 * HEED_AGAIN if more audio is needed, HEED_ERR_STATE after finish. Allocates
 * nothing. The text depends on the samples only, not on how they were cut.
 * At most 512 committed words are kept: take them in time with
 * heed_stream_take(), or feed stops taking and returns HEED_ERR_STATE having
 * lost nothing that it had already heard. Real time: no; call from a worker,
 * not from the audio callback. */
HEED_API HEED_NODISCARD heed_status heed_stream_feed(heed_stream *stream,
                                                     const float *samples,
                                                     size_t count);

/* Changes the chunk for all audio that is not in one yet: for a machine that
 * falls behind. A bigger chunk takes less work, its look-ahead being encoded
 * again less often, and its words are committed later. `chunk_frames` below
 * the config's chunk, as 0, counts as that, above its max_chunk_frames as
 * that. The text depends on the sample at which it is called, on nothing else;
 * a reset undoes it. */
HEED_API void heed_stream_set_chunk(heed_stream *stream, size_t chunk_frames);

/* Says that no more audio comes: everything becomes committed. Returns
 * HEED_OK; HEED_ERR_STATE if already finished. */
HEED_API HEED_NODISCARD heed_status heed_stream_finish(heed_stream *stream);

/* Forgets everything heard: as new. */
HEED_API void heed_stream_reset(heed_stream *stream);

/* Fills `*result` with what has been heard and not been taken yet. */
HEED_API void heed_stream_result(const heed_stream *stream,
                                 heed_result *result);

/* Forgets the first `n_words` committed words of the result (all committed
 * ones if there are fewer): the caller has written them down. */
HEED_API void heed_stream_take(heed_stream *stream, size_t n_words);

/* ---- Finished segments ---------------------------------------------- */

/* One of the texts compared for a segment. Log probabilities are natural. */
typedef struct heed_alternative {
    const heed_word *words; /* the first text's are the committed ones */
    size_t n_words;
    double score;     /* the others, weighted: what decided */
    double attention; /* log p(tokens), attention decoder */
    double letters;   /* log p(letters), CTC */
    double language;  /* log p(words), language model; 0 without one */
} heed_alternative;

/* The word of a token whose word was refused: no sound supports it. */
#define HEED_NO_WORD ((size_t)-1)

/* A token of the committed text. */
typedef struct heed_token {
    const char *text; /* UTF-8, not terminated, lives as long as the model; a
                         space begins a word; a character that has no token is
                         in bytes, a token each */
    size_t n_bytes;
    double log_prob; /* attention decoder */
    size_t word;     /* of the first alternative, or HEED_NO_WORD */
} heed_token;

/* A letter that the CTC heard, whatever text was made of it. */
typedef struct heed_spike {
    char letter; /* A-Z, apostrophe, or space between words */
    size_t frame;
    double time_s; /* middle of its frame, as a word's times */
    double probability;
} heed_spike;

/* Labels of a frame's CTC posteriors: blank, space, apostrophe, A-Z. */
#define HEED_N_LABELS 29

/* A finished segment. All of it is valid during the call that it is given to
 * only. Frame t was heard from start_s + t frame_s on. A segment so long that
 * it had to be cut, or in which the decoder began anew, is told in several
 * parts of the same or of successive numbers; the frames of a part may reach
 * on to the next one's, which it was heard with. */
struct heed_segment {
    size_t number;                        /* as its words have it */
    const heed_alternative *alternatives; /* differ in words, not only in
                                             punctuation; the committed text
                                             first, then best first */
    size_t n_alternatives; /* 1 at least, at most what was asked for */
    double start_s;        /* of frame 0, as a word's times; before the end of
                              the last segment if the text goes on from it */
    double frame_s;
    size_t n_frames;
    /* NULL and 0 from here on, unless with details. */
    const heed_token *tokens; /* of the committed text, after those of no word
                                 that it goes on from */
    size_t n_tokens;
    const float *attention;  /* [n_tokens][n_frames] where the decoder looked
                                for each token: mean of the heads that follow
                                the speech, rows of sum 1 */
    const float *posteriors; /* [n_frames][HEED_N_LABELS] natural logarithms */
    const heed_spike *spikes;
    size_t n_spikes;
};

/* ---- Microphone ----------------------------------------------------- */

/* The devices and captures of a process share PortAudio: call the functions of
 * this section from one thread at a time. */

/* A device that can be heard. Strings are valid during the call they are given
 * to only. */
typedef struct heed_device {
    unsigned number;   /* as heed_capture_config takes it, until devices come
                          or go */
    const char *name;  /* UTF-8 */
    const char *host;  /* the system's interface it is reached by */
    unsigned channels; /* at most */
    unsigned sample_rate_hz; /* its own */
    double latency_s;        /* between sound and sample, as it says */
    int is_default;          /* 1: the one that "default" means */
} heed_device;

/* Calls `found` with `user` for every device that can be heard now. Returns
 * HEED_OK, also where there is none; HEED_ERR_ARG if `found` is NULL;
 * HEED_ERR_DEVICE if there is no sound system, with a line to `log`, which may
 * be NULL. */
HEED_API HEED_NODISCARD heed_status
heed_devices(void (*found)(void *user, const heed_device *device), void *user,
             const heed_log *log);

/* A device being heard. */
typedef struct heed_capture heed_capture;

/* Zero in any field means its default. */
typedef struct heed_capture_config {
    const char *device;      /* a number, a name, a part of one name only, or
                                "default"; default: that. Read during open */
    unsigned channel;        /* from 1; default: the mean of all channels */
    unsigned sample_rate_hz; /* default: the device's own */
    double backlog_s;        /* sound that can wait to be read, 1-600; default
                                20 */
} heed_capture_config;

typedef struct heed_capture_info {
    const char *device; /* its name; lives as long as the capture */
    unsigned sample_rate_hz;
    unsigned channels; /* that are captured */
    double latency_s;  /* between sound and sample, as the system says */
} heed_capture_info;

/* The most samples of a block. */
#define HEED_CAPTURE_BLOCK_SAMPLES 4096

/* What came with the samples of one heed_capture_read(). */
typedef struct heed_capture_block {
    size_t n_samples;
    size_t n_lost;    /* samples before them that found no room */
    int overflowed;   /* 1: the system lost some before them; it does not say
                         how many */
    size_t n_waiting; /* samples after them that can be read already */
} heed_capture_block;

/* Opens a device in `*out` (NULL on failure); release: heed_capture_close().
 * `config` and `log` may be NULL; `log` must outlive the capture. Returns
 * HEED_OK; HEED_ERR_ARG if a field is out of range; HEED_ERR_DEVICE if there is
 * no such device, it is busy, not allowed or refuses; HEED_ERR_MEMORY. */
HEED_API HEED_NODISCARD heed_status heed_capture_open(
    heed_capture **out, const heed_capture_config *config, const heed_log *log);

/* Stops and releases `capture`; NULL is fine. */
HEED_API void heed_capture_close(heed_capture *capture);

/* Fills `*info`. */
HEED_API void heed_capture_describe(const heed_capture *capture,
                                    heed_capture_info *info);

/* Starts hearing. Returns HEED_OK; HEED_ERR_STATE if it was started before;
 * HEED_ERR_DEVICE. */
HEED_API HEED_NODISCARD heed_status heed_capture_start(heed_capture *capture);

/* Ends hearing; what waits can still be read. */
HEED_API void heed_capture_stop(heed_capture *capture);

/* Takes the next block out of what was heard: mono samples at the capture's
 * rate, not clipped, to `samples`, which has room for
 * HEED_CAPTURE_BLOCK_SAMPLES. Never waits, allocates nothing. Returns HEED_OK
 * with `*block` filled (a block without samples may tell of a loss);
 * HEED_AGAIN if none is there yet; HEED_END when it was stopped and all is
 * read; HEED_ERR_DEVICE when the device is gone, or has delivered nothing for
 * five seconds, and all is read, with a line to the log the first time. */
HEED_API HEED_NODISCARD heed_status heed_capture_read(
    heed_capture *capture, float *samples, heed_capture_block *block);

#ifdef __cplusplus
}
#endif

#endif /* HEED_H */
