/*
 * Hostile input for SM2 and SM3 by themselves, to be compiled with sanitizers:
 *   node scripts/buildAddon.mjs --check [rounds]
 * Holds arithmetic against the slowest way to do it, the ways to multiply points against each other, every answer of
 * sm2_verify_many against verification of one, and hashes of many messages against those of one.
 */
#include "../sm2/sm2.c"

#include "random.h"
#include "sm2Arithmetic.h"

static int is_same_point(const jacobian_point *a, const jacobian_point *b) {
    affine_point left, right;
    element product;
    if (jacobian_is_infinity(a) || jacobian_is_infinity(b)) return jacobian_is_infinity(a) && jacobian_is_infinity(b);
    jacobian_to_affine_all(&left, a, &product, 1);
    jacobian_to_affine_all(&right, b, &product, 1);
    return memcmp(&left, &right, sizeof(left)) == 0;
}

static void from_homogeneous(jacobian_point *to, const homogeneous_point *from) {
    /* (X/Z, Y/Z) = (XZ/Z^2, YZ^2/Z^3) */
    field_multiply(&to->x, &from->x, &from->z);
    field_multiply(&to->y, &from->y, &from->z);
    field_multiply(&to->y, &to->y, &from->z);
    to->z = from->z;
}

/** All ways to multiply, and to add what may be the same, opposite or infinity. */
static void compare_points(void) {
    scalar a, b, sum, number;
    jacobian_point left, right, total, other;
    homogeneous_point secret;
    affine_point point, points[2];
    element product;
    field_element denominator;
    edge_number(a.word, ORDER);
    edge_number(b.word, ORDER);
    if (below(4) == 0) b = a;
    if (below(4) == 0) scalar_subtract(&b, &(scalar){{0}}, &a);
    multiply_public(&left, &GENERATOR, &a);
    jacobian_set_infinity(&other);
    comb_add_public(&other, &generator_comb, &a);
    if (!is_same_point(&left, &other)) fail("multiple by table", 0);
    comb_multiply_secret(&secret, &generator_comb, &a);
    from_homogeneous(&other, &secret);
    if (!is_same_point(&left, &other)) fail("multiple in constant time", 0);
    multiply_public(&right, &GENERATOR, &b);
    scalar_add(&sum, &a, &b);
    multiply_public(&total, &GENERATOR, &sum);
    jacobian_add(&other, &left, &right);
    if (!is_same_point(&total, &other)) fail("sum", 0);
    if (words_are_zero(b.word)) return;
    jacobian_to_affine_all(&point, &right, &product, 1);
    other = left;
    jacobian_add_affine(&other, &point);
    if (!is_same_point(&total, &other)) fail("sum with affine point", 0);
    homogeneous_add_affine(&secret, &point);
    from_homogeneous(&other, &secret);
    if (!is_same_point(&total, &other)) fail("sum in constant time", 0);
    points[1] = point;
    memset(&points[0], 0, sizeof(points[0]));
    if (!jacobian_is_infinity(&left)) jacobian_to_affine_all(&points[0], &left, &product, 1);
    add_all(points, &(struct addition){0, 1}, 1, &denominator);
    running_set_infinity(&other);
    running_add(&other, &points[0]);
    if (!is_same_point(&total, &other)) fail("sum of affine points", 0);
    /* a (bG) */
    scalar_multiply(&number, &a, &b);
    multiply_public(&left, &GENERATOR, &number);
    multiply_public(&right, &point, &a);
    if (!is_same_point(&left, &right)) fail("multiple", 0);
}

#if HAS_VECTORS
static void edge_element(element *to) {
    edge_number(to->word, FIELD_PRIME);
}

/** The formulas of addition use no equation of the curve, so any coordinates will do. */
static void compare_additions(void) {
    enum { PAIRS = 8 * LANES };
    affine_point points[2 * PAIRS], copies[2 * PAIRS];
    struct addition additions[PAIRS];
    field_element products[PAIRS];
    size_t i, count = 0;
    for (i = 0; i < 2 * PAIRS; i++) {
        edge_element(&points[i].x);
        edge_element(&points[i].y);
    }
    for (i = 0; i < PAIRS; i++) {
        struct addition addition = {(uint32_t)(2 * i), (uint32_t)(2 * i + 1)};
        if (!field_is_equal(&points[2 * i].x, &points[2 * i + 1].x)) additions[count++] = addition;
    }
    count -= count % LANES;
    memcpy(copies, points, sizeof(points));
    sm2_vectors_add((point_words *)points, additions, count, (uint64_t *)products, invert_all);
    add_one_by_one(copies, additions, count, products);
    for (i = 0; i < 2 * PAIRS; i++) {
        if (memcmp(&points[i], &copies[i], sizeof(points[i])) != 0) fail("addition in lanes", i);
    }
}

