import { Injectable } from '@nestjs/common';
import type { RecordingView } from '../../contracts/recordings/recording.js';
import { assert } from '../../kernel/assert.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { RecordingReviewRepository } from '../../persistence/recordings/recording-review.repository.js';
import { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { StatementIndexRepository } from '../../persistence/statements/statement-index.repository.js';
import type { Caller } from '../http/access.js';
import { recordingViewOf } from './recording-view.js';

/** Recordings as the API shows them, with what the state database knows of each. */
@Injectable()
export class RecordingViews {
  constructor(
    private readonly recordings: RecordingRepository,
    private readonly reviews: RecordingReviewRepository,
    private readonly index: StatementIndexRepository,
  ) {}

  async of(grants: readonly GrantRow[], { id: viewer }: Caller): Promise<readonly RecordingView[]> {
    const ids = grants.map(({ id }) => id);
    const [sealed, reviews, counts] = await Promise.all([
      this.recordings.findAll(ids),
      this.reviews.findAll(ids),
      this.index.countsOf(ids),
    ]);
    return grants.map((grant) => {
      const { id } = grant;
      return recordingViewOf(grant, {
        recording: sealed.get(id),
        reviews: reviews.get(id),
        counts: counts.get(id),
        viewer,
      });
    });
  }

  async one(grant: GrantRow, caller: Caller): Promise<RecordingView> {
    const [view] = await this.of([grant], caller);
    assert(view !== undefined, 'one grant has one view');
    return view;
  }
}
