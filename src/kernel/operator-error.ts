/** A fault that an operator can mend: its message says in a sentence or two what is wrong and what to do. */
export class OperatorError extends Error {}
