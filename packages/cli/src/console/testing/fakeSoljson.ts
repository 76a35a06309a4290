/**
 * A file that the console takes for a compiler: whatever the source, it answers these contracts.
 * @param contracts by name, as solc writes them
 */
export function fakeSoljson(contracts: unknown): string {
  return `
    exports._compileStandard = () => {};
    exports.cwrap = () => (input) => {
      const [main] = Object.keys(JSON.parse(input).sources);
      return JSON.stringify({ contracts: { [main]: ${JSON.stringify(contracts)} } });
    };
  `;
}
