import { MESSAGE_CODES } from '@menglian/pbft/messages';
import { afterAll, describe, expect, it } from 'vitest';
import { attack, inputCount, LONG_TIMEOUT_MS } from './attack.js';
import { jsonSubject } from './jsonSubject.js';
import { messageSubjects } from './messageSubjects.js';
import { raftSubjects } from './raftSubjects.js';
import { replicaSubject, trafficKinds } from './replicaSubject.js';

/**
 * Goal: nothing that a peer, a client or a damaged disk sends makes a node throw, hang or grow: known failure "a length
 * field that claims more than came exhausts the memory" (issue 1951 of FISCO BCOS), for every decoder between nodes.
 * Method as in decoders.test.ts; MENGLIAN_LONG=1 runs a million inputs for each.
 */
const INPUTS = inputCount(2_000);

const json = await jsonSubject();
const subjects = [...(await messageSubjects()), ...raftSubjects(), replicaSubject(), json];

afterAll(() => json.stop());

describe.each(subjects)('$name', (subject) => {
  it('are taken when they are as they should be', async () => {
    const refused = new Set<string>();
    for (const sample of subject.samples) refused.add((await subject.run(sample)) ?? 'taken');
    // Of JSON-RPC: the transaction beyond its block limit, and what only rPBFT has.
    const expected = subject === json ? ['-32603', '-40009', 'taken'] : ['taken'];
    expect([...refused].toSorted()).toEqual(expected);
  });

  it(
    `answer ${INPUTS} mutated inputs`,
    async () => {
      const answers = await attack(subject, INPUTS);
      expect(answers.get(undefined) ?? 0).toBeGreaterThan(0);
      expect(answers.size).toBeGreaterThan(1);
    },
    LONG_TIMEOUT_MS,
  );
});

it('attacks a replica with messages of every kind', () => {
  expect(trafficKinds()).toEqual(new Set(Object.keys(MESSAGE_CODES)));
});
