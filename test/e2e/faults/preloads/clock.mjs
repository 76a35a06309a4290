// Loaded into a node before its own code, in every thread of it: moves the wall clock by the milliseconds in a file, which
// a test may change while the node runs. The monotonic clock goes on as it is.
import { readFileSync } from 'node:fs';

const READ_INTERVAL_MS = 20;
const path = process.env.MENGLIAN_TEST_CLOCK_FILE;
const RealDate = Date;
const realNow = Date.now.bind(Date);
let shiftMs = 0;

function readShift() {
  try {
    shiftMs = Number(readFileSync(path, 'utf8')) || 0;
  } catch {
    // Not written yet: the clock is right.
  }
}

class ShiftedDate extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(realNow() + shiftMs);
    else super(...values);
  }

  static now() {
    return realNow() + shiftMs;
  }
}

readShift();
setInterval(readShift, READ_INTERVAL_MS).unref();
globalThis.Date = ShiftedDate;
