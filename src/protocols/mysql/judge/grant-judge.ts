import type { Access } from '../../sql/access.js';
import { isReadCharacterSet } from '../charset/character-sets.js';
import type { CatalogSnapshot } from '../../sql/catalog.js';
import type { NeededPrivilege } from '../../sql/privilege.js';
import type { StatementAction, StatementFacts } from '../../sql/statement.js';
import type { PolicySubject } from '../../../domain/verdict.js';
import type { Clock } from '../../../kernel/clock.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import type { PolicySet } from '../../../policy/policy-set.js';
import { analyse } from '../sql/analyse.js';
import { expandFacts } from '../../sql/expand.js';
import { fingerprintOfUtf8 } from '../sql/shape/fingerprint.js';
import { isolationChange } from '../sql/session/isolation.js';
import { withReadLocks } from '../sql/locking-read.js';
import { metadataSights, type MetadataSight } from '../sql/metadata-sight.js';
import { neededPrivileges } from '../sql/needed-privileges.js';
import { needsOpinion, type Opinion, plainOpinion, withOpinion } from '../sql/opinion/opinion.js';
import type { PlainView } from '../sql/plain/plain-read.js';
import { sessionChange, type SessionChange } from '../sql/session/session-statement.js';
import { JudgeMemory } from './judge-memory.js';
import type { PolicySource } from '../../../gateway/ports.js';
import type { JudgedStatement, Judgement, SessionEffect, SessionScene, StatementJudge } from './judgement.js';
import type { GrantCatalog } from '../catalog/shared-catalog.js';
import { holdingsOfAccess, needsOfHolding } from '../../sql/privileges/holdings.js';
import { metadataNeeds } from './metadata-needs.js';
import { privilegeGap } from '../../sql/privileges/privilege-gap.js';
import type { SecondOpinion } from './second-opinion.js';
import { statementCase } from '../../sql/policy/questions.js';

export interface GrantJudgeOptions {
  readonly subject: PolicySubject;
  /** What the grant may have at all. */
  readonly access: readonly Access[];
  /** The task account, as servers list it: `dw_x@%`. */
  readonly account: string;
  readonly policies: PolicySource;
  readonly opinions: Pick<SecondOpinion, 'ask'>;
  readonly catalog: Pick<GrantCatalog, 'fresh' | 'snapshot' | 'outdate'>;
  readonly clock: Clock;
  /** `shape`: a text takes the verdict of another one of its shape. `text`: of the same text only; every new one is read. */
  readonly verdictsBy: 'shape' | 'text';
}

