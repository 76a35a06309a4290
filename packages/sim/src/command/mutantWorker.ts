/** A process with one mutant switched on: looks for it from several first seeds, and says how many seeds each search took. */
import { register } from 'node:module';
import { mutantOf } from '../mutants/mutants.js';

process.on('message', (request: { readonly name: string; readonly searches: number }) => void search(request));

async function search({ name, searches }: { readonly name: string; readonly searches: number }): Promise<void> {
  const { options, seeds, module } = mutantOf(name)!;
  // The hooks run in a thread of their own; `initialize` there is given the data.
  register('./mutantHooks.js', import.meta.url, { data: { name, target: import.meta.resolve(module) } });
  const { runSimulation } = await import('../simulation.js');
  const tries: (number | undefined)[] = [];
  let rule = '';
  for (let i = 0; i < searches; i++) {
    const first = 1 + i * 1000;
    let found: number | undefined = undefined;
    for (let seed = first; found === undefined && seed < first + seeds; seed++) {
      try {
        runSimulation(options(seed));
      } catch (error) {
        rule ||= (error as Error).message;
        found = seed - first + 1;
      }
    }
    tries.push(found);
  }
  process.send!({ tries, rule });
  process.disconnect();
}
