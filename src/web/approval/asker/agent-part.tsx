import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { AgentBox } from '../../parts/said/agent-box.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;
const ADDRESS = /^https?:\/\//i;

/** What the agent says of its task. A reference is opened by a click alone, and its host is spelled out. */
export function AgentPart({ view: { task } }: { readonly view: ApprovalView }) {
  return (
    <AgentBox>
      <p className="agent-task">
        <Shown text={task.title} />
      </p>
      <p className="agent-reference">
        {task.reference === null ? (
          <span className="soft">{approval.noReference}</span>
        ) : (
          <Reference text={task.reference} />
        )}
      </p>
    </AgentBox>
  );
}

function Reference({ text }: { readonly text: string }) {
  const url = ADDRESS.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return <Shown text={text} />;
  return (
    <>
      <a href={url.href} target="_blank" rel="noopener noreferrer nofollow">
        <Shown text={text} />
      </a>{' '}
      <span className="soft">
        (<Shown text={url.host} />)
      </span>
    </>
  );
}
