import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { PageRouter } from './router.js';

export interface AppProps {
  readonly router: PageRouter;
  readonly queries: QueryClient;
}

export function App({ router, queries }: AppProps) {
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
