import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';
import { call } from '../api/call.js';
import { texts } from '../texts/en.js';
import { DeletePart } from './delete-part.js';

/** Deletes a provider over the revision that is shown, with a reason. */
export function DeleteProvider({ provider: { name, revision } }: { readonly provider: IdentityProviderView }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (
    <DeletePart
      name={name}
      words={texts.provider}
      onDelete={(reason) =>
        call(`/v1/identity-providers/${encodeURIComponent(name)}`, { method: 'DELETE', query: { revision, reason } })
      }
      onDeleted={async () => {
        await navigate({ to: '/settings' });
        queries.removeQueries({ queryKey: ['provider', name] });
        await queries.invalidateQueries({ queryKey: ['providers'] });
      }}
    />
  );
}
