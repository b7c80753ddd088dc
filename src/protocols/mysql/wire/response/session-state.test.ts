import { describe, expect, it } from 'vitest';
import { capturedResponse } from './captured-responses.fixture.js';
import { ResponseTracker } from './response-tracker.js';
import { decodeSessionState } from './session-state.js';

function changesIn(name: string) {
  const { capabilities, command, bytes } = capturedResponse(name);
  const tracker = new ResponseTracker(capabilities);
  tracker.begin(command);
  tracker.push(bytes);
  return decodeSessionState(tracker.results[0]?.sessionState ?? Buffer.alloc(0));
}

describe('the session state', () => {
  it('says which variables were set, several in one entry', () => {
    expect(changesIn('a change of variables, without EOF')).toEqual([
      { kind: 'variable', name: 'autocommit', value: 'ON' },
      { kind: 'variable', name: 'sql_mode', value: 'ANSI_QUOTES' },
    ]);
  });

  it('says which database is in use', () => {
    expect(changesIn('a change of database, with EOF')).toEqual([{ kind: 'schema', name: 'test' }]);
  });

  it('names other trackers by their number', () => {
    expect(decodeSessionState(Buffer.from('020201310909616263646566676869', 'hex'))).toEqual([
      { kind: 'other', tracker: 2 },
      { kind: 'other', tracker: 9 },
    ]);
  });

  it.each(['00', '0005', '000401', '01020561'])('is refused as %s', (hex) => {
    expect(() => decodeSessionState(Buffer.from(hex, 'hex'))).toThrow(/^target_protocol_violation/);
  });
});
