import { Badge } from '../parts/said/badge.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';

/** The labels of a target, `env` first. */
export function TargetLabels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const all = Object.entries(labels).sort(([first], [second]) => rank(first) - rank(second));
  if (all.length === 0) return <span className="soft">{texts.targets.noLabels}</span>;
  return (
    <span className="target-labels">
      {all.map(([name, value]) => (
        <Badge key={name} tone={name === 'env' ? 'act' : 'plain'}>
          <Shown text={`${name}=${value}`} />
        </Badge>
      ))}
    </span>
  );
}

function rank(name: string): number {
  return name === 'env' ? 0 : 1;
}
