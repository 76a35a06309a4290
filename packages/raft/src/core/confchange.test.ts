import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeOne, type ConfigurationChange, enterJoint, leaveJoint } from './confchange.js';
import { type Configuration, createConfiguration, membersOf } from './configuration.js';

const NODES = ['a', 'b', 'c', 'd', 'e', 'f'];
const change: fc.Arbitrary<ConfigurationChange> = fc.record({
  kind: fc.constantFrom('addVoter', 'addLearner', 'remove'),
  nodeId: fc.constantFrom(...NODES),
});
const configuration = fc.tuple(fc.subarray(NODES, { minLength: 1 }), fc.subarray(NODES)).map(([voters, learners]) =>
  createConfiguration(
    voters,
    learners.filter((node) => !voters.includes(node)),
  ),
);

function value(result: ReturnType<typeof enterJoint>): Configuration {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

describe('changes of the configuration', () => {
  it('one joint change is the series of its single steps, each of which keeps a voter', () => {
    fc.assert(
      fc.property(configuration, fc.array(change, { maxLength: 8 }), (start, changes) => {
        let simple = start;
        const done: ConfigurationChange[] = [];
        for (const one of changes) {
          const next = changeOne(simple, [one]);
          if (!next.ok) continue;
          simple = next.value;
          done.push(one);
        }
        const joint = value(enterJoint(start, done));
        expect(joint.outgoing).toEqual(start.voters);
        expect(value(leaveJoint(joint))).toEqual(simple);
      }),
      { numRuns: 2000 },
    );
  });

  it('nobody is learner and voter at once, on neither side of the joint phase', () => {
    fc.assert(
      fc.property(configuration, fc.array(change), (start, changes) => {
        const joint = enterJoint(start, changes);
        if (!joint.ok) {
          expect(joint.reason).toBe('NoVoters');
          return;
        }
        const { voters, outgoing, learners, learnersNext } = joint.value;
        for (const learner of learners) expect([...voters, ...outgoing]).not.toContain(learner);
        for (const learner of learnersNext) expect(outgoing).toContain(learner);
        const left = value(leaveJoint(joint.value));
        expect(left.voters).toEqual(voters);
        expect(left.learners).toEqual([...learners, ...learnersNext].toSorted());
        for (const node of membersOf(left)) expect(membersOf(joint.value)).toContain(node);
      }),
    );
  });

  it('says no to what cannot be', () => {
    const three = createConfiguration(['a', 'b', 'c']);
    const joint = value(enterJoint(three, [{ kind: 'addVoter', nodeId: 'd' }]));
    expect(enterJoint(joint, [])).toEqual({ ok: false, reason: 'AlreadyJoint' });
    expect(changeOne(joint, [])).toEqual({ ok: false, reason: 'AlreadyJoint' });
    expect(leaveJoint(three)).toEqual({ ok: false, reason: 'NotJoint' });
    const all = ['a', 'b', 'c'].map((nodeId): ConfigurationChange => ({ kind: 'remove', nodeId }));
    expect(enterJoint(three, all)).toEqual({ ok: false, reason: 'NoVoters' });
    expect(changeOne(three, all)).toEqual({ ok: false, reason: 'NoVoters' });
    expect(changeOne(three, all.slice(1))).toEqual({ ok: false, reason: 'MoreThanOneVoter' });
  });
});
