/* Takes the place of the library's header of the same name: the table is computed at load (../curve.h). */
#ifndef SECP256K1_PRECOMPUTED_ECMULT_H
#define SECP256K1_PRECOMPUTED_ECMULT_H

#define WINDOW_G ECMULT_WINDOW_SIZE

/** Odd multiples of G and of 2^128 G. Written once, before anything else runs. */
static secp256k1_ge_storage secp256k1_pre_g[ECMULT_TABLE_SIZE(WINDOW_G)];
static secp256k1_ge_storage secp256k1_pre_g_128[ECMULT_TABLE_SIZE(WINDOW_G)];

#endif
