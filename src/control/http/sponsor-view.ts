import type { SponsorView } from '../../contracts/sponsor.js';
import type { Sponsor } from '../../domain/identity/sign-in.js';
import { shownLine } from '../../domain/visible-text.js';

/** A sponsor as the API shows it: a claim is a text of others, so that its hidden characters are written out. */
export function sponsorViewOf(sponsor: Sponsor | null): SponsorView | null {
  return sponsor === null ? null : { name: shownLine(sponsor.name), isClaim: sponsor.isClaim };
}
