import { equalBytes } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { quorumRuleOf } from '@menglian/interchain/engine';
import { checkHeaderProof, type HeaderProblem } from '@menglian/interchain/headerProof';
import { decodeMessageBundle, type MessageBundle } from '@menglian/interchain/messageBundle';
import { checkReceiptProof } from '@menglian/interchain/receiptProof';
import { chainOfReceipts } from '@menglian/interchain/sentMessage';
import type { NodeId } from '@menglian/types/address';
import type { BlockHeader } from '@menglian/types/header';
import { type Client, readClient, readSealers, removeAnchor, writeAnchor, writeClient } from './2001-clientTables.js';
import {
  CHAIN_UNPROVEN,
  CLIENT_FROZEN,
  CLIENT_MISSING,
  HEADER_TOO_OLD,
  PROOF_MALFORMED,
  QUORUM_MISSING,
  RECEIPT_UNPROVEN,
  SEALERS_UNTRUSTED,
  SIGNATURE_WRONG,
} from './codes.js';
import { systemAddress } from './addresses.js';
import { emitEvent } from './framework/event.js';
import { chargeSignatures } from './framework/signatureWork.js';
import type { FunctionContext } from './framework/systemContract.js';

export const LIGHT_CLIENTS_ADDRESS = systemAddress(0x2001);

/** Changes of a chain's sealers that are remembered; of more the oldest is forgotten, and blocks before it cannot be proven. */
const ANCHORS_MAX = 1024;

type Context = FunctionContext<unknown>;

/** A block of another chain, with receipts of it: all of it holds. */
export interface ProvenBlock {
  readonly client: Client;
  readonly bundle: MessageBundle;
  readonly hash: Uint8Array;
  /** Its sealers were not known from this height on. */
  readonly isNewAnchor: boolean;
}

const CODES: Readonly<Record<HeaderProblem, number>> = {
  genesis: PROOF_MALFORMED,
  signature: SIGNATURE_WRONG,
  quorum: QUORUM_MISSING,
  untrusted: SEALERS_UNTRUSTED,
};

/** @returns the code where nothing of this chain is believed at the moment */
export function openClient(context: Context, chain: Uint8Array): Result<Client, number> {
  const client = readClient(context, chain);
  if (client === undefined) return failure(CLIENT_MISSING);
  return client.frozen ? failure(CLIENT_FROZEN) : success(client);
}

/**
 * Checks a header, receipts of its block, and that these say the block is of this chain and no other: headers do not say it, and the
 * same nodes may seal several chains. Signatures are paid for before they are checked. Changes nothing.
 * @param bytes of a MessageBundle
 * @returns or the code of what does not hold
 */
export function proveBlock(context: Context, chain: Uint8Array, bytes: Uint8Array): Result<ProvenBlock, number> {
  const { suite } = context.host;
  const client = openClient(context, chain);
  if (!client.ok) return client;
  const bundle = decodeMessageBundle(bytes);
  if (!bundle.ok) return failure(PROOF_MALFORMED);
  const { header, receipts } = bundle.value;
  const anchor = anchorOf(client.value, header.header);
  if (anchor === undefined) return failure(HEADER_TOO_OLD);
  const sealers = readSealers(context, chain, anchor);
  chargeSignatures(context, header.signatures.length);
  const checked = checkHeaderProof(suite, header, { sealers, rule: quorumRuleOf(client.value.engine) });
  if (!checked.ok) return failure(CODES[checked.reason]);
  const { receiptsRoot } = header.header;
  if (!receipts.every((receipt) => checkReceiptProof(suite, receipt, receiptsRoot))) return failure(RECEIPT_UNPROVEN);
  const source = chainOfReceipts(
    suite,
    receipts.map(({ receipt }) => receipt),
  );
  if (source === undefined || !equalBytes(source, chain)) return failure(CHAIN_UNPROVEN);
  const isNewAnchor = header.header.number > anchor && !isSameSet(sealers, header.header.sealerList);
  return success({ client: client.value, bundle: bundle.value, hash: checked.value, isNewAnchor });
}

/** Height of the sealers that a header is checked against: the last known before it. */
function anchorOf({ heights }: Client, { number }: BlockHeader): number | undefined {
  return heights.findLast((height) => height <= number);
}

function isSameSet(sealers: readonly NodeId[], others: readonly NodeId[]): boolean {
  const known = new Set(sealers);
  return sealers.length === others.length && others.every((nodeId) => known.has(nodeId));
}

/** Remembers the sealers and the height of a block that was proven in this call. */
export function learn(context: Context, chain: Uint8Array, { client, bundle, isNewAnchor }: ProvenBlock): void {
  const { number, sealerList } = bundle.header.header;
  const highest = Math.max(client.highest, number);
  if (!isNewAnchor) {
    if (highest > client.highest) writeClient(context, chain, { ...client, highest });
    return;
  }
  const heights = [...client.heights, number].toSorted((a, b) => a - b);
  if (heights.length > ANCHORS_MAX) removeAnchor(context, chain, heights.shift()!);
  writeAnchor(context, chain, number, sealerList);
  writeClient(context, chain, { ...client, highest, heights });
  emitEvent(context.host, LIGHT_CLIENTS_ADDRESS, 'AnchorAdded(bytes32,uint256)', [chain], [BigInt(number)]);
}
