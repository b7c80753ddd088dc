import { lazy, Suspense, useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { PolicyCheckView, PolicyView } from '../../../contracts/policies/policy.js';
import { Loading } from '../../parts/said/loading.js';
import { texts } from '../../texts/en.js';
import { CheckedText } from './checked-text.js';
import type { TextMark } from '../editor/code-editor.js';
import { PolicyConflict } from './policy-conflict.js';
import type { WrittenPolicy } from './policy-draft.js';
import { useCheck } from '../policy-query.js';
import { SavePolicy } from './save-policy.js';

const CodeEditor = lazy(() => import('../editor/code-editor.js').then((module) => ({ default: module.CodeEditor })));

const PAUSE_MS = 400;

export interface PolicyEditorProps {
  readonly name: string;
  readonly policy: PolicyView | null;
  readonly draft: WrittenPolicy;
  readonly isReadOnly: boolean;
}

/** The text of a policy, what the broker says of it, and how it is saved. */
export function PolicyEditor({ name, policy, draft, isReadOnly }: PolicyEditorProps) {
  const checkedText = usePaused(draft.text);
  const check = useCheck(name, checkedText, !isReadOnly && draft.isChanged && checkedText !== '');
  const [goTo, setGoTo] = useState<{ readonly line: number; readonly column: number }>();
  const said = draft.isChanged ? check.data : saidOf(policy, name);
  const marks = useMemo(() => (said === undefined ? [] : marksOf(said, name)), [said, name]);
  return (
    <section aria-label={texts.policies.text}>
      {draft.isConflict ? <PolicyConflict policy={policy} draft={draft} /> : null}
      <Suspense fallback={<Loading />}>
        <CodeEditor
          label={texts.policies.text}
          text={draft.text}
          onChange={draft.write}
          isReadOnly={isReadOnly}
          marks={marks}
          goTo={goTo}
        />
      </Suspense>
      <CheckedText
        name={name}
        said={said}
        isChecking={draft.isChanged && (check.isFetching || checkedText !== draft.text)}
        onGo={(line, column) => setGoTo({ line, column })}
      />
      {isReadOnly ? null : <SavePolicy name={name} draft={draft} />}
    </section>
  );
}

/** What is known of the text that is in force. */
function saidOf(policy: PolicyView | null, name: string): PolicyCheckView | undefined {
  if (policy === null) return undefined;
  const { problem, warnings } = policy;
  return { problem: problem === null ? null : { ...problem, policy: name }, warnings };
}

function marksOf({ problem, warnings }: PolicyCheckView, name: string): readonly TextMark[] {
  const error: readonly TextMark[] =
    problem === null || problem.policy !== name
      ? []
      : [{ line: problem.line, column: problem.column, severity: 'error', message: problem.reason }];
  return [
    ...error,
    ...warnings.map(({ line, text }): TextMark => ({ line, column: 1, severity: 'warning', message: text })),
  ];
}

/** A text as it was when nobody wrote for a moment. */
function usePaused(text: string): string {
  const deferred = useDeferredValue(text);
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(deferred), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [deferred]);
  return paused;
}
