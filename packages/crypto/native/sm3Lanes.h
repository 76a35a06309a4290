/*
 * SM3 of up to LANES messages, each in its own lane of every word. Included once for each width, with LANES, TARGET (the
 * instructions that the compiler may use) and NAME (makes names for this width) defined.
 */

#if LANES == 1
typedef uint32_t NAME(word);
#else
typedef uint32_t NAME(word) __attribute__((vector_size(4 * LANES)));
#endif

#define ROTATED(word, count) ((word) << (count) | (word) >> (32 - (count)))
#define PERMUTED_0(word) ((word) ^ ROTATED(word, 9) ^ ROTATED(word, 17))
#define PERMUTED_1(word) ((word) ^ ROTATED(word, 15) ^ ROTATED(word, 23))

/** A round of CF (GB/T 32905, 5.3.3); FF and GG are Boolean functions that differ between the first rounds and the others. */
#define ROUND(j, FF, GG)                                                                                                    \
    do {                                                                                                                   \
        NAME(word) rotated = ROTATED(a, 12), sum = e + ROUND_CONSTANT(j) + rotated, ss1 = ROTATED(sum, 7);                 \
        NAME(word) tt1 = (FF) + (d + (expanded[j] ^ expanded[(j) + 4])) + (ss1 ^ rotated);                                 \
        NAME(word) tt2 = (GG) + (h + expanded[j]) + ss1;                                                                   \
        d = c;                                                                                                             \
        c = ROTATED(b, 9);                                                                                                 \
        b = a;                                                                                                             \
        a = tt1;                                                                                                           \
        h = g;                                                                                                             \
        g = ROTATED(f, 19);                                                                                                \
        f = e;                                                                                                             \
        e = PERMUTED_0(tt2);                                                                                               \
    } while (0)

/** The compression function. */
TARGET static void NAME(compress)(NAME(word) state[STATE_WORDS], const NAME(word) block[BLOCK_WORDS]) {
    NAME(word) expanded[EXPANDED_WORDS], mixed;
    NAME(word) a = state[0], b = state[1], c = state[2], d = state[3];
    NAME(word) e = state[4], f = state[5], g = state[6], h = state[7];
    int j;
    for (j = 0; j < BLOCK_WORDS; j++) expanded[j] = block[j];
    for (j = BLOCK_WORDS; j < EXPANDED_WORDS; j++) {
        mixed = expanded[j - 16] ^ expanded[j - 9] ^ ROTATED(expanded[j - 3], 15);
        expanded[j] = PERMUTED_1(mixed) ^ ROTATED(expanded[j - 13], 7) ^ expanded[j - 6];
    }
#pragma GCC unroll 16
    for (j = 0; j < 16; j++) ROUND(j, a ^ b ^ c, e ^ f ^ g);
#pragma GCC unroll 48
    for (j = 16; j < ROUNDS; j++) ROUND(j, (a & b) | ((a | b) & c), (e & f) | (~e & g));
    state[0] ^= a;
    state[1] ^= b;
    state[2] ^= c;
    state[3] ^= d;
    state[4] ^= e;
    state[5] ^= f;
    state[6] ^= g;
    state[7] ^= h;
}

/** Messages may have different lengths: a lane whose message has ended goes on with anything, and nobody looks at it. */
TARGET static void NAME(hash)(
    unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count) {
    NAME(word) state[STATE_WORDS], block[BLOCK_WORDS];
    unsigned char ends[LANES][2 * SM3_BLOCK_BYTES];
    size_t whole[LANES], blocks[LANES], most = 0, at, lane;
    uint32_t words[BLOCK_WORDS][LANES];
    int word;
    for (word = 0; word < STATE_WORDS; word++) {
        for (lane = 0; lane < LANES; lane++) words[0][lane] = INITIAL_STATE[word];
        memcpy(&state[word], words[0], sizeof state[word]);
    }
    memset(words, 0, sizeof words);
    for (lane = 0; lane < count; lane++) {
        size_t length = ranges[lane].end - ranges[lane].start;
        whole[lane] = length / SM3_BLOCK_BYTES;
        blocks[lane] = whole[lane] + pad(
            ends[lane],
            bytes + ranges[lane].start + whole[lane] * SM3_BLOCK_BYTES,
            length % SM3_BLOCK_BYTES,
            whole[lane] * SM3_BLOCK_BYTES);
        if (blocks[lane] > most) most = blocks[lane];
    }
    for (at = 0; at < most; at++) {
        for (lane = 0; lane < count; lane++) {
            const unsigned char *from;
            if (at >= blocks[lane]) continue;
            if (at < whole[lane]) from = bytes + ranges[lane].start + at * SM3_BLOCK_BYTES;
            else from = ends[lane] + (at - whole[lane]) * SM3_BLOCK_BYTES;
            for (word = 0; word < BLOCK_WORDS; word++) words[word][lane] = read_word(from + 4 * word);
        }
        memcpy(block, words, sizeof block);
        NAME(compress)(state, block);
        for (lane = 0; lane < count; lane++) {
            if (at + 1 != blocks[lane]) continue;
            for (word = 0; word < STATE_WORDS; word++) {
                memcpy(words[0], &state[word], sizeof state[word]);
                write_word(hashes + SM3_HASH_BYTES * lane + 4 * word, words[0][lane]);
            }
        }
    }
}

#undef ROTATED
#undef PERMUTED_0
#undef PERMUTED_1
#undef ROUND
#undef LANES
#undef TARGET
#undef NAME
