import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { isRefusal } from '../api/failure.js';
import { useMay } from '../api/me.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { PageHead } from '../parts/page-head.js';
import { Tabs } from '../parts/tabs.js';
import { Evidence } from '../replay/evidence/evidence.js';
import { Replay } from '../replay/replay.js';
import { recordingQuery } from '../replay/replay-calls.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { EndTask } from './end-task.js';
import { TaskAccess } from './task-access.js';
import { grantQuery } from './task-calls.js';
import { TaskEnd } from './task-end.js';
import { TaskHead } from './task-head.js';
import { TaskNow } from './task-now.js';
import { TaskQuestions } from './task-questions.js';
import { TASK_TABS, type TaskTab } from './task-tabs.js';

const { tasks } = texts;
const route = getRouteApi('/tasks/$grant');

/** One task, from its request to its seal. */
export function TaskPage() {
  const { grant } = route.useParams();
  return (
    <Gate title={tasks.title} permission="grant.read" roles="approver, reviewer or operator">
      <Task key={grant} id={grant} />
    </Gate>
  );
}

function Task({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(grantQuery(id));
  if (data === undefined) {
    return (
      <>
        <PageHead title={tasks.title} />
        {error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />}
      </>
    );
  }
  return <TaskOf grant={data} />;
}

function TaskOf({ grant }: { readonly grant: GrantDetailView }) {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = tab ?? (location.hash.startsWith('#e=') ? 'timeline' : firstTab(grant));
  const choose = (next: TaskTab) => void navigate({ search: { tab: next }, hash: true, replace: true });
  return (
    <>
      <PageHead title={tasks.one} windowTitle={`${tasks.one}: ${grant.task.title.slice(0, 60)}`}>
        <EndTask grant={grant} />
      </PageHead>
      <TaskHead grant={grant} />
      <Tabs
        label={tasks.one}
        chosen={chosen}
        onChoose={choose}
        tabs={TASK_TABS.map((name) => ({ name, title: tasks.tabs[name] }))}
      >
        <TaskPart grant={grant} tab={chosen} onVerify={() => choose('evidence')} />
      </Tabs>
    </>
  );
}

function firstTab({ state }: GrantDetailView): TaskTab {
  return state === 'sealed' ? 'timeline' : 'now';
}

interface TaskPartProps {
  readonly grant: GrantDetailView;
  readonly tab: TaskTab;
  readonly onVerify: () => void;
}

function TaskPart({ grant, tab, onVerify }: TaskPartProps) {
  switch (tab) {
    case 'now':
      return <TaskNow grant={grant} />;
    case 'timeline':
      return (
        <Recorded grant={grant}>
          <Replay grant={grant.id} onVerify={onVerify} />
        </Recorded>
      );
    case 'questions':
      return <TaskQuestions grant={grant} />;
    case 'access':
      return <TaskAccess grant={grant} />;
    case 'evidence':
      return (
        <Recorded grant={grant}>
          <TaskEvidence grant={grant.id} />
        </Recorded>
      );
    default:
      return <TaskEnd grant={grant} />;
  }
}

/** What of the recording is shown, to those who may read it and where there is one. */
function Recorded({ grant, children }: { readonly grant: GrantDetailView; readonly children: ReactNode }) {
  const mayRead = useMay('recording.read');
  if (!mayRead) return <p>{tasks.forReviewers}</p>;
  if (grant.activeAt === null) return <p>{tasks.noRecording}</p>;
  return children;
}

function TaskEvidence({ grant }: { readonly grant: string }) {
  const { data, error, refetch } = useQuery(recordingQuery(grant));
  if (data !== undefined) return <Evidence recording={data} />;
  if (isRefusal(error, 'recording_not_found')) return <p>{tasks.noRecording}</p>;
  return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
}
