/**
 * The places of the API where a value stands that only the target's protocol can read, by the names that the published
 * description gives them. There it says what each protocol has in that place.
 */
export const PROTOCOL_PLACES = [
  'AccessRule',
  'AccessRequest',
  'AccessOutlook',
  'Limits',
  'LimitsRequest',
  'LimitsChange',
  'ConnectionClients',
  'OperationTrial',
  'OperationFacts',
  'ApprovalExcerpt',
  'AskedOperation',
  'ReadyPreview',
] as const;
export type ProtocolPlace = (typeof PROTOCOL_PLACES)[number];