static void compare_lifts(void) {
    affine_point points[LANES], copies[LANES];
    unsigned char is_odd[LANES], is_point[LANES];
    size_t i;
    for (i = 0; i < LANES; i++) {
        edge_element(&points[i].x);
        copies[i].x = points[i].x;
        is_odd[i] = (unsigned char)below(2);
    }
    sm2_vectors_lift((point_words *)points, is_odd, is_point);
    for (i = 0; i < LANES; i++) {
        int expected = lift_point(&copies[i], is_odd[i]);
        if (expected != is_point[i]) fail("existence of a root in lanes", i);
        if (expected && memcmp(&points[i], &copies[i], sizeof(points[i])) != 0) fail("root in lanes", i);
    }
}
#endif

/** The product of a key's table, for one key, with that of none. */
static void compare_tables(void) {
    struct comb comb;
    scalar number, factor;
    jacobian_point left, right;
    affine_point point;
    element product;
    edge_number(number.word, ORDER);
    edge_number(factor.word, ORDER);
    if (words_are_zero(number.word)) return;
    multiply_public(&left, &GENERATOR, &number);
    jacobian_to_affine_all(&point, &left, &product, 1);
    comb.points = (affine_point *)allocate(comb_size(KEY_TABLE_BITS) * sizeof(affine_point));
    if (!comb_fill(&comb, &point, KEY_TABLE_BITS)) exit(2);
    jacobian_set_infinity(&left);
    comb_add_public(&left, &comb, &factor);
    multiply_public(&right, &point, &factor);
    if (!is_same_point(&left, &right)) fail("table", 0);
    free(comb.points);
}

static void spoil(unsigned char *check, const unsigned char *other) {
    unsigned char *pair = check + SM2_CHECK_PAIR_AT;
    switch (below(10)) {
    case 0: check[below(SM2_CHECK_BYTES)] ^= (unsigned char)(1u << below(8)); break;
    case 1: memcpy(check + SM2_CHECK_KEY_AT, other + SM2_CHECK_KEY_AT, SM2_KEY_BYTES); break;
    case 2: memcpy(check + SM2_CHECK_DIGEST_AT, other + SM2_CHECK_DIGEST_AT, SM2_DIGEST_BYTES); break;
    case 3: check[SM2_CHECK_HINT_AT] ^= 1; break;
    case 4: check[SM2_CHECK_HINT_AT] = (unsigned char)below(256); break;
    case 5: check[SM2_CHECK_FORM_AT] = (unsigned char)below(4); break;
    case 6: fill(check, SM2_CHECK_BYTES); break;
    case 7: memset(check + 1 + below(SM2_CHECK_BYTES - 40), below(2) ? 0 : 255, 1 + below(40) % 39); break;
    case 8: {
        uint64_t number[WORDS];
        edge_number(number, ORDER);
        words_write(pair + 32 * below(2), number);
        break;
    }
    default: memcpy(check, other, SM2_CHECK_BYTES); break;
    }
}

/** Batches in memory of exact size, so that the sanitizer sees one byte too many. */
static void compare_batch(const unsigned char *pool, size_t pool_size) {
    size_t count = below(4) == 0 ? below(200) : below(24), percent = below(3) == 0 ? below(101) : below(12), i;
    size_t signers = 1 + below(pool_size);
    unsigned char *checks = allocate(count * SM2_CHECK_BYTES), *verdicts = allocate(count), *parities = allocate(count);
    for (i = 0; i < count; i++) {
        memcpy(checks + i * SM2_CHECK_BYTES, pool + below(signers) * SM2_CHECK_BYTES, SM2_CHECK_BYTES);
        if (below(100) < percent) spoil(checks + i * SM2_CHECK_BYTES, pool + below(pool_size) * SM2_CHECK_BYTES);
    }
    sm2_verify_many(verdicts, parities, checks, count);
    for (i = 0; i < count; i++) {
        unsigned char verdict = 0;
        check_alone(&verdict, checks + i * SM2_CHECK_BYTES);
        if (verdict != verdicts[i]) fail("verdict", i);
        if ((parities[i] <= 1) != verdict) fail("parity", i);
    }
    free(checks);
    free(verdicts);
    free(parities);
}

/** What nobody can make for a digest of one's choice, but for a hash of one's choice. */
enum forgery {
    /** R has an x from n to p - 1, or one below p - n. */
    HIGH_X,
    LOW_X,
    /** A key whose x is small: X can be written as x, and as x + p, which is no key. */
    SMALL_KEY,
    UNREDUCED_KEY,
    /** r + s = n, and all else is right: R = sG. */
    ZERO_T,
    /** sG + tP is infinity, and x(R) would have to be 0. */
    INFINITE_R,
    FORGERIES
};

