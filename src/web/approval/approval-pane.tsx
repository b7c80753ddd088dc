import './approval.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { texts } from '../texts/en.js';
import { AgentPart } from './asker/agent-part.js';
import { approvalQuery } from './approval-query.js';
import { ChangesBanner } from './live/changes-banner.js';
import { ContextPart } from './asker/context-part.js';
import { DecisionPanel } from './decision/decision-panel.js';
import { DecisionsPart } from './decision/decisions-part.js';
import { EarlierPart } from './asker/earlier-part.js';
import { EffectPart } from './effect/effect-part.js';
import { FactsPart } from './facts/facts-part.js';
import type { ApprovalFeed } from './live/feed.js';
import { GrantPart } from './asker/grant-part.js';
import { HeadlinePart } from './facts/headline-part.js';
import { PolicyPart } from './facts/policy-part.js';
import { RawPart } from './statement/raw-part.js';
import { StatementPart } from './statement/statement-part.js';
import { ToldPart } from './asker/told-part.js';
import type { AnsweredView } from './decision/why-off.js';
import { WhyPart } from './asker/why-part.js';

export interface ApprovalPaneProps {
  readonly id: string;
  readonly feed: ApprovalFeed;
  /** Of its heading: 1 on a page of its own, 2 beside the list. */
  readonly level: 1 | 2;
  /** The question to go to next; undefined when nothing else waits for the person. */
  readonly nextId: string | undefined;
}

/** One question with all that is needed to decide it, and the way to decide. */
export function ApprovalPane(props: ApprovalPaneProps) {
  const { id, level } = props;
  const { data, dataUpdatedAt, error, refetch } = useQuery(approvalQuery(id));
  if (data === undefined) {
    return (
      <>
        {level === 1 ? <h1>{texts.approval.title}</h1> : null}
        {error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />}
      </>
    );
  }
  return <LoadedApproval key={id} view={data} answeredAtMs={dataUpdatedAt} {...props} />;
}

function LoadedApproval({ view, answeredAtMs, feed, level, nextId }: ApprovalPaneProps & AnsweredView) {
  const [read, setRead] = useState(view);
  return (
    <article className="approval">
      <div className="approval-grid">
        <div className="approval-head">
          <HeadlinePart view={view} level={level} />
          <ChangesBanner read={read} now={view} onRead={() => setRead(view)} />
          <FactsPart view={view} />
          <WhyPart view={view} />
          <AgentPart view={view} />
        </div>
        <div className="approval-what">
          {view.kind === 'grant' ? <GrantPart view={view} /> : <StatementPart view={view} />}
          {view.kind === 'grant' ? null : <EffectPart view={view} />}
        </div>
        <aside className="approval-decide">
          <DecisionPanel view={view} answeredAtMs={answeredAtMs} feed={feed} nextId={nextId} onDecided={setRead} />
        </aside>
        <div className="approval-more">
          <DecisionsPart view={view} />
          <ContextPart view={view} />
          <EarlierPart view={view} />
          <PolicyPart view={view} />
          <ToldPart view={view} />
          <RawPart view={view} />
        </div>
      </div>
    </article>
  );
}
