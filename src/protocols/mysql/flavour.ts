/** The servers that speak the protocol. */
export const FLAVOURS = ['mariadb', 'mysql'] as const;
export type Flavour = (typeof FLAVOURS)[number];
