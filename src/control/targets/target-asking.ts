import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { AskingView } from '../../contracts/grants/target.js';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import type { PolicySubject, PolicyVerdict } from '../../domain/verdict.js';
import { BrokerError } from '../../kernel/errors.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import { PolicyReader } from '../../persistence/policies/policy-reader.js';
import type { PolicySet } from '../../policy/policy-set.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { outlookViewOf } from '../grants/outlook-view.js';
import type { Caller } from '../http/access.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { askingWords } from './asking-words.js';

/** A view has up to some kilobytes. Pages of many targets for several agents have to fit, or nothing would be found again. */
const KEPT_MAX = 2_000;
/** Rules of access whose statements are looked at; a rule of eight privileges costs about thirty questions to the policies. */
const LOOKED_AT_MAX = 3;

type Requester = Pick<Caller, 'id' | 'name' | 'kind'>;
type AskedWay = NonNullable<AskingView['everything']>;

/**
 * What meets an agent when it asks for a grant on a target, before it asks. To find it costs some milliseconds of the one thread
 * that answers everybody, so what was found is kept until the policies or the target are others.
 */
@Injectable()
export class TargetAsking {
  readonly #kept = new Map<string, AskingView>();

  constructor(
    private readonly policies: PolicyReader,
    private readonly protocols: KnownProtocols,
  ) {}

  /**
   * Of each row, in their order; null for a target that nobody has looked at or whose protocol this api does not know.
   * @throws BrokerError `state_unavailable`, `policy_invalid`
   */
  async of({ id, name, kind }: Requester, rows: readonly TargetRow[]): Promise<readonly (AskingView | null)[]> {
    if (rows.length === 0) return [];
    const policies = await this.policies.read();
    const views: (AskingView | null)[] = [];
    for (const row of rows) {
      const protocol = this.protocols.find(row.protocol);
      if (row.report === null || protocol === undefined) {
        views.push(null);
        continue;
      }
      const target = { name: row.name, labels: row.labels, flavour: row.report.flavour };
      const key = JSON.stringify([policies.version, id, row.id, row.revision, target.flavour]);
      const kept = this.#kept.get(key);
      if (kept === undefined) await nextTurn();
      const view = kept ?? askingOf(protocol, policies, { row, subject: { principal: { id, name, kind }, target } });
      this.#keep(key, view);
      views.push(view);
    }
    return views;
  }

  /** The one that was asked for longest ago gives way. */
  #keep(key: string, view: AskingView): void {
    this.#kept.delete(key);
    this.#kept.set(key, view);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
  }
}

interface AskingScene {
  readonly row: TargetRow;
  readonly subject: PolicySubject;
}

function askingOf(protocol: TargetProtocol, policies: PolicySet, { row, subject }: AskingScene): AskingView {
  const { ttlSecondsMax: ttlSeconds } = row.limits;
  const judged = (access: readonly ProtocolValue[]): AskedWay & Pick<PolicyVerdict, 'hold'> => {
    const { verdict, why, hold } = policies.judge(protocol.policies.grantCase(subject, { access, ttlSeconds }));
    return { access: [...access], verdict, why, hold };
  };
  const least = leastAccess(protocol, row);
  const widest = protocol.grants.widest(row);
  const withoutAccess = least === null ? null : judged(least);
  const everything = widest.length === 0 ? null : judged(widest);
  const access = (everything ?? withoutAccess)?.access.slice(0, LOOKED_AT_MAX) ?? null;
  const outlook =
    access === null ? null : outlookViewOf(protocol.policies.outlook({ policies, subject, access }), 'wait');
  return {
    words: askingWords({
      withoutAccess,
      everything,
      outlook: outlook === null || access === null ? null : { words: outlook.words, rules: access.length },
      inWords: (rule) => protocol.grants.inWords(rule),
    }),
    withoutAccess: withoutAccess === null ? null : viewOf(withoutAccess),
    everything: everything === null ? null : viewOf(everything),
    outlook,
  };
}

/** What a grant gets whose request names no access; null: it has to name some. */
function leastAccess({ grants }: TargetProtocol, row: TargetRow): readonly ProtocolValue[] | null {
  try {
    return grants.plan(undefined, row, ['access']).access;
  } catch (error) {
    if (error instanceof BrokerError && REFUSED.has(error.code)) return null;
    throw error;
  }
}

/** The target has no default database, or its limits do not let it be read. */
const REFUSED: ReadonlySet<string> = new Set(['grant_access_missing', 'grant_privileges_over_limit']);

function viewOf({ access, verdict, why }: AskedWay): AskedWay {
  return { access, verdict, why };
}
