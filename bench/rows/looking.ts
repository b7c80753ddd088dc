import { open } from 'node:fs/promises';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { recordedBy } from '../../src/protocol/target-protocol.js';
import { buildMarks } from '../../src/recording/look/build-marks.js';
import type { Marks } from '../../src/recording/look/marks.js';
import { type OpenRecording, sealedRecording } from '../../src/recording/look/open-recording.js';
import { readerOf } from '../../src/recording/look/raw-lines.js';
import { lookAtStatement } from '../../src/recording/look/statement.js';
import { marksOfText, marksText } from '../../src/recording/look/stored-marks.js';
import { NO_PROTOCOLS } from '../../src/recording/recorded-protocol.js';
import { readEntries } from '../../src/recording/verify/reader.js';
import { median } from '../figures.js';
import type { Row } from '../row.js';
import { longRecording, STATEMENTS } from './recording.js';

const MS_PER_SECOND = 1_000;
const TIMES = 30;
const FIRST_PAGE = 500;

/** What a worker spends on the index of a long recording once, when it is sealed. */
export const marksRow: Row = {
  name: 'marks',
  what: 'making the marks of a sealed recording of 2.2 million entries',
  bounds: { floor: 30, goal: 10, unit: 's', better: 'lower' },
  async measure({ say }) {
    const { sealed } = await longRecording(say);
    return withSealed(sealed, async (recording) => {
      const { seconds } = await madeMarks(recording);
      return { value: seconds, samples: [seconds], detail: `${STATEMENTS} statements` };
    });
  },
};

/** What an api does for the first look at it: the marks from beside the file, as JSON, and the first page of entries. */
export const openRow: Row = {
  name: 'open-recording',
  what: 'the stored marks and the first 500 entries of that recording, p50',
  bounds: { floor: 500, goal: 100, unit: 'ms', better: 'lower' },
  async measure({ say }) {
    const { sealed } = await longRecording(say);
    return withSealed(sealed, async (recording) => {
      const { marks } = await madeMarks(recording);
      const text = marksText('', marks);
      const opened = (): Promise<unknown> => {
        JSON.stringify(marksOfText(text, { sha256: '', entries: marks.entries }));
        return readEntries(recording.lines, { afterSeq: 0, limit: FIRST_PAGE });
      };
      return timed(opened);
    });
  },
};

/** A statement by its number, with what came of it. */
export const statementRow: Row = {
  name: 'jump-statement',
  what: 'any statement of that recording by its number, with its result, p50',
  bounds: { floor: 100, goal: 30, unit: 'ms', better: 'lower' },
  async measure({ say }) {
    const { sealed } = await longRecording(say);
    return withSealed(sealed, ({ lines }) =>
      timed(async (time) => {
        const number = 1 + Math.floor((((time * 37) % TIMES) / TIMES) * STATEMENTS);
        const opened = await readerOf(lines, NO_PROTOCOLS);
        if (opened === undefined) throw new Error('The recording is empty');
        const look = await lookAtStatement(lines, opened.reader, { number, isLive: false, hasOneInFlight: true });
        if (look?.result === undefined) throw new Error(`Statement ${number} was not found`);
      }),
    );
  },
};

async function madeMarks({ lines }: OpenRecording): Promise<{ readonly marks: Marks; readonly seconds: number }> {
  const startedMs = performance.now();
  const marks = await buildMarks(lines, recordedBy(PROTOCOLS));
  return { marks, seconds: (performance.now() - startedMs) / MS_PER_SECOND };
}

async function withSealed<T>(path: string, use: (recording: OpenRecording) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    return await use(await sealedRecording(file));
  } finally {
    await file.close();
  }
}

async function timed(work: (time: number) => Promise<unknown>) {
  const samples: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const startedMs = performance.now();
    await work(time);
    samples.push(performance.now() - startedMs);
  }
  return { value: median(samples), samples, detail: `the slowest of ${TIMES} ${Math.max(...samples).toFixed(1)} ms` };
}
