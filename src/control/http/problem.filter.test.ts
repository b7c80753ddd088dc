import { describe, expect, it } from 'vitest';
import { problemView } from '../../contracts/problem.js';
import { BrokerError } from '../../kernel/errors.js';
import { ERROR_TABLE, isErrorCode } from '../../kernel/errors/error-table.js';
import { errorPage } from './error-page.js';
import { problemOf } from './problem.filter.js';

describe('a problem', () => {
  it('carries what the table says and what the error says', () => {
    const error = new BrokerError('target_privileges_missing', {
      detail: 'Two are missing.',
      fields: { missing: ['GRANT SELECT'] },
    });
    expect(problemOf(error, '/v1/targets', 'r1')).toEqual({
      type: '/docs/errors#target_privileges_missing',
      title: 'The provisioning account lacks privileges.',
      status: 422,
      code: 'target_privileges_missing',
      detail: 'Two are missing.',
      next: ERROR_TABLE.target_privileges_missing.next,
      instance: '/v1/targets',
      requestId: 'r1',
      missing: ['GRANT SELECT'],
    });
  });

  it('does not let further fields replace the standard ones', () => {
    const error = new BrokerError('forbidden', { fields: { status: 200, code: 'fine' } });
    expect(problemOf(error, '/', 'r')).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('never shows a cause', () => {
    const error = new BrokerError('internal', { cause: new Error('SELECT secret') });
    expect(JSON.stringify(problemOf(error, '/', 'r'))).not.toContain('secret');
  });

  it.each(Object.keys(ERROR_TABLE).filter(isErrorCode))('of the code %s leads to its explanation', (code) => {
    const problem = problemOf(new BrokerError(code), '/', 'r');
    expect(problemView.safeParse(problem).success).toBe(true);
    expect(errorPage([], 'nonce')).toContain(`id="${problem.type.split('#')[1]}"`);
  });
});
