#include "sm4Gcm.h"

#include <string.h>

/* clang and GCC both have what is used here. */
#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_X86 1
#include <immintrin.h>
#else
#define HAS_X86 0
#endif

#include "cipher.h"
#include "ghash.h"
#if HAS_X86
#include "vectors.h"
#endif

/** Blocks that are encrypted in one go, at most: the product of lanes and groups. */
#define BATCH_BLOCKS_MAX 32

typedef size_t counter_encryption(
    unsigned char *to, const uint32_t round_keys[SM4_ROUNDS], const uint32_t nonce[3], uint32_t counter, size_t wanted);

static counter_encryption *encrypt_counters = plain_encrypt_counters;
static substitution *substitute = plain_substitute;
static ghash_absorb *absorb = plain_absorb;

int sm4_use_lanes(int most) {
    encrypt_counters = plain_encrypt_counters;
    substitute = plain_substitute;
    absorb = plain_absorb;
#if HAS_X86
    __builtin_cpu_init();
    if (most < 4 || !__builtin_cpu_supports("ssse3")) return 1;
    if (__builtin_cpu_supports("pclmul")) absorb = carryless_absorb;
    if (most >= 16 && __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512bw")) {
        encrypt_counters = sixteen_encrypt_counters;
        substitute = sixteen_substitute;
        return 16;
    }
    if (most >= 8 && __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx2")) {
        encrypt_counters = eight_encrypt_counters;
        substitute = eight_substitute;
        return 8;
    }
    if (__builtin_cpu_supports("aes")) {
        encrypt_counters = four_encrypt_counters;
        substitute = four_substitute;
        return 4;
    }
#else
    (void)most;
#endif
    return 1;
}

void sm4_gcm_setup(void) {
    make_round_table();
    sm4_use_lanes(16);
}

/** The encryptions of J0 (7.1), J0 + 1 and so on, in batches. */
struct key_stream {
    const uint32_t *round_keys;
    uint32_t nonce[3];
    uint32_t counter;
    /** How many blocks there are, of which so many bytes were used. */
    size_t blocks, used;
    _Alignas(64) unsigned char bytes[BATCH_BLOCKS_MAX * SM4_BLOCK_BYTES];
};

static void begin(struct key_stream *stream, const struct sm4_gcm_key *key, const unsigned char *nonce, size_t length) {
    int i;
    stream->round_keys = key->round_keys;
    for (i = 0; i < 3; i++) stream->nonce[i] = read_word(nonce + 4 * i);
    stream->counter = 1;
    stream->blocks =
        encrypt_counters(stream->bytes, key->round_keys, stream->nonce, 1, length / SM4_BLOCK_BYTES + 2);
    /* The first block is the mask of the tag. */
    stream->used = SM4_BLOCK_BYTES;
}

static void add_bytes(unsigned char *to, const unsigned char *from, size_t length) {
    uint64_t left, right;
    for (; length >= 8; length -= 8, to += 8, from += 8) {
        memcpy(&left, to, 8);
        memcpy(&right, from, 8);
        left ^= right;
        memcpy(to, &left, 8);
    }
    while (length-- > 0) *to++ ^= *from++;
}

static void add_stream(struct key_stream *stream, unsigned char *data, size_t length) {
    for (;;) {
        size_t rest = stream->blocks * SM4_BLOCK_BYTES - stream->used, taken = length < rest ? length : rest;
        add_bytes(data, stream->bytes + stream->used, taken);
        data += taken;
        length -= taken;
        if (length == 0) return;
        stream->counter += (uint32_t)stream->blocks;
        stream->blocks = encrypt_counters(
            stream->bytes, stream->round_keys, stream->nonce, stream->counter,
            (length + SM4_BLOCK_BYTES - 1) / SM4_BLOCK_BYTES);
        stream->used = 0;
    }
}

/** The stack keeps what is left on it; the compiler must not think that nobody looks. */
static void forget(void *memory, size_t length) {
    memset(memory, 0, length);
    __asm__ volatile("" : : "r"(memory) : "memory");
}

static void make_tag(
    unsigned char tag[SM4_GCM_TAG_BYTES], const struct sm4_gcm_key *key, const unsigned char mask[SM4_GCM_TAG_BYTES],
    const unsigned char *additional, size_t additional_length, const unsigned char *data, size_t length) {
    struct ghash_element hash = {0, 0};
    unsigned char last[2 * GHASH_BLOCK_BYTES] = {0};
    size_t rest = additional_length % GHASH_BLOCK_BYTES;
    absorb(&hash, key->powers, additional, additional_length / GHASH_BLOCK_BYTES);
    if (rest > 0) {
        memcpy(last, additional + additional_length - rest, rest);
        absorb(&hash, key->powers, last, 1);
        memset(last, 0, sizeof(last));
    }
    rest = length % GHASH_BLOCK_BYTES;
    absorb(&hash, key->powers, data, length / GHASH_BLOCK_BYTES);
    if (rest > 0) memcpy(last, data + length - rest, rest);
    write_number(last + GHASH_BLOCK_BYTES, 8 * (uint64_t)additional_length);
    write_number(last + GHASH_BLOCK_BYTES + 8, 8 * (uint64_t)length);
    /* Without a rest, the block of lengths alone. */
    absorb(&hash, key->powers, rest > 0 ? last : last + GHASH_BLOCK_BYTES, rest > 0 ? 2 : 1);
    write_number(tag, hash.high);
    write_number(tag + 8, hash.low);
    add_bytes(tag, mask, SM4_GCM_TAG_BYTES);
}

void sm4_gcm_prepare(struct sm4_gcm_key *key, const unsigned char *bytes) {
    static const uint32_t zeros[3];
    _Alignas(64) unsigned char blocks[BATCH_BLOCKS_MAX * SM4_BLOCK_BYTES];
    expand_key(key->round_keys, bytes, substitute);
    encrypt_counters(blocks, key->round_keys, zeros, 0, 1);
    ghash_prepare(key->powers, blocks);
    forget(blocks, sizeof(blocks));
}

void sm4_gcm_seal(
    const struct sm4_gcm_key *key, const unsigned char *nonce, const unsigned char *additional, size_t additional_length,
    unsigned char *data, size_t length) {
    struct key_stream stream;
    unsigned char mask[SM4_GCM_TAG_BYTES];
    begin(&stream, key, nonce, length);
    memcpy(mask, stream.bytes, sizeof(mask));
    add_stream(&stream, data, length);
    make_tag(data + length, key, mask, additional, additional_length, data, length);
    forget(&stream, sizeof(stream));
    forget(mask, sizeof(mask));
}

int sm4_gcm_open(
    const struct sm4_gcm_key *key, const unsigned char *nonce, const unsigned char *additional, size_t additional_length,
    unsigned char *data, size_t length) {
    struct key_stream stream;
    unsigned char tag[SM4_GCM_TAG_BYTES], difference = 0;
    size_t i;
    begin(&stream, key, nonce, length);
    make_tag(tag, key, stream.bytes, additional, additional_length, data, length);
    for (i = 0; i < sizeof(tag); i++) difference |= tag[i] ^ data[length + i];
    if (difference == 0) add_stream(&stream, data, length);
    forget(&stream, sizeof(stream));
    forget(tag, sizeof(tag));
    return difference == 0;
}
