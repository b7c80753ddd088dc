/** The option of the api by which its first link works from any address. */
export const ANY_ADDRESS = '--any-address';
