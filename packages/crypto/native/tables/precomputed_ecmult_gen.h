/* Takes the place of the library's header of the same name: the table is computed at load (../curve.h). */
#ifndef SECP256K1_PRECOMPUTED_ECMULT_GEN_H
#define SECP256K1_PRECOMPUTED_ECMULT_GEN_H

/** The comb of multiples of G for signing. Written once, before anything else runs. */
static secp256k1_ge_storage secp256k1_ecmult_gen_prec_table[COMB_BLOCKS][COMB_POINTS];

#endif
