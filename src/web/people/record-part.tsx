import { Link } from '@tanstack/react-router';
import type { RecordEntryView } from '../../contracts/broker/admin-record.js';
import { useReadList } from '../api/list.js';
import { ListEnd } from '../parts/list/list-end.js';
import { Section } from '../parts/section.js';
import { EntryTable } from '../record/entry-table.js';
import { texts } from '../texts/en.js';

/** What the administrative record has about a principal. */
export function RecordPart({ name }: { readonly name: string }) {
  const list = useReadList<RecordEntryView>(['record', 'about', name], '/v1/record', { subject: name, limit: 10 });
  const { principal: words } = texts;
  const acts = (
    <>
      <Link to="/record" search={{ subject: name }}>
        {words.recordAbout}
      </Link>
      <Link to="/record" search={{ principal: name }}>
        {words.recordBy}
      </Link>
    </>
  );
  return (
    <Section title={words.record} acts={acts}>
      {list.items.length === 0 ? null : <EntryTable caption={words.recordCaption} entries={list.items} />}
      <ListEnd list={list} empty={words.recordNone} />
    </Section>
  );
}
