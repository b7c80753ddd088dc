import type { Judgement, Policy } from './ports.js';

const ALLOWED: Judgement = { verdict: 'allow', policies: ['allow-everything'], fingerprint: null };

/** The policy before there are policies: what a statement may do is held by the task account's privileges alone. */
export const allowEverything: Policy = { judge: () => ALLOWED };
