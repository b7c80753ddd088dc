import { Injectable } from '@nestjs/common';
import type { RecordingView } from '../../contracts/recording.js';
import { assert } from '../../kernel/assert.js';
import type { GrantRow } from '../../persistence/entities/grant.js';
import { RecordingReviewRepository } from '../../persistence/recordings/recording-review.repository.js';
import { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import type { Caller } from '../http/access.js';
import { recordingViewOf } from './recording-view.js';

/** Recordings as the API shows them, with what the state database knows of each. */
@Injectable()
export class RecordingViews {
  constructor(
    private readonly recordings: RecordingRepository,
    private readonly reviews: RecordingReviewRepository,
  ) {}

  async of(grants: readonly GrantRow[], { id: viewer }: Caller): Promise<readonly RecordingView[]> {
    const ids = grants.map(({ id }) => id);
    const [sealed, reviews] = await Promise.all([this.recordings.findAll(ids), this.reviews.findAll(ids)]);
    return grants.map((grant) =>
      recordingViewOf(grant, { recording: sealed.get(grant.id), reviews: reviews.get(grant.id), viewer }),
    );
  }

  async one(grant: GrantRow, caller: Caller): Promise<RecordingView> {
    const [view] = await this.of([grant], caller);
    assert(view !== undefined, 'one grant has one view');
    return view;
  }
}
