/* spelling.c - one way to write each word. SPDX-License-Identifier: Apache-2.0
 *
 * American spelling stands for British and American, the long form for
 * contractions that have only one; `'s` and `'d` may stand for several words
 * and stay. A change here is a new version of `english`. */
#include "tools/eval/normalise.h"

#include <string.h>

/* Capitals of U+00C0 to U+017F without their accents; `.` has none, a digit is
 * a row of `ligatures`. */
static const char bases[] = "AAAAAA1CEEEEIIIIDNOOOOO.OUUUUY43AAAAAA1CEEEEIIII"
                            "DNOOOOO.OUUUUY4YAAAAAACCCCCCCCDDDDEEEEEEEEEEGGGG"
                            "GGGGHHHHIIIIIIIIII55JJKKKLLLLLLLLLLNNNNNNNNNOOOO"
                            "OO22RRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";
static const char *const ligatures[] = {"", "AE", "OE", "SS", "TH", "IJ"};

void eval_accents_fold(const char *bytes, size_t n_bytes, eval_text *out)
{
    for (size_t i = 0; i < n_bytes; i++) {
        const unsigned char lead = (unsigned char)bytes[i];
        const unsigned char next =
            i + 1 < n_bytes ? (unsigned char)bytes[i + 1] : 0;
        const unsigned letter = (lead & 31u) << 6 | (next & 63u);

        if ((lead == 0xcc || (lead == 0xcd && next < 0xb0)) && next >= 0x80) {
            i++; /* an accent of its own */
        } else if (lead >= 0xc3 && lead <= 0xc5 &&
                   bases[letter - 0xc0] != '.') {
            const char base = bases[letter - 0xc0];

            if (base < 'A')
                eval_text_puts(out, ligatures[base - '0']);
            else
                eval_text_add(out, &base, 1);
            i++;
        } else if (n_bytes - i >= 3 &&
                   memcmp(bytes + i, "\xe2\x80\x99", 3) == 0) {
            eval_text_puts(out, "'");
            i += 2;
        } else {
            eval_text_add(out, bytes + i, 1);
        }
    }
}

typedef struct pair {
    const char *from;
    const char *to;
} pair;

/* Whole words. */
static const pair words[] = {
    {"ACKNOWLEDGEMENT", "ACKNOWLEDGMENT"},
    {"ADVISOR", "ADVISER"},
    {"ADVISORS", "ADVISERS"},
    {"AFTERWARDS", "AFTERWARD"},
    {"ALRIGHT", "ALL RIGHT"},
    {"AMONGST", "AMONG"},
    {"AXE", "AX"},
    {"BURNT", "BURNED"},
    {"CAN'T", "CAN NOT"},
    {"CANNOT", "CAN NOT"},
    {"CHEQUE", "CHECK"},
    {"CHEQUES", "CHECKS"},
    {"COSY", "COZY"},
    {"DISTIL", "DISTILL"},
    {"DREAMT", "DREAMED"},
    {"DUNNO", "DO NOT KNOW"},
    {"ENROL", "ENROLL"},
    {"FULFIL", "FULFILL"},
    {"GAOL", "JAIL"},
    {"GIMME", "GIVE ME"},
    {"GONNA", "GOING TO"},
    {"GOTTA", "GOT TO"},
    {"HMM", ""},
    {"I'M", "I AM"},
    {"INSTAL", "INSTALL"},
    {"JUDGEMENT", "JUDGMENT"},
    {"JUDGEMENTS", "JUDGMENTS"},
    {"LEAPT", "LEAPED"},
    {"LEARNT", "LEARNED"},
    {"LEMME", "LET ME"},
    {"LET'S", "LET US"},
    {"MA'AM", "MADAM"},
    {"METRE", "METER"},
    {"METRES", "METERS"},
    {"MHM", ""},
    {"MM", ""},
    {"MMM", ""},
    {"OK", "OKAY"},
    {"PROGRAMME", "PROGRAM"},
    {"PROGRAMMES", "PROGRAMS"},
    {"SHAN'T", "SHALL NOT"},
    {"SPELT", "SPELLED"},
    {"SPOILT", "SPOILED"},
    {"STOREY", "STORY"},
    {"STOREYS", "STORIES"},
    {"TOWARDS", "TOWARD"},
    {"TYRE", "TIRE"},
    {"TYRES", "TIRES"},
    {"UH", ""},
    {"UM", ""},
    {"WANNA", "WANT TO"},
    {"WHILST", "WHILE"},
    {"WON'T", "WILL NOT"},
    {"Y'ALL", "YOU ALL"},
};

