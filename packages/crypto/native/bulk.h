/*
 * Many ECDSA signatures in one multiplication, after "Using Randomizers for Batch Verification of ECDSA Signatures"
 * (eprint 2012/582). A signature (r, s, v) of digest z holds for the key Q just when
 *
 *     R = (z/s) G + (r/s) Q,    R being the point with x = r that v names.
 *
 * The sum of these equations, each times a random weight of 128 bits, is one sum of points. If one equation is false, the
 * sum is infinity for at most one of 2^128 weights; so whoever chose the signatures before the weights were drawn cannot
 * make errors cancel. A sum that fails is halved until the wrong ones are found, and those are recovered one by one.
 */
#ifndef MENGLIAN_BULK_H
#define MENGLIAN_BULK_H

/** Bits of half a weight, and of half of any other factor. */
#define SHORT_FACTOR_BITS 63
#define LONG_FACTOR_BITS 128

#include "form.h"
#include "addition.h"
#include "multiexp.h"
#include "randomness.h"
#include "signers.h"

/** Fewer signatures are recovered one by one: with vectors, and without. */
#define VECTOR_BULK_MIN 3
#define BULK_MIN 8
/** For fewer, one by one is as fast. */
#define VECTOR_LIFTS_MIN 2
/** A signature with a guess, of right form, whose R exists. */
struct candidate {
    /** Its place in the batch. */
    uint32_t check;
    uint32_t signer;
    /** The weight is weight[0] + weight[1] lambda: as many values as two words have, and half as long in the sum. */
    int64_t weight[2];
    /** weight z/s and weight r/s; before the inversion: z and r */
    secp256k1_scalar generator_factor;
    secp256k1_scalar signer_factor;
    secp256k1_scalar s;
};

/** -R of a candidate, and lambda times that point */
typedef affine_point lifted_point[2];

struct bulk {
    struct candidate *candidates;
    lifted_point *points;
    size_t count;
    struct signers signers;
    /** The factor of each signer in the sum at hand. */
    secp256k1_scalar *signer_factors;
    struct term *terms;
    struct multiexp_space space;
    size_t sums_left;
    unsigned char *verdicts;
    unsigned char *keys;
    const unsigned char *checks;
    void *memory;
};

/** What `recover` answers, for one check of any form. */
static void check_alone(unsigned char *verdict, unsigned char *key, const unsigned char *check) {
    unsigned char signer[ECDSA_KEY_BYTES];
    if (check[CHECK_FORM_AT] == CHECK_MALFORMED ||
        !ecdsa_recover(signer, check + CHECK_DIGEST_AT, check + CHECK_SIGNATURE_AT)) {
        *verdict = VERDICT_REFUSED;
    } else if (
        check[CHECK_FORM_AT] == CHECK_WITH_GUESS && memcmp(signer, check + CHECK_GUESS_AT, ECDSA_KEY_BYTES) == 0) {
        *verdict = VERDICT_GUESSED;
    } else {
        *verdict = VERDICT_RECOVERED;
        memcpy(key, signer, ECDSA_KEY_BYTES);
    }
}

static void check_candidate_alone(struct bulk *bulk, const struct candidate *candidate) {
    size_t check = candidate->check;
    check_alone(
        &bulk->verdicts[check], bulk->keys + check * ECDSA_KEY_BYTES, bulk->checks + check * CHECK_BYTES);
}

/** Reads the checks that have a usable guess into candidates and decides all others. */
static void gather_candidates(struct bulk *bulk, size_t checks) {
    size_t i;
    for (i = 0; i < checks; i++) {
        const unsigned char *check = bulk->checks + i * CHECK_BYTES;
        struct candidate *candidate = &bulk->candidates[bulk->count];
        if (check[CHECK_FORM_AT] == CHECK_WITH_GUESS) {
            const unsigned char *signature = check + CHECK_SIGNATURE_AT;
            if (!read_signature(&candidate->signer_factor, &candidate->s, signature)) continue;
            candidate->signer = find_signer(&bulk->signers, check + CHECK_GUESS_AT);
            if (candidate->signer != NO_SIGNER) {
                secp256k1_scalar_set_b32(&candidate->generator_factor, check + CHECK_DIGEST_AT, NULL);
                candidate->check = (uint32_t)i;
                bulk->count++;
                continue;
            }
        }
        check_alone(&bulk->verdicts[i], bulk->keys + i * ECDSA_KEY_BYTES, check);
    }
}

