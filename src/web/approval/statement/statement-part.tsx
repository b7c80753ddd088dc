import './statement.css';
import { Maximize2 } from 'lucide-react';
import { useState } from 'react';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { useKeys } from '../../keys/keys.js';
import { Button } from '../../parts/form/button.js';
import { CopyButton } from '../../parts/form/copy-button.js';
import { Note } from '../../parts/said/note.js';
import { texts } from '../../texts/en.js';
import { Digest } from '../facts/digest.js';
import { FullStatement } from './full-statement.js';
import { LaidOut } from './laid-out.js';
import { sqlOperationOf, type Operation } from './sql-view.js';
import { StatementText } from './statement-text.js';
import { ValuesPart } from './values-part.js';

const { approval } = texts;
/** Lines that the box shows before it scrolls. */
const LINES_SHOWN = 10;

/** The statement as it was sent, with what is bound to it. */
export function StatementPart({ view }: { readonly view: ApprovalView }) {
  const { statement } = view;
  if (statement === null) return <Note tone="deny">{approval.noStatement}</Note>;
  return <KnownStatement statement={statement} />;
}

function KnownStatement({ statement }: { readonly statement: Operation }) {
  const [isFull, setFull] = useState(false);
  const [isLaidOut, setLaidOut] = useState(false);
  const sql = sqlOperationOf(statement);
  const lines = statement.shown.split('\n').length;
  const hidden = statement.shown.match(/⟨U\+[0-9A-F]{4,6}⟩/g)?.length ?? 0;
  useKeys(approval.keys, [
    { key: 's', label: approval.fullScreen, run: () => setFull(true) },
    { key: 'c', label: approval.copyStatement, run: () => void navigator.clipboard.writeText(statement.text) },
  ]);
  return (
    <section className="statement" aria-label={approval.statement}>
      <header className="statement-head">
        <h3>{isLaidOut ? approval.statementLaid : approval.statement}</h3>
        <CopyButton text={statement.text} label={approval.copy} />
        <Digest text={statement.text} />
        {sql === undefined ? null : (
          <Button look="quiet" aria-pressed={isLaidOut} onClick={() => setLaidOut(!isLaidOut)}>
            {isLaidOut ? approval.asSent : approval.laidOut}
          </Button>
        )}
        <Button look="quiet" icon={<Maximize2 aria-hidden />} onClick={() => setFull(true)}>
          {lines > LINES_SHOWN ? approval.moreLines(lines - LINES_SHOWN) : approval.fullScreen}
        </Button>
      </header>
      {isLaidOut ? <LaidOut text={statement.text} /> : <StatementText operation={statement} />}
      {hidden === 0 ? null : <p className="statement-hint">{approval.hidden(hidden)}</p>}
      {sql?.highlight?.isRead === false ? <p className="statement-hint">{approval.notRead}</p> : null}
      {sql === undefined ? null : <ValuesPart operation={sql} />}
      <FullStatement operation={statement} isOpen={isFull} onClose={() => setFull(false)} />
    </section>
  );
}
