import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { issueChannelAuthority, issueChannelCertificate, validityOfDays } from '@menglian/certificates/issue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConformanceClient, rpcBody } from './conformanceClient.js';
import { encodeFrame, PUSH_SEQ, TYPE } from './frames.js';
import { dial } from './tlsProfiles.js';

/** The tests of the SDK port are worth what their client notices: a server that breaks one rule at a time must be caught. */

const SEQ = '0123456789abcdef0123456789abcdef';
const beat = encodeFrame(TYPE.heartbeat, SEQ, '1');
const large = encodeFrame(TYPE.receipt, SEQ, 'x'.repeat(40_000));

let server: Server;
let sockets: TLSSocket[];

beforeAll(async () => {
  const validity = validityOfDays(1, Date.now());
  const authority = await issueChannelAuthority('agency', validity);
  const { certificatePem: cert, privateKeyPem: key } = await issueChannelCertificate(authority, validity);
  sockets = [];
  server = createServer({ cert, key, maxVersion: 'TLSv1.2' }, (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** What a client complains of after the server has sent these writes, each a record if it is not longer. */
async function complaints(...writes: readonly Uint8Array[]): Promise<readonly string[]> {
  const { port } = server.address() as AddressInfo;
  const client = await ConformanceClient.connect({ ...dial(port), rejectUnauthorized: false });
  const socket = sockets.at(-1)!;
  for (const bytes of writes) await new Promise((resolve) => socket.write(bytes, resolve));
  socket.end();
  await client.ended;
  return client.violations;
}

it('has no complaint about frames in writes of their own, long ones too', async () => {
  expect(await complaints(beat, large, encodeFrame(TYPE.amopResponse, SEQ, '', 100), beat, large, large)).toEqual([]);
  expect(await complaints(beat.subarray(0, 42), beat.subarray(42))).toEqual([]);
});

it('notices frames that share a record', async () => {
  expect(await complaints(Buffer.concat([beat, beat]))).toEqual(['one read holds 2 frames']);
  expect(await complaints(Buffer.concat([beat, large]))).toEqual([
    'one read holds a frame and the beginning of another',
  ]);
  expect(await complaints(Buffer.concat([large, beat]))).toEqual(['one read holds 2 frames']);
  expect(await complaints(beat.subarray(0, 20), beat.subarray(20))).toEqual(['a read begins a frame without header']);
});

it('notices frames that no node may send', async () => {
  expect((await complaints(encodeFrame(0x39, SEQ))).join()).toContain('a type that nodes do not send');
  expect((await complaints(encodeFrame(TYPE.reportTopics, SEQ))).join()).toContain('a type that nodes do not send');
  expect((await complaints(encodeFrame(TYPE.rpc, SEQ, '{}', 1))).join()).toContain('a result other than 0');
  expect((await complaints(Buffer.alloc(42))).join()).toContain('a frame of length 0');
});

it('does not finish while frames are left that nobody took', async () => {
  const { port } = server.address() as AddressInfo;
  const client = await ConformanceClient.connect({ ...dial(port), rejectUnauthorized: false });
  const socket = sockets.at(-1)!;
  socket.on('data', (request: Buffer) => {
    socket.write(encodeFrame(TYPE.blockNotify, PUSH_SEQ, ''));
    socket.write(encodeFrame(TYPE.rpc, request.toString('latin1', 6, 38), '{"result":1}\n'));
  });
  expect(await client.rpcText(rpcBody('getBlockNumber', 1))).toBe('{"result":1}\n');
  await expect(client.finish()).rejects.toThrow('frames that were not expected');
});