/** @param point its x is given. @return 0 when no point has that x */
static int lift_point(lifted_point point, int is_odd) {
    secp256k1_fe x;
    secp256k1_ge lifted;
    field_from_words(&x, point[0].words[0]);
    if (!secp256k1_ge_set_xo_var(&lifted, &x, is_odd)) return 0;
    affine_from_ge(&point[0], &lifted);
    secp256k1_ge_mul_lambda(&lifted, &lifted);
    affine_from_ge(&point[1], &lifted);
    return 1;
}

/** Finds -R of up to LANES candidates. @param is_point whether there is such a point */
static void lift_some(const struct bulk *bulk, size_t first, size_t count, unsigned char is_point[LANES]) {
    unsigned char is_odd[LANES] = {0};
    size_t i;
    for (i = 0; i < count; i++) {
        const unsigned char *check = bulk->checks + bulk->candidates[first + i].check * CHECK_BYTES;
        secp256k1_fe x;
        secp256k1_fe_set_b32_mod(&x, check + CHECK_SIGNATURE_AT);
        field_to_words(bulk->points[first + i][0].words[0], &x);
        is_odd[i] = 1 - check[CHECK_SIGNATURE_AT + 64];
    }
#if HAS_VECTORS
    if (use_vectors && count >= VECTOR_LIFTS_MIN) {
        /* The array has room for a whole round of lanes at its end. */
        for (i = count; i < LANES; i++) affine_from_ge(&bulk->points[first + i][0], &secp256k1_ge_const_g);
        vectors_lift((point_words(*)[2])bulk->points[first], is_odd, is_point);
        return;
    }
#endif
    for (i = 0; i < count; i++) is_point[i] = (unsigned char)lift_point(bulk->points[first + i], is_odd[i]);
}

/** Finds -R of every candidate; where there is none, no key made the signature, and the candidate goes. */
static void lift_points(struct bulk *bulk) {
    size_t first, i, kept = 0;
    for (first = 0; first < bulk->count; first += LANES) {
        size_t count = bulk->count - first < LANES ? bulk->count - first : LANES;
        unsigned char is_point[LANES];
        lift_some(bulk, first, count, is_point);
        for (i = first; i < first + count; i++) {
            if (!is_point[i - first]) continue;
            if (kept != i) {
                bulk->candidates[kept] = bulk->candidates[i];
                memcpy(bulk->points[kept], bulk->points[i], sizeof(lifted_point));
            }
            kept++;
        }
    }
    bulk->count = kept;
}

static void scalar_set_word(secp256k1_scalar *scalar, int64_t word) {
    uint64_t size = word < 0 ? 0 - (uint64_t)word : (uint64_t)word;
    unsigned char bytes[32] = {0};
    int i;
    for (i = 0; i < 8; i++) bytes[31 - i] = (unsigned char)(size >> (8 * i));
    secp256k1_scalar_set_b32(scalar, bytes, NULL);
    if (word < 0) secp256k1_scalar_negate(scalar, scalar);
}

