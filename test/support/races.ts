const ROUNDS = process.env['CI'] === 'true' ? 1_000 : 200;

/** Rounds of each race: as many as RACES says, else the whole number in CI and a fifth of it elsewhere. */
export const RACES = Number(process.env['RACES'] ?? ROUNDS);
