import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeConsortium, makeIdentity } from './testNetworks.js';
import { readNodeKey } from './nodeKey.js';
import { verifyCertificateChain } from '@menglian/certificates/verifyCertificateChain';

describe('readNodeKey', () => {
  it('gives the id that the certificate names', () => {
    const identity = makeIdentity(makeConsortium(), 'node0');
    const certified = verifyCertificateChain(identity.certificatePem, identity.authorityPems, Date.now());
    const key = readNodeKey(identity.privateKeyPem);
    expect(key.ok && certified.ok && key.value.nodeId === certified.value.nodeId).toBe(true);
    expect(key.ok && key.value.nodeId).toMatch(/^[0-9a-f]{128}$/);
  });

  it('reads PKCS#8 and SEC1 alike', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    const [a, b] = (['pkcs8', 'sec1'] as const).map((type) =>
      readNodeKey(privateKey.export({ format: 'pem', type }).toString()),
    );
    expect(a!.ok && b!.ok && a!.value.nodeId === b!.value.nodeId).toBe(true);
  });

  it.each([
    ['text', 'no key'],
    ['nothing', ''],
    ['another curve', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['another kind', generateKeyPairSync('ed25519').privateKey],
  ])('refuses %s', (_, key) => {
    const pem = typeof key === 'string' ? key : key.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(readNodeKey(pem).ok).toBe(false);
  });
});
