/** Rounds of each race. `RACES=50 npm test -- races` is a quick look. */
export const RACES = Number(process.env['RACES'] ?? 1_000);
