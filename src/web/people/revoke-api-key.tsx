import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { texts } from '../texts/en.js';

export interface RevokeApiKeyProps {
  readonly path: string;
  readonly id: string;
  readonly onClose: () => void;
}

export function RevokeApiKey({ path, id, onClose }: RevokeApiKeyProps) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => call(`${path}/${id}`, { method: 'DELETE' }),
    onSuccess: async () => {
      onClose();
      await Promise.all(
        [['keys'], ['principal'], ['principals']].map((queryKey) => queries.invalidateQueries({ queryKey })),
      );
    },
  });
  const { apiKeys: words } = texts;
  return (
    <ActDialog
      title={words.revokeTitle(id)}
      isOpen
      onClose={onClose}
      act={words.revoke}
      onAct={() => revoke.mutate()}
      isPending={revoke.isPending}
      error={revoke.error}
    >
      <p>{words.revokeText}</p>
    </ActDialog>
  );
}
