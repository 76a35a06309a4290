import { describe, expect, it } from 'vitest';
import { formatHostPort, isOwnAddress, parseHostPort } from './addresses.js';

describe('parseHostPort', () => {
  it.each([
    ['127.0.0.1:30300', '127.0.0.1', 30300],
    ['node-1.example.org:1', 'node-1.example.org', 1],
    ['node0:65535', 'node0', 65535],
    ['[::1]:30300', '::1', 30300],
    ['[fe80::1:2]:30300', 'fe80::1:2', 30300],
  ])('reads %s', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ ok: true, value: { host, port } });
    expect(formatHostPort({ host, port })).toBe(text);
  });

  it.each([
    '',
    ':30300',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '127.0.0.1:99999999999',
    '127.0.0.256:30300',
    '1.2.3:30300',
    '::1:30300',
    '[::1:30300',
    '[127.0.0.1]:30300',
    '[]:30300',
    'a b:30300',
    '-node:30300',
    'node..x:30300',
    `${'a'.repeat(64)}:30300`,
    '127.0.0.1:30300\n',
    '127.0.0.1:-1',
  ])('refuses %j', (text) => {
    expect(parseHostPort(text).ok).toBe(false);
  });
});

describe('isOwnAddress', () => {
  it('knows the own address in the forms that configurations use', () => {
    const everywhere = { host: '0.0.0.0', port: 30300 };
    expect(isOwnAddress({ host: '127.0.0.1', port: 30300 }, everywhere)).toBe(true);
    expect(isOwnAddress({ host: 'localhost', port: 30300 }, everywhere)).toBe(true);
    expect(isOwnAddress({ host: '127.0.0.1', port: 30301 }, everywhere)).toBe(false);
    expect(isOwnAddress({ host: '203.0.113.1', port: 30300 }, everywhere)).toBe(false);
    const one = { host: '203.0.113.1', port: 30300 };
    expect(isOwnAddress({ host: '203.0.113.1', port: 30300 }, one)).toBe(true);
    expect(isOwnAddress({ host: '127.0.0.1', port: 30300 }, one)).toBe(false);
  });
});
