import { fromHex, toHex, toPrefixedHex, utf8Text } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { addressOfPublicKey, contractAddress } from '@menglian/types/address';
import { decodeBlock, encodeBlock } from '@menglian/types/block';
import { bloomOf } from '@menglian/types/bloom';
import { type GenesisConfig, genesisHeader, genesisMark } from '@menglian/types/genesis';
import { decodeHeader, encodeHeader, headerHash } from '@menglian/types/header';
import { merkleProof, merkleRoot, verifyMerkleProof } from '@menglian/types/merkle';
import { decodeReceipt, encodeReceipt, receiptHash } from '@menglian/types/receipt';
import { statusName } from '@menglian/types/status';
import { decodeTransaction, encodeUnsigned, signTransaction, verifyTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import {
  type JsonHeader,
  type TransactionVector,
  readRecording,
  recordedFormats,
  toFields,
  toHeader,
  toProof,
  toReceipt,
} from './recordedFormats.js';

/** How much of each kind was recorded. */
const COUNTS = {
  ecdsa: {
    ...{ vectors: 111, refused: 5, signaturesRefused: 0, receipts: 136, geneses: 2, blocks: 33 },
    ...{ deployer: 'd953862a17ff8562b1cfccde9f24ed0f612bf0be', made: [0n, 1n, 3n], failed: 2n },
  },
  sm: {
    ...{ vectors: 141, refused: 17, signaturesRefused: 12, receipts: 146, geneses: 1, blocks: 107 },
    ...{ deployer: '702f80f6f2e6b02d594e5dd1f322355975570122', made: [0n, 1n, 2n, 4n], failed: 3n },
  },
} as const;

/** As which exception the recorded node refused a transaction for its signature; undefined when it did not. */
function signatureRefusal({ error }: TransactionVector): string | undefined {
  if (error === undefined || !error.message.includes('invalid Field:signature')) return undefined;
  return /wrapexcept<dev::(?:eth::)?(\w+)>/.exec(error.message)?.[1];
}

describe.each([await loadSuite('ecdsa'), await loadSuite('sm')])('the chain of suite $name', (suite) => {
  const suiteName = suite.name;
  const counts = COUNTS[suiteName];
  const recorded = recordedFormats(suiteName);
  const signedByHash = new Map(recorded.vectors.map((vector) => [vector.transactionHash, fromHex(vector.signedRlp)]));

  /** Hashes of the transactions of a block, in order: as an answer lists them, else those of its recorded receipts. */
  function transactionHashes(header: JsonHeader): string[] {
    if (header.transactions !== undefined) {
      return header.transactions.map((transaction) =>
        typeof transaction === 'string' ? transaction : transaction.hash,
      );
    }
    return [...recorded.receipts.values()]
      .filter((receipt) => receipt.blockHash === header.hash)
      .sort((a, b) => Number(a.transactionIndex) - Number(b.transactionIndex))
      .map((receipt) => receipt.transactionHash);
  }

  describe('recorded transactions', () => {
    const vectors = recorded.vectors.map((vector, index) => [index, vector.description, vector] as const);

    it.each(vectors.filter(([, , vector]) => signatureRefusal(vector) === undefined))(
      '%i %s',
      (_index, _description, vector) => {
        const decoded = decodeTransaction(suite, fromHex(vector.signedRlp));
        if (!decoded.ok) throw new Error(decoded.reason);
        const fields = toFields(vector.fields);
        expect(decoded.value).toMatchObject(fields);
        // One key was sent without its leading zero byte, which is taken and put back.
        if (!vector.description.includes('stripped')) expect(toPrefixedHex(decoded.value.raw)).toBe(vector.signedRlp);
        expect(toPrefixedHex(decoded.value.signingHash)).toBe(vector.signingHash);
        expect(toPrefixedHex(decoded.value.hash)).toBe(vector.transactionHash);
        expect(toPrefixedHex(encodeUnsigned(fields))).toBe(vector.unsignedRlp);
        expect(verifyTransaction(suite, decoded.value)?.sender).toBe(vector.sender.slice(2));

        const own = signTransaction(suite, fields, fromHex(vector.privateKey));
        expect(own.sender).toBe(addressOfPublicKey(suite, fromHex(vector.publicKey)));
        const again = decodeTransaction(suite, own.raw);
        expect(again.ok && toPrefixedHex(again.value.signingHash)).toBe(vector.signingHash);
        expect(again.ok && verifyTransaction(suite, again.value)).toEqual(own);
      },
    );

    it('with signatures of a wrong form or content are refused as they were', () => {
      const refused = vectors.filter(([, , vector]) => signatureRefusal(vector) !== undefined);
      expect(refused).toHaveLength(counts.signaturesRefused);
      for (const [, description, vector] of refused) {
        const decoded = decodeTransaction(suite, fromHex(vector.signedRlp));
        const reason = !decoded.ok
          ? decoded.reason
          : verifyTransaction(suite, decoded.value) === undefined && 'InvalidSignature';
        expect([description, reason]).toEqual([description, signatureRefusal(vector)]);
      }
    });

    it('are all there, refused ones too', () => {
      expect(recorded.vectors.length).toBe(counts.vectors);
      expect(recorded.vectors.filter((vector) => vector.error !== undefined).length).toBe(counts.refused);
    });

    it('as JSON-RPC shows them have the hashes of their fields', () => {
      expect(recorded.transactions.length).toBeGreaterThan(50);
      for (const json of recorded.transactions) {
        const decoded = decodeTransaction(suite, signedByHash.get(json.hash)!);
        if (!decoded.ok) throw new Error(decoded.reason);
        expect(decoded.value).toMatchObject(toFields(json));
        expect(toPrefixedHex(decoded.value.signature)).toBe(json.signature.signature);
        expect(verifyTransaction(suite, decoded.value)?.sender).toBe(json.from.slice(2));
      }
    });
  });

  describe('recorded receipts', () => {
    it('survive encoding and have the bloom of their logs', () => {
      // 106 and 124 of transactions.json, the others of evm-opcodes.json.
      expect(recorded.receipts.size).toBe(counts.receipts);
      let logs = 0;
      for (const json of recorded.receipts.values()) {
        const receipt = toReceipt(json);
        logs += receipt.logs.length;
        expect(decodeReceipt(encodeReceipt(receipt))).toEqual({ ok: true, value: receipt });
        expect(toHex(bloomOf(suite, receipt.logs))).toBe(toHex(receipt.logsBloom));
        expect(statusName(receipt.status)).toBe(json.statusMsg);
      }
      expect(logs).toBeGreaterThan(0);
    });
  });

  describe('recorded headers', () => {
    it.each([...recorded.headers.values()].map((header) => [Number(header.number), header.hash, header] as const))(
      'block %i %s',
      (_number, hash, json) => {
        const header = toHeader(json);
        expect(toPrefixedHex(headerHash(suite, header))).toBe(hash);
        expect(decodeHeader(encodeHeader(header))).toEqual({ ok: true, value: header });
        for (const { index, signature } of json.signatureList ?? []) {
          const publicKey = suite.recover(fromHex(hash), fromHex(signature));
          expect(publicKey && toHex(publicKey)).toBe(json.sealerList[Number(index)]);
        }
      },
    );

    it('are of genesis blocks and of blocks with signatures', () => {
      const headers = [...recorded.headers.values()];
      expect(headers.filter((header) => Number(header.number) === 0).length).toBe(counts.geneses);
      expect(headers.filter((header) => (header.signatureList ?? []).length >= 3).length).toBeGreaterThanOrEqual(3);
    });
  });

  describe('recorded blocks', () => {
    const blocks = [...recorded.headers.values()].filter((header) => transactionHashes(header).length > 0);

    it.each(blocks.map((header) => [Number(header.number), header] as const))(
      'roots and proofs of block %i',
      (_n, json) => {
        const hashes = transactionHashes(json);
        const receipts = hashes.map((hash) => toReceipt(recorded.receipts.get(hash)!));
        const transactionLeaves = hashes.map(fromHex);
        const receiptLeaves = receipts.map((receipt) => receiptHash(suite, receipt));
        expect(toPrefixedHex(merkleRoot(suite, transactionLeaves))).toBe(json.transactionsRoot);
        expect(toPrefixedHex(merkleRoot(suite, receiptLeaves))).toBe(json.receiptsRoot);
        for (const [index, leaf] of receiptLeaves.entries()) {
          const proof = merkleProof(suite, receiptLeaves, index);
          expect(verifyMerkleProof(suite, index, leaf, proof, fromHex(json.receiptsRoot))).toBe(true);
        }
      },
    );

    const wholeBlocks = blocks.filter((header) => transactionHashes(header).every((hash) => signedByHash.has(hash)));
    it.each(wholeBlocks.map((header) => [Number(header.number), header] as const))(
      'block %i survives encoding',
      (_n, json) => {
        const hashes = transactionHashes(json);
        const block = {
          header: toHeader(json),
          hash: fromHex(json.hash),
          transactions: hashes.map((hash) => signedByHash.get(hash)!),
          signatures: json.signatureList!.map(({ index, signature }) => ({
            index: Number(index),
            signature: fromHex(signature),
          })),
          receipts: hashes.map((hash) => toReceipt(recorded.receipts.get(hash)!)),
        };
        expect(decodeBlock(encodeBlock(block))).toEqual({ ok: true, value: block });
      },
    );

    it('are of one and of forty transactions', () => {
      expect(blocks.length).toBe(counts.blocks);
      expect(new Set(blocks.map((header) => transactionHashes(header).length))).toEqual(new Set([1, 40]));
    });
  });

  describe('recorded Merkle proofs', () => {
    it('of transactions verify and come out the same', () => {
      expect(recorded.transactionProofs.length).toBeGreaterThanOrEqual(5);
      for (const { transaction, txProof } of recorded.transactionProofs) {
        const header = recorded.headers.get(transaction.blockHash)!;
        const index = Number(transaction.transactionIndex);
        const leaves = transactionHashes(header).map(fromHex);
        expect(
          verifyMerkleProof(suite, index, leaves[index]!, toProof(txProof), fromHex(header.transactionsRoot)),
        ).toBe(true);
        expect(merkleProof(suite, leaves, index)).toEqual(toProof(txProof));
      }
    });

    it('of receipts verify and come out the same', () => {
      expect(recorded.receiptProofs.length).toBeGreaterThanOrEqual(5);
      for (const { transactionReceipt, receiptProof } of recorded.receiptProofs) {
        const header = recorded.headers.get(transactionReceipt.blockHash)!;
        const index = Number(transactionReceipt.transactionIndex);
        const leaves = transactionHashes(header).map((hash) =>
          receiptHash(suite, toReceipt(recorded.receipts.get(hash)!)),
        );
        const leaf = receiptHash(suite, toReceipt(transactionReceipt));
        expect(verifyMerkleProof(suite, index, leaf, toProof(receiptProof), fromHex(header.receiptsRoot))).toBe(true);
        expect(merkleProof(suite, leaves, index)).toEqual(toProof(receiptProof));
      }
    });
  });

  describe('recorded genesis', () => {
    const genesis = readRecording(suiteName, 'genesis.json') as {
      nodeIds: string[];
      groupId: number;
      groupGenesisIni: string;
    };
    const config: GenesisConfig = {
      groupId: genesis.groupId,
      timestampMs: Number(/timestamp=(\d+)/.exec(genesis.groupGenesisIni)![1]),
      sealers: genesis.nodeIds,
      consensusType: 'pbft',
      maxTransactions: 1000,
      consensusTimeoutSeconds: 3,
      gasLimit: 300_000_000n,
      epochSealerCount: 4,
      epochBlockCount: 1000,
      freeStorage: false,
      stateType: 'storage',
    };

    it('mark and hash are those of block 0', () => {
      const block0 = [...recorded.headers.values()].find(
        (header) => Number(header.number) === 0 && BigInt(header.timestamp) === BigInt(config.timestampMs),
      )!;
      expect(genesisMark(config)).toBe(utf8Text(fromHex(block0.extraData[0]!)));
      expect(toPrefixedHex(headerHash(suite, genesisHeader(config)))).toBe(block0.hash);
    });
  });

  describe('recorded deployments', () => {
    it('have the addresses of their sender and creation number', () => {
      // docs/formats.md, T6: the sender of most transactions, deployments in the order of blocks, a failed one between.
      const { deployer, made, failed } = counts;
      const addresses = [...recorded.receipts.values()].map((receipt) => receipt.contractAddress.slice(2));
      for (const creationNumber of made) expect(addresses).toContain(contractAddress(suite, deployer, creationNumber));
      expect(addresses).not.toContain(contractAddress(suite, deployer, failed));
    });
  });
});
