/* make_corpus.c - writes the first inputs of the fuzz targets.
 * SPDX-License-Identifier: Apache-2.0
 *
 * usage: make_corpus <folder>
 *
 * Writes everything.gguf (all types of values and tensors), vocabulary.gguf (a
 * small vocabulary with bytes and controls), small.arpa (a language model),
 * small.heedlm (the same, compiled) small.trn, .stm, .ctm and .text, small.tsv,
 * .csv and .jsonl, small.kaldi and whole.kaldi, small.run, .timing and .rules,
 * and small.wav, .flac and .ogg. */
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>

#include "asr/gguf.h"
#include "tests/support/arpa_text.h"
#include "tests/support/gguf_writer.h"

static int save_bytes(const void *bytes, size_t n_bytes, const char *folder,
                      const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    int failed = !file || fwrite(bytes, 1, n_bytes, file) != n_bytes;
    if (file && fclose(file) != 0)
        failed = 1;
    if (failed)
        fprintf(stderr, "%s: cannot be written\n", path);
    return failed;
}

static int save(gguf_writer *w, const char *folder, const char *name)
{
    size_t n_bytes = 0;
    const unsigned char *bytes = gguf_writer_finish(w, &n_bytes);
    const int failed = save_bytes(bytes, n_bytes, folder, name);
    gguf_writer_deinit(w);
    return failed;
}

static int make_everything(const char *folder)
{
    static const float floats[6] = {1, -2, 3, 4e20f, 5, 6};
    static const int32_t ints[3] = {-1, 0, 1 << 30};
    static const char *const strings[3] = {"", "a", "longer text"};
    static const size_t shape[4] = {1, 2, 1, 3};
    gguf_writer w;
    gguf_writer_init(&w);
    gguf_writer_string(&w, "general.architecture", "heed");
    gguf_writer_u32(&w, "general.alignment", 32);
    gguf_writer_bool(&w, "flag", 1);
    gguf_writer_f32(&w, "real", 0.5f);
    gguf_writer_key(&w, "wide", HEED_GGUF_U64);
    gguf_bytes_put(&w.entries, floats, 8);
    gguf_writer_f32_array(&w, "floats", floats, 6);
    gguf_writer_i32_array(&w, "ints", ints, 3);
    gguf_writer_string_array(&w, "strings", strings, 3);
    gguf_writer_tensor(&w, "f32", HEED_GGUF_TENSOR_F32, shape, 4, floats, 24);
    gguf_writer_tensor(&w, "f16", HEED_GGUF_TENSOR_F16, shape, 4, floats, 12);
    gguf_writer_tensor(&w, "i8", HEED_GGUF_TENSOR_I8, shape, 2, floats, 2);
    gguf_writer_tensor(&w, "i32", HEED_GGUF_TENSOR_I32, shape + 3, 1, ints, 12);
    return save(&w, folder, "everything.gguf");
}

static int make_vocabulary(const char *folder)
{
    static const char *const pieces[12] = {
        "<unk>",  "<s>",    "</s>",   "<0xC3>",          "<0xA9>", "<0xF0>",
        "<0x9F>", "<0x00>", "<0xFF>", "\xe2\x96\x81the", "re",     "\xc3\xa9",
    };
    static const int32_t types[12] = {2, 3, 3, 6, 6, 6, 6, 6, 6, 1, 1, 4};
    gguf_writer w;
    gguf_writer_init(&w);
    gguf_writer_string_array(&w, "tokenizer.ggml.tokens", pieces, 12);
    gguf_writer_i32_array(&w, "tokenizer.ggml.token_type", types, 12);
    gguf_writer_u32(&w, "tokenizer.ggml.bos_token_id", 1);
    gguf_writer_u32(&w, "tokenizer.ggml.eos_token_id", 2);
    return save(&w, folder, "vocabulary.gguf");
}

static int make_language_model(const char *folder)
{
    static const char text[] = "\\data\\\nngram 1=6\nngram 2=5\nngram 3=2\n"
                               "\n\\1-grams:\n-3\t<unk>\n-99\t<s>\t-0.5\n"
                               "-1\t</s>\n-1.5\tIT'S\t-0.25\n-2\tIT\t-1\n"
                               "-0.75\tso\n\n\\2-grams:\n"
                               "-0.5\t<s> IT\t-0.125\n-0.25\tIT IT\n"
                               "-0.5\tIT SO\n-0.5\tIT'S SO\n-1\tIT </s>\n"
                               "\n\\3-grams:\n-0.125\t<s> IT SO\n"
                               "-1e-1\tIT IT IT\n\n\\end\\\n";
    static const heed_lm_compile_config config = {3, 2, 0.0F};
    heed_lm_image image;
    int failed = heed_test_compile(&image, text, sizeof text - 1, &config,
                                   NULL) != HEED_OK;
    failed += save_bytes(text, sizeof text - 1, folder, "small.arpa");
    failed += save_bytes(image.bytes, image.n_bytes, folder, "small.heedlm");
    heed_lm_image_deinit(&image);
    return failed;
}

static int make_hotwords(const char *folder)
{
    static const char text[] = "\xef\xbb\xbf# names\r\nNew York\t2\r\n\n"
                               "york\n McKenzie's\t0.5\nold-york new";

    return save_bytes(text, sizeof text - 1, folder, "small.hotwords");
}

