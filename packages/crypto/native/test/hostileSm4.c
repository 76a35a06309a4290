/*
 * Hostile input for SM4-GCM by itself, to be compiled with sanitizers:
 *   node scripts/buildAddon.mjs --check [rounds]
 * Holds every width against tables and plain products, the tables against their definition bit by bit, and looks that
 * nothing beside the message is read or written, and nothing at all when the tag is wrong.
 */
#include "../sm4/sm4Gcm.c"

#include "random.h"

#define WIDTHS 4
#define LENGTH_MAX 2500

static const int WIDTH[WIDTHS] = {1, 4, 8, 16};

/** The product of two blocks as SP 800-38D defines it, 6.3: bit by bit. */
static void slow_product(unsigned char to[16], const unsigned char a[16], const unsigned char b[16]) {
    unsigned char sum[16] = {0}, shifted[16];
    int bit, i;
    memcpy(shifted, b, 16);
    for (bit = 0; bit < 128; bit++) {
        int carry = shifted[15] & 1;
        if (a[bit / 8] >> (7 - bit % 8) & 1) add_bytes(sum, shifted, 16);
        for (i = 15; i > 0; i--) shifted[i] = (unsigned char)(shifted[i] >> 1 | shifted[i - 1] << 7);
        shifted[0] = (unsigned char)(shifted[0] >> 1 ^ (carry ? 0xE1 : 0));
    }
    memcpy(to, sum, 16);
}

static void compare_hashes(void) {
    unsigned char key[32], expected[16] = {0}, actual[16], *blocks;
    struct ghash_element powers[GHASH_POWERS], hash = {0, 0};
    size_t count = below(20), i;
    fill_with_runs(key);
    ghash_prepare(powers, key);
    blocks = allocate(16 * count);
    for (i = 0; i < count; i++) {
        unsigned char runs[32];
        fill_with_runs(runs);
        memcpy(blocks + 16 * i, runs, 16);
        add_bytes(expected, runs, 16);
        slow_product(expected, expected, key);
    }
    absorb(&hash, powers, blocks, count);
    write_number(actual, hash.high);
    write_number(actual + 8, hash.low);
    if (memcmp(actual, expected, 16) != 0) fail("hash", count);
    free(blocks);
}

static void compare_substitutions(void) {
    uint32_t word = (uint32_t)next();
    if (substitute(word) != plain_substitute(word)) fail("S-box", word);
}

/** The counter may run over; J0 never does, but nobody else may rely on that. */
static void compare_counters(const struct sm4_gcm_key *key) {
    unsigned char blocks[BATCH_BLOCKS_MAX * SM4_BLOCK_BYTES], expected[SM4_BLOCK_BYTES];
    uint32_t nonce[3] = {(uint32_t)next(), (uint32_t)next(), (uint32_t)next()};
    uint32_t counter = below(2) ? (uint32_t)next() : (uint32_t)0 - (uint32_t)below(40);
    size_t wanted = 1 + below(70), count = encrypt_counters(blocks, key->round_keys, nonce, counter, wanted), i;
    if (count < 1 || count > BATCH_BLOCKS_MAX) fail("number of blocks", count);
    for (i = 0; i < count; i++) {
        plain_encrypt_counters(expected, key->round_keys, nonce, counter + (uint32_t)i, 1);
        if (memcmp(blocks + SM4_BLOCK_BYTES * i, expected, SM4_BLOCK_BYTES) != 0) fail("counter", i);
    }
}

static void compare_messages(void) {
    unsigned char bytes[SM4_KEY_BYTES], nonce[SM4_GCM_NONCE_BYTES];
    size_t length = below(8) == 0 ? below(LENGTH_MAX) : below(150), additional_length = below(3) ? below(40) : 0;
    /* Of exactly the length, so that the sanitizer sees a byte more. */
    unsigned char *additional = allocate(additional_length), *plain = allocate(length);
    unsigned char *expected = allocate(length + 16), *sealed = allocate(length + 16);
    struct sm4_gcm_key key, other;
    size_t width;
    fill(bytes, sizeof(bytes));
    fill(nonce, sizeof(nonce));
    fill(additional, additional_length);
    fill(plain, length);
    for (width = 0; width < WIDTHS; width++) {
        size_t bit = below(8 * (length + 16));
        sm4_use_lanes(WIDTH[width]);
        sm4_gcm_prepare(width == 0 ? &key : &other, bytes);
        if (width > 0 && memcmp(&key, &other, sizeof(key)) != 0) fail("prepared key", width);
        compare_counters(&key);
        compare_substitutions();
        compare_hashes();
        memcpy(sealed, plain, length);
        sm4_gcm_seal(&key, nonce, additional, additional_length, sealed, length);
        if (width == 0) memcpy(expected, sealed, length + 16);
        if (memcmp(sealed, expected, length + 16) != 0) fail("sealed message", length);
        sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        memcpy(expected, sealed, length + 16);
        if (sm4_gcm_open(&key, nonce, additional, additional_length, sealed, length)) fail("refusal", bit);
        if (memcmp(sealed, expected, length + 16) != 0) fail("message left alone", bit);
        sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        memcpy(expected, sealed, length + 16);
        if (!sm4_gcm_open(&key, nonce, additional, additional_length, sealed, length)) fail("opening", length);
        if (length > 0 && memcmp(sealed, plain, length) != 0) fail("opened message", length);
    }
    free(additional);
    free(plain);
    free(expected);
    free(sealed);
}

int main(int count, char **arguments) {
    unsigned long rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : 300, round;
    sm4_gcm_setup();
    printf("hostile: SM4, up to %d blocks in a vector\n", sm4_use_lanes(16));
    for (round = 0; round < 10 * rounds; round++) compare_messages();
    printf("hostile: SM4, %lu rounds, no difference\n", rounds);
    return 0;
}
