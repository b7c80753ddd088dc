import { expect, it } from 'vitest';
import type { ApprovalView } from '../../contracts/approvals/approval.js';
import { newApprovalId } from '../../domain/ids.js';
import type { EventRow } from '../../persistence/entities/channels/event.js';
import { eventBody, PAYLOAD_BYTES_MAX } from './event-body.js';

const approval = newApprovalId();
const event = (data: object): EventRow => ({
  id: '01k0000000000000000000000a',
  type: 'approval.asked',
  atMs: 1_764_400_000_000,
  data,
  routedAtMs: null,
});
const asked = event({ approval, kind: 'statement' });
const question = (text: string) =>
  ({
    statement: { text, shown: text, context: { operations: ['before'] } },
    preview: { state: 'ready', sample: 'a row' },
  }) as unknown as ApprovalView;
const body = async (row: EventRow, include: readonly ('statement' | 'rows')[], text = 'DELETE 1') =>
  JSON.parse(await eventBody(row, include, async () => question(text)));

it('has the facts alone unless the webhook includes more', async () => {
  expect(await body(asked, [])).toEqual({
    type: 'approval.asked',
    timestamp: '2025-11-29T07:06:40.000Z',
    data: { approval, kind: 'statement' },
  });
  expect((await body(asked, ['statement'])).data.statement).toEqual({ text: 'DELETE 1', shown: 'DELETE 1' });
  expect((await body(asked, ['statement'])).data).not.toHaveProperty('preview');
  expect((await body(asked, ['statement', 'rows'])).data.preview).toEqual({ state: 'ready', sample: 'a row' });
});

it('asks for nothing about what has no statement', async () => {
  for (const data of [{ grant: 'g' }, { approval, kind: 'grant' }]) {
    const text = await eventBody(event(data), ['statement', 'rows'], () => Promise.reject(new Error('was asked')));
    expect(JSON.parse(text).data).toEqual(data);
  }
  expect(JSON.parse(await eventBody(asked, ['statement'], async () => undefined)).data).toEqual(asked.data);
});

it('leaves out what does not fit, and says so', async () => {
  const { data } = await body(asked, ['statement'], 'x'.repeat(PAYLOAD_BYTES_MAX));
  expect(data).toEqual({ approval, kind: 'statement', omitted: 'too_large' });
});
