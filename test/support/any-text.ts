import * as fc from 'fast-check';

/**
 * Texts of any code points, also of halves of surrogate pairs. fast-check's own `string({ unit: 'binary' })` gives no halves,
 * and first makes a map of all 1,112,064 others, which takes longer than most properties do.
 */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.nat(0x10_ffff)))
  .map((codePoints) => String.fromCodePoint(...codePoints));
