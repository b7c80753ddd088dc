/** Addresses of the API that more than one part of the page asks. */
export const ME_ADDRESS = '/v1/me';

export function approvalAddress(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}
