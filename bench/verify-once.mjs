// Verifies the sealed recording that it is given and prints the seconds that took, without the start of Node.
import { PROTOCOLS } from '../dist/apps/protocols.js';
import { recordedBy } from '../dist/protocol/target-protocol.js';
import { verifyRecording } from '../dist/recording/verify/verify.js';

const startedMs = performance.now();
const report = await verifyRecording(process.argv[2], { protocols: recordedBy(PROTOCOLS) });
if (!report.ok) throw new Error(`The recording does not hold at ${report.problem.where}. ${report.problem.what}`);
process.stdout.write(String((performance.now() - startedMs) / 1000));
