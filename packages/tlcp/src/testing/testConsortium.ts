/** Members of an SM consortium of the tests, with real certificates. */
import { readCertificate } from '@menglian/certificates/certificate';
import type { SmPairTexts } from '@menglian/certificates/credentials';
import { readPrivateKey } from '@menglian/certificates/privateKey';
import { keyPem, type SmTestChain, type TestCertificate } from '@menglian/certificates/testing/testCertificates';
import type { TestIdentity } from './testClient.js';

/** The files of the node. */
export function pairOf(chain: SmTestChain): SmPairTexts {
  const named = (path: string, text: string) => ({ path, text });
  return {
    signingKey: named('gmnode.key', keyPem(chain.node.privateKey)),
    signingCertificate: named('gmnode.crt', chain.node.pem + chain.agency.pem + chain.chain.pem),
    encryptionKey: named('gmennode.key', keyPem(chain.nodeEncryption.privateKey)),
    encryptionCertificate: named('gmennode.crt', chain.nodeEncryption.pem),
    authority: named('gmca.crt', chain.chain.pem),
  };
}

/** What the client shows, in the standard's order. */
export function clientIdentityOf(chain: SmTestChain, changes: Partial<TestIdentity> = {}): TestIdentity {
  return {
    certificates: [chain.client.der, chain.clientEncryption.der, chain.agency.der],
    signingKey: privateKeyOf(chain.client),
    encryptionKey: privateKeyOf(chain.clientEncryption),
    ...changes,
  };
}

/** @returns 32 bytes */
export function privateKeyOf({ privateKey }: TestCertificate): Uint8Array {
  const key = readPrivateKey(keyPem(privateKey));
  if (!key.ok) throw new Error(key.reason);
  return key.value.key;
}

/** @param der a certificate. @returns 64 bytes */
export function publicKeyOf(der: Uint8Array): Uint8Array {
  const certificate = readCertificate(der);
  if (!certificate.ok) throw new Error(certificate.reason);
  return certificate.value.key.point!;
}
