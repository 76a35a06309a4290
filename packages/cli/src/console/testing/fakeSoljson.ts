/**
 * A file that the console takes for a compiler: whatever the source, it answers these contracts.
 * @param contracts by name, as solc writes them
 */
export function fakeSoljson(contracts: unknown): string {
  return `
    exports._version = exports._compileStandard = () => {};
    exports.cwrap = (name) => (input) => {
      if (name === 'version') return '0.4.26';
      const [main] = Object.keys(JSON.parse(input).sources);
      return JSON.stringify({ contracts: { [main]: ${JSON.stringify(contracts)} } });
    };
  `;
}
