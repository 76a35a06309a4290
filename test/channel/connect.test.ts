import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { issueChannelCertificate, issueSdk, validityOfDays } from '@menglian/certificates/issue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editFile } from '../e2e/nodeRuns.js';
import { ChannelChain } from './channelChain.js';
import { ConformanceClient, newSeq, rpcBody } from './conformanceClient.js';
import { encodeFrame, TYPE } from './frames.js';
import { SDK_PROFILES, type SdkProfile } from './sdkProfiles.js';
import { Sender } from './sender.js';
import { dial, sdkFiles, TLS_PROFILES, tlsOptions } from './tlsProfiles.js';

/**
 * Goal: every SDK of 2.x gets in with the certificates of a chain as it is built, and nobody else does. Method: TLS set up
 * and messages sent as each SDK does it, against real processes, with both kinds of certificates.
 */

const sender = new Sender();
let rsa: ChannelChain;

let ecdsa: ChannelChain;
let stranger: ChannelChain;

beforeAll(async () => {
  [rsa, ecdsa, stranger] = await Promise.all([
    ChannelChain.build(),
    ChannelChain.build({ chainCertificates: true }),
    ChannelChain.build(),
  ]);
  await rsa.start(0);
  await ecdsa.start(0);
});

afterAll(async () => {
  await Promise.all([rsa?.stop(), ecdsa?.stop(), stranger?.stop()]);
});

/** Connects, sends a transaction, and hears of its block, its receipt and nothing else. */
async function use(chain: ChannelChain, profile: SdkProfile): Promise<void> {
  const client = await chain.connect(profile.tls);
  expect(client.tlsVersion).toBe('TLSv1.2');
  await profile.connect(client);
  const head = Number(await client.rpc('getBlockNumber', 1));
  const { raw, hash } = sender.save();
  const { answer, receipt } = await client.transact(raw);
  expect(JSON.parse(answer.data.toString())).toEqual({ id: 1, jsonrpc: '2.0', result: hash });
  expect(JSON.parse(receipt.data.toString())).toMatchObject({ status: '0x0', transactionHash: hash });
  expect(profile.blockNumber(await client.takeType(TYPE.blockNotify))).toBe(head + 1);
  await client.finish();
  expect(client.received.filter(({ type }) => !profile.knows.includes(type))).toEqual([]);
}

/** Whether the server ends the connection, in the handshake or after it, without a byte in answer to a request. */
async function isRefused(options: ConnectionOptions): Promise<boolean> {
  let client: ConformanceClient;
  try {
    client = await ConformanceClient.connect(options);
  } catch {
    return true;
  }
  const isRefused = await client.ask(TYPE.rpc, rpcBody('getClientVersion')).then(
    () => false,
    (error: Error) => {
      if (client.isOpen) throw error;
      return client.received.length === 0;
    },
  );
  await client.destroy();
  return isRefused;
}

async function works(chain: ChannelChain): Promise<void> {
  const client = await chain.connect();
  expect(await client.rpc('getGroupList')).toEqual([1]);
  await client.finish();
}

describe('with RSA certificates', () => {
  it.each(Object.entries(SDK_PROFILES))('%s connects and sends a transaction', async (_name, profile) => {
    await use(rsa, profile);
  });

  it('all of them at once', async () => {
    const clients = await Promise.all(
      Object.values(SDK_PROFILES).map(async (profile) => {
        const client = await rsa.connect(profile.tls);
        await profile.connect(client);
        return { profile, client };
      }),
    );
    const { receipt } = await clients[0]!.client.transact(sender.save().raw);
    const { blockNumber } = JSON.parse(receipt.data.toString()) as { blockNumber: string };
    for (const { profile, client } of clients) {
      expect(profile.blockNumber(await client.takeType(TYPE.blockNotify))).toBe(Number(blockNumber));
      await client.finish();
    }
  });
});

describe('with certificates of the chain', () => {
  const names = ['java on JDK 8', 'python', 'nodejs', 'go'];
  it.each(names)('%s connects and sends a transaction', async (name) => {
    await use(ecdsa, SDK_PROFILES[name]!);
  });
});

