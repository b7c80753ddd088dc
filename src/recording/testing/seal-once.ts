// A child process of the sealing tests: seals a live recording, so that it can be killed while it does.
// Arguments: the live directory, the sealed file to make, the private key as JSON.
import { systemClock } from '../../kernel/clock.js';
import { sealRecording } from '../seal/seal.js';
import { jwkSigner } from '../seal/signer.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';

const [directory = '', out = '', jwk = ''] = process.argv.slice(2);
const signer = await jwkSigner(JSON.parse(jwk));
await sealRecording({ grant: '01JTEST', directory, out, signer, protocols: NO_PROTOCOLS, clock: systemClock });
