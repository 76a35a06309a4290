import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChannelChain } from '../channel/channelChain.js';
import { until } from './cluster.js';
import { editFile } from './nodeRuns.js';

/**
 * Goal: operators change whom a node dials and lets in while it runs. Method: two real processes, the methods of JSON-RPC and the
 * signal file of 2.x, and what the configuration and the links say afterwards.
 */

let chain: ChannelChain;
/** What each node was built to dial. */
let peers: string[];

const peersInFile = (index: number) =>
  [...readFileSync(chain.configPath(index), 'utf8').matchAll(/^\s*node\.\d+=(.*)$/gm)].map(([, peer]) => peer!);

const linked = async (index: number) => ((await chain.http(index).call('getPeers', 1)) as unknown[]).length;

beforeAll(async () => {
  chain = await ChannelChain.build({ agencies: ['first', 'second'] });
  peers = peersInFile(0);
  for (const index of [0, 1]) editFile(chain.configPath(index), (text) => text.replace(/^\s*node\.\d+=.*:\d+\n/gm, ''));
  await chain.start(0, 1);
});

afterAll(async () => chain?.stop());

describe('peers of a running node', () => {
  it('are added and erased, at once and in its file', async () => {
    expect(peers).toHaveLength(2);
    const http = chain.http(0);
    expect([await http.call('queryPeers'), await linked(0)]).toEqual([[], 0]);
    const changed = (message: string) => ({ code: '0x0', message });
    expect(await http.call('addPeers', peers)).toEqual(changed('add peers :update config file successfully'));
    expect(await http.call('addPeers', peers)).toEqual(changed('add peers :all the inserted peers already exist'));
    await until(async () => (await linked(0)) === 1 && (await linked(1)) === 1, 'the nodes have found each other');
    expect([await http.call('queryPeers'), peersInFile(0)]).toEqual([peers, peers]);
    expect(await http.call('erasePeers', [peers[0]])).toEqual(changed('erase peers :update config file successfully'));
    expect(await http.call('erasePeers', [peers[0]])).toEqual(changed('erase peers :none of the erased peers exist'));
    expect([await http.call('queryPeers'), peersInFile(0)]).toEqual([[peers[1]], [peers[1]]]);
    expect(await http.call('addPeers', ['nobody'])).toEqual({ code: '0x7', message: 'invalid peer at position 1' });
    const many = Array.from({ length: 11 }, (_, i) => `127.0.0.1:${1 + i}`);
    const tooMany = 'refused for too many param peers. peers_param_limit: 10';
    expect(await http.call('addPeers', many)).toEqual({ code: '0x1', message: tooMany });
  });

  it('are let in by a list that is read again', async () => {
    await until(async () => (await linked(0)) === 1, 'the nodes are linked');
    const other = ((await chain.http(0).call('getPeers', 1)) as { NodeID: string }[])[0]!.NodeID;
    const read = async (lines: string) => {
      editFile(chain.configPath(0), (text) =>
        text
          .replace(/^\s*cal\.\d+=.*\n/gm, '')
          .replace('[certificate_whitelist]\n', `[certificate_whitelist]\n${lines}`),
      );
      const signal = `${chain.configPath(0)}.reset_certificate_whitelist`;
      writeFileSync(signal, '');
      await until(async () => !existsSync(signal), 'the node has read the list');
    };
    await read(`    cal.0=${'ab'.repeat(64)}\n`);
    await until(async () => (await linked(0)) === 0, 'the link has ended');
    await read(`    cal.0=${other}\n`);
    await until(async () => (await linked(0)) === 1, 'the link is back');
  });
});
