import { expect, it } from 'vitest';
import { hostileBodies } from './hostileBodies.js';

it('makes bodies for one group, with transactions whose signatures are others', () => {
  const raw = `0x${'f8'.repeat(100)}`;
  const bodies = hostileBodies(2, [raw]);
  const batches = bodies
    .filter((body) => body[0] === 0x5b && body.length < 1_000_000)
    .flatMap((body) => {
      try {
        return [JSON.parse(body.toString('latin1')) as { method: string; params: [number, string] }[]];
      } catch {
        return [];
      }
    });
  expect(batches.flat().every(({ params }) => params[0] === 2)).toBe(true);
  const sent = batches
    .flat()
    .filter(({ method, params }) => method === 'sendRawTransaction' && params[1].length === raw.length);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.every(({ params }) => params[1] !== raw)).toBe(true);
});
