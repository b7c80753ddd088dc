const ROUNDS = process.env['CI'] === 'true' ? 400 : 200;

/** Rounds of each race: as many as RACES says, else 400 in CI and half of that elsewhere. */
export const RACES = Number(process.env['RACES'] ?? ROUNDS);
