import { expect, it } from 'vitest';

/** The same cases on an SM chain: other selectors, accounts and signatures, the same answers. */
process.env['MENGLIAN_TEST_SUITE'] = 'sm';
const { CASES } = await import('./testing/systemPage.js');
const { answerOf, play, suite, titleOf } = await import('./testing/systemScenario.js');

it('runs on an SM chain', () => {
  expect(suite.name).toBe('sm');
});

it.each(CASES.map((one) => [titleOf(one), one] as const))('%s', (_, { answer, blocks, genesis }) => {
  const found = answerOf(play(blocks, genesis), answer.kind === 'values' ? answer.code : undefined);
  if (answer.kind === 'values') expect(found).toEqual(answer);
  else expect('text' in found && found.text.startsWith(answer.text)).toBe(true);
});