/* Beginnings of words. */
static const pair prefixes[] = {
    {"AEROPLANE", "AIRPLANE"},
    {"ALUMINIUM", "ALUMINUM"},
    {"ANAESTHE", "ANESTHE"},
    {"ARCHAEOLOG", "ARCHEOLOG"},
    {"ARDOUR", "ARDOR"},
    {"ARMOUR", "ARMOR"},
    {"BEHAVIOUR", "BEHAVIOR"},
    {"CALIBRE", "CALIBER"},
    {"CANCELLE", "CANCELE"},
    {"CANCELLI", "CANCELI"},
    {"CANDOUR", "CANDOR"},
    {"CATALOGUE", "CATALOG"},
    {"CENTIMETRE", "CENTIMETER"},
    {"CENTRE", "CENTER"},
    {"CLAMOUR", "CLAMOR"},
    {"COLOUR", "COLOR"},
    {"COUNSELLO", "COUNSELO"},
    {"DEFENCE", "DEFENSE"},
    {"DEMEANOUR", "DEMEANOR"},
    {"DISCOLOUR", "DISCOLOR"},
    {"DISHONOUR", "DISHONOR"},
    {"ENCYCLOPAEDI", "ENCYCLOPEDI"},
    {"ENDEAVOUR", "ENDEAVOR"},
    {"ENROLMENT", "ENROLLMENT"},
    {"FAVOUR", "FAVOR"},
    {"FERVOUR", "FERVOR"},
    {"FIBRE", "FIBER"},
    {"FLAVOUR", "FLAVOR"},
    {"FUELLE", "FUELE"},
    {"FUELLI", "FUELI"},
    {"FULFILMENT", "FULFILLMENT"},
    {"GREY", "GRAY"},
    {"HARBOUR", "HARBOR"},
    {"HONOUR", "HONOR"},
    {"HUMOUR", "HUMOR"},
    {"INSTALMENT", "INSTALLMENT"},
    {"JEWELLERY", "JEWELRY"},
    {"KERB", "CURB"},
    {"KILOMETRE", "KILOMETER"},
    {"LABELLE", "LABELE"},
    {"LABELLI", "LABELI"},
    {"LABOUR", "LABOR"},
    {"LEVELLE", "LEVELE"},
    {"LEVELLI", "LEVELI"},
    {"LICENCE", "LICENSE"},
    {"LITRE", "LITER"},
    {"LUSTRE", "LUSTER"},
    {"MANOEUVR", "MANEUVR"},
    {"MARVELLOUS", "MARVELOUS"},
    {"MEDIAEVAL", "MEDIEVAL"},
    {"MILLIMETRE", "MILLIMETER"},
    {"MISBEHAVIOUR", "MISBEHAVIOR"},
    {"MODELLE", "MODELE"},
    {"MODELLI", "MODELI"},
    {"MOULD", "MOLD"},
    {"MOUSTACHE", "MUSTACHE"},
    {"NEIGHBOUR", "NEIGHBOR"},
    {"ODOUR", "ODOR"},
    {"OFFENCE", "OFFENSE"},
    {"PARLOUR", "PARLOR"},
    {"PLOUGH", "PLOW"},
    {"PRACTISE", "PRACTICE"},
    {"PRACTISI", "PRACTICI"},
    {"PRETENCE", "PRETENSE"},
    {"PYJAMA", "PAJAMA"},
    {"QUARRELLE", "QUARRELE"},
    {"QUARRELLI", "QUARRELI"},
    {"RIGOUR", "RIGOR"},
    {"RUMOUR", "RUMOR"},
    {"SABRE", "SABER"},
    {"SAVIOUR", "SAVIOR"},
    {"SAVOUR", "SAVOR"},
    {"SCEPTIC", "SKEPTIC"},
    {"SIGNALLE", "SIGNALE"},
    {"SIGNALLI", "SIGNALI"},
    {"SKILFUL", "SKILLFUL"},
    {"SMOULDER", "SMOLDER"},
    {"SOMBRE", "SOMBER"},
    {"SPECTRE", "SPECTER"},
    {"SPLENDOUR", "SPLENDOR"},
    {"THEATRE", "THEATER"},
    {"TRAVELLE", "TRAVELE"},
    {"TRAVELLI", "TRAVELI"},
    {"TUMOUR", "TUMOR"},
    {"UNFAVOUR", "UNFAVOR"},
    {"VALOUR", "VALOR"},
    {"VAPOUR", "VAPOR"},
    {"VIGOUR", "VIGOR"},
    {"WILFUL", "WILLFUL"},
    {"WOOLLEN", "WOOLEN"},
};