/* The first byte is the format, as fuzz_transcript.c takes it. */
static int make_transcripts(const char *folder)
{
    static const char trn[] = "\0;; note\nwell { uh / @ } it's 5 (s-1)\n"
                              "{ a b / { c / d } } $1,000.50 Mr. X (s-2)\n";
    static const char stm[] = "\1f A s 0 1.5 <o,f> I can't\n"
                              "f A s 1.5 3 IGNORE_TIME_SEGMENT_IN_SCORING\n";
    static const char ctm[] = "\2f A 0 .5 so 0.5\nf A * * <ALT_BEGIN>\n"
                              "f A 1 .5 a\nf A * * <ALT>\nf A 1 .4 b 1\n"
                              "f A * * <ALT_END>\ng B 2 1 c NA\n";
    static const char text[] = "\3u1 the 1st na\xc3\xafve colour\nu2\n";

    return save_bytes(trn, sizeof trn - 1, folder, "small.trn") +
           save_bytes(stm, sizeof stm - 1, folder, "small.stm") +
           save_bytes(ctm, sizeof ctm - 1, folder, "small.ctm") +
           save_bytes(text, sizeof text - 1, folder, "small.text");
}

/* The same for fuzz_manifest.c. */
static int make_manifests(const char *folder)
{
    static const char tsv[] = "\0id\tpath\ttext\tstart\tduration\n"
                              "u1\ta.wav\tSo\t1.5\t2\nu1\tb.wav\t\t\t\n";
    static const char csv[] = "\1wav,wrd,spk_id\n\"a,b\",\"say \"\"x\"\"\","
                              "s\n";
    static const char jsonl[] = "\2{\"audio_filepath\":\"a\",\"text\":\"b\","
                                "\"offset\":1.5,\"duration\":1}\n";

    return save_bytes(tsv, sizeof tsv - 1, folder, "small.tsv") +
           save_bytes(csv, sizeof csv - 1, folder, "small.csv") +
           save_bytes(jsonl, sizeof jsonl - 1, folder, "small.jsonl");
}

/* The files of a folder, as fuzz_kaldi.c takes them: recordings in parts, and
 * whole ones. */
static int make_folders(const char *folder)
{
    static const char small[] =
        "\1r1 a b.wav\nr2 sox c.wav -t wav - |\nr1 d.wav\n\x1e"
        "r1-1 So it is\nr1-2  na\xc3\xafve \nr2-1\nr3-1 x\nr1-1 y\n\x1e"
        "r1-1 r1 0 1.25\nr1-2\tr1 1.25 1e1\nr2-1 r2 0.5 1 A\nr9-9 r1 0 1\n"
        "\x1er1-1 s1\nr1-2 s1\nr2-1 s2\n";
    static const char whole[] = "0u1 a.wav\r\nu2 /b.wav\r\nu4 c\r\n\x1e"
                                "u2 so\r\n\r\nu1 one one one\nu3 x";

    return save_bytes(small, sizeof small - 1, folder, "small.kaldi") +
           save_bytes(whole, sizeof whole - 1, folder, "whole.kaldi");
}

/* The same for fuzz_run.c; and rules for fuzz_rules.c. */
static int make_runs(const char *folder)
{
    static const char run[] =
        "\2{\"index\":0,\"id\":\"a\",\"speaker\":\"s\",\"start_s\":null,"
        "\"reference\":\"b c\",\"hypothesis\":\"b\",\"duration_s\":1.5,"
        "\"words\":[{\"text\":\"b\",\"end_s\":0.5,\"confidence\":0.5,"
        "\"committed_s\":1}],\"nbest\":[[\"b\",\"b c\"]],"
        "\"said\":[{\"text\":\"B\",\"start_s\":0.1,\"end_s\":0.4}],"
        "\"attention\":{\"frame_s\":0.1,\"tokens\":[\"b\"],\"frames\":2,"
        "\"weights\":[[0,1]],\"spikes\":[{\"frame\":1,\"letter\":\"B\"}]}}\n"
        "{\"index\":1,\"id\":\"b\",\"unsaid\":\"x\",\"error\":null}\n";
    static const char timing[] =
        "\1{\"index\":7,\"compute_s\":0.5,\"waited_s\":[0.25]}\n";
    static const char rules[] = "# note\nUH => \nCOLOUR BAR => color\n"
                                "na\xc3\xafve=>1st\n";

    return save_bytes(run, sizeof run - 1, folder, "small.run") +
           save_bytes(timing, sizeof timing - 1, folder, "small.timing") +
           save_bytes(rules, sizeof rules - 1, folder, "small.rules");
}

/* A tenth of a second of two channels, as libsndfile writes it. */
static int make_sounds(const char *folder)
{
    static const struct {
        const char *name;
        int format;
    } kinds[] = {
        {"small.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
        {"small.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
        {"small.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
    };
    static short samples[2 * 800];
    int failed = 0;

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        samples[i] = (short)(i * 7919 % 4001 - 2000);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char path[4096];
        SF_INFO info = {
            .samplerate = 8000, .channels = 2, .format = kinds[i].format};

        (void)snprintf(path, sizeof path, "%s/%s", folder, kinds[i].name);
        SNDFILE *file = sf_open(path, SFM_WRITE, &info);
        if (!file || sf_writef_short(file, samples, 800) != 800) {
            fprintf(stderr, "%s: %s\n", path, sf_strerror(file));
            failed++;
        }
        if (file && sf_close(file) != 0)
            failed++;
    }
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s <folder>\n", argv[0]);
        return EXIT_FAILURE;
    }
    return make_everything(argv[1]) + make_vocabulary(argv[1]) +
                       make_language_model(argv[1]) + make_hotwords(argv[1]) +
                       make_transcripts(argv[1]) + make_manifests(argv[1]) +
                       make_folders(argv[1]) + make_runs(argv[1]) +
                       make_sounds(argv[1]) ==
                   0
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}
