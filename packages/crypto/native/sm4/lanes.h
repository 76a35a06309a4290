/*
 * SM4 of LANES * GROUPS counters, each in its own lane of every word. Included once for each width, with LANES, GROUPS
 * (vectors that hide each other's waiting), TARGET (the instructions that the compiler may use), NAME (makes names for this
 * width), VECTOR (the type of the instructions), BROADCAST_128, SHUFFLE_BYTES, UNPACK_* and SUBSTITUTE defined.
 */

typedef uint32_t NAME(word) __attribute__((vector_size(4 * LANES)));

#define LANE_INLINE TARGET __attribute__((always_inline)) static inline

LANE_INLINE NAME(word) NAME(shuffled)(NAME(word) word, const unsigned char order[16]) {
    return (NAME(word))SHUFFLE_BYTES((VECTOR)word, BROADCAST_128(order));
}

/** T of 6.2. Three of the five rotations are by whole bytes. */
LANE_INLINE NAME(word) NAME(round)(NAME(word) word) {
    NAME(word) inner;
    word = (NAME(word))SUBSTITUTE((VECTOR)word);
    inner = word ^ NAME(shuffled)(word, ROTATION_BY_8) ^ NAME(shuffled)(word, ROTATION_BY_16);
    return word ^ NAME(shuffled)(word, ROTATION_BY_24) ^ (inner << 2 | inner >> 30);
}

TARGET static uint32_t NAME(substitute)(uint32_t word) {
    NAME(word) all = word - (NAME(word)){0};
    return ((NAME(word))SUBSTITUTE((VECTOR)all))[0];
}

/** Words of lanes to blocks of bytes; lane 4 l + k holds block k LANES / 4 + l, so no word crosses 128 bits. */
LANE_INLINE void NAME(write)(unsigned char *to, const NAME(word) state[4]) {
    VECTOR a = (VECTOR)state[3], b = (VECTOR)state[2], c = (VECTOR)state[1], d = (VECTOR)state[0];
    VECTOR low_ab = UNPACK_LOW_32(a, b), high_ab = UNPACK_HIGH_32(a, b);
    VECTOR low_cd = UNPACK_LOW_32(c, d), high_cd = UNPACK_HIGH_32(c, d);
    NAME(word) blocks[4];
    int i;
    blocks[0] = (NAME(word))UNPACK_LOW_64(low_ab, low_cd);
    blocks[1] = (NAME(word))UNPACK_HIGH_64(low_ab, low_cd);
    blocks[2] = (NAME(word))UNPACK_LOW_64(high_ab, high_cd);
    blocks[3] = (NAME(word))UNPACK_HIGH_64(high_ab, high_cd);
    UNROLLED for (i = 0; i < 4; i++) blocks[i] = NAME(shuffled)(blocks[i], WORDS_TURNED);
    memcpy(to, blocks, sizeof(blocks));
}

LANE_INLINE size_t NAME(encrypt_groups)(
    unsigned char *to, const uint32_t round_keys[SM4_ROUNDS], const uint32_t nonce[3], uint32_t counter, int groups) {
    NAME(word) state[GROUPS][4], order;
    int round, group, i;
    UNROLLED for (i = 0; i < LANES; i++) order[i] = (uint32_t)(i % 4 * (LANES / 4) + i / 4);
    UNROLLED for (group = 0; group < groups; group++) {
        UNROLLED for (i = 0; i < 3; i++) state[group][i] = nonce[i] - (NAME(word)){0};
        state[group][3] = order + (counter + (uint32_t)(LANES * group));
    }
    for (round = 0; round < SM4_ROUNDS; round += 4) {
        UNROLLED for (i = 0; i < 4; i++) {
            UNROLLED for (group = 0; group < groups; group++) {
                NAME(word) *words = state[group];
                NAME(word) sum = words[(i + 1) % 4] ^ words[(i + 2) % 4] ^ words[(i + 3) % 4];
                words[i] ^= NAME(round)(sum ^ round_keys[round + i]);
            }
        }
    }
    UNROLLED for (group = 0; group < groups; group++) {
        NAME(write)(to + SM4_BLOCK_BYTES * LANES * group, state[group]);
    }
    return (size_t)(LANES * groups);
}

/** @return how many blocks were written: GROUPS * LANES when more are wanted than one vector has */
TARGET static size_t NAME(encrypt_counters)(
    unsigned char *to, const uint32_t round_keys[SM4_ROUNDS], const uint32_t nonce[3], uint32_t counter, size_t wanted) {
    return wanted > LANES ? NAME(encrypt_groups)(to, round_keys, nonce, counter, GROUPS)
                          : NAME(encrypt_groups)(to, round_keys, nonce, counter, 1);
}

#undef LANE_INLINE
#undef LANES
#undef GROUPS
#undef TARGET
#undef NAME
#undef VECTOR
#undef BROADCAST_128
#undef SHUFFLE_BYTES
#undef UNPACK_LOW_32
#undef UNPACK_HIGH_32
#undef UNPACK_LOW_64
#undef UNPACK_HIGH_64
#undef SUBSTITUTE