/* Verbs in -ise and -yse, up to the s. */
static const char *const verbs[] = {
    "AGONIS",    "ANALYS",       "APOLOGIS",   "AUTHORIS",    "BAPTIS",
    "CAPITALIS", "CATALYS",      "CATEGORIS",  "CHARACTERIS", "CIVILIS",
    "COLONIS",   "CRITICIS",     "CRYSTALLIS", "CUSTOMIS",    "DRAMATIS",
    "ECONOMIS",  "ENERGIS",      "EQUALIS",    "FAMILIARIS",  "FERTILIS",
    "FINALIS",   "GENERALIS",    "HARMONIS",   "HYPNOTIS",    "IDEALIS",
    "IMMUNIS",   "INDUSTRIALIS", "INITIALIS",  "JEOPARDIS",   "LEGALIS",
    "LOCALIS",   "MATERIALIS",   "MAXIMIS",    "MECHANIS",    "MEMORIS",
    "MINIMIS",   "MOBILIS",      "MODERNIS",   "MONOPOLIS",   "NATIONALIS",
    "NATURALIS", "NEUTRALIS",    "NORMALIS",   "OPTIMIS",     "ORGANIS",
    "PARALYS",   "PATRONIS",     "PENALIS",    "POLARIS",     "POPULARIS",
    "PRIVATIS",  "PUBLICIS",     "RANDOMIS",   "REALIS",      "RECOGNIS",
    "SOCIALIS",  "SPECIALIS",    "STABILIS",   "STANDARDIS",  "STERILIS",
    "SUBSIDIS",  "SUMMARIS",     "SYMBOLIS",   "SYMPATHIS",   "SYNCHRONIS",
    "TERRORIS",  "UTILIS",       "VISUALIS",   "VOCALIS",
};
static const char *const verb_endings[] = {
    "E", "ES", "ED", "ING", "ER", "ERS", "ATION", "ATIONS",
};

/* Endings that are words of their own. */
static const pair contractions[] = {
    {"N'T", " NOT"},
    {"'LL", " WILL"},
    {"'RE", " ARE"},
    {"'VE", " HAVE"},
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static bool is(const char *text, const char *word, size_t n_bytes)
{
    return strlen(text) == n_bytes && memcmp(text, word, n_bytes) == 0;
}

static bool begins(const char *word, size_t n_bytes, const char *beginning)
{
    const size_t n = strlen(beginning);

    return n <= n_bytes && memcmp(word, beginning, n) == 0;
}

static const char *find_word(const char *word, size_t n_bytes)
{
    for (size_t i = 0; i < COUNT(words); i++)
        if (is(words[i].from, word, n_bytes))
            return words[i].to;
    return NULL;
}

static const char *find_prefix(const char *word, size_t n_bytes,
                               eval_text *room)
{
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        const size_t n = strlen(prefixes[i].from);

        if (!begins(word, n_bytes, prefixes[i].from))
            continue;
        eval_text_puts(room, prefixes[i].to);
        eval_text_add(room, word + n, n_bytes - n);
        return room->bytes;
    }
    return NULL;
}

static const char *find_verb(const char *word, size_t n_bytes, eval_text *room)
{
    for (size_t i = 0; i < COUNT(verbs); i++) {
        const size_t n = strlen(verbs[i]);

        if (!begins(word, n_bytes, verbs[i]))
            continue;
        for (size_t k = 0; k < COUNT(verb_endings); k++)
            if (is(verb_endings[k], word + n, n_bytes - n)) {
                eval_text_add(room, word, n - 1);
                eval_text_puts(room, "Z");
                eval_text_puts(room, verb_endings[k]);
                return room->bytes;
            }
    }
    return NULL;
}

static const char *find_contraction(const char *word, size_t n_bytes,
                                    eval_text *room)
{
    for (size_t i = 0; i < COUNT(contractions); i++) {
        const size_t n = strlen(contractions[i].from);

        if (n_bytes > n &&
            memcmp(word + n_bytes - n, contractions[i].from, n) == 0) {
            eval_text_add(room, word, n_bytes - n);
            eval_text_puts(room, contractions[i].to);
            return room->bytes;
        }
    }
    return NULL;
}

const char *eval_spelling_find(const char *word, size_t n_bytes,
                               eval_text *room)
{
    const char *found = find_word(word, n_bytes);

    if (found == NULL && memchr(word, '\'', n_bytes) != NULL)
        found = find_contraction(word, n_bytes, room);
    if (found == NULL)
        found = find_prefix(word, n_bytes, room);
    return found != NULL ? found : find_verb(word, n_bytes, room);
}
