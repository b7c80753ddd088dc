/** The page on which a person lets their command line in. */
export const DEVICE = {
  title: 'Let a command line in',
  typed: 'Code',
  typedHint: 'Eight letters, as doorwarden login shows them in your terminal.',
  look: 'Continue',
  code: 'Its code',
  asks: 'What asks, as it says itself',
  asksNothing: 'a program that does not say what it is',
  machine: 'Where it runs, as it says itself',
  noMachine: 'it does not say',
  address: 'From which address it asked',
  asked: 'When it asked',
  ends: 'If you let it in, at the latest until',
  acts: (name: string, roles: string) =>
    `It then acts as you, ${name}, with your roles: ${roles}. You can end it any time, under You, Your sessions.`,
  notHere: 'It cannot make decisions that have to be made on this page, or that need a new sign-in.',
  other: (address: string) =>
    `It asked from ${address}, which is not the address of this browser. Let it in only if you know why.`,
  warning:
    'Somebody who sent you a code or a link to this page wants to act as you. Let in only what you started yourself.',
  confirm: 'Compare',
  confirmed: 'My terminal shows exactly this code, and I started doorwarden login there myself.',
  allow: 'Let it in',
  refuse: 'Refuse it',
  allowed: 'It is let in. Go back to your terminal.',
  refused: 'It is refused. If you did not start it, tell your operator.',
  again: 'Type another code',
} as const;
