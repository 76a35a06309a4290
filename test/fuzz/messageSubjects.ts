import { crc32 } from 'node:zlib';
import { concatBytes, toByteString, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { success } from '@menglian/base/result';
import type { SeededRandom } from '@menglian/base/seededRandom';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import type { Proposal } from '@menglian/consensus-core/ports';
import { readProposal, writeProposal } from '@menglian/consensus-core/proposal';
import { decodeVoteRecord, SafetyRules } from '@menglian/consensus-core/safety';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { LedgerError } from '@menglian/ledger/errors';
import { decodeHead, decodeMeta, encodeHead, encodeMeta } from '@menglian/ledger/headRecord';
import { decodeNonces, encodeNonces } from '@menglian/ledger/nonces';
import { decodeChainLink, encodeChainLink } from '@menglian/ledger/orderRecord';
import { decodeManifest, encodeManifest, type SnapshotManifest } from '@menglian/ledger/snapshotManifest';
import { decodeAccount, decodeRows, encodeAccount, encodeRows } from '@menglian/ledger/stateRecords';
import { decodeStoredBlock, encodeStoredBlock } from '@menglian/ledger/storedBlock';
import { TestChain } from '@menglian/ledger/testing/chainFixture';
import { YamuxFrameGuard } from '@menglian/network/boundedYamux';
import { readCertificateFields } from '@menglian/certificates/certificateFields';
import { readDistinguishedName } from '@menglian/certificates/distinguishedName';
import {
  keyPem,
  makeSmTestChain,
  makeTestChain,
  toPem,
  type SmTestChain,
} from '@menglian/certificates/testing/testCertificates';
import { verifyCertificateChain } from '@menglian/certificates/verifyCertificateChain';
import { readTrustAnchors } from '@menglian/certificates/pathValidation';
import { readPrivateKey } from '@menglian/certificates/privateKey';
import { verifyShownPair } from '@menglian/certificates/smPair';
import { FRAME_HEADER_BYTES, FrameReader, writeFrameHeader } from '@menglian/network/frames';
import { decodePrepared, encodePrepared } from '@menglian/pbft/certificate';
import { decodeMessage, encodeMessage } from '@menglian/pbft/messageCodec';
import type { Message } from '@menglian/pbft/messages';
import {
  decodeSyncMessage,
  decodeTransactionMessage,
  encodeSyncMessage,
  encodeTransactionMessage,
  type SyncMessage,
  type TransactionMessage,
} from '@menglian/sync/messages';
import { mutate } from './mutate.js';
import { canonical, reasonOf, type Decoded, type Subject } from './subjects.js';

/** What nodes say to each other and what they keep on disk, each as a decoder under attack. */

const hashOf = (byte: number) => new Uint8Array(32).fill(byte);
const sign = (byte: number) => new Uint8Array(65).fill(byte);
const nodeIds = ['1', '5', '9', 'd'].map((digit) => digit.repeat(128));

const proposal: Proposal = {
  height: 1,
  parentDigest: hashOf(1),
  epoch: 0,
  timestampMs: 1_795_227_296_000,
  sealer: 1,
  sealers: nodeIds,
  transactionHashes: [hashOf(2), hashOf(3), hashOf(4)],
};
const votes = [0, 1, 2].map((signer) => ({ signer, signature: sign(signer) }));
const proofs = [{ votes, proposal }];
const position = { epoch: 0, height: 1, view: 2, digest: hashOf(5) };
const statement = { epoch: 0, view: 2, headHeight: 0, headHash: hashOf(6), claims: [], signer: 3, signature: sign(3) };
const claiming = {
  ...statement,
  claims: [{ height: 1, view: 1, digest: hashOf(5), parentDigest: hashOf(1) }],
  signer: 1,
};
const signed = { signer: 2, signature: sign(7) };

/** Every kind, and both forms of those that may carry a proof. */
const MESSAGES: readonly Message[] = [
  { kind: 'prePrepare', view: 0, proposal, ...signed },
  { kind: 'prepare', ...position, ...signed },
  { kind: 'commit', ...position, ...signed },
  { kind: 'checkpoint', epoch: 0, height: 1, headerHash: hashOf(8), ...signed },
  { kind: 'viewChange', statement, proofs: [] },
  { kind: 'viewChange', statement: claiming, proofs },
  { kind: 'newView', epoch: 0, view: 2, statements: [statement, claiming], proofs, ...signed },
  { kind: 'newView', epoch: 0, view: 2, statements: [statement], proofs: [], ...signed },
  { kind: 'heartbeat', height: 9, hash: hashOf(1), epoch: 0, view: 2, toView: 3, signature: sign(1) },
  { kind: 'newViewRequest', epoch: 0, view: 3 },
];

function consensusSubjects(): Subject[] {
  const writtenProposal = new BinaryWriter();
  writeProposal(writtenProposal, proposal);
  const rules = newRules();
  const ballots = (['propose', 'prepare', 'commit'] as const).map(
    (kind) => rules.record(kind, { epoch: 0, height: 1, view: 0 }, hashOf(5)).value!,
  );
  ballots.push(rules.recordResult(1, 0, hashOf(5), hashOf(8)).value!);
  const views = [rules.wantView(3).value!, rules.enterView(3).value!];
  return [
    {
      name: 'messages of consensus',
      samples: MESSAGES.map(encodeMessage),
      run: canonical(decodeMessage, encodeMessage),
    },
    {
      name: 'a proposal',
      samples: [writtenProposal.finish()],
      run: canonical(
        (bytes) => {
          const reader = new BinaryReader(bytes);
          return reader.result(readProposal(reader));
        },
        (read) => {
          const writer = new BinaryWriter();
          writeProposal(writer, read);
          return writer.finish();
        },
      ),
    },
    { name: 'a record of votes', samples: ballots, run: (bytes) => reasonOf(decodeVoteRecord(bytes)) },
    {
      name: 'the records a node starts with',
      samples: [...ballots, ...views],
      run: (bytes) => {
        const asView = SafetyRules.load([{ key: 'view', value: bytes }]);
        const asVotes = SafetyRules.load([{ key: 'votes.1', value: bytes }]);
        return asView.ok || asVotes.ok ? undefined : asVotes.reason;
      },
    },
    {
      name: 'a prepared certificate',
      samples: [encodePrepared({ ...position, votes, proposal })],
      run: canonical(decodePrepared, encodePrepared),
    },
  ];
}

function newRules(): SafetyRules {
  const rules = SafetyRules.load([]);
  if (!rules.ok) throw new Error(rules.reason);
  return rules.value;
}

const ATTESTATION = { signer: nodeIds[1]!, signature: sign(4) };
const MANIFEST: SnapshotManifest = {
  genesisHash: hashOf(1),
  height: 4,
  headerHash: hashOf(2),
  stateDigest: hashOf(3),
  order: { digest: hashOf(4), epoch: 2 },
  transactions: 12,
  failed: 3,
  bytes: 500_000,
  chunkHashes: [hashOf(5), hashOf(6)],
};
const SYNC_MESSAGES: readonly SyncMessage[] = [
  { kind: 'status', number: 7, hash: hashOf(1), genesisHash: hashOf(2), lowest: 1, snapshot: 4 },
  { kind: 'blockRequest', first: 8, count: 4 },
  { kind: 'blockResponse', first: 8, blocks: [new Uint8Array(300).fill(1), new Uint8Array(0)] },
  { kind: 'headerRequest', above: 1, number: 9 },
  { kind: 'headerResponse', above: 1, number: 9, certificate: undefined },
  {
    kind: 'headerResponse',
    above: 1,
    number: 9,
    certificate: { header: new Uint8Array(300).fill(2), signatures: [{ index: 2, signature: sign(1) }] },
  },
  { kind: 'offerRequest' },
  { kind: 'offers', offers: [{ height: 4, manifestHash: hashOf(5), attestations: [ATTESTATION, ATTESTATION] }] },
  { kind: 'manifestRequest', height: 4 },
  { kind: 'manifest', height: 4, manifest: new Uint8Array(200).fill(6) },
  { kind: 'chunkRequest', height: 4, index: 1 },
  { kind: 'chunk', height: 4, index: 1, chunk: new Uint8Array(400).fill(7) },
  { kind: 'attestation', height: 4, manifestHash: hashOf(5), attestation: ATTESTATION },
];
const TRANSACTION_MESSAGES: readonly TransactionMessage[] = [
  { kind: 'bodies', transactions: [new Uint8Array(200).fill(1), new Uint8Array(60).fill(2)] },
  {
    kind: 'bodies',
    transactions: [1, 2, 3, 4].map((filler) => new Uint8Array(20 * filler).fill(filler)),
    senders: ['ab'.repeat(20), undefined, 'cd'.repeat(20), 'ab'.repeat(20)],
  },
  { kind: 'announcement', hashes: [hashOf(1), hashOf(2)] },
  { kind: 'request', hashes: [hashOf(3)] },
];

function syncSubjects(): Subject[] {
  return [
    {
      name: 'messages of block sync',
      samples: SYNC_MESSAGES.map(encodeSyncMessage),
      run: canonical(decodeSyncMessage, encodeSyncMessage),
    },
    {
      name: 'messages of transactions',
      samples: TRANSACTION_MESSAGES.map(encodeTransactionMessage),
      run: canonical(decodeTransactionMessage, encodeTransactionMessage),
    },
  ];
}

function frame(group: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, 0, group, payload.length);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** The header of yamux: version, type, flags, stream, length; then the data of a data frame. */
function yamuxFrame(type: number, length: number, data: Uint8Array): Uint8Array {
  return concatBytes(new BinaryWriter().u8(0).u8(type).u16(1).u32(1).u32(length).finish(), data);
}

/** In pieces as a network delivers them: as many bytes as the first byte says, and what is left. */
function pieces(bytes: Uint8Array): Uint8Array[] {
  const size = 1 + (bytes[0] ?? 0) + (bytes.length >> 2);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

function linkSubjects(): Subject[] {
  const payload = encodeMessage(MESSAGES[1]!);
  return [
    {
      name: 'frames of a link',
      samples: [
        concatBytes(frame(1, payload), frame(0, new Uint8Array(0)), frame(2, new Uint8Array(500))),
        frame(32_767, new Uint8Array(1)),
      ],
      run: (bytes) => {
        let delivered = 0;
        const reader = new FrameReader(4096, (_, part) => (delivered += part.length));
        for (const piece of pieces(bytes)) {
          const fault = reader.push(piece);
          if (fault !== undefined) return fault;
        }
        if (delivered + reader.bufferedBytes > bytes.length) throw new Error('more bytes than came');
        return reader.bufferedBytes === 0 ? undefined : 'unfinished';
      },
    },
    {
      name: 'frames of the multiplexer',
      samples: [
        concatBytes(yamuxFrame(0, payload.length, payload), yamuxFrame(1, 65_536, new Uint8Array(0))),
        yamuxFrame(2, 7, new Uint8Array(0)),
      ],
      run: (bytes) => {
        let delivered = 0;
        const guard = new YamuxFrameGuard((part) => (delivered += part.length));
        try {
          for (const piece of pieces(bytes)) guard.push(piece);
        } catch (error) {
          // The way in which the library is told to end the connection.
          if (error instanceof RangeError) return error.message;
          throw error;
        }
        if (delivered + guard.bufferedBytes !== bytes.length) throw new Error('bytes were lost or made');
        return guard.bufferedBytes === 0 ? undefined : 'unfinished';
      },
    },
  ];
}

function certificateSubjects(
  family: string,
  { chain, agency, node }: Pick<SmTestChain, 'chain' | 'agency' | 'node'>,
): Subject[] {
  const now = Date.parse('2026-06-01T00:00:00Z');
  const parts = [node.der, agency.der, chain.der];
  const verify = (pem: string) => {
    const verified = verifyCertificateChain(pem, [chain.pem], now);
    if (verified.ok && verified.value.commonName !== 'node0') throw new Error('let in somebody else');
    return reasonOf(verified);
  };
  return [
    {
      name: `text of ${family}`,
      samples: [node.pem + agency.pem + chain.pem, node.pem + agency.pem].map(utf8Bytes),
      run: (bytes) => verify(utf8Text(bytes)),
    },
    {
      name: `certificates of ${family}`,
      // The place in the chain, then the certificate that stands there instead of the right one.
      samples: parts.map((part, place) => concatBytes(Uint8Array.of(place), part)),
      run: (bytes) => {
        const place = (bytes[0] ?? 0) % parts.length;
        return verify(parts.map((part, index) => toPem(index === place ? bytes.subarray(1) : part)).join(''));
      },
    },
    {
      name: `fields and names in ${family}`,
      samples: [...parts, node.subject],
      run: (bytes) => {
        const fields = readCertificateFields(bytes);
        const name = readDistinguishedName(fields.ok ? fields.value.subject : bytes);
        return !fields.ok && name === undefined ? 'unreadable' : undefined;
      },
    },
  ];
}

/** What somebody shows who connects with TLCP, and the file of a private key. */
function smPairSubjects(): Subject[] {
  const sm = makeSmTestChain();
  const anchors = readTrustAnchors([sm.chain.pem]);
  if (!anchors.ok) throw new Error(anchors.reason.sentence);
  const now = Date.parse('2026-06-01T00:00:00Z');
  const shown = [sm.client.der, sm.clientEncryption.der, sm.agency.der];
  return [
    {
      name: 'certificates of a TLCP client',
      samples: shown.map((part, place) => concatBytes(Uint8Array.of(place), new Uint8Array(UNREAD_BYTES), part)),
      run: (bytes) => {
        const place = (bytes[0] ?? 0) % shown.length;
        const ders = shown.map((part, index) => (index === place ? bytes.subarray(1 + UNREAD_BYTES) : part));
        const pair = verifyShownPair(ders, anchors.value, now);
        if (pair.ok && pair.value.signing.commonName !== 'sdk') throw new Error('let in somebody else');
        return pair.ok ? undefined : pair.reason.reason;
      },
    },
    {
      name: 'text of a private key',
      samples: [sm.node, makeTestChain().node].map(({ privateKey }) => utf8Bytes(keyPem(privateKey))),
      run: (bytes) => reasonOf(readPrivateKey(utf8Text(bytes))),
    },
  ];
}

/** In front of what is signed, where every change is found: some mutated inputs shall stay right. */
const UNREAD_BYTES = 32;

/** What a stored value throws when it is damaged; anything else is a fault of the decoder. */
function stored<T>(decode: (bytes: Uint8Array) => T): (bytes: Uint8Array) => Decoded<T> {
  return (bytes) => {
    try {
      return success(decode(bytes));
    } catch (error) {
      if (error instanceof LedgerError) return { ok: false, reason: error.code };
      throw error;
    }
  };
}

const TABLE_BYTES = 45;
const SECTION_COUNT = 5;

/** Changes one section of a stored block and makes lengths and checksums right again, as no disk ever would. */
function mutateSection(random: SeededRandom, samples: readonly Uint8Array[]): Uint8Array {
  const block = random.pick(samples);
  if (random.chance(10)) return mutate(random, samples);
  const table = new DataView(block.buffer, block.byteOffset, TABLE_BYTES);
  const sections: Uint8Array[] = [];
  let start = TABLE_BYTES;
  for (let index = 0; index < SECTION_COUNT; index++) {
    const length = table.getUint32(1 + 8 * index);
    sections.push(block.subarray(start, start + length));
    start += length;
  }
  const changed = random.below(SECTION_COUNT);
  sections[changed] = mutate(random, [sections[changed]!]);
  const written = new BinaryWriter().u8(1);
  for (const section of sections) written.u32(section.length).u32(crc32(section));
  return concatBytes(written.finish(), new BinaryWriter().u32(crc32(written.finish())).finish(), ...sections);
}

async function storeSubjects(): Promise<Subject[]> {
  const suite = await loadSuite('ecdsa');
  const chain = new TestChain(suite, 7);
  const blocks = [1, 4, 9].map((transactions) => {
    const { block, signed: transactionsOfBlock } = chain.next({ transactions, changes: 3 });
    return encodeStoredBlock(block, transactionsOfBlock);
  });
  const account = {
    codeHash: hashOf(9),
    creationCount: 5n,
    frozen: true,
    managers: ['ab'.repeat(20), 'cd'.repeat(20)],
    remainGas: 77n,
    destroyed: false,
  };
  const rows = [
    { id: 0, fields: new Map(Object.entries({ name: 'alice', value: toByteString(hashOf(200)) })), block: 3 },
    { id: 4, fields: new Map(Object.entries({ name: 'alice' })), block: 5 },
  ];
  return [
    {
      name: 'a stored block',
      samples: blocks,
      mutate: mutateSection,
      run: (bytes) => {
        const decoded = decodeStoredBlock(suite, bytes);
        if (!decoded.ok) return decoded.reason;
        const block = decoded.value;
        const readAll = stored(() => {
          for (let index = 0; index < block.transactionCount; index++) {
            block.transactionHash(index);
            block.receipt(index);
            if (block.transactions.length === block.transactionCount) block.signedTransaction(index);
          }
          return block.signatures;
        });
        return reasonOf(readAll(bytes));
      },
    },
    {
      name: 'the record of the head',
      samples: [encodeHead({ number: 9, hash: hashOf(1), stateDigest: hashOf(2), transactions: 12, failed: 3 })],
      run: canonical(decodeHead, encodeHead),
    },
    {
      name: 'the link of a block',
      samples: [encodeChainLink({ hash: hashOf(1), order: { digest: hashOf(2), epoch: 3 } })],
      run: canonical(decodeChainLink, encodeChainLink),
    },
    {
      name: 'the manifest of a snapshot',
      samples: [encodeManifest(MANIFEST)],
      run: canonical(decodeManifest, encodeManifest),
    },
    {
      name: 'the record of the store',
      samples: [encodeMeta({ format: 1, suite: 'ecdsa', genesisHash: hashOf(1) })],
      run: (bytes) => reasonOf(decodeMeta(bytes, 1)),
    },
    {
      name: 'the nonces of a block',
      samples: [encodeNonces([1n, 2n ** 255n, 0n])],
      run: canonical(decodeNonces, encodeNonces),
    },
    {
      name: 'a stored account',
      samples: [encodeAccount(account), encodeAccount({ ...account, managers: [], remainGas: undefined })],
      run: canonical(stored(decodeAccount), encodeAccount),
    },
    { name: 'stored rows', samples: [encodeRows(rows)], run: canonical(stored(decodeRows), encodeRows) },
  ];
}

export async function messageSubjects(): Promise<Subject[]> {
  return [
    ...consensusSubjects(),
    ...syncSubjects(),
    ...linkSubjects(),
    ...certificateSubjects('a certificate chain', makeTestChain()),
    ...certificateSubjects('an SM certificate chain', makeSmTestChain()),
    ...smPairSubjects(),
    ...(await storeSubjects()),
  ];
}
