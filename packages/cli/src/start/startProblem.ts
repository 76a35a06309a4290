/** Something told in a sentence, without the stack that only helps us. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}
