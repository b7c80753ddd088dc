import { BrokerError } from '../../../kernel/errors.js';
import {
  CACHING_SHA2_FAST_AUTH_OK,
  CACHING_SHA2_FULL_AUTH,
  CACHING_SHA2_PASSWORD,
  CACHING_SHA2_REQUEST_PUBLIC_KEY,
  MYSQL_NATIVE_PASSWORD,
  SHA256_PASSWORD,
  SHA256_REQUEST_PUBLIC_KEY,
  encryptPassword,
  scrambleCachingSha2Password,
  scrambleNativePassword,
} from '../wire/login/auth.js';
import { CLIENT_ED25519, signEd25519 } from '../wire/login/auth-ed25519.js';
import {
  AUTH_MORE_DATA_HEADER,
  AUTH_SWITCH_REQUEST_HEADER,
  decodeAuthMoreData,
  decodeAuthSwitchRequest,
  type Greeting,
} from '../wire/login/handshake.js';
import { ERR_HEADER, OK_HEADER } from '../wire/packets.js';
import type { HandshakeChannel } from './handshake-channel.js';

/** One way to prove a password to a target. */
interface PasswordPlugin {
  /** What answers the greeting, or the switch to this plugin. */
  readonly first: (proof: Proof) => Answer;
  /** What answers a further question of the server; undefined for one that it did not ask by this plugin's rules. */
  readonly further?: (question: Buffer, proof: Proof) => Answer | undefined;
}

/** `nothing`: the server goes on by itself. `ask-key`: these bytes ask for the public key to hide the password under. */
type Answer = { readonly kind: 'say' | 'ask-key'; readonly bytes: Buffer } | { readonly kind: 'nothing' };

interface Proof {
  readonly password: string;
  readonly nonce: Buffer;
  readonly isEncrypted: boolean;
}

/** Enough for a switch and a full exchange, few enough for a server that asks for ever. */
const ROUNDS_MAX = 8;

const PLUGINS: ReadonlyMap<string, PasswordPlugin> = new Map<string, PasswordPlugin>([
  [MYSQL_NATIVE_PASSWORD, { first: ({ password, nonce }) => say(scrambleNativePassword(password, nonce)) }],
  [
    CACHING_SHA2_PASSWORD,
    {
      first: ({ password, nonce }) => say(scrambleCachingSha2Password(password, nonce)),
      further: ([question], proof) => {
        if (question === CACHING_SHA2_FAST_AUTH_OK) return { kind: 'nothing' };
        return question === CACHING_SHA2_FULL_AUTH ? whole(proof, CACHING_SHA2_REQUEST_PUBLIC_KEY) : undefined;
      },
    },
  ],
  [SHA256_PASSWORD, { first: (proof) => whole(proof, SHA256_REQUEST_PUBLIC_KEY) }],
  [CLIENT_ED25519, { first: ({ password, nonce }) => say(signEd25519(password, nonce)) }],
]);

/** The greeting's nonce has 20 bytes, so a login cannot begin with the plugin that signs 32. */
const GREETED: ReadonlySet<string> = new Set([MYSQL_NATIVE_PASSWORD, CACHING_SHA2_PASSWORD, SHA256_PASSWORD]);

/** Proves the password of one login to a target: with the plugin it greets with, or the one it switches to. */
export class TargetAuthentication {
  readonly #channel: HandshakeChannel;
  readonly #password: string;
  readonly #isEncrypted: boolean;
  #plugin: PasswordPlugin | undefined;
  #nonce: Buffer = Buffer.alloc(0);
  #isKeyAsked = false;

  /** `isEncrypted`: by TLS, so a plugin may ask for the password itself. */
  constructor(channel: HandshakeChannel, password: string, isEncrypted: boolean) {
    this.#channel = channel;
    this.#password = password;
    this.#isEncrypted = isEncrypted;
  }

  /** What the login says. To a server that greets with another plugin it speaks of one that every server knows. */
  begin({ authPlugin, authPluginData }: Greeting): { readonly authPlugin: string; readonly authResponse: Buffer } {
    const name = GREETED.has(authPlugin) ? authPlugin : MYSQL_NATIVE_PASSWORD;
    return { authPlugin: name, authResponse: this.#bytesOf(this.#switchTo(name, authPluginData)) ?? Buffer.alloc(0) };
  }

  /**
   * Follows the server until it ends the login, and gives the packet that does: OK or ERR.
   * @throws BrokerError `target_unsupported`, `target_protocol_violation`
   */
  async end(): Promise<Buffer> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const payload = await this.#channel.read();
      switch (payload[0]) {
        case OK_HEADER:
        case ERR_HEADER:
          return payload;
        case AUTH_SWITCH_REQUEST_HEADER: {
          const { authPlugin, authPluginData } = decodeAuthSwitchRequest(payload);
          this.#write(this.#switchTo(authPlugin, authPluginData));
          break;
        }
        case AUTH_MORE_DATA_HEADER:
          this.#write(this.#further(decodeAuthMoreData(payload)));
          break;
        default:
          throw violation('The target answered the login with a message of an unknown kind.');
      }
    }
    throw violation('The target did not end the login.');
  }

  #switchTo(name: string, nonce: Buffer): Answer {
    this.#plugin = PLUGINS.get(name);
    this.#nonce = nonce;
    this.#isKeyAsked = false;
    if (this.#plugin !== undefined) return this.#plugin.first(this.#proof);
    const known = [...PLUGINS.keys()].join(', ');
    throw new BrokerError('target_unsupported', {
      detail: `The account logs in with the plugin ${JSON.stringify(name.slice(0, 64))}. The broker supports ${known}.`,
    });
  }

  #further(question: Buffer): Answer {
    if (this.#isKeyAsked) {
      this.#isKeyAsked = false;
      return say(encryptPassword(this.#password, this.#nonce, question));
    }
    const answer = this.#plugin?.further?.(question, this.#proof);
    if (answer === undefined) throw violation('The target asked for something unknown during the login.');
    return answer;
  }

  get #proof(): Proof {
    return { password: this.#password, nonce: this.#nonce, isEncrypted: this.#isEncrypted };
  }

  #write(answer: Answer): void {
    const bytes = this.#bytesOf(answer);
    if (bytes !== undefined) this.#channel.write(bytes);
  }

  #bytesOf(answer: Answer): Buffer | undefined {
    if (answer.kind === 'nothing') return undefined;
    this.#isKeyAsked = answer.kind === 'ask-key';
    return answer.bytes;
  }
}

function say(bytes: Buffer): Answer {
  return { kind: 'say', bytes };
}

/** The password itself, where TLS hides it or there is nothing to hide; else the question for a key that will. */
function whole({ password, isEncrypted }: Proof, keyRequest: number): Answer {
  if (isEncrypted || password === '') return say(Buffer.from(`${password}\0`, 'utf8'));
  return { kind: 'ask-key', bytes: Buffer.from([keyRequest]) };
}

function violation(detail: string): BrokerError {
  return new BrokerError('target_protocol_violation', { detail });
}