static void write_forgery(
    unsigned char *check, unsigned char hash[32], const scalar *r, const scalar *s, const uint64_t x[WORDS]) {
    scalar e, reduced;
    memcpy(reduced.word, x, sizeof(reduced.word));
    words_reduce_once(reduced.word, 0, ORDER);
    scalar_subtract(&e, r, &reduced);
    words_write(hash, e.word);
    check[SM2_CHECK_FORM_AT] = SM2_CHECK_COMPLETE;
    memset(check + SM2_CHECK_DIGEST_AT, 0, SM2_DIGEST_BYTES);
    words_write(check + SM2_CHECK_PAIR_AT, r->word);
    words_write(check + SM2_CHECK_PAIR_AT + 32, s->word);
}

/** A point with an x near a number. */
static void small_point(affine_point *point, uint64_t x[WORDS], const uint64_t offset[WORDS]) {
    element right;
    do {
        uint64_t small[WORDS] = {below(1000), 0, 0, 0};
        words_add(x, small, offset);
        field_from_words(&point->x, x);
        curve_right_side(&right, &point->x);
    } while (!field_root(&point->y, &right));
    if (below(2)) affine_negate(point);
}

/** @param parity of R: written. @return whether the forgery is a valid signature */
static int forge(enum forgery kind, unsigned char *check, unsigned char hash[32], unsigned char *parity) {
    static const uint64_t zero[WORDS];
    uint64_t x[WORDS] = {0};
    scalar r, s, t, inverse;
    affine_point point = GENERATOR, key = GENERATOR;
    jacobian_point sum, part;
    element product;
    do {
        edge_number(s.word, ORDER);
        edge_number(t.word, ORDER);
        if (kind == ZERO_T) memset(&t, 0, sizeof(t));
        /* For a key that is always the same, so that it has a table. */
        if (kind == INFINITE_R) scalar_subtract(&t, &(scalar){{0}}, &s);
        scalar_subtract(&r, &t, &s);
    } while (words_are_zero(s.word) || words_are_zero(r.word) || (words_are_zero(t.word) && kind != ZERO_T));
    multiply_public(&part, &GENERATOR, &s);
    if (kind == HIGH_X || kind == LOW_X) {
        /* P = (R - sG) / t */
        small_point(&point, x, kind == HIGH_X ? ORDER : zero);
        field_negate(&part.y, &part.y);
        jacobian_add_affine(&part, &point);
        if (jacobian_is_infinity(&part)) exit(2);
        jacobian_to_affine_all(&key, &part, &product, 1);
        scalar_invert(&inverse, &t);
        multiply_public(&sum, &key, &inverse);
        jacobian_to_affine_all(&key, &sum, &product, 1);
    } else if (kind != INFINITE_R) {
        if (kind != ZERO_T) small_point(&key, x, zero);
        multiply_public(&sum, &key, &t);
        jacobian_add(&sum, &sum, &part);
        jacobian_to_affine_all(&point, &sum, &product, 1);
        field_to_words(x, &point.x);
    }
    *parity = (unsigned char)field_is_odd(&point.y);
    write_forgery(check, hash, &r, &s, x);
    affine_write(check + SM2_CHECK_KEY_AT, &key);
    if (kind == UNREDUCED_KEY) {
        field_to_words(x, &key.x);
        words_add(x, x, FIELD_PRIME);
        words_write(check + SM2_CHECK_KEY_AT, x);
    }
    return kind == HIGH_X || kind == LOW_X || kind == SMALL_KEY;
}

