import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { RecordEntryView } from '../../contracts/broker/admin-record.js';
import { addressOf } from '../api/call.js';
import { useReadList } from '../api/list.js';
import { Button } from '../parts/form/button.js';
import { ListEnd } from '../parts/list/list-end.js';
import { PageHead } from '../parts/page-head.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { EntryTable } from './entry-table.js';
import { RecordFilters } from './record-filters.js';
import { Verification } from './verification.js';

const route = getRouteApi('/record');

export function RecordPage() {
  return (
    <Gate title={texts.shell.record} permission="record.read" roles={texts.record.taking}>
      <AdministrativeRecord />
    </Gate>
  );
}

/** The entries that fit what stands in the address, the check of all, and the way to take them out. */
function AdministrativeRecord() {
  const search = route.useSearch();
  const list = useReadList<RecordEntryView>(['record', 'entries'], '/v1/record', search);
  const [isChecking, setChecking] = useState(false);
  const { record: words } = texts;
  const { from, to } = search;
  return (
    <>
      <PageHead title={texts.shell.record}>
        <Button onClick={() => setChecking(true)}>{words.verify}</Button>
        <a
          className="button plain"
          href={addressOf('/v1/record/export', { from, to })}
          download
          title={words.exportHint}
        >
          {words.export}
        </a>
      </PageHead>
      {isChecking ? <Verification onClose={() => setChecking(false)} /> : null}
      <RecordFilters />
      {list.items.length === 0 ? null : <EntryTable caption={words.caption} entries={list.items} />}
      <ListEnd list={list} empty={words.none} />
    </>
  );
}
