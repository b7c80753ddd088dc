/** The variables of the environment that the file `.env` of the folder brought, in which the command runs. */
export const FROM_ENV_FILE: Set<string> = new Set();
