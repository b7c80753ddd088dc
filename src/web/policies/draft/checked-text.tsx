import type { PolicyCheckView } from '../../../contracts/policies/policy.js';
import { Button } from '../../parts/form/button.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';

export interface CheckedTextProps {
  readonly name: string;
  /** Undefined: nobody has looked. */
  readonly said: PolicyCheckView | undefined;
  readonly isChecking: boolean;
  readonly onGo: (line: number, column: number) => void;
}

/** What the broker says of the text: the first thing that is wrong, else what is worth a second look. */
export function CheckedText({ name, said, isChecking, onGo }: CheckedTextProps) {
  const { policies: words } = texts;
  const problem = said?.problem ?? null;
  return (
    <>
      <p className="policy-checked soft" role="status">
        {isChecking ? words.checking : said !== undefined && problem === null ? words.textValid : ''}
      </p>
      {problem === null || isChecking ? null : (
        <Note tone="deny" role="status">
          <p>
            <strong>
              {problem.policy === name
                ? words.problemAt(problem.line, problem.column)
                : words.problemElsewhere(problem.policy)}
            </strong>
          </p>
          <p>
            <Shown text={problem.reason} lines />
          </p>
          {problem.policy === name ? (
            <Button onClick={() => onGo(problem.line, problem.column)}>{words.goThere}</Button>
          ) : null}
        </Note>
      )}
      <Warnings warnings={said?.warnings ?? []} onGo={onGo} />
    </>
  );
}

function Warnings({ warnings, onGo }: Pick<PolicyCheckView, 'warnings'> & Pick<CheckedTextProps, 'onGo'>) {
  const { policies: words } = texts;
  if (warnings.length === 0) return null;
  return (
    <Note tone="hold">
      <p>
        <strong>{words.warnings}</strong>
      </p>
      <ul>
        {warnings.map(({ policy, line, code, text }) => (
          <li key={`${policy} ${code}`}>
            {text}{' '}
            <Button look="quiet" onClick={() => onGo(line, 1)}>
              {words.warningAt(policy, line)}
            </Button>
          </li>
        ))}
      </ul>
    </Note>
  );
}
