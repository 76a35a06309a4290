import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { playScenario } from './scenario.js';

const folder = fileURLToPath(new URL('../../pbft/scenarios/', import.meta.url));

/** Golden transcripts. MENGLIAN_UPDATE=1 writes them anew; read the difference before it is committed. */
describe('scenarios', () => {
  for (const name of readdirSync(folder).sort()) {
    it(name, () => {
      const path = `${folder}${name}`;
      const transcript = readFileSync(path, 'utf8');
      const played = playScenario(transcript);
      if (process.env['MENGLIAN_UPDATE'] === '1') writeFileSync(path, played);
      else expect(played).toBe(transcript);
    });
  }
});
