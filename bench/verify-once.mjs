// Verifies the sealed recording that it is given and prints the seconds that took, without the start of Node.
import '../src/kernel/load-typescript.mjs';

const { PROTOCOLS } = await import('../src/apps/protocols.ts');
const { recordedBy } = await import('../src/protocol/target-protocol.ts');
const { verifyRecording } = await import('../src/recording/verify/verify.ts');

const startedMs = performance.now();
const report = await verifyRecording(process.argv[2], { protocols: recordedBy(PROTOCOLS) });
if (!report.ok) throw new Error(`The recording does not hold at ${report.problem.where}. ${report.problem.what}`);
process.stdout.write(String((performance.now() - startedMs) / 1000));
