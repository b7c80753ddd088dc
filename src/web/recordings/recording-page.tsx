import './recordings.css';
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { RecordingView } from '../../contracts/recordings/recording.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { PageHead } from '../parts/page-head.js';
import { Shown } from '../parts/said/shown.js';
import { Tabs } from '../parts/tabs.js';
import { Time } from '../parts/said/time.js';
import { Evidence } from '../replay/evidence/evidence.js';
import { Replay } from '../replay/replay.js';
import { recordingQuery } from '../replay/replay-calls.js';
import { Gate } from '../shell/gate.js';
import { TaskBox } from '../tasks/task-box.js';
import { texts } from '../texts/en.js';
import { RecordingBadges } from './recordings-page.js';

const words = texts.recordings;
const route = getRouteApi('/recordings/$grant');

/** One recording: its replay and its evidence. */
export function RecordingPage() {
  const { grant } = route.useParams();
  return (
    <Gate title={words.one} permission="recording.read" roles="reviewer">
      <Recording key={grant} grant={grant} />
    </Gate>
  );
}

function Recording({ grant }: { readonly grant: string }) {
  const { data, error, refetch } = useQuery(recordingQuery(grant));
  return (
    <>
      <PageHead
        title={words.one}
        {...(data === undefined ? {} : { windowTitle: `${words.one}: ${data.task.title.slice(0, 60)}` })}
      >
        <Link className="button" to="/tasks/$grant" params={{ grant }}>
          {words.toTask}
        </Link>
      </PageHead>
      {data !== undefined ? (
        <RecordingOf recording={data} />
      ) : error === null ? (
        <Loading />
      ) : (
        <FailureNote error={error} onRetry={() => void refetch()} />
      )}
    </>
  );
}

function RecordingOf({ recording }: { readonly recording: RecordingView }) {
  const { grantId, task, principal, target, openedAt } = recording;
  const [tab, setTab] = useState<'replay' | 'evidence'>('replay');
  return (
    <>
      <TaskBox task={task} />
      <p className="recording-facts">
        <span>
          {words.agent}: <Shown text={principal.name} />
        </span>
        <span>
          {words.target}: <Shown text={target} />
        </span>
        <span>
          {words.opened}: <Time at={openedAt} />
        </span>
        <RecordingBadges recording={recording} />
      </p>
      <Tabs
        label={words.one}
        chosen={tab}
        onChoose={setTab}
        tabs={[
          { name: 'replay', title: words.tabs.replay },
          { name: 'evidence', title: words.tabs.evidence },
        ]}
      >
        {tab === 'replay' ? (
          <Replay grant={grantId} onVerify={() => setTab('evidence')} />
        ) : (
          <Evidence recording={recording} />
        )}
      </Tabs>
    </>
  );
}
