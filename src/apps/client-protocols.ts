import type { ClientProtocol } from '../protocol/client-protocol.js';
import { MYSQL_CLIENT } from '../protocols/mysql/client/mysql-client.js';

/**
 * The protocols of which the command line and the tools of agents have words: the third list besides `PROTOCOLS`, in a file of
 * its own, because a command that stands before each call of a program does not load what describes a protocol.
 */
export const CLIENT_PROTOCOLS: readonly ClientProtocol[] = [MYSQL_CLIENT];
