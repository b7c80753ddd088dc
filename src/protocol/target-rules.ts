import type { ProtocolValue } from '../domain/protocol-value.js';
import type { TargetLimits } from '../domain/target.js';

/** What a target is registered with, besides its address and its credential. */
export interface TargetTerms {
  /** With what the protocol has besides. */
  readonly limits: TargetLimits & ProtocolValue;
  /** Where grants begin when they do not say where; null: nowhere. */
  readonly defaultDatabase: string | null;
}

/** The same as a request has it: what is absent has a default, or stays as it is. */
export interface AskedTerms {
  readonly limits?: ProtocolValue | undefined;
  readonly defaultDatabase?: string | null | undefined;
}

/** How a protocol registers and changes targets. */
export interface TargetRules {
  /** @throws BrokerError `request_invalid`, `target_database_missing` */
  registered(asked: AskedTerms): TargetTerms;
  /** `asksForMore`: grants may carry more than before, so that the target has to be looked at again. Throws as above. */
  changed(terms: TargetTerms, asked: AskedTerms): { readonly terms: TargetTerms; readonly asksForMore: boolean };
}
