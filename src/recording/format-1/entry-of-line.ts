import type { Entry } from '../entries/entries.js';
import type { Line, TypedLine } from './lines.js';

/** All recordings of format 1 are of this protocol, which their lines do not name. */
const PROTOCOL = 'mysql';

/**
 * What a line of format 1 says, in the form of format 2. The fields that stand under `body` there keep their names, so
 * that the protocol reads both alike.
 */
export function entryOfLine(line: Line): Entry {
  switch (line.type) {
    case 'statement':
      return operationOf(line);
    case 'result':
      return resultOf(line);
    case 'command':
      return noteOf(line);
    case 'command.refused': {
      const { seq, prev, at, mono, session, command: name, code, payloadBytes, head } = line;
      return { seq, prev, at, mono, type: 'refused', session, name, code, payloadBytes, head };
    }
    case 'approval.asked':
    case 'approval.decided': {
      const { statement: operation, ...rest } = line;
      return { ...rest, operation };
    }
    case 'forwarded':
      return forwardedOf(line);
    default:
      return lifeOf(line);
  }
}

type LifeLine = TypedLine<
  'grant.opened' | 'session.opened' | 'session.refused' | 'session.closed' | 'grant.closing' | 'grant.closed'
>;

/** Beginnings and ends. */
function lifeOf(line: LifeLine): Entry {
  switch (line.type) {
    case 'grant.opened': {
      const { access, target, ...rest } = line;
      const { id, name, ...server } = target;
      return { ...rest, target: { id, name, protocol: PROTOCOL, ...server }, body: { access } };
    }
    case 'session.opened': {
      const { capabilities, collation, database, attributes, targetThread, ...rest } = line;
      return { ...rest, body: { capabilities, collation, database, attributes, targetThread } };
    }
    case 'grant.closed': {
      const { account, ...rest } = line;
      const { state, ...body } = account;
      return { ...rest, account: { state }, body };
    }
    default:
      return line;
  }
}

function noteOf({ seq, prev, at, mono, session, command: name, argument }: TypedLine<'command'>): Entry {
  const note = { seq, prev, at, mono, type: 'note', session, name } as const;
  return argument === undefined ? note : { ...note, body: { argument } };
}

function forwardedOf(line: TypedLine<'forwarded'>): Entry {
  const { statement: operation, privileges: given, rowsMax, ...rest } = line;
  return {
    ...rest,
    operation,
    ...(given === undefined ? {} : { given }),
    ...(rowsMax === undefined ? {} : { body: { rowsMax } }),
  };
}

// Nearly every line is one of these two, so no rest is taken, which costs as much as the parsing of the line.

function operationOf(line: TypedLine<'statement'>): Entry {
  const { seq, prev, at, mono, session, statement: operation, command: name, verdict, policies, why } = line;
  const { database, fingerprint: shape, prepared, values, bulk } = line;
  const text =
    'text' in line
      ? { text: line.text }
      : {
          textBase64: line.textBase64,
          ...(line.characterSet === undefined ? {} : { characterSet: line.characterSet }),
        };
  const asked = {
    ...(prepared === undefined ? {} : { prepared }),
    ...(values === undefined ? {} : { values }),
    ...(bulk === undefined ? {} : { bulk }),
  };
  return {
    seq,
    prev,
    at,
    mono,
    type: 'operation',
    session,
    operation,
    name,
    verdict,
    policies,
    shape,
    ...(why === undefined ? {} : { why }),
    body: { database, ...asked, ...text },
  };
}

function resultOf(line: TypedLine<'result'>): Entry {
  const {
    seq,
    prev,
    at,
    mono,
    session,
    statement,
    command: name,
    outcome,
    durationUs,
    response,
    results,
    error,
  } = line;
  return {
    seq,
    prev,
    at,
    mono,
    type: 'result',
    session,
    ...(statement === undefined ? {} : { operation: statement }),
    name,
    outcome,
    durationUs,
    ...(response === undefined ? {} : { response }),
    body: error === undefined ? { results } : { results, error },
  };
}
