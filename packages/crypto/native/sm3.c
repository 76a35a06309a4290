#if defined(__GNUC__) && !defined(__clang__)
/* Sums are written in the order in which their parts are ready; this compiler's own order takes half as long again. */
#pragma GCC optimize("no-tree-reassoc", "no-tree-vectorize")
#endif
#include "sm3.h"

#include <string.h>

#define STATE_WORDS 8
#define BLOCK_WORDS 16
#define ROUNDS 64
#define EXPANDED_WORDS (ROUNDS + 4)
/** The padding is one byte 0x80 and the length in bits, eight bytes. */
#define PADDING_MIN_BYTES 9

static const uint32_t INITIAL_STATE[STATE_WORDS] = {
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
};

/** The constant of round j, rotated left by j. */
#define ROUND_CONSTANT(j) ROTATED_WORD((j) < 16 ? 0x79CC4519U : 0x7A879D8AU, (j) % 32)
#define ROTATED_WORD(word, count) ((count) == 0 ? (word) : (word) << (count) | (word) >> ((32 - (count)) & 31))

/** Most significant byte first, whatever the processor. */
static inline uint32_t read_word(const unsigned char *from) {
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static inline void write_word(unsigned char *to, uint32_t word) {
    to[0] = (unsigned char)(word >> 24);
    to[1] = (unsigned char)(word >> 16);
    to[2] = (unsigned char)(word >> 8);
    to[3] = (unsigned char)word;
}

/**
 * The blocks at the end of a message: what is left of it after its whole blocks, and the padding.
 * @return how many there are, one or two
 */
static size_t pad(unsigned char blocks[2 * SM3_BLOCK_BYTES], const unsigned char *rest, size_t length, uint64_t whole) {
    size_t count = length + PADDING_MIN_BYTES <= SM3_BLOCK_BYTES ? 1 : 2;
    unsigned char *end = blocks + count * SM3_BLOCK_BYTES;
    memset(blocks, 0, 2 * SM3_BLOCK_BYTES);
    if (length > 0) memcpy(blocks, rest, length);
    blocks[length] = 0x80;
    write_word(end - 8, (uint32_t)((whole + length) >> 29));
    write_word(end - 4, (uint32_t)((whole + length) << 3));
    return count;
}

#define LANES 1
#define TARGET
#define NAME(what) single_##what
#include "sm3Lanes.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define LANES 8
#define TARGET __attribute__((target("avx2")))
#define NAME(what) eight_##what
#include "sm3Lanes.h"

#define LANES 16
#define TARGET __attribute__((target("avx512f")))
#define NAME(what) sixteen_##what
#include "sm3Lanes.h"
#endif

typedef void hash_lanes(unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count);

static hash_lanes *hash_at_once = single_hash;
static size_t lanes = 1;

int sm3_use_lanes(int most) {
    hash_at_once = single_hash;
    lanes = 1;
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (most >= 16 && __builtin_cpu_supports("avx512f")) {
        hash_at_once = sixteen_hash;
        lanes = 16;
    } else if (most >= 8 && __builtin_cpu_supports("avx2")) {
        hash_at_once = eight_hash;
        lanes = 8;
    }
#else
    (void)most;
#endif
    return (int)lanes;
}

void sm3_setup(void) {
    sm3_use_lanes(16);
}

static void add_block(struct sm3 *message, const unsigned char *block) {
    uint32_t words[BLOCK_WORDS];
    int i;
    for (i = 0; i < BLOCK_WORDS; i++) words[i] = read_word(block + 4 * i);
    single_compress(message->state, words);
}

void sm3_begin(struct sm3 *message) {
    memcpy(message->state, INITIAL_STATE, sizeof(message->state));
    message->length = 0;
}

void sm3_add(struct sm3 *message, const unsigned char *bytes, size_t length) {
    size_t held = (size_t)(message->length % SM3_BLOCK_BYTES);
    message->length += length;
    if (held > 0) {
        size_t wanted = SM3_BLOCK_BYTES - held, part = length < wanted ? length : wanted;
        if (part > 0) memcpy(message->block + held, bytes, part);
        if (part < wanted) return;
        add_block(message, message->block);
        bytes += part;
        length -= part;
    }
    for (; length >= SM3_BLOCK_BYTES; bytes += SM3_BLOCK_BYTES, length -= SM3_BLOCK_BYTES) add_block(message, bytes);
    if (length > 0) memcpy(message->block, bytes, length);
}

void sm3_end(struct sm3 *message, unsigned char *hash) {
    unsigned char blocks[2 * SM3_BLOCK_BYTES];
    size_t held = (size_t)(message->length % SM3_BLOCK_BYTES), count, i;
    count = pad(blocks, message->block, held, message->length - held);
    for (i = 0; i < count; i++) add_block(message, blocks + i * SM3_BLOCK_BYTES);
    for (i = 0; i < STATE_WORDS; i++) write_word(hash + 4 * i, message->state[i]);
}

void sm3_hash(unsigned char *hash, const unsigned char *bytes, size_t length) {
    struct sm3 message;
    sm3_begin(&message);
    sm3_add(&message, bytes, length);
    sm3_end(&message, hash);
}

void sm3_hash_many(unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count) {
    size_t first;
    for (first = 0; first < count; first += lanes) {
        size_t left = count - first;
        hash_at_once(hashes + SM3_HASH_BYTES * first, bytes, ranges + first, left < lanes ? left : lanes);
    }
}
