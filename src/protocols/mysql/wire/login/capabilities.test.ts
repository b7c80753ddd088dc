import { describe, expect, it } from 'vitest';
import * as capabilities from './capabilities.js';

const { filterCapabilities, hasCapability, OFFERED_CAPABILITIES_MASK } = capabilities;
const EVERYTHING = 0xffffffff;

describe('offered capabilities', () => {
  it.each([
    ['CLIENT_MULTI_STATEMENTS', capabilities.CLIENT_MULTI_STATEMENTS],
    ['CLIENT_LOCAL_FILES', capabilities.CLIENT_LOCAL_FILES],
    ['CLIENT_COMPRESS', capabilities.CLIENT_COMPRESS],
    ['CLIENT_ZSTD_COMPRESSION_ALGORITHM', capabilities.CLIENT_ZSTD_COMPRESSION_ALGORITHM],
    ['CLIENT_QUERY_ATTRIBUTES', capabilities.CLIENT_QUERY_ATTRIBUTES],
    ['CLIENT_OPTIONAL_RESULTSET_METADATA', capabilities.CLIENT_OPTIONAL_RESULTSET_METADATA],
    ['CLIENT_IGNORE_SPACE', capabilities.CLIENT_IGNORE_SPACE],
    ['CLIENT_ODBC', capabilities.CLIENT_ODBC],
    ['CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS', capabilities.CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS],
    ['MULTI_FACTOR_AUTHENTICATION', capabilities.MULTI_FACTOR_AUTHENTICATION],
    ['CLIENT_CAPABILITY_EXTENSION', capabilities.CLIENT_CAPABILITY_EXTENSION],
    ['CLIENT_REMEMBER_OPTIONS', capabilities.CLIENT_REMEMBER_OPTIONS],
    ['CLIENT_SSL_VERIFY_SERVER_CERT', capabilities.CLIENT_SSL_VERIFY_SERVER_CERT],
  ])('never include %s', (_, capability) => {
    expect(filterCapabilities(EVERYTHING) & capability).toBe(0);
  });

  it('are the whole mask for a target that offers everything', () => {
    expect(filterCapabilities(EVERYTHING)).toBe(OFFERED_CAPABILITIES_MASK);
    expect(OFFERED_CAPABILITIES_MASK).toBe(0x01beae1f);
  });

  it('leave bit 0 clear where a MariaDB target has extended ones to offer: metadata, rows of values and what comes of them', () => {
    expect(filterCapabilities(EVERYTHING - 1) & capabilities.CLIENT_LONG_PASSWORD).toBe(1);
    const mariadb = capabilities.withMariadbCapabilities(EVERYTHING - 1, 0x3f);
    const offered = filterCapabilities(mariadb);
    expect(capabilities.mariadbCapabilitiesOf(offered)).toBe(
      capabilities.MARIADB_CLIENT_STMT_BULK_OPERATIONS |
        capabilities.MARIADB_CLIENT_EXTENDED_METADATA |
        capabilities.MARIADB_CLIENT_BULK_UNIT_RESULTS,
    );
    expect(hasCapability(offered, capabilities.CLIENT_LONG_PASSWORD)).toBe(false);
    expect(hasCapability(offered, capabilities.CLIENT_PROTOCOL_41 | capabilities.CLIENT_DEPRECATE_EOF)).toBe(true);
    for (const flag of [1, 2, 16]) expect(capabilities.mariadbCapabilitiesOf(offered) & flag).toBe(0);
  });

  it('include what goes through to the target only when the target has it', () => {
    const offered = filterCapabilities(0);
    expect(hasCapability(offered, capabilities.CLIENT_PROTOCOL_41 | capabilities.CLIENT_PLUGIN_AUTH)).toBe(true);
    expect(hasCapability(offered, capabilities.CLIENT_DEPRECATE_EOF)).toBe(false);
    expect(hasCapability(offered, capabilities.CLIENT_SESSION_TRACK)).toBe(false);
  });

  it('are unsigned words', () => {
    expect(capabilities.CLIENT_REMEMBER_OPTIONS).toBe(0x80000000);
    expect(hasCapability(EVERYTHING, capabilities.CLIENT_REMEMBER_OPTIONS)).toBe(true);
  });
});
