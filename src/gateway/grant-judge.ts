import type { Access } from '../domain/access.js';
import type { CatalogSnapshot } from '../domain/catalog.js';
import type { StatementFacts } from '../domain/statement.js';
import type { PolicySubject } from '../domain/verdict.js';
import type { ErrorCode } from '../kernel/errors.js';
import type { PolicySet } from '../policy/policy-set.js';
import { analyse } from '../sql/analyse.js';
import { expandFacts } from '../sql/expand.js';
import { fingerprintOf } from '../sql/fingerprint.js';
import { neededPrivileges } from '../sql/needed-privileges.js';
import { needsOpinion, type Opinion, withOpinion } from '../sql/opinion.js';
import { sessionChange, type SessionChange } from '../sql/session-statement.js';
import { JudgeMemory } from './judge-memory.js';
import type { JudgedStatement, Judgement, PolicySource, SessionEffect, StatementJudge } from './ports.js';
import { privilegeGap } from './privileges/privilege-gap.js';
import type { SecondOpinion } from './second-opinion.js';

export interface GrantJudgeOptions {
  readonly subject: PolicySubject;
  /** What the grant may have at all. */
  readonly access: readonly Access[];
  readonly policies: PolicySource;
  readonly opinions: Pick<SecondOpinion, 'ask'>;
  readonly catalog: { snapshot(ageMsMax: number): Promise<CatalogSnapshot> };
}

/** A statement is judged by what the target had at most this long ago. */
const CATALOG_AGE_MS_MAX = 5_000;

/**
 * Judges the statements of one grant: our own analysis, a second parser, the target's catalog, then the policy. What
 * was judged is remembered by its shape, so that the same shape costs a lexer's pass and a look into a map.
 */
export class GrantJudge implements StatementJudge {
  readonly #options: GrantJudgeOptions;
  readonly #memory = new JudgeMemory();
  #policySet: PolicySet | undefined;
  #standing: readonly Access[] = [];
  #catalogVersion: string | undefined;

  constructor(options: GrantJudgeOptions) {
    this.#options = options;
  }

  /** What the task account holds on the target now, for the whole grant. */
  stand(standing: readonly Access[]): void {
    this.#standing = standing;
    this.#memory.clear();
  }

  /** Forgets what was judged by another catalog. */
  catalogIs(version: string): void {
    if (version !== this.#catalogVersion) this.#memory.clear();
    this.#catalogVersion = version;
  }

  judge(statement: JudgedStatement): Judgement | Promise<Judgement> {
    const policySet = this.#options.policies.current();
    if (policySet === undefined) return denied('policy_unavailable');
    if (policySet !== this.#policySet) {
      this.#memory.clear();
      this.#policySet = policySet;
    }
    const { command, bytes, text, scene } = statement;
    if (text === undefined) return denied('statement_not_utf8');
    const memory = this.#memory.of(scene);
    const known = command === 'COM_QUERY' ? memory.text(text) : memory.prepared(bytes);
    if (known !== undefined) return known;
    const fingerprint = fingerprintOf(bytes, scene.dialect);
    return (fingerprint !== undefined ? memory.shape(fingerprint) : undefined) ?? this.#judgeNew(policySet, statement);
  }

  async judgeAnew(statement: JudgedStatement): Promise<Judgement> {
    const policySet = this.#options.policies.current();
    if (policySet === undefined) return denied('policy_unavailable');
    const { opinion, catalog } = this.#look(statement, 0);
    return this.#conclude({ policySet, statement, opinion: await opinion, catalog: await catalog }).judgement;
  }

  #judgeNew(policySet: PolicySet, statement: JudgedStatement): Judgement | Promise<Judgement> {
    const { text, bytes, scene } = statement;
    if (scene.isAsciiOnly && text !== undefined && !isAscii(text)) {
      return denied(
        'statement_not_utf8',
        'The character set of this session is not utf8mb4, so only ASCII is understood.',
      );
    }
    const change = sessionChange(bytes, scene.dialect);
    if (change.kind === 'refuse') return denied(change.code, change.detail);
    const look = this.#look(statement, CATALOG_AGE_MS_MAX);
    if (look.opinion === undefined && look.catalog === undefined) {
      return this.#remember({ policySet, statement, opinion: undefined, catalog: undefined });
    }
    return Promise.all([look.opinion, look.catalog]).then(([opinion, catalog]) =>
      this.#remember({ policySet, statement, opinion, catalog }),
    );
  }

