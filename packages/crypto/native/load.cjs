'use strict';
// Node loads addons by `require` only, and the TypeScript sources of this package know nothing of Node.
const { join } = require('node:path');

const VERSION = 5;
const NAME = join(`${process.platform}-${process.arch}`, 'secp256k1.node');

/** A binary that came with the package, else the one that the build made here. */
function load() {
  const failures = [];
  for (const folder of ['../prebuilds', 'build']) {
    try {
      const addon = require(join(__dirname, folder, NAME));
      if (addon.version === VERSION) return addon;
      failures.push(`${folder} holds version ${addon.version}`);
    } catch (error) {
      failures.push(error.message);
    }
  }
  throw new Error(failures.join('; '));
}

module.exports = load();
