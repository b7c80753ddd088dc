/** Rounds of each race. `RACES=1000 npm test -- races` runs a thousand; in a whole run they would take minutes. */
export const RACES = Number(process.env['RACES'] ?? 200);
