import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enterJoint, leaveJoint } from './core/confchange.js';
import { createConfiguration, type Configuration } from './core/configuration.js';
import { changesTowards } from './reconcile.js';

const NODES = ['a', 'b', 'c', 'd', 'e'];

function apply(configuration: Configuration, changes: ReturnType<typeof changesTowards>): Configuration {
  const joint = enterJoint(configuration, changes);
  if (!joint.ok) throw new Error(joint.reason);
  const left = leaveJoint(joint.value);
  if (!left.ok) throw new Error(left.reason);
  return left.value;
}

describe('the log’s members follow the chain’s', () => {
  it('in a few changes, from anywhere to anywhere', () => {
    const members = fc
      .tuple(fc.subarray(NODES, { minLength: 1 }), fc.subarray(NODES))
      .map(([sealers, others]) => ({ sealers, observers: others.filter((node) => !sealers.includes(node)) }));
    fc.assert(
      fc.property(members, members, (before, wanted) => {
        let configuration = createConfiguration(before.sealers, before.observers);
        for (let step = 0; ; step++) {
          expect(step).toBeLessThan(4);
          const changes = changesTowards(configuration, wanted, (node) => configuration.learners.includes(node));
          if (changes.length === 0) break;
          configuration = apply(configuration, changes);
        }
        expect(configuration).toEqual(createConfiguration(wanted.sealers, wanted.observers));
      }),
    );
  });

  it('a joiner is a learner until it has caught up, and does not hold up those who leave', () => {
    const three = createConfiguration(['a', 'b', 'c']);
    const wanted = { sealers: ['a', 'b', 'd'], observers: ['c'] };
    const first = changesTowards(three, wanted, () => false);
    expect(first).toEqual([
      { kind: 'addLearner', nodeId: 'd' },
      { kind: 'addLearner', nodeId: 'c' },
    ]);
    const second = apply(three, first);
    expect(changesTowards(second, wanted, () => false)).toEqual([]);
    expect(changesTowards(second, wanted, () => true)).toEqual([{ kind: 'addVoter', nodeId: 'd' }]);
  });

  it('nobody leaves before a voter remains', () => {
    const one = createConfiguration(['a']);
    const wanted = { sealers: ['b'], observers: [] };
    expect(changesTowards(one, wanted, () => false)).toEqual([{ kind: 'addLearner', nodeId: 'b' }]);
    const two = createConfiguration(['a'], ['b']);
    expect(changesTowards(two, wanted, () => false)).toEqual([]);
    expect(changesTowards(two, wanted, () => true)).toEqual([
      { kind: 'addVoter', nodeId: 'b' },
      { kind: 'remove', nodeId: 'a' },
    ]);
  });
});
