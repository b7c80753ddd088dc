import { Circle, CircleCheck, CircleMinus, CircleX } from 'lucide-react';
import type { TargetTestView, TargetView } from '../../contracts/grants/target.js';
import { useMay } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Note } from '../parts/said/note.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';
import { GrantLines } from './grant-lines.js';
import { ReachMark } from './target-marks.js';
import { useTestTarget } from './target-query.js';

type Step = TargetTestView['steps'][number];

/** How the target was reached last, and the button that has a gateway try it again. */
export function TargetTest({ target }: { readonly target: TargetView }) {
  const test = useTestTarget(target.name);
  const mayTest = useMay('target.write');
  const { targetTest: words } = texts;
  const button = (
    <Button disabled={test.isPending} onClick={() => test.mutate()}>
      {test.isPending ? texts.common.working : words.test}
    </Button>
  );
  return (
    <Section title={words.title} acts={mayTest ? button : null}>
      <p>
        <ReachMark target={target} />
      </p>
      {target.lastLook?.ok === false && test.data === undefined ? <p>{target.lastLook.what}</p> : null}
      <p role="status" className="soft">
        {test.isPending ? words.testing : ''}
      </p>
      {test.isError ? <FailureNote error={test.error} /> : null}
      {test.data === undefined || test.isPending ? null : <TestOutcome tested={test.data} />}
    </Section>
  );
}

function TestOutcome({ tested: { ok, durationMs, steps, hint, missing, code } }: { readonly tested: TargetTestView }) {
  const { targetTest: words } = texts;
  return (
    <>
      <Note tone={ok ? 'plain' : 'deny'} role={ok ? 'status' : 'alert'}>
        <p>
          <strong>{ok ? words.works(durationMs) : words.fails}</strong>
        </p>
        {missing.length > 0 ? <p>{words.lacks}</p> : hint === null ? null : <p>{hint}</p>}
        {code === null ? null : <p className="note-code">{code}</p>}
      </Note>
      <ol className="test-steps">
        {steps.map((step) => (
          <StepLine key={step.step} step={step} />
        ))}
      </ol>
      <GrantLines missing={missing} />
    </>
  );
}

const ICONS = { ok: CircleCheck, failed: CircleX, off: CircleMinus, 'not-reached': Circle } as const;

function StepLine({ step: { step, outcome, detail } }: { readonly step: Step }) {
  const Icon = ICONS[outcome];
  const { targetTest: words } = texts;
  return (
    <li className={`test-step ${outcome}`}>
      <Icon aria-hidden />
      <span className="test-step-name">{words.steps[step]}</span>
      <span className="test-step-found">
        {outcome === 'ok' && detail !== null ? null : <span className="soft">{words.outcomes[outcome]} </span>}
        {detail === null ? null : <Shown text={detail} lines />}
      </span>
    </li>
  );
}
