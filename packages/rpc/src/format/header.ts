import type { BlockSignature } from '@menglian/types/block';
import type { BlockHeader } from '@menglian/types/header';
import type { Json } from '../json.js';
import { bytesText, quantity } from './quantity.js';

/** The members that blocks and headers share; `number` differs between them and is left to the caller. */
export function headerMembers(header: BlockHeader, hash: Uint8Array): { [key: string]: Json } {
  return {
    dbHash: bytesText(header.dbHash),
    extraData: header.extraData.map(bytesText),
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    hash: bytesText(hash),
    logsBloom: bytesText(header.logsBloom),
    parentHash: bytesText(header.parentHash),
    receiptsRoot: bytesText(header.receiptsRoot),
    sealer: quantity(header.sealer),
    sealerList: header.sealerList,
    stateRoot: bytesText(header.stateRoot),
    timestamp: quantity(header.timestampMs),
    transactionsRoot: bytesText(header.transactionsRoot),
  };
}

export function signatureList(signatures: readonly BlockSignature[]): Json {
  return signatures.map(({ index, signature }) => ({ index: quantity(index), signature: bytesText(signature) }));
}
