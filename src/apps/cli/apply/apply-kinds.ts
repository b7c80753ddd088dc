/** What `doorwarden apply` makes of files, in the order in which it does. */
export const APPLY_KINDS = ['Policy', 'Target', 'IdentityProvider', 'IdentityMapping'] as const;
export type ApplyKind = (typeof APPLY_KINDS)[number];
