/**
 * What a link costs: messages of several sizes from one process to another over loopback, and round trips.
 * Run `npm run build`, then `node packages/network/bench/links.mjs`, with `--sm` for the links of SM chains. Figures:
 * docs/adr/0005-node-links.md, docs/adr/0019-links-of-sm-chains.md.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeConsortium, makeIdentity, makeNetwork, waitUntil } from '../dist/testNetworks.js';

const ECHO = 9;
const ROUNDS = 3;
const ROUND_TRIPS = 3000;

/** `perTurn`: messages that are sent before the event loop goes on, and so may share a batch. */
const CASES = [
  { name: '1 kB, one a turn', size: 1000, count: 20_000, perTurn: 1 },
  { name: '1 kB, 50 a turn', size: 1000, count: 100_000, perTurn: 50 },
  { name: '64 kB', size: 65_000, count: 4000, perTurn: 20 },
  { name: '4 MiB', size: 4 << 20, count: 60, perTurn: 3 },
];

const cpuMicroseconds = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

if (process.argv[2] === 'receiver') process.once('message', receive);
else await measure();

async function receive(identity) {
  let count = 0;
  const { network, messages } = makeNetwork(identity, []);
  network.onMessage((from, channel, payload) => {
    count++;
    messages.length = 0;
    if (payload[0] === ECHO) network.send(from, channel, payload);
  });
  await network.start();
  process.on('message', async (question) => {
    if (question === 'stop') {
      await network.stop();
      process.exit(0);
    }
    process.send({ count, cpu: cpuMicroseconds() });
  });
  process.send({ port: network.listening.port });
}

async function measure() {
  const consortium = makeConsortium(process.argv.includes('--sm') ? 'sm' : 'standard');
  const receiver = fork(fileURLToPath(import.meta.url), ['receiver']);
  const ask = (question) =>
    new Promise((resolve) => {
      receiver.once('message', resolve);
      receiver.send(question);
    });
  const { port } = await ask(makeIdentity(consortium, 'receiver'));
  const { network } = makeNetwork(makeIdentity(consortium, 'sender'), [`127.0.0.1:${port}`]);
  await network.start();
  await waitUntil('the link is up', () => network.peers().length === 1);
  const to = network.peers()[0].nodeId;

  for (let round = 0; round < ROUNDS; round++) {
    for (const current of CASES) await stream(network, to, ask, current);
  }
  await roundTrips(network, to);
  receiver.send('stop');
  await network.stop();
}

async function stream(network, to, ask, { name, size, count, perTurn }) {
  const payload = new Uint8Array(size);
  const before = await ask('figures');
  const ownBefore = cpuMicroseconds();
  const start = performance.now();
  for (let sent = 0; sent < count; await nextTurn()) {
    for (let i = 0; i < perTurn && sent < count && network.send(to, { group: 1, module: 'sync' }, payload); i++) sent++;
  }
  let after = await ask('figures');
  while (after.count - before.count < count) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    after = await ask('figures');
  }
  const seconds = (performance.now() - start) / 1000;
  const send = (cpuMicroseconds() - ownBefore) / count;
  const receiveCost = (after.cpu - before.cpu) / count;
  const kilobytes = size / 1000;
  process.stdout.write(
    `${name.padEnd(18)} ${Math.round(count / seconds)} messages/s, ${((count * size) / seconds / 1e6).toFixed(0)} MB/s, ` +
      `CPU µs a message ${send.toFixed(1)} + ${receiveCost.toFixed(1)}, a kB ${(send / kilobytes).toFixed(2)} + ${(receiveCost / kilobytes).toFixed(2)}\n`,
  );
}

async function roundTrips(network, to) {
  const payload = new Uint8Array(1000).fill(ECHO);
  const times = [];
  let echoed = () => {};
  network.onMessage(() => echoed());
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const start = performance.now();
    await new Promise((resolve) => {
      echoed = resolve;
      network.send(to, { group: 1, module: 'consensus' }, payload);
    });
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * times.length)].toFixed(3);
  process.stdout.write(`1 kB round trip    p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`);
}
