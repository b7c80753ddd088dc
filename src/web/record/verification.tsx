import { useQuery } from '@tanstack/react-query';
import type { RecordVerificationView } from '../../contracts/broker/admin-record.js';
import { call } from '../api/call.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Note } from '../parts/said/note.js';
import { Shown } from '../parts/said/shown.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { countText, numberText } from '../texts/format.js';

/** Has the server check the whole record, and says what it found. */
export function Verification({ onClose }: { readonly onClose: () => void }) {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['record-verification'],
    queryFn: ({ signal }) => call<RecordVerificationView>('/v1/record/verification', { signal }),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const { record: words } = texts;
  if (isFetching) {
    return (
      <Note role="status">
        <p>{words.verifying}</p>
      </Note>
    );
  }
  if (error !== null) return <FailureNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return null;
  return (
    <Note tone={data.ok ? 'plain' : 'deny'} role={data.ok ? 'status' : 'alert'}>
      {data.ok ? <Holding report={data} /> : <Broken report={data} />}
      <p className="soft">
        {words.checkedAt} <Time at={data.checkedAt} />
      </p>
      <Button onClick={onClose}>{texts.common.close}</Button>
    </Note>
  );
}

function Holding({ report }: { readonly report: Extract<RecordVerificationView, { ok: true }> }) {
  const { entries, checkpoints, signed, unsigned } = report;
  const { record: words } = texts;
  return (
    <>
      <p>
        <strong>{words.holds}</strong> {words.holdsDetail(countText(entries, 'entry', 'entries'))}{' '}
        {checkpoints === 0 ? null : words.holdsSigned(countText(checkpoints, 'checkpoint'))}
      </p>
      {signed === null ? (
        <p>{words.unsignedAll}</p>
      ) : (
        <p>
          {words.signed(numberText(signed.seq))} <code>{signed.keyId}</code>.{' '}
          {unsigned === 0 ? null : words.unsigned(countText(unsigned, 'entry', 'entries'))}
        </p>
      )}
    </>
  );
}

function Broken({ report }: { readonly report: Extract<RecordVerificationView, { ok: false }> }) {
  const { record: words } = texts;
  return (
    <>
      <p>
        <strong>{words.broken(numberText(report.problem.entry))}</strong> <Shown text={report.problem.what} />
      </p>
      <p>{words.brokenNext}</p>
    </>
  );
}
