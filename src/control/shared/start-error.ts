/** What a process cannot start without, in one sentence for its operator. */
export class StartError extends Error {}
