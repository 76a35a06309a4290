/* Random input from a seed, for the programs that look for differences. */
#ifndef MENGLIAN_TEST_RANDOM_H
#define MENGLIAN_TEST_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 1;

/** splitmix64 (public domain) */
static uint64_t next(void) {
    uint64_t mixed = state += 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
}

static size_t below(size_t limit) {
    return (size_t)(next() % limit);
}

static void fill(unsigned char *bytes, size_t length) {
    while (length-- > 0) *bytes++ = (unsigned char)next();
}

static void fail(const char *what, size_t at) {
    fprintf(stderr, "hostile: %s differs at %zu\n", what, at);
    exit(1);
}

/** 32 bytes whose bits are often long runs of zeros or ones, where carries go wrong. */
static void fill_with_runs(unsigned char bytes[32]) {
    size_t i;
    int choice = (int)below(3);
    fill(bytes, 32);
    if (choice == 0) return;
    for (i = 0; i < 256;) {
        size_t run = choice == 1 ? 1 + below(120) : 13 * (1 + below(4));
        unsigned int bit = (unsigned int)below(2);
        for (; run-- > 0 && i < 256; i++) {
            bytes[i / 8] = (unsigned char)((bytes[i / 8] & ~(1u << (i % 8))) | (bit << (i % 8)));
        }
    }
}

static unsigned char *allocate(size_t length) {
    unsigned char *memory = malloc(length == 0 ? 1 : length);
    if (memory == NULL) exit(2);
    return memory;
}

#endif