  /** Asks what the text alone does not say; undefined where there is nothing to ask. */
  #look(
    { bytes, text, scene }: JudgedStatement,
    ageMsMax: number,
  ): {
    readonly opinion: Promise<Opinion> | undefined;
    readonly catalog: Promise<CatalogSnapshot | string> | undefined;
  } {
    const { facts } = analyse(bytes, scene.dialect, scene.database);
    const touches = facts.tables.length > 0 || facts.unknownFunctions.length > 0;
    return {
      opinion: needsOpinion(facts) && text !== undefined ? this.#options.opinions.ask(text, scene.dialect) : undefined,
      catalog: touches
        ? this.#options.catalog.snapshot(ageMsMax).catch(() => 'the catalog of the target could not be read')
        : undefined,
    };
  }

  #remember(looked: Looked): Judgement {
    const { judgement, isLasting } = this.#conclude(looked);
    const { policySet, statement } = looked;
    if (isLasting && policySet === this.#policySet) {
      const { scene, bytes } = statement;
      this.#memory.of(scene).keep(statement, fingerprintOf(bytes, scene.dialect), judgement);
    }
    return judgement;
  }

  #conclude({ policySet, statement, opinion, catalog }: Looked): {
    readonly judgement: Judgement;
    readonly isLasting: boolean;
  } {
    const { bytes, scene } = statement;
    const { dialect, database, inTransaction } = scene;
    const analysis = analyse(bytes, dialect, database);
    let { facts } = analysis;
    if (opinion !== undefined) facts = withOpinion(facts, opinion, database);
    if (typeof catalog === 'string') facts = { ...facts, notUnderstood: facts.notUnderstood ?? catalog };
    else if (catalog !== undefined) {
      this.catalogIs(catalog.version);
      facts = expandFacts(facts, catalog, database);
    }
    const verdict = policySet.judge({ ...this.#options.subject, facts, database, inTransaction });
    const { missing, outside } = privilegeGap(neededPrivileges(analysis.facts), this.#standing, this.#options.access);
    const judgement = {
      ...verdict,
      fingerprint: analysis.fingerprint,
      facts,
      missing,
      outside,
      effect: effectOf(facts, sessionChange(bytes, dialect)),
      policyVersion: policySet.version,
      refusal: 'statement_denied' as const,
    };
    // What could not be asked now may be answered the next time.
    return { judgement, isLasting: opinion?.kind !== 'none' && typeof catalog !== 'string' };
  }
}

interface Looked {
  readonly policySet: PolicySet;
  readonly statement: JudgedStatement;
  readonly opinion: Opinion | undefined;
  /** A text says why there is none. */
  readonly catalog: CatalogSnapshot | string | undefined;
}

function effectOf(facts: StatementFacts, change: SessionChange): SessionEffect | undefined {
  if (facts.action === 'unknown') return { isUnknown: true };
  // Dynamic SQL may hold any SET; what a routine sets ends with it.
  if (facts.action === 'execute' && facts.kind !== 'call') return { isUnknown: true };
  if (change.kind !== 'change') return undefined;
  const { database, sqlMode } = change;
  return { ...(database === undefined ? {} : { database }), ...(sqlMode === undefined ? {} : { sqlMode }) };
}

/** A refusal that no policy decides: the broker itself cannot let the statement through. */
function denied(refusal: ErrorCode, why = ''): Judgement {
  return { ...NOT_JUDGED, refusal, why };
}

const NOTHING_KNOWN: StatementFacts = {
  kind: 'unknown',
  action: 'unknown',
  statements: 1,
  tables: [],
  columns: [],
  functions: [],
  unknownFunctions: [],
  where: 'none',
  hasLimit: false,
  flags: [],
  triggers: [],
  notUnderstood: 'it was not looked at',
};

const NOT_JUDGED: Judgement = {
  verdict: 'deny',
  policies: [],
  hold: null,
  why: '',
  fingerprint: null,
  facts: NOTHING_KNOWN,
  missing: [],
  outside: [],
  effect: undefined,
  policyVersion: null,
  refusal: 'internal',
};

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
