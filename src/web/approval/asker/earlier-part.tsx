import { Link } from '@tanstack/react-router';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Shown } from '../../parts/said/shown.js';
import { TimeAndAgo } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';
import { StateBadge } from '../facts/headline-part.js';

const { approval } = texts;

type Difference = NonNullable<ApprovalView['earlier']['difference']>;

/** What the task had asked before, and how this question differs from the last one that is alike. */
export function EarlierPart({ view: { earlier } }: { readonly view: ApprovalView }) {
  const { items, more, difference } = earlier;
  if (items.length === 0) return null;
  return (
    <section className="approval-part" aria-label={approval.earlier}>
      <h3>{approval.earlier}</h3>
      {difference === null ? null : <DifferencePart difference={difference} />}
      <ul className="earlier">
        {items.map((item) => (
          <li key={item.id}>
            <StateBadge view={item} />{' '}
            <Link to="/approvals/$id" params={{ id: item.id }}>
              <Shown text={item.excerpt?.line ?? approval.kinds[item.kind]} />
            </Link>{' '}
            <span className="soft">
              <TimeAndAgo at={item.askedAt} /> {item.isAlike ? `· ${approval.alike}` : ''}
            </span>
          </li>
        ))}
      </ul>
      {more ? <p className="soft">{approval.earlierMore}</p> : null}
    </section>
  );
}

function DifferencePart({ difference: { approval: id, parts } }: { readonly difference: Difference }) {
  return (
    <div className="difference">
      <p>
        {approval.differs} (
        <Link to="/approvals/$id" params={{ id }}>
          {approval.toEarlier}
        </Link>
        ):
      </p>
      {parts === null ? (
        <p>{approval.differsTooMuch}</p>
      ) : (
        <pre className="difference-text">
          {parts.map(({ kind, shown }, place) => {
            const Tag = kind === 'removed' ? 'del' : kind === 'added' ? 'ins' : 'span';
            return (
              <Tag key={place}>
                <Shown text={shown} lines />
              </Tag>
            );
          })}
        </pre>
      )}
    </div>
  );
}
