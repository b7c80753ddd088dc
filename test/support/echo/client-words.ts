import type { AccessWords } from '../../../src/protocol/access-words.js';
import type { ClientProtocol } from '../../../src/protocol/client-protocol.js';

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

/** The echo protocol, as a command line knows it that has it in its list. */
export const ECHO_CLIENT: ClientProtocol = {
  name: 'echo',
  access: ECHO_ACCESS_WORDS,
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
    exec: [],
    policyTry: ['doorwarden policy try --target parrot "SHOUT hall hello"'],
    connectionTold: 'ECHO_HOST, ECHO_PORT, ECHO_NAME and ECHO_SECRET say where the echo is.',
  },
};