describe('a client is refused', () => {
  it('without a certificate', async () => {
    for (const chain of [rsa, ecdsa]) {
      const { cert: _cert, key: _key, ...rest } = tlsOptions(chain.port(), chain.sdkFolder, 'go');
      expect(await isRefused(rest)).toBe(true);
    }
  });

  it('with a certificate of another authority', async () => {
    for (const [chain, other] of [
      [rsa, stranger],
      [rsa, ecdsa],
      [ecdsa, rsa],
    ] as const) {
      const options = { ...dial(chain.port()), ...sdkFiles(other.sdkFolder), ...TLS_PROFILES.go };
      expect(await isRefused(options)).toBe(true);
    }
    // The authority's certificate, sent along, does not make it one that the node trusts.
    const { ca, cert, key } = sdkFiles(stranger.sdkFolder);
    const own = sdkFiles(rsa.sdkFolder);
    for (const chained of [`${cert}${ca}`, `${cert}${own.ca}`, `${cert}${own.cert}`]) {
      expect(await isRefused({ ...dial(rsa.port()), ca: own.ca, cert: chained, key, ...TLS_PROFILES.go })).toBe(true);
    }
  });

  it('with a certificate that another client issued', async () => {
    for (const [chain, issue] of [
      [rsa, issueChannelCertificate],
      [ecdsa, issueSdk],
    ] as const) {
      const { ca, cert, key } = sdkFiles(chain.sdkFolder);
      const client = { certificatePem: cert, privateKeyPem: key };
      const issued = await issue(client, validityOfDays(10, Date.now()));
      const options = { ...dial(chain.port()), ca, cert: `${issued.certificatePem}${cert}`, key: issued.privateKeyPem };
      expect(await isRefused({ ...options, ...TLS_PROFILES.go })).toBe(true);
    }
  });

  it('with a certificate that is no longer valid', async () => {
    const yearMs = 365 * 24 * 3_600_000;
    for (const [chain, folder, issue, name] of [
      [rsa, 'agency/channel', issueChannelCertificate, 'ca'],
      [ecdsa, 'agency', issueSdk, 'agency'],
    ] as const) {
      const read = (file: string) => readFileSync(join(chain.authorityFolder, folder, `${name}.${file}`), 'utf8');
      const authority = { certificatePem: read('crt'), privateKeyPem: read('key') };
      const { ca } = sdkFiles(chain.sdkFolder);
      const offer = async (issuedAtMs: number) => {
        const issued = await issue(authority, validityOfDays(10, issuedAtMs));
        const cert = `${issued.certificatePem}${authority.certificatePem}`;
        return isRefused({ ...dial(chain.port()), ca, cert, key: issued.privateKeyPem, ...TLS_PROFILES.go });
      };
      expect([await offer(Date.now()), await offer(Date.now() - yearMs)]).toEqual([false, true]);
    }
  });

  it('that speaks TLS 1.3 or 1.1 only', async () => {
    for (const chain of [rsa, ecdsa]) {
      const options = tlsOptions(chain.port(), chain.sdkFolder, 'java8');
      expect(await isRefused({ ...options, minVersion: 'TLSv1.3' })).toBe(true);
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      expect(await isRefused({ ...options, ...old })).toBe(true);
    }
  });

  it('that does not speak TLS', async () => {
    const junk = [
      randomBytes(5000),
      Buffer.alloc(100_000),
      Buffer.from('GET / HTTP/1.1\r\nHost: node\r\n\r\n'),
      encodeFrame(TYPE.rpc, newSeq(), rpcBody('getBlockNumber', 1)),
      // The beginning of a TLS record whose rest is nonsense.
      Buffer.concat([Buffer.from([0x16, 3, 1, 0x02, 0]), randomBytes(512)]),
    ];
    const silent = Array.from({ length: 30 }, () => connectTcp(rsa.port(), '127.0.0.1').on('error', () => {}));
    const answers = await Promise.all(junk.map(async (bytes) => throwAt(rsa.port(), bytes)));
    // At most an alert: it has 7 bytes.
    for (const answer of answers) expect(answer.length === 0 || answer[0] === 0x15).toBe(true);
    await works(rsa);
    for (const socket of silent) socket.destroy();
    await works(rsa);
  });

  it('of another agency, unless the issuer is not checked', async () => {
    const mixed = await ChannelChain.build({ chainCertificates: true, agencies: ['first', 'second', 'second'] });
    try {
      editFile(mixed.configPath(2), (text) =>
        text.replace('[network_security]', '[network_security]\n    check_cert_issuer=false'),
      );
      await mixed.start(1, 2);
      expect(await isRefused(tlsOptions(mixed.port(1), mixed.sdkFolder, 'go'))).toBe(true);
      const client = await mixed.connect('go', 2);
      expect(await client.rpc('getGroupList')).toEqual([1]);
      await client.finish();
    } finally {
      await mixed.stop();
    }
  });
});

/** Sends bytes over plain TCP and closes when the other side does, or after a while. @returns what came back */
async function throwAt(port: number, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}