/** Draws the weights and computes both factors of every candidate. @return 0 without randomness */
static int weigh_candidates(struct bulk *bulk) {
    /* Space that the sums do not need yet. */
    secp256k1_scalar *products = bulk->signer_factors;
    int64_t *random = (int64_t *)bulk->terms;
    secp256k1_scalar product, inverse, weight, part;
    size_t i;
    if (!random_bytes(random, bulk->count * sizeof(bulk->candidates->weight))) return 0;
    product = secp256k1_scalar_one;
    for (i = 0; i < bulk->count; i++) {
        products[i] = product;
        secp256k1_scalar_mul(&product, &product, &bulk->candidates[i].s);
    }
    secp256k1_scalar_inverse_var(&inverse, &product);
    for (i = bulk->count; i-- > 0;) {
        struct candidate *candidate = &bulk->candidates[i];
        memcpy(candidate->weight, &random[2 * i], sizeof(candidate->weight));
        /* -2^63 has no counterpart, and a weight of zero would check nothing. */
        if (candidate->weight[0] == INT64_MIN || candidate->weight[0] == 0) candidate->weight[0] = 1;
        if (candidate->weight[1] == INT64_MIN) candidate->weight[1] = 1;
        scalar_set_word(&weight, candidate->weight[1]);
        secp256k1_scalar_mul(&weight, &weight, &secp256k1_const_lambda);
        scalar_set_word(&part, candidate->weight[0]);
        secp256k1_scalar_add(&weight, &weight, &part);
        secp256k1_scalar_mul(&part, &products[i], &inverse);
        secp256k1_scalar_mul(&inverse, &inverse, &candidate->s);
        secp256k1_scalar_mul(&weight, &weight, &part);
        secp256k1_scalar_mul(&candidate->generator_factor, &candidate->generator_factor, &weight);
        secp256k1_scalar_mul(&candidate->signer_factor, &candidate->signer_factor, &weight);
    }
    return 1;
}

static void set_term(struct term *term, const affine_point *point, const secp256k1_scalar *factor) {
    secp256k1_scalar size = *factor;
    unsigned char bytes[32];
    int i;
    term->point = *point;
    if (secp256k1_scalar_is_high(&size)) {
        secp256k1_scalar_negate(&size, &size);
        affine_negate(&term->point);
    }
    secp256k1_scalar_get_b32(bytes, &size);
    term->factor[0] = term->factor[1] = term->factor[2] = 0;
    for (i = 0; i < 16; i++) term->factor[i / 8] |= (uint64_t)bytes[31 - i] << (8 * (i % 8));
}

/** Two terms of half the length for a point times a scalar. */
static void set_terms(struct term terms[2], const secp256k1_ge *point, const secp256k1_scalar *factor) {
    secp256k1_scalar part, part_lambda;
    secp256k1_ge point_lambda;
    affine_point affine;
    secp256k1_scalar_split_lambda(&part, &part_lambda, factor);
    affine_from_ge(&affine, point);
    set_term(&terms[0], &affine, &part);
    secp256k1_ge_mul_lambda(&point_lambda, point);
    affine_from_ge(&affine, &point_lambda);
    set_term(&terms[1], &affine, &part_lambda);
}

static void set_weight_term(struct term *term, const affine_point *point, int64_t weight) {
    term->point = *point;
    term->factor[1] = term->factor[2] = 0;
    if (weight < 0) {
        term->factor[0] = 0 - (uint64_t)weight;
        affine_negate(&term->point);
    } else {
        term->factor[0] = (uint64_t)weight;
    }
}

/** Adds the part of the sum that is multiples of G and of the signers. */
static void add_signers(struct bulk *bulk, const struct candidate *candidates, size_t count) {
    secp256k1_scalar generator_factor = secp256k1_scalar_zero;
    size_t i, terms = 0;
    for (i = 0; i < bulk->signers.count; i++) bulk->signer_factors[i] = secp256k1_scalar_zero;
    for (i = 0; i < count; i++) {
        secp256k1_scalar *factor = &bulk->signer_factors[candidates[i].signer];
        secp256k1_scalar_add(factor, factor, &candidates[i].signer_factor);
        secp256k1_scalar_add(&generator_factor, &generator_factor, &candidates[i].generator_factor);
    }
    set_terms(bulk->terms, &secp256k1_ge_const_g, &generator_factor);
    terms = 2;
    for (i = 0; i < bulk->signers.count; i++) {
        /* Also those that have no part in these candidates. */
        if (secp256k1_scalar_is_zero(&bulk->signer_factors[i])) continue;
        set_terms(bulk->terms + terms, &bulk->signers.list[i].point, &bulk->signer_factors[i]);
        terms += 2;
    }
    multiexp_add(&bulk->space, bulk->terms, terms, LONG_FACTOR_BITS);
}