static void compare_forgeries(void) {
    enum { CHECKS = 90 };
    unsigned char checks[CHECKS * SM2_CHECK_BYTES], hashes[CHECKS][32], verdicts[CHECKS] = {0}, parities[CHECKS];
    unsigned char expected[CHECKS], valid[CHECKS];
    struct bulk bulk;
    size_t count = 1 + below(below(8) == 0 ? CHECKS : 12), i;
    for (i = 0; i < count; i++) {
        unsigned char *check = checks + i * SM2_CHECK_BYTES;
        valid[i] = (unsigned char)forge((enum forgery)below(FORGERIES), check, hashes[i], &expected[i]);
        check[SM2_CHECK_HINT_AT] = (unsigned char)(below(4) == 0 ? below(3) : expected[i]);
        if (below(8) == 0) {
            hashes[i][below(32)] ^= 1;
            valid[i] = 0;
        }
        if (sm2_verify_hash(hashes[i], check + SM2_CHECK_PAIR_AT, check + SM2_CHECK_KEY_AT) != valid[i]) {
            fail("forgery", i);
        }
    }
    memset(parities, SM2_PARITY_UNKNOWN, sizeof(parities));
    if (!bulk_begin(&bulk, verdicts, parities, checks, count)) exit(2);
    gather_candidates(&bulk, count);
    for (i = 0; i < bulk.count; i++) memcpy(bulk.candidates[i].hash, hashes[bulk.candidates[i].check], 32);
    decide_candidates(&bulk);
    for (i = 0; i < count; i++) {
        if (verdicts[i] != valid[i]) fail("verdict of a forgery", i);
        if (parities[i] != (valid[i] ? expected[i] : SM2_PARITY_UNKNOWN)) fail("parity of a forgery", i);
    }
    bulk_end(&bulk);
}

/** In memory of exactly the size of the messages, so that no byte beside them can be read unseen. */
static void compare_hashes(void) {
    enum { MESSAGES = 40 };
    size_t size = below(500), count = below(MESSAGES + 1), i;
    unsigned char *bytes = allocate(size + 1), *hashes = allocate(count * SM3_HASH_BYTES), single[SM3_HASH_BYTES];
    struct byte_range ranges[MESSAGES];
    unsigned char *exact = bytes + 1;
    fill(exact, size);
    for (i = 0; i < count; i++) {
        ranges[i].end = (uint32_t)below(size + 1);
        ranges[i].start = (uint32_t)below(ranges[i].end + 1);
    }
    sm3_hash_many(hashes, exact, ranges, count);
    for (i = 0; i < count; i++) {
        const unsigned char *from = exact + ranges[i].start;
        size_t length = ranges[i].end - ranges[i].start, part = below(length + 1);
        struct sm3 message;
        sm3_hash(single, from, length);
        if (memcmp(single, hashes + i * SM3_HASH_BYTES, sizeof(single)) != 0) fail("hash", i);
        sm3_begin(&message);
        sm3_add(&message, from, part);
        sm3_add(&message, from + part, length - part);
        sm3_end(&message, single);
        if (memcmp(single, hashes + i * SM3_HASH_BYTES, sizeof(single)) != 0) fail("hash in parts", i);
    }
    free(bytes);
    free(hashes);
}

int main(int count, char **arguments) {
    enum { POOL = 96 };
    static unsigned char pool[POOL * SM2_CHECK_BYTES], verdicts[POOL], parities[POOL];
    unsigned long rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : 100, round;
    size_t i;
    sm3_setup();
    if (!sm2_setup()) return 2;
    for (i = 0; i < POOL; i++) {
        unsigned char private_key[SM2_PRIVATE_KEY_BYTES] = {0}, *check = pool + i * SM2_CHECK_BYTES;
        private_key[31] = (unsigned char)(2 + below(12));
        if (below(2)) {
            /* The negative of a key that others have: the same x. */
            uint64_t number[WORDS];
            words_read(number, private_key);
            words_subtract(number, ORDER, number);
            words_write(private_key, number);
        }
        check[SM2_CHECK_FORM_AT] = SM2_CHECK_COMPLETE;
        fill(check + SM2_CHECK_DIGEST_AT, SM2_DIGEST_BYTES);
        if (!sm2_sign(check + SM2_CHECK_PAIR_AT, check + SM2_CHECK_DIGEST_AT, private_key, NULL, 0)) return 2;
        check[SM2_CHECK_HINT_AT] = SM2_PARITY_UNKNOWN;
    }
    sm2_verify_many(verdicts, parities, pool, POOL);
    for (i = 0; i < POOL; i++) {
        if (!verdicts[i]) fail("own signature", i);
        pool[i * SM2_CHECK_BYTES + SM2_CHECK_HINT_AT] = parities[i];
    }
    for (round = 0; round < rounds; round++) {
        int vectors = sm2_use_vectors((int)(round % 2));
#if HAS_VECTORS
        if (vectors) {
            for (i = 0; i < 8; i++) {
                compare_additions();
                compare_lifts();
            }
        }
#endif
        if (round < 2) printf("hostile: SM2, %s\n", vectors ? "eight at a time" : "one at a time");
        compare_products();
        compare_field();
        compare_scalars();
        compare_points();
        if (round % 8 == 0) compare_tables();
        compare_batch(pool, POOL);
        compare_forgeries();
        sm3_use_lanes((int)below(17));
        compare_hashes();
    }
    printf("hostile: SM2, %lu rounds, no difference\n", rounds);
    return 0;
}
