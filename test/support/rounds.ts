/**
 * How many generated inputs a property is tried with: `all` of them, or a tenth in the loop that `npm run unit` is. It
 * sets the variable everywhere but in CI; `npm test` tries them all.
 */
export function rounds(all: number): number {
  return process.env['DOORWARDEN_TEST_ROUNDS'] === 'few' ? Math.ceil(all / 10) : all;
}
