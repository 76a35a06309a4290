import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readNodeConfig } from './nodeConfig.js';
import { rewritePeers, sortedPeers, withPeers } from './peerList.js';

const TEXT = `[rpc]
    listen_ip=127.0.0.1
    ; node.0=not.this:1
[p2p]
    listen_port=30300
    ; nodes to connect
    node.0=127.0.0.1:30300
    node.1=127.0.0.1:30301

[chain]
    id=1
`;

it('writes the peers anew and leaves everything else', () => {
  const text = withPeers(TEXT, ['10.0.0.1:30300', '127.0.0.1:30301', '[::1]:30302']);
  expect(text).toBe(
    TEXT.replace(/ {4}node\.[01]=127.*\n/g, '').replace(
      '[p2p]\n',
      '[p2p]\n    node.0=10.0.0.1:30300\n    node.1=127.0.0.1:30301\n    node.2=[::1]:30302\n',
    ),
  );
  const config = readNodeConfig(text, 'config.ini');
  expect(config.ok && config.value.p2p.peers).toEqual(['10.0.0.1:30300', '127.0.0.1:30301', '[::1]:30302']);
  expect(withPeers(text, [])).not.toContain('node.0=1');
  const added = readNodeConfig(withPeers('[chain]\n    id=1\n', ['127.0.0.1:1']), 'config.ini');
  expect(added.ok && added.value.p2p.peers).toEqual(['127.0.0.1:1']);
});

it('puts the new file in the place of the old one, or says why not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'menglian-peers-'));
  const path = join(folder, 'config.ini');
  writeFileSync(path, TEXT);
  expect(rewritePeers(path, ['127.0.0.1:7']).ok).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain('node.0=127.0.0.1:7\n');
  expect(readdirSync(folder)).toEqual(['config.ini']);
  rmSync(folder, { recursive: true });
  const failed = rewritePeers(path, []);
  expect(!failed.ok && failed.reason).toBe('fail to write config file: ENOENT');
});

it('sorts by address, then by port as a number, each once', () => {
  const peers = ['127.0.0.1:9000', '127.0.0.1:30300', '10.0.0.2:1', '127.0.0.1:9000'];
  expect(sortedPeers(peers)).toEqual(['10.0.0.2:1', '127.0.0.1:9000', '127.0.0.1:30300']);
});
