/*
 * The different keys of a batch: terms of the same signer become one. For any curve: whoever includes this has defined
 * key_point and read_key.
 */
#ifndef MENGLIAN_SIGNERS_H
#define MENGLIAN_SIGNERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NO_SIGNER UINT32_MAX
/** X || Y */
#define SIGNER_KEY_BYTES 64
#define KEY_WORDS (SIGNER_KEY_BYTES / 4)

struct signer {
    const unsigned char *key;
    key_point point;
    int is_point;
};

struct signers {
    struct signer *list;
    size_t count;
    /** Open addressing; NO_SIGNER where free. At least twice as many places as signers. */
    uint32_t *places;
    size_t place_mask;
    /** Random, so that nobody can choose keys that fall into the same place. */
    uint64_t hash_key[KEY_WORDS + 1];
};

/** Multilinear hashing: two keys share a place no more often than chance has it, whoever chose them. */
static size_t signer_place(const struct signers *signers, const unsigned char *key) {
    uint64_t sum = signers->hash_key[KEY_WORDS];
    uint32_t words[KEY_WORDS];
    size_t i;
    memcpy(words, key, sizeof(words));
    for (i = 0; i < KEY_WORDS; i++) sum += signers->hash_key[i] * words[i];
    return (size_t)(sum >> 32) & signers->place_mask;
}

/** The index of the signer with this key, or NO_SIGNER when the key is no point of the curve. */
static uint32_t find_signer(struct signers *signers, const unsigned char *key) {
    size_t place = signer_place(signers, key);
    struct signer *signer;
    for (; signers->places[place] != NO_SIGNER; place = (place + 1) & signers->place_mask) {
        signer = &signers->list[signers->places[place]];
        if (memcmp(signer->key, key, SIGNER_KEY_BYTES) == 0) return signer->is_point ? signers->places[place] : NO_SIGNER;
    }
    signer = &signers->list[signers->count];
    signer->key = key;
    signer->is_point = read_key(&signer->point, key);
    signers->places[place] = (uint32_t)signers->count++;
    return signer->is_point ? signers->places[place] : NO_SIGNER;
}

#endif
