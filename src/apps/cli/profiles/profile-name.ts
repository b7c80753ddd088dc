/** How profiles are named; the name stands on command lines and in sentences. */
export const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
