import type { HoldTerms } from '../../../domain/approval.js';

const UNITS = [
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
];

/** How those who decide must be known, in words; empty where any key and any sign-in will do. */
export function signInTermsText({
  decideIn,
  reauthenticateSeconds,
}: Pick<HoldTerms, 'decideIn' | 'reauthenticateSeconds'>): string {
  const said = [
    ...(decideIn === 'web' ? ['on the web page only'] : []),
    ...(reauthenticateSeconds === null
      ? []
      : [`by people who signed in at most ${timeText(reauthenticateSeconds)} ago`]),
  ];
  return said.join(', ');
}

/** In the largest unit that it is a whole number of. */
function timeText(seconds: number): string {
  const unit = UNITS.find((one) => seconds % one.seconds === 0);
  return unit === undefined ? `${seconds} s` : `${seconds / unit.seconds} ${unit.name}`;
}
