/*
 * Hostile input for the C code by itself, to be compiled with sanitizers and the library's own checks of magnitudes:
 *   node scripts/buildAddon.mjs --check [rounds]
 * Compares every answer of ecdsa_recover_many with single recovery, and eight lanes with one, at the edges of the field; and
 * hashes of many messages with those of one.
 */
#include "../ecdsa.c"
#include "../keccak.h"

#include "random.h"

/** A canonical element whose limbs and words are often all zeros or all ones, where carries go wrong. */
static void edge_element(field_words words) {
    secp256k1_fe element;
    unsigned char bytes[32];
    fill_with_runs(bytes);
    secp256k1_fe_set_b32_mod(&element, bytes);
    if (below(8) == 0) {
        /* p - 1, p - 2 and so on */
        secp256k1_fe_set_int(&element, 1 + (int)below(4));
        secp256k1_fe_negate(&element, &element, 1);
    }
    field_to_words(words, &element);
}

#if HAS_VECTORS
/** The formulas of addition use no equation of the curve, so any coordinates will do. */
static void compare_additions(void) {
    enum { PAIRS = 8 * LANES };
    affine_point points[2 * PAIRS], copies[2 * PAIRS];
    struct addition additions[PAIRS];
    secp256k1_fe products[PAIRS];
    size_t i, count = 0;
    for (i = 0; i < 2 * PAIRS; i++) {
        edge_element(points[i].words[0]);
        edge_element(points[i].words[1]);
    }
    for (i = 0; i < PAIRS; i++) {
        struct addition addition = {(uint32_t)(2 * i), (uint32_t)(2 * i + 1)};
        if (!is_same_x(points, &addition)) additions[count++] = addition;
    }
    count -= count % LANES;
    memcpy(copies, points, sizeof(points));
    vectors_add(&points->words, additions, count, (uint64_t *)products, invert_all);
    add_one_by_one(copies, additions, count, products);
    for (i = 0; i < 2 * PAIRS; i++) {
        if (memcmp(&points[i], &copies[i], sizeof(points[i])) != 0) fail("addition", i);
    }
}

static void compare_lifts(void) {
    lifted_point points[LANES], copies[LANES];
    unsigned char is_odd[LANES], is_point[LANES];
    size_t i;
    for (i = 0; i < LANES; i++) {
        edge_element(points[i][0].words[0]);
        memcpy(copies[i][0].words[0], points[i][0].words[0], sizeof(field_words));
        is_odd[i] = (unsigned char)below(2);
    }
    vectors_lift((point_words(*)[2])points, is_odd, is_point);
    for (i = 0; i < LANES; i++) {
        int expected = lift_point(copies[i], is_odd[i]);
        if (expected != is_point[i]) fail("existence of a root", i);
        if (expected && memcmp(points[i], copies[i], sizeof(points[i])) != 0) fail("root", i);
    }
}
#endif

static void compare_negations(void) {
    affine_point point, copy;
    secp256k1_fe y;
    edge_element(point.words[0]);
    edge_element(point.words[1]);
    copy = point;
    field_from_words(&y, copy.words[1]);
    if (secp256k1_fe_is_zero(&y)) return;
    secp256k1_fe_negate(&y, &y, 1);
    field_to_words(copy.words[1], &y);
    affine_negate(&point);
    if (memcmp(&point, &copy, sizeof(point)) != 0) fail("negation", 0);
}

static void spoil(unsigned char *check, const unsigned char *other) {
    switch (below(8)) {
    case 0: check[below(CHECK_BYTES)] ^= (unsigned char)(1u << below(8)); break;
    case 1: memcpy(check + CHECK_GUESS_AT, other + CHECK_GUESS_AT, ECDSA_KEY_BYTES); break;
    case 2: memcpy(check + CHECK_DIGEST_AT, other + CHECK_DIGEST_AT, ECDSA_DIGEST_BYTES); break;
    case 3: check[CHECK_SIGNATURE_AT + 64] ^= 1; break;
    case 4: check[CHECK_FORM_AT] = (unsigned char)below(4); break;
    case 5: fill(check, CHECK_BYTES); break;
    case 6: memset(check + 1 + below(CHECK_BYTES - 40), below(2) ? 0 : 255, 1 + below(40) % 39); break;
    default: memcpy(check, other, CHECK_BYTES); break;
    }
}

