import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPlaces, readStartOptions } from './startOptions.js';

const scratch = mkdtempSync(join(tmpdir(), 'menglian-start-options-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the options of npm start', () => {
  it('have defaults', () => {
    expect(readStartOptions([])).toEqual({
      ok: true,
      value: { folder: resolve('.menglian'), ports: '30300,20200,8545', suite: 'ecdsa', groups: undefined },
    });
  });

  it('make an SM chain in a folder of its own', () => {
    expect(readStartOptions(['--sm'])).toMatchObject({ value: { folder: resolve('.menglian-sm'), suite: 'sm' } });
  });

  it('are read in both forms', () => {
    expect(readStartOptions(['--folder', 'a', '--ports=1,2,3', '--groups', '3', '--lang', 'zh'])).toEqual({
      ok: true,
      value: { folder: resolve('a'), ports: '1,2,3', suite: 'ecdsa', groups: '3' },
    });
  });

  it.each([['--port', '1'], ['--folder'], ['--folder', '--ports'], ['nodes'], ['-x']])(
    'refuse %s with the usage',
    (...args) => {
      const read = readStartOptions(args);
      expect(read.ok ? '' : read.reason.en).toContain('usage: npm start -- [--folder DIR]');
      expect(read.ok ? '' : read.reason.zh).toContain('用法：');
    },
  );
});

describe('the places of the nodes of a chain', () => {
  const put = (name: string, text: string) => {
    mkdirSync(join(scratch, name), { recursive: true });
    writeFileSync(join(scratch, name, 'config.ini'), text);
  };

  it('are read from their own files', () => {
    put('two/node0', '[rpc]\njsonrpc_listen_port=41000\nchannel_listen_port=43000\n[p2p]\nlisten_port=42000\n');
    put('two/node1', '[chain]\nsm_crypto=true\n');
    expect(readPlaces(join(scratch, 'two'), 2)).toEqual({
      ok: true,
      value: [
        {
          configPath: join(scratch, 'two/node0/config.ini'),
          rpcPort: 41_000,
          channelPort: 43_000,
          p2pPort: 42_000,
          suite: 'ecdsa',
        },
        {
          configPath: join(scratch, 'two/node1/config.ini'),
          rpcPort: 8545,
          channelPort: 20_200,
          p2pPort: 30_300,
          suite: 'sm',
        },
      ],
    });
  });

  it('are missing when a node is', () => {
    const read = readPlaces(join(scratch, 'two'), 3);
    expect(read.ok ? '' : read.reason.en).toContain('node2/config.ini cannot be read; remove the folder');
  });
});
