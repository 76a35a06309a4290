/**
 * Golden transcripts, in the manner of etcd's: a text of commands, each followed by a line `----` and by what then happened.
 * Playing one writes the same text anew; a difference is a change of behaviour, to be read and accepted or not.
 */
const OUTPUT_MARK = '----';

/**
 * Plays the commands of a transcript; empty lines and lines that begin with `#` are kept as they are.
 * @param perform carries out one line. @returns what it gave, line by line
 * @returns the transcript with the output that its commands gave now
 */
export function playTranscript(transcript: string, perform: (line: string) => readonly string[]): string {
  const lines: string[] = [];
  for (const line of commandsOf(transcript)) {
    lines.push(line);
    if (line === '' || line.startsWith('#')) continue;
    const output = perform(line);
    if (output.length > 0) lines.push(OUTPUT_MARK, ...output, '');
  }
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** The transcript without the output of its last playing. */
function commandsOf(transcript: string): string[] {
  const commands: string[] = [];
  let isOutput = false;
  for (const line of transcript.split('\n')) {
    if (line === OUTPUT_MARK) isOutput = true;
    else if (line === '') {
      isOutput = false;
      commands.push(line);
    } else if (!isOutput) commands.push(line);
  }
  return commands;
}
