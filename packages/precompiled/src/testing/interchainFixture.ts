import { EMPTY_BYTES, toHex, utf8Bytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { encodeMessageBundle, type MessageBundle } from '@menglian/interchain/messageBundle';
import type { ReceiptProof } from '@menglian/interchain/receiptProof';
import { markLog, type SentMessage, sentMessageLog } from '@menglian/interchain/sentMessage';
import { headerWith, nodeIdsOf, signedBy, type Signer, signersOf } from '@menglian/interchain/testing/signedHeaders';
import { type Address, ZERO_ADDRESS } from '@menglian/types/address';
import { BLOOM_BYTES } from '@menglian/types/bloom';
import { merkleProof, merkleRoot } from '@menglian/types/merkle';
import { type Log, type Receipt, receiptHash } from '@menglian/types/receipt';

export interface BlockOptions {
  /** Higher than the last block by 1 unless said. */
  readonly number?: number;
  /** All sealers unless said. */
  readonly signers?: readonly Signer[];
}

/** A chain as others see it: numbered messages, signed headers and receipts, without execution. */
export class OtherChain {
  readonly suite: CryptoSuite;
  /** Hash of its block 0. */
  readonly identity: Uint8Array;
  sealers: readonly Signer[];
  number = 0;
  readonly #sent = new Map<string, bigint>();

  /** @param seed decides identity and sealers; chains of other seeds have none in common */
  constructor(suite: CryptoSuite, seed = 1, sealerCount = 4) {
    this.suite = suite;
    this.identity = suite.hash(utf8Bytes(`chain ${seed}`));
    this.sealers = signersOf(suite, ...Array.from({ length: sealerCount }, (_, index) => seed * 1000 + index));
  }

  /** Node ids with commas between them, as `register` takes them. */
  get sealerList(): string {
    return nodeIdsOf(this.sealers).join(',');
  }

  /** The log of the next message to a chain. */
  message(chain: Uint8Array, receiver: Address, payload: Uint8Array, sender: Address = 'a0'.repeat(20)): Log {
    const sequence = (this.#sent.get(toHex(chain)) ?? 0n) + 1n;
    this.#sent.set(toHex(chain), sequence);
    return this.log({ chain, sequence, sender, receiver, payload });
  }

  /** The log of any message of this chain. */
  log(message: Omit<SentMessage, 'source'>): Log {
    return sentMessageLog(this.suite, { source: this.identity, ...message });
  }

  mark(): Log {
    return markLog(this.suite, this.identity);
  }

  /** A signed block with a receipt for each list of logs, all of them proven. */
  block(receiptLogs: readonly (readonly Log[])[], options: BlockOptions = {}): MessageBundle {
    this.number = options.number ?? this.number + 1;
    const receipts = receiptLogs.map(receiptWith);
    const hashes = receipts.map((receipt) => receiptHash(this.suite, receipt));
    const header = headerWith(this.sealers, { number: this.number, receiptsRoot: merkleRoot(this.suite, hashes) });
    const proofs = receipts.map((receipt, index): ReceiptProof => {
      return { receipt, index, levels: merkleProof(this.suite, hashes, index) };
    });
    return { header: signedBy(this.suite, header, options.signers ?? this.sealers), receipts: proofs };
  }

  /** A block as bytes, for `update` and `deliver`. */
  bundle(receiptLogs: readonly (readonly Log[])[], options: BlockOptions = {}): Uint8Array {
    return encodeMessageBundle(this.block(receiptLogs, options));
  }
}

function receiptWith(logs: readonly Log[]): Receipt {
  return {
    stateRoot: new Uint8Array(32),
    gasUsed: 21_000n,
    contractAddress: ZERO_ADDRESS,
    logsBloom: new Uint8Array(BLOOM_BYTES),
    status: 0,
    output: EMPTY_BYTES,
    remainGas: 0n,
    logs,
  };
}
