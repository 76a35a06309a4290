import { utf8Text } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Engine, isEngine, quorumRuleOf } from '@menglian/interchain/engine';
import type { HeaderTrust } from '@menglian/interchain/headerProof';
import { headerHash } from '@menglian/types/header';
import { MAX_SEALERS } from '@menglian/types/limits';
import { bytesOf, type Hash, hexOf } from '../hex.js';
import { chainHeader } from '../proof/chainObjects.js';
import type { BlockHeader } from '../rpc/shapes.js';

const NODE_ID = /^[0-9a-f]{128}$/;

/** A chain as its block 0 makes it. */
export interface ChainOrigin {
  /** The hash of block 0, by which chains are told apart. */
  readonly identity: Hash;
  readonly engine: Engine;
  /** Its first sealers, and how many of them decide. */
  readonly trust: HeaderTrust;
}

/**
 * Reads what everybody agreed on in block 0: nothing of it can be changed without another hash.
 * @returns a sentence where the header is not that of a block 0. Pure.
 */
export function readOrigin(suite: CryptoSuite, header: BlockHeader): Result<ChainOrigin> {
  if (header.number !== 0) return failure(`the header is of block ${header.number}, not of block 0`);
  const identity = hexOf(headerHash(suite, chainHeader(header)));
  if (identity !== header.hash) return failure('the hash is not of block 0');
  const mark = header.extraData[0];
  if (mark === undefined) return failure('block 0 has no mark of its chain');
  // The mark: group, sealers with a comma behind each, consensus, … in docs/formats.md, "Genesis".
  const [, list = '', engine = ''] = utf8Text(bytesOf(mark, 'the mark')).split('-');
  const sealers = list.split(',').slice(0, -1);
  if (sealers.length === 0 || sealers.length > MAX_SEALERS || !sealers.every((nodeId) => NODE_ID.test(nodeId)))
    return failure('the mark of block 0 names no sealers');
  if (!isEngine(engine)) return failure('the mark of block 0 names no consensus that is known');
  return success({ identity, engine, trust: { sealers, rule: quorumRuleOf(engine) } });
}