/** Whether the weighted sum of the equations of these candidates is infinity, that is whether all their guesses are right. */
static int is_sum_infinity(struct bulk *bulk, const struct candidate *candidates, size_t count) {
    const lifted_point *points = bulk->points + (candidates - bulk->candidates);
    secp256k1_gej sum;
    size_t i;
    multiexp_clear(&bulk->space);
    add_signers(bulk, candidates, count);
    for (i = 0; i < count; i++) {
        set_weight_term(&bulk->terms[2 * i], &points[i][0], candidates[i].weight[0]);
        set_weight_term(&bulk->terms[2 * i + 1], &points[i][1], candidates[i].weight[1]);
    }
    multiexp_add(&bulk->space, bulk->terms, 2 * count, SHORT_FACTOR_BITS);
    multiexp_sum(&bulk->space, &sum);
    return secp256k1_gej_is_infinity(&sum);
}

static void accept_candidate(struct bulk *bulk, const struct candidate *candidate) {
    bulk->verdicts[candidate->check] = VERDICT_GUESSED;
}

#include "halving.h"

/** @return 0 without memory or randomness */
static int bulk_begin(struct bulk *bulk, size_t checks) {
    size_t places = 16, i;
    unsigned char *memory;
    size_t terms = 2 * checks + 2;
    while (places < 2 * checks) places *= 2;
    memory = malloc(
        checks * (sizeof(*bulk->candidates) + sizeof(*bulk->signer_factors) + sizeof(*bulk->signers.list)) +
        (checks + LANES) * sizeof(*bulk->points) +
        terms * sizeof(*bulk->terms) + places * sizeof(*bulk->signers.places));
    if (memory == NULL) return 0;
    if (!random_bytes(bulk->signers.hash_key, sizeof(bulk->signers.hash_key)) ||
        !multiexp_begin(&bulk->space, terms)) {
        free(memory);
        return 0;
    }
    bulk->memory = memory;
    bulk->points = (lifted_point *)memory;
    memory += (checks + LANES) * sizeof(*bulk->points);
    bulk->candidates = (struct candidate *)memory;
    memory += checks * sizeof(*bulk->candidates);
    bulk->terms = (struct term *)memory;
    memory += terms * sizeof(*bulk->terms);
    bulk->signers.list = (struct signer *)memory;
    memory += checks * sizeof(*bulk->signers.list);
    bulk->signer_factors = (secp256k1_scalar *)memory;
    memory += checks * sizeof(*bulk->signer_factors);
    bulk->signers.places = (uint32_t *)memory;
    for (i = 0; i < places; i++) bulk->signers.places[i] = NO_SIGNER;
    bulk->signers.place_mask = places - 1;
    bulk->signers.count = 0;
    bulk->count = 0;
    bulk->sums_left = HALVING_SUMS_MAX * checks;
    return 1;
}

static void bulk_end(struct bulk *bulk) {
    multiexp_end(&bulk->space);
    free(bulk->memory);
}

static void bulk_check(
    struct bulk *bulk,
    unsigned char *verdicts,
    unsigned char *keys,
    const unsigned char *checks,
    size_t count) {
    size_t i;
    bulk->verdicts = verdicts;
    bulk->keys = keys;
    bulk->checks = checks;
    gather_candidates(bulk, count);
    lift_points(bulk);
    if (bulk->count == 0) return;
    if (bulk->count < (size_t)(use_vectors ? VECTOR_BULK_MIN : BULK_MIN) || !weigh_candidates(bulk)) {
        for (i = 0; i < bulk->count; i++) check_candidate_alone(bulk, &bulk->candidates[i]);
        return;
    }
    check_half(bulk, bulk->candidates, bulk->count);
}

#endif