/** Batches in memory of exact size, so that the sanitizer sees one byte too many. */
static void compare_batch(const unsigned char *pool, size_t pool_size) {
    size_t count = below(4) == 0 ? below(200) : below(24), percent = below(3) == 0 ? below(101) : below(12), i;
    size_t signers = 1 + below(pool_size);
    unsigned char *checks = allocate(count * CHECK_BYTES), *verdicts = allocate(count);
    unsigned char *keys = allocate(count * ECDSA_KEY_BYTES);
    for (i = 0; i < count; i++) {
        memcpy(checks + i * CHECK_BYTES, pool + below(signers) * CHECK_BYTES, CHECK_BYTES);
        if (below(100) < percent) spoil(checks + i * CHECK_BYTES, pool + below(pool_size) * CHECK_BYTES);
    }
    ecdsa_recover_many(verdicts, keys, checks, count);
    for (i = 0; i < count; i++) {
        unsigned char verdict, key[ECDSA_KEY_BYTES];
        check_alone(&verdict, key, checks + i * CHECK_BYTES);
        if (verdict != verdicts[i]) fail("verdict", i);
        if (verdict == VERDICT_RECOVERED && memcmp(key, keys + i * ECDSA_KEY_BYTES, sizeof(key)) != 0) fail("key", i);
    }
    free(checks);
    free(verdicts);
    free(keys);
}

/** In memory of exactly the size of the messages, so that no byte beside them can be read unseen. */
static void compare_hashes(void) {
    enum { MESSAGES = 21 };
    size_t size = below(900), count = below(MESSAGES + 1), i;
    unsigned char *bytes = malloc(size + 1), *hashes = malloc(count * KECCAK_HASH_BYTES + 1), single[KECCAK_HASH_BYTES];
    struct byte_range ranges[MESSAGES];
    unsigned char *exact = bytes + 1;
    if (bytes == NULL || hashes == NULL) exit(2);
    fill(exact, size);
    for (i = 0; i < count; i++) {
        ranges[i].end = (uint32_t)below(size + 1);
        ranges[i].start = (uint32_t)below(ranges[i].end + 1);
    }
    keccak_hash_many(hashes, exact, ranges, count);
    for (i = 0; i < count; i++) {
        keccak_hash(single, exact + ranges[i].start, ranges[i].end - ranges[i].start);
        if (memcmp(single, hashes + i * KECCAK_HASH_BYTES, sizeof(single)) != 0) fail("hash", i);
    }
    free(bytes);
    free(hashes);
}

int main(int count, char **arguments) {
    enum { POOL = 64 };
    static unsigned char pool[POOL * CHECK_BYTES];
    unsigned long rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : 100, round;
    size_t i;
    if (!ecdsa_setup()) return 2;
    for (i = 0; i < POOL; i++) {
        unsigned char private_key[ECDSA_PRIVATE_KEY_BYTES] = {0}, *check = pool + i * CHECK_BYTES;
        private_key[31] = (unsigned char)(1 + below(12));
        check[CHECK_FORM_AT] = CHECK_WITH_GUESS;
        fill(check + CHECK_DIGEST_AT, ECDSA_DIGEST_BYTES);
        if (!ecdsa_sign(check + CHECK_SIGNATURE_AT, check + CHECK_DIGEST_AT, private_key)) return 2;
        if (!ecdsa_public_key(check + CHECK_GUESS_AT, private_key)) return 2;
    }
    for (round = 0; round < rounds; round++) {
        int vectors = ecdsa_use_vectors((int)(round % 2));
#if HAS_VECTORS
        if (vectors) {
            compare_additions();
            compare_lifts();
        }
#endif
        compare_negations();
        compare_batch(pool, POOL);
        keccak_use_lanes((int)below(9));
        compare_hashes();
        if (round < 2) printf("hostile: %s\n", vectors ? "eight at a time" : "one at a time");
    }
    printf("hostile: %lu rounds, no difference\n", rounds);
    return 0;
}
