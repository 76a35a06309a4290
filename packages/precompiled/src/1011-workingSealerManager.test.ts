import { toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { encodeRotation } from './1011-rotationCalls.js';
import { proveKey, rotationCall } from './1011-rotationRules.js';
import { NODE_ID_INVALID, UNKNOWN_FUNCTION, VRF_KEY_EXISTS, VRF_KEY_INVALID } from './codes.js';
import { NO_PERMISSION } from './ports.js';
import { UNCHECKED } from './tables/rows.js';
import { CONFIG_TABLE, ROTATION_KEY, ROTATION_TABLE, VRF_KEYS_TABLE } from './tables/systemTables.js';
import { RotationTester } from './testing/rotationTester.js';
import { ALICE, CONTRACT, SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const SET = 'setValueByKey(string,string)';
const REMOVE = 'remove(string)';

function group(count = 5, committee = 3, epochBlocks = 10): RotationTester {
  return new RotationTester(suite, { count, committee, epochBlocks });
}

/** A group in epoch 2 whose nodes have registered their keys in epoch 0. */
function withKeys(): RotationTester {
  const tester = group();
  for (const nodeId of tester.nodes) expect(tester.asNode(nodeId).register(nodeId)).toBe(1);
  for (const number of [1, 11]) {
    tester.host.nextBlock(number);
    expect(tester.rotate(tester.state().working[0]!).status).toBe(0);
  }
  tester.host.nextBlock(21);
  return tester;
}

describe('when a rotation is due', () => {
  it('is the first block, and the block after each epoch, until one succeeds', () => {
    const tester = group();
    expect(tester.state(0).isDue).toBe(true);
    expect(tester.state(3).isDue).toBe(true);
    tester.host.nextBlock(4);
    tester.rotate(tester.nodes[0]!);
    for (let parent = 4; parent < 10; parent++) expect(tester.state(parent).isDue).toBe(false);
    for (const parent of [10, 11, 19, 20, 100]) expect(tester.state(parent).isDue).toBe(true);
  });

  it('counts epochs from the block that changed their length', () => {
    const tester = group();
    tester.rotate(tester.nodes[0]!);
    tester.host.nextBlock(7);
    expect(tester.code(0x1000, SET, 'rpbft_epoch_block_num', '4')).toBe(1);
    expect(tester.state(7).isDue).toBe(true);
    tester.host.nextBlock(8);
    tester.rotate(tester.state().working[0]!);
    for (const parent of [8, 9, 10]) expect(tester.state(parent).isDue).toBe(false);
    expect(tester.state(11).isDue).toBe(true);
  });

  it('is the block after the size of the committee changed, or after a working sealer left', () => {
    const tester = group();
    tester.rotate(tester.nodes[0]!);
    tester.host.nextBlock(3);
    tester.code(0x1000, SET, 'rpbft_epoch_sealer_num', '2');
    expect(tester.state(3).isDue).toBe(true);
    tester.host.nextBlock(4);
    tester.rotate(tester.state().working[0]!);
    expect(tester.state().working).toHaveLength(2);
    expect(tester.state(4).isDue).toBe(false);
    tester.host.nextBlock(5);
    expect(tester.code(0x1003, REMOVE, tester.state().working[0]!)).toBe(1);
    expect(tester.state(5).isDue).toBe(true);
  });

  it('is also what the flag of 2.x asks for, and the rotation takes it back', () => {
    const tester = group();
    tester.rotate(tester.nodes[0]!);
    tester.host.nextBlock(5);
    const [row] = tester.host.select(CONFIG_TABLE, 'notify_rotate');
    tester.host.update(CONFIG_TABLE, 'notify_rotate', [row!.id], new Map([['value', '1']]), UNCHECKED);
    expect(tester.state().isDue).toBe(true);
    expect(tester.rotate(tester.state().working[0]!).status).toBe(0);
    const [after] = tester.host.select(CONFIG_TABLE, 'notify_rotate');
    expect(Object.fromEntries(after!.fields)).toEqual({ key: 'notify_rotate', value: '0', enable_num: '5' });
  });
});

describe('a rotation', () => {
  it('replaces one of a full committee, from the next block on', () => {
    const tester = group();
    const before = tester.types();
    const outcome = tester.rotate(tester.nodes[1]!);
    expect(outcome).toEqual({ status: 0, output: new Uint8Array(0), gasUsed: 0 });
    const after = tester.types();
    expect(after.filter((type) => type === 'wSealer')).toHaveLength(3);
    expect(after.filter((type, index) => type !== before[index])).toHaveLength(2);
    const [row] = tester.host.select(ROTATION_TABLE, ROTATION_KEY);
    expect(Object.fromEntries(row!.fields)).toMatchObject({ epoch: '1', enable_num: '1' });
    expect(row!.fields.get('randomness')).not.toBe('ab'.repeat(32));
  });

  it('fills and shrinks the committee to its size', () => {
    for (const [size, expected] of [
      [1, 1],
      [4, 4],
      [9, 5],
    ] as const) {
      const tester = group();
      tester.code(0x1000, SET, 'rpbft_epoch_sealer_num', String(size));
      tester.host.nextBlock(2);
      expect(tester.rotate(tester.nodes[0]!).status).toBe(0);
      expect(tester.state().working).toHaveLength(expected);
    }
  });

  it('leaves a committee of all alone, and counts the epoch', () => {
    const tester = group(3, 3);
    expect(tester.rotate(tester.nodes[2]!).status).toBe(0);
    expect(tester.types()).toEqual(['wSealer', 'wSealer', 'wSealer']);
    expect(tester.state().epoch).toBe(1);
  });

  it('can be made by those that wait when nobody works any more', () => {
    const tester = group(3, 1);
    expect(tester.code(0x1003, REMOVE, tester.nodes[0]!)).toBe(1);
    tester.host.nextBlock(2);
    expect(tester.rotate(tester.nodes[2]!).status).toBe(0);
    expect(tester.state().working).toHaveLength(1);
  });

  it('changes nothing when it is not due, comes twice, comes from a contract, or the group does not rotate', () => {
    const tester = group();
    const call = tester.callOf(tester.nodes[0]!);
    tester.callingContract = CONTRACT;
    expect(tester.rotate(tester.nodes[0]!, call).status).toBe(0);
    expect(tester.state().epoch).toBe(0);
    tester.callingContract = undefined;
    tester.rotate(tester.nodes[0]!);
    const types = tester.types();
    expect(tester.rotate(tester.nodes[0]!).status).toBe(0);
    tester.host.nextBlock(5);
    expect(tester.rotate(tester.nodes[0]!).status).toBe(0);
    expect(tester.types()).toEqual(types);
    const other = new SystemTester(suite);
    const outcome = other.sendInput(0x1011, encodeRotation(suite, call));
    expect(outcome).toEqual({ status: 0, output: new Uint8Array(0), gasUsed: 0 });
  });

  it('gives every node its turn, in every place of the order', () => {
    const tester = group(7, 4, 2);
    const left = new Set<number>();
    const entered = new Set<number>();
    let types = tester.types();
    for (let number = 1; number < 200; number += 2) {
      tester.host.nextBlock(number);
      tester.rotate(tester.state().working[0]!);
      const after = tester.types();
      for (const [index, type] of after.entries()) {
        if (type !== types[index]) (type === 'sealer' ? left : entered).add(index);
      }
      types = after;
    }
    expect(left.size).toBe(7);
    expect(entered.size).toBe(7);
  });
});

describe('the right to rotate', () => {
  it('belongs to working sealers', () => {
    const tester = group();
    const message = 'rotation refused: the sender is no working sealer';
    expect(tester.errorOf(tester.rotate(tester.nodes[4]!))).toBe(message);
    const input = encodeRotation(suite, tester.callOf(tester.nodes[0]!));
    expect(tester.errorOf(tester.as(ALICE).sendInput(0x1011, input))).toBe(message);
    expect(tester.state().isDue).toBe(true);
  });

  it('is bound to the key registered an epoch ago and to one input', () => {
    const tester = withKeys();
    const [node, other] = tester.state().working as [string, string];
    const good = tester.callOf(node);
    expect(good.proof).toHaveLength(192);
    const foreign = tester.callOf(other);
    const changed = `${good.proof.startsWith('0') ? '1' : '0'}${good.proof.slice(1)}`;
    const again = { ...tester.state(), epoch: tester.state().epoch + 1 };
    const read = (table: string, key: string) => tester.host.select(table, key);
    for (const [call, reason] of [
      [foreign, 'the key is not the registered one'],
      [{ ...good, publicKey: '', proof: '' }, 'the key is not the registered one'],
      [{ ...good, proof: foreign.proof }, 'the proof is wrong'],
      [{ ...good, proof: changed }, 'the proof is wrong'],
      [{ ...good, proof: '' }, 'the proof is wrong'],
      [{ ...good, input: 'ab'.repeat(40) }, 'the input is not that of the next epoch'],
      [{ ...good, input: good.input.toUpperCase() }, 'the input is not that of the next epoch'],
      [rotationCall(read, again, node, tester.secretOf(node)), 'the input is not that of the next epoch'],
    ] as const) {
      expect(tester.errorOf(tester.rotate(node, call))).toBe(`rotation refused: ${reason}`);
    }
    expect(tester.rotate(node, good).status).toBe(0);
  });

  it('without a key in force leaves no choice either', () => {
    const tester = group();
    const [node] = tester.nodes as [string];
    const secret = tester.secretOf(node);
    const forced = { ...tester.callOf(node), ...proveKey(node, secret) };
    const message = 'rotation refused: the sender has no key that was registered an epoch ago';
    expect(tester.errorOf(tester.rotate(node, forced))).toBe(message);
    // Registered in the running epoch: it does not count yet.
    expect(tester.asNode(node).register(node)).toBe(1);
    expect(tester.errorOf(tester.rotate(node, forced))).toBe(message);
    expect(tester.callOf(node)).toMatchObject({ publicKey: '', proof: '' });
  });

  it('gives another choice to each key, and none within one', () => {
    const tester = withKeys();
    const results = tester.state().working.map((nodeId) => {
      const twin = withKeys();
      expect(twin.rotate(nodeId).status).toBe(0);
      return twin.state().randomness;
    });
    expect(new Set(results).size).toBe(3);
    const twin = withKeys();
    twin.rotate(tester.state().working[0]!);
    expect(twin.state().randomness).toBe(results[0]);
  });
});

describe('registerVrfKey', () => {
  it('takes one key of each sealer, for good', () => {
    const tester = group();
    const [node, other] = tester.nodes as [string, string];
    const key = proveKey(node, tester.secretOf(node));
    expect(tester.asNode(node).register(node)).toBe(1);
    const [row] = tester.host.select(VRF_KEYS_TABLE, node);
    const fields = { node_id: node, public_key: key.publicKey, epoch: '0', enable_num: '1' };
    expect(Object.fromEntries(row!.fields)).toEqual(fields);
    expect(tester.register(node)).toBe(VRF_KEY_EXISTS);
    const newKey = proveKey(node, tester.secretOf(other));
    expect(tester.register(node, newKey)).toBe(VRF_KEY_EXISTS);
  });

  it('refuses the keys of others, of nodes outside the group, and keys without their secret', () => {
    const tester = group();
    const [node, other] = tester.nodes as [string, string];
    expect(tester.as(ALICE).register(node)).toBe(NO_PERMISSION);
    expect(tester.asNode(other).register(node)).toBe(NO_PERMISSION);
    tester.callingContract = CONTRACT;
    expect(tester.asNode(node).register(node)).toBe(NO_PERMISSION);
    tester.callingContract = undefined;
    expect(tester.asNode(node).register('12'.repeat(64))).toBe(NODE_ID_INVALID);
    expect(tester.code(0x1011, 'registerVrfKey(string,string,string)', 'zz', '', '')).toBe(NODE_ID_INVALID);
    const { publicKey, proof } = proveKey(other, tester.secretOf(other));
    for (const wrong of [{ publicKey, proof }, { publicKey }, { proof }, { publicKey: '' }, { proof: 'x' }]) {
      expect(tester.register(node, wrong)).toBe(VRF_KEY_INVALID);
    }
    tester.addMember('0b'.repeat(64), 'observer');
    expect(tester.asNode('0b'.repeat(64)).register('0b'.repeat(64))).toBe(NODE_ID_INVALID);
    const pbft = new SystemTester(suite);
    expect(pbft.code(0x1011, 'registerVrfKey(string,string,string)', node, publicKey, proof)).toBe(UNKNOWN_FUNCTION);
  });

  it('costs no more gas than another answer of one word', () => {
    const tester = group();
    const { publicKey, proof } = proveKey(tester.nodes[0]!, tester.secretOf(tester.nodes[0]!));
    const signature = 'registerVrfKey(string,string,string)';
    expect(tester.asNode(tester.nodes[0]!).gas(0x1011, signature, tester.nodes[0]!, publicKey, proof)).toBe(3);
    expect(toHex(tester.sendInput(0x1011, new Uint8Array(4)).output)).toBe('');
  });
});
