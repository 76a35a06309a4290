/** A line that says how far a load is, at most some times a second. */
export function progress(what: string): (committed: number, total: number) => void {
  let shownAtMs = 0;
  const startedAtMs = performance.now();
  return (committed, total) => {
    const nowMs = performance.now();
    if (nowMs - shownAtMs < 500 && committed < total) return;
    shownAtMs = nowMs;
    const perSecond = Math.round((committed * 1000) / Math.max(1, nowMs - startedAtMs));
    say(`${what}: ${committed} of ${total}, ${perSecond} a second`);
  };
}

/** A line of progress on stderr; an empty one ends it. */
export function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}
