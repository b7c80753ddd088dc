import { createHash } from 'node:crypto';
import { applyDecorators, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import { type CallIdentity, IdempotentCallRepository } from '../../persistence/state/idempotent-call.repository.js';
import type { Caller } from './access.js';

const HEADER = 'Idempotency-Key';
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The caller's own name for a call, by which it may send it again; undefined when it gave none. */
export interface IdempotencyKey {
  readonly key: string;
  /** Says in the answer that nothing was done this time. */
  readonly replayed: () => void;
}

/** The Idempotency-Key of a request. @throws BrokerError `request_invalid` */
export const CallKey = createParamDecorator((_: unknown, context: ExecutionContext): IdempotencyKey | undefined => {
  const http = context.switchToHttp();
  const key = http.getRequest<Request>().header(HEADER);
  if (key === undefined) return undefined;
  if (!KEY.test(key)) {
    throw new BrokerError('request_invalid', { detail: `${HEADER}: must be 1 to 255 visible ASCII characters.` });
  }
  const response = http.getResponse<Response>();
  return { key, replayed: () => void response.setHeader('Idempotency-Replayed', 'true') };
});

/** Describes the header in the OpenAPI document. */
export function TakesCallKey() {
  return applyDecorators(
    ApiHeader({
      name: HEADER,
      required: false,
      description:
        'A name of your own for this call. Sent again within a day with the same body, the call is not done twice: the answer is what became of it, with `Idempotency-Replayed: true`.',
      schema: { type: 'string', maxLength: 255 },
    }),
  );
}

export interface RepeatableCall<Result> {
  readonly caller: Caller;
  readonly operation: string;
  /** All that the call says; it must be the same when the key is. */
  readonly request: unknown;
  readonly first: () => Promise<Result>;
  /** The id of what the call made or changed. */
  readonly idOf: (result: Result) => string;
  /** The answer to a repetition. It shows no secret: the first answer did. */
  readonly again: (id: string) => Promise<Result>;
}

/** Calls that may be sent again when their answer was lost. */
@Injectable()
export class RepeatableCalls {
  constructor(private readonly calls: IdempotentCallRepository) {}

  /** @throws BrokerError `idempotency_key_reused`, `idempotency_key_in_use`, and what the call throws */
  async run<Result>(key: IdempotencyKey | undefined, call: RepeatableCall<Result>): Promise<Result> {
    if (key === undefined) return call.first();
    const identity = { principalId: call.caller.id, operation: call.operation, keyHash: hashOf(key.key) };
    const begun = await this.calls.begin(identity, hashOf(textOf(call.request)));
    switch (begun.kind) {
      case 'other-request':
        throw new BrokerError('idempotency_key_reused');
      case 'at-work':
        throw new BrokerError('idempotency_key_in_use');
      case 'done':
        key.replayed();
        return call.again(begun.resultId);
      case 'first':
    }
    const result = await this.#doFirst(identity, call);
    // Outside of what is forgotten when it fails: a call that was done must not be the first again at once.
    await this.calls.done(identity, call.idOf(result));
    return result;
  }

  async #doFirst<Result>(identity: CallIdentity, { first }: RepeatableCall<Result>): Promise<Result> {
    try {
      return await first();
    } catch (error) {
      const left = error instanceof BrokerError ? error.fields['grantId'] : undefined;
      await (typeof left === 'string' ? this.calls.done(identity, left) : this.calls.failed(identity));
      throw error;
    }
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON in which the order of fields does not matter. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
