import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { useReadList } from '../api/list.js';
import { useMay } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { ListEnd } from '../parts/list/list-end.js';
import { PageHead } from '../parts/page-head.js';
import { Table } from '../parts/list/table.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { NewPrincipal } from './new-principal.js';
import { PeopleFilters } from './people-filters.js';
import { PrincipalRow } from './principal-row.js';

const route = getRouteApi('/people');

export function PeoplePage() {
  return (
    <Gate title={texts.shell.people} permission="principal.read" roles={texts.people.taking}>
      <People />
    </Gate>
  );
}

/** All principals, narrowed by what stands in the address. */
function People() {
  const search = route.useSearch();
  const list = useReadList<KnownPrincipalView>(['principals'], '/v1/principals', search);
  const [isMaking, setMaking] = useState(false);
  const mayMake = useMay('principal.write');
  const { people } = texts;
  const head = [people.name, people.kind, people.roles, people.groups, people.lastSignIn, people.keys, people.state];
  return (
    <>
      <PageHead title={texts.shell.people}>
        {mayMake ? (
          <Button look="main" onClick={() => setMaking(true)}>
            {people.make}
          </Button>
        ) : null}
      </PageHead>
      <PeopleFilters />
      {list.items.length === 0 ? null : (
        <Table caption={people.caption} head={head} stacks>
          {list.items.map((principal) => (
            <PrincipalRow key={principal.id} principal={principal} />
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={people.nobody} />
      <NewPrincipal isOpen={isMaking} onClose={() => setMaking(false)} />
    </>
  );
}
