import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { ClusterKeys } from './fakeCrypto.js';
import { calm } from './swarm.js';
import { World } from './world.js';

/** Keys of a suite, in the order of their node ids. */
function keysOf(suite: CryptoSuite, count: number): ClusterKeys {
  const privateKeys = Array.from({ length: count }, (_, i) => new Uint8Array(32).fill(i + 1));
  const byNodeId = new Map(privateKeys.map((key) => [toHex(suite.publicKey(key)), key]));
  const nodeIds = [...byNodeId.keys()].sort();
  return {
    hash: (data) => suite.hash(data),
    nodeId: (index) => nodeIds[index]!,
    cryptoOf: (nodeId) => ({
      hash: (data) => suite.hash(data),
      sign: (digest) => suite.sign(digest, byNodeId.get(nodeId)!),
      verify: (signer, digest, signature) => suite.verify(digest, signature, fromHex(signer)),
    }),
    verify: (signer, digest, signature) => suite.verify(digest, signature, fromHex(signer)),
  };
}

describe('with real signatures', () => {
  for (const name of ['ecdsa', 'sm'] as const) {
    it(`four replicas of suite ${name} store blocks, and change the view when a leader dies`, async () => {
      const suite = await loadSuite(name);
      const world = new World(calm(1), keysOf(suite, 4));
      world.startAll();
      for (const pauseMs of [300, 300, 1500]) {
        world.submit();
        world.resubmit();
        world.scheduler.runUntil(world.scheduler.nowMs + pauseMs);
        if (world.nodes[0]!.height === 2) world.nodes[3]!.crash();
      }
      const [first] = world.nodes;
      expect(world.nodes.slice(0, 3).map((node) => node.height)).toEqual([3, 3, 3]);
      expect(first!.engine!.status().view).toBe(1);
      for (const { signatures } of first!.ledger.blocks) {
        expect(signatures.length).toBeGreaterThanOrEqual(3);
        for (const { signature } of signatures) expect(signature.length).toBe(suite.signatureLength);
      }
    });
  }
});
