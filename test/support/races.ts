/**
 * Rounds of each race: as many as RACES says, else 80. Who starts later is spread over up to 25 steps, and 80 rounds take
 * each of them three times. A use that reads before it writes is found within the first few.
 */
export const RACES = Number(process.env['RACES'] ?? 80);
