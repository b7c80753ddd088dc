import type { AccessWords } from '../../../src/protocol/access-words.js';
import type { ClientProtocol } from '../../../src/protocol/client-protocol.js';
import type { TargetWords } from '../../../src/protocol/target-words.js';

const roomsIn = (typed: unknown): readonly string[] => (Array.isArray(typed) ? typed.map(String) : []);

/** How access to rooms is asked for. */
export const ECHO_ACCESS_WORDS: AccessWords = {
  options: [{ flags: '--room <room...>', about: 'rooms to say something in' }],
  example: '[{"room":"hall","verbs":["SAY"]}]',
  told: 'For echo: {"room": "hall", "verbs": ["SAY"]}. Absent: nothing is given.',
  needsPlace: () => false,
  placeMissing: 'Name a room.',
  rulesOf: ({ room }) => roomsIn(room).map((name) => ({ room: name, verbs: ['SAY'] })),
  tooMany: 'Name fewer rooms.',
};

/** What echo servers are called. */
export const ECHO_WORDS: TargetWords = {
  aTarget: 'an echo server',
  theTarget: 'the echo server',
  targets: 'echo servers',
  servers: 'echo servers',
  operation: 'line',
  operations: 'lines',
  listed: [],
};

/** The echo protocol, as a command line knows it that has it in its list. */
export const ECHO_CLIENT: ClientProtocol = {
  name: 'echo',
  access: ECHO_ACCESS_WORDS,
  words: ECHO_WORDS,
  trial: { text: 'a line', options: [], trialOf: (text) => ({ line: text }) },
  forms: {
    variables: ['ECHO_HOST', 'ECHO_PORT', 'ECHO_NAME', 'ECHO_SECRET'],
    folderVariables: [],
    isFile: () => false,
    isProgram: ({ name }) => name === 'nc',
  },
  examples: {
    run: ['doorwarden run --target parrot --task "Say hello" --room hall -- ./hello.sh'],
    connect: ['doorwarden connect parrot --room hall'],
    exec: ['doorwarden exec parrot "SAY hall hello" --room hall'],
    execTold: 'Each line of a text is one.',
    policyTry: ['doorwarden policy try --target parrot "SHOUT hall hello"'],
    connectionTold: 'ECHO_HOST, ECHO_PORT, ECHO_NAME and ECHO_SECRET say where the echo is.',
  },
  sessions: async () => (await import('./client-sessions.js')).ECHO_SESSIONS,
};