/** A statement is judged by what the target had at most this long ago. */
const CATALOG_AGE_MS_MAX = 5_000;
/** Nothing is remembered for longer without a word that the catalog is the same still. */
const UNCONFIRMED_US_MAX = 15_000_000;

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
  /** Counts what was forgotten: what was asked before that is not remembered after it. */
  #age = 0;
  #confirmedUs = 0;
  #wasAsked = true;

  constructor(options: GrantJudgeOptions) {
    this.#options = options;
  }

  /** What the task account holds on the target now, for the whole grant. */
  stand(standing: readonly Access[]): void {
    this.#standing = standing;
    this.#forget();
  }

  /** Forgets what was judged by another catalog than the target has now. */
  catalogIs(version: string): void {
    if (version !== this.#catalogVersion) this.#forget();
    this.#catalogVersion = version;
    this.#confirmedUs = this.#options.clock.monotonicUs();
  }

  /** Whether anything was judged since this was called last. */
  takeWasAsked(): boolean {
    const wasAsked = this.#wasAsked;
    this.#wasAsked = false;
    return wasAsked;
  }

  /** Forgets what was judged by the catalog as it was until now: a statement was answered that may have changed it. */
  catalogMayHaveChanged(): void {
    this.#forget();
    this.#catalogVersion = undefined;
    this.#options.catalog.outdate();
  }

  judge(statement: JudgedStatement): Judgement | Promise<Judgement> {
    const { policies, clock } = this.#options;
    const policySet = policies.current();
    if (policySet === undefined) return denied('policy_unavailable');
    if (policySet !== this.#policySet || clock.monotonicUs() - this.#confirmedUs > UNCONFIRMED_US_MAX) {
      this.#forget();
      this.#policySet = policySet;
    }
    this.#wasAsked = true;
    const { command, bytes, analysed, text, scene } = statement;
    if (analysed === undefined || text === undefined) return denied('statement_not_utf8', unreadableDetail(scene));
    const memory = this.#memory.of(scene);
    const known = command === 'COM_QUERY' ? memory.text(text) : memory.prepared(bytes);
    if (known !== undefined) return known;
    const fingerprint = fingerprintOfUtf8(analysed, scene.dialect);
    const isShared = fingerprint !== undefined && this.#options.verdictsBy === 'shape';
    const ofShape = isShared ? memory.shape(fingerprint) : undefined;
    if (ofShape === undefined) return this.#judgeNew(policySet, this.#read(statement, analysed, { fingerprint }));
    if (command !== 'COM_QUERY') memory.keepPrepared(bytes, ofShape);
    return ofShape;
  }

  async judgeAnew(statement: JudgedStatement): Promise<Judgement> {
    const policySet = this.#options.policies.current();
    if (policySet === undefined) return denied('policy_unavailable');
    const { analysed, scene } = statement;
    if (analysed === undefined) return denied('statement_not_utf8', unreadableDetail(scene));
    const read = this.#read(statement, analysed);
    const looked = await Promise.all([this.#opinionOf(read), this.#catalogOf(read, 0)]);
    return this.#conclude(policySet, read, looked).judgement;
  }

  #forget(): void {
    this.#memory.clear();
    this.#confirmedUs = this.#options.clock.monotonicUs();
    this.#age += 1;
  }

  #read(
    statement: JudgedStatement,
    analysed: Buffer,
    shape?: { readonly fingerprint: string | undefined },
  ): AnalysedStatement {
    const { bytes, scene } = statement;
    const {
      facts: ofText,
      fingerprint,
      plainText,
      isList,
      plain,
    } = analyse(analysed, scene.dialect, scene.database, shape);
    const facts = scene.locksReads ? withReadLocks(ofText) : ofText;
    const text = plainText ?? (bytes === analysed ? (statement.text ?? '') : analysed.toString('utf8'));
    const sights = facts.action === 'read' ? metadataSights(analysed, facts, scene) : [];
    const change = fingerprint === null ? sessionChange(analysed, scene.dialect) : NO_CHANGE;
    return { statement, text, facts, fingerprint, isList, plain, sights, change };
  }

  #judgeNew(policySet: PolicySet, read: AnalysedStatement): Judgement | Promise<Judgement> {
    const { change, statement } = read;
    if (change.kind === 'refuse') return denied(change.code, change.detail);
    if (read.isList) return denied('statements_over_one');
    if (change.kind === 'change' && change.database !== undefined && statement.command !== 'COM_QUERY') {
      // After an execution that was prepared in another database, a server goes back to that of its session.
      return denied('session_change_refused', 'The broker does not prepare USE; send it as a statement of its own.');
    }
    const setsSession = change.kind === 'change' && change.database === undefined && change.limitMs === undefined;
    if (setsSession && statement.bytes !== statement.analysed) {
      return denied(
        'session_change_refused',
        'The broker reads a statement that sets something of the session only in ASCII or UTF-8.',
      );
    }
    const opinion = this.#opinionOf(read);
    const catalog = this.#catalogOf(read, CATALOG_AGE_MS_MAX);
    // As nearly always: nothing is waited for.
    if (!(opinion instanceof Promise) && !(catalog instanceof Promise)) {
      return this.#remember(policySet, read, [opinion, catalog]);
    }
    const age = this.#age;
    return Promise.all([opinion, catalog]).then((looked) =>
      age === this.#age ? this.#remember(policySet, read, looked) : this.#conclude(policySet, read, looked).judgement,
    );
  }

  /** Undefined where a second opinion could add nothing. The second parser is asked where our own grammar ends. */
  #opinionOf({ facts, plain, text, statement }: AnalysedStatement): Opinion | Promise<Opinion> | undefined {
    if (!needsOpinion(facts)) return undefined;
    return plainOpinion(facts, plain) ?? this.#options.opinions.ask(text, statement.scene.dialect);
  }

  /** Undefined where nothing of the catalog is touched; a text says why it is not known. */
  #catalogOf(
    { facts, sights }: AnalysedStatement,
    ageMsMax: number,
  ): CatalogSnapshot | Promise<CatalogSnapshot | string> | undefined {
    if (facts.tables.length === 0 && facts.unknownFunctions.length === 0 && sights.length === 0) return undefined;
    const { catalog } = this.#options;
    return (
      catalog.fresh(ageMsMax) ?? catalog.snapshot(ageMsMax).catch(() => 'the catalog of the target could not be read')
    );
  }

  #remember(policySet: PolicySet, read: AnalysedStatement, looked: Looked): Judgement {
    const { judgement, isLasting } = this.#conclude(policySet, read, looked);
    if (isLasting) {
      const { statement, fingerprint } = read;
      const shape = this.#options.verdictsBy === 'shape' ? (fingerprint ?? undefined) : undefined;
      this.#memory.keep(statement, shape, judgement);
    }
    return judgement;
  }

  #conclude(
    policySet: PolicySet,
    { statement, text, facts: own, fingerprint, sights, change }: AnalysedStatement,
    [opinion, catalog]: Looked,
  ): { readonly judgement: Judgement; readonly isLasting: boolean } {
    const { dialect, database, inTransaction } = statement.scene;
    let facts = own;
    if (opinion !== undefined) facts = withOpinion(facts, opinion, database);
    if (typeof catalog === 'string') facts = { ...facts, notUnderstood: facts.notUnderstood ?? catalog };
    else if (catalog !== undefined) {
      this.catalogIs(catalog.version);
      facts = expandFacts(facts, catalog, database);
    }
    const verdict = policySet.judge(statementCase({ ...this.#options.subject, facts, database, inTransaction }));
    const { access, account } = this.#options;
    // What is done by views and stored code is done in their owners' names: the text alone says what is needed, whatever
    // is unknown about what it touches; but defaults of columns are evaluated in the name of the one who inserts. Anyone who
    // approves a text that is not understood approves that it has all that the grant may have.
    const byDefault = facts.tables.filter(({ by }) => by === 'default');
    const named = byDefault.length === 0 ? own : { ...own, tables: [...own.tables, ...byDefault] };
    const needs = own.notUnderstood === null ? neededPrivileges(named, dialect.flavour) : needsOfAccess(access);
    const snapshot = typeof catalog === 'string' ? undefined : catalog;
    const seeing = metadataNeeds(sights, {
      access,
      account,
      flavour: dialect.flavour,
      standing: this.#standing,
      snapshot,
    });
    const { missing, outside } = privilegeGap([...needs, ...seeing.needs], this.#standing, access);
    const judgement = {
      ...verdict,
      missing,
      outside,
      fingerprint,
      facts,
      effect: effectOf(text, facts, change),
      policyVersion: policySet.version,
      refusal: 'statement_denied' as const,
    };
    // What could not be asked now may be answered the next time.
    const isPassing = (opinion?.kind === 'none' && opinion.isPassing === true) || typeof catalog === 'string';
    if (seeing.lacking.length === 0 || judgement.verdict === 'deny') return { judgement, isLasting: !isPassing };
    const why = `It needs ${seeing.lacking.join(', ')}. Without these privileges its answer would leave out things that exist.`;
    const refused = { ...judgement, verdict: 'deny' as const, refusal: 'statement_outside_grant' as const, why };
    return { judgement: refused, isLasting: !isPassing };
  }
}

/** A statement as its text alone says it is. */
interface AnalysedStatement {
  readonly statement: JudgedStatement;
  /** What the second parser is given. */
  readonly text: string;
  readonly facts: StatementFacts;
  readonly fingerprint: string | null;
  readonly isList: boolean;
  readonly plain: PlainView | undefined;
  /** The lists of metadata that it reads. */
  readonly sights: readonly MetadataSight[];
  readonly change: SessionChange;
}

/** Of a text that has a fingerprint, which is SELECT or a change of rows. */
const NO_CHANGE: SessionChange = { kind: 'none' };

/** What the second parser and the catalog said, where they were asked. */
type Looked = readonly [opinion?: Opinion | undefined, catalog?: CatalogSnapshot | string | undefined];

/** Kinds of statements after which the catalog may be another one. */
const CHANGES_CATALOG: ReadonlySet<StatementAction> = new Set(['schema', 'execute', 'admin', 'unknown']);

function effectOf(text: string, facts: StatementFacts, change: SessionChange): SessionEffect | undefined {
  // Dynamic SQL may hold any SET. Stored code that does is not understood; other stored code leaves the session as it is,
  // and asking after it would take ROW_COUNT() and SHOW WARNINGS from the client.
  const isDynamic = facts.action === 'execute' && facts.kind !== 'call';
  const isolation = isolationChange(text, facts);
  const isUnknown = isDynamic || facts.action === 'unknown' || facts.notUnderstood !== null || isolation !== 'none';
  const changed = change.kind === 'change' ? change : undefined;
  const effect: SessionEffect = {
    ...(isUnknown || changed?.isUnknown === true ? { isUnknown: true } : {}),
    ...(isolation === 'next' ? { mayBeSerializable: true as const } : {}),
    ...(CHANGES_CATALOG.has(facts.action) ? { changesCatalog: true } : {}),
    ...(changed?.database === undefined ? {} : { database: changed.database }),
    ...(changed?.sqlMode === undefined ? {} : { sqlMode: changed.sqlMode }),
    ...(changed?.setsTimeLimit === undefined ? {} : { setsTimeLimit: changed.setsTimeLimit }),
    ...(changed?.limitMs === undefined ? {} : { limitMs: changed.limitMs }),
    ...(changed?.asks === undefined ? {} : { asks: changed.asks }),
  };
  return Object.keys(effect).length === 0 ? undefined : effect;
}

/** All privileges of the grant. */
function needsOfAccess(access: readonly Access[]): readonly NeededPrivilege[] {
  return holdingsOfAccess(access).flatMap(needsOfHolding);
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
  notUnderstood: 'the broker has not looked at it',
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

/** Says more than the code only where the session's character set is the reason. */
function unreadableDetail({ characterSet, narrowedTo }: SessionScene): string {
  if (narrowedTo !== null) {
    return `The session converts texts from ${characterSet} into ${narrowedTo}, which does not have a character of this statement.`;
  }
  if (!isReadCharacterSet(characterSet)) {
    return `The session's character set is ${characterSet}. The broker understands only its ASCII characters.`;
  }
  return '';
}
