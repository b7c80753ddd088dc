import type { ApprovalSummaryView } from '../../contracts/approvals/approval.js';

export const VIEWS = ['mine', 'all', 'history'] as const;
export type InboxView = (typeof VIEWS)[number];

/** What the inbox shows, as it stands in the address. */
export interface InboxFilter {
  readonly view?: InboxView;
  readonly target?: string;
  readonly kind?: ApprovalSummaryView['kind'];
  readonly warning?: true;
  readonly state?: ApprovalSummaryView['state'];
  /** Dates, of the history. */
  readonly from?: string;
  readonly to?: string;
  /** The question that is shown beside the list. */
  readonly chosen?: string;
}

const STATES: readonly ApprovalSummaryView['state'][] = [
  'pending',
  'approved',
  'denied',
  'timed-out',
  'cancelled',
  'withdrawn',
];
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Takes from an address what is understood of it. */
export function inboxSearchOf(search: Readonly<Record<string, unknown>>): InboxFilter {
  const view = VIEWS.find((one) => one === search['view']);
  const kind = (['statement', 'grant'] as const).find((one) => one === search['kind']);
  const state = STATES.find((one) => one === search['state']);
  return {
    ...(view === undefined ? {} : { view }),
    ...textOf(search, 'target'),
    ...(kind === undefined ? {} : { kind }),
    ...(search['warning'] === true ? { warning: true } : {}),
    ...(state === undefined ? {} : { state }),
    ...dateOf(search, 'from'),
    ...dateOf(search, 'to'),
    ...textOf(search, 'chosen'),
  };
}

function textOf<N extends 'target' | 'chosen'>(search: Readonly<Record<string, unknown>>, name: N) {
  const value = search[name];
  return (typeof value === 'string' && value !== '' ? { [name]: value } : {}) as Partial<Record<N, string>>;
}

function dateOf<N extends 'from' | 'to'>(search: Readonly<Record<string, unknown>>, name: N) {
  const value = search[name];
  return (typeof value === 'string' && DATE.test(value) ? { [name]: value } : {}) as Partial<Record<N, string>>;
}

/** Whether a question that waits fits what is asked for. */
export function fits(item: ApprovalSummaryView, { target, kind, warning }: InboxFilter): boolean {
  if (target !== undefined && item.target !== target) return false;
  if (kind !== undefined && item.kind !== kind) return false;
  return warning !== true || item.warning !== null;
}
