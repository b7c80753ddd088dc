/**
 * What a valid policy says that its author should look at again. `permits-unparsed`: it lets statements run at once that the
 * broker did not understand.
 */
export const POLICY_WARNINGS = ['permits-unparsed'] as const;
export type PolicyWarningCode = (typeof POLICY_WARNINGS)[number];
