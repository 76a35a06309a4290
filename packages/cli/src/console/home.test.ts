import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ConsoleHome, type Deployment } from './home.js';

const root = mkdtempSync(join(tmpdir(), 'menglian-home-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const deployment: Deployment = {
  at: '2026-01-01T00:00:00.000Z',
  chain: '0x01',
  groupId: 1,
  name: 'A',
  address: `0x${'12'.repeat(20)}`,
  transactionHash: '0x02',
  abi: [],
};

it('remembers lines, newest first, and only so many', () => {
  const home = new ConsoleHome(join(root, 'a'));
  expect(home.history()).toEqual([]);
  for (let index = 0; index < 2100; index++) home.addHistory(`line ${index}`);
  expect(home.history().slice(0, 2)).toEqual(['line 2099', 'line 2098']);
  expect(home.history()).toHaveLength(1000);
  expect(readFileSync(join(root, 'a', 'history'), 'utf8').split('\n').length).toBeLessThan(2002);
  expect(statSync(join(root, 'a', 'history')).mode & 0o077).toBe(0);
});

it('remembers deployments, and passes over lines that are damaged', () => {
  const home = new ConsoleHome(join(root, 'b'));
  home.addDeployment(deployment);
  appendFileSync(join(root, 'b', 'deployments.jsonl'), '{"at":1}\nnonsense\n\n');
  home.addDeployment({ ...deployment, name: 'B' });
  expect(home.deployments().map(({ name }) => name)).toEqual(['B', 'A']);
});

it('lies where the user says', () => {
  expect(ConsoleHome.ofUser({ MENGLIAN_HOME: '/x' }).folder).toBe('/x');
  expect(ConsoleHome.ofUser({}).folder).toMatch(/\.menglian$/);
});

it('does not mind a place that cannot be used', () => {
  const home = new ConsoleHome('/dev/null/menglian');
  home.addHistory('line');
  home.addDeployment(deployment);
  expect([home.history(), home.deployments()]).toEqual([[], []]);
});
